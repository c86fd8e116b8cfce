"""The text of 绩效目标 into its numbered goals, each with its printed number."""

from __future__ import annotations

import re
from itertools import pairwise

from fiscalkg.loader.tables import Cell, concat, cut

__all__ = ["split_goals"]

# A number with its mark, not a decimal: 1.  2、  and 1.1、 where the form numbers what is numbered already.
NUMBER = re.compile(r"(\d{1,2})([.．、])(?=\s*\D|\s*\d{1,2}[.．、]|\s*\d{4}年)")
BOUNDARY = "。；;：:！"
BLANKS = " \t\u3000\u00a0"


def split_goals(cell: Cell) -> list[Cell]:
    """Return the goals of a cell: they start where the next number of the sequence is printed.

    At a line's start any mark counts; inside a line only after a full stop or a blank, and with the first one's mark.
    """
    starts = [start for start in _starts(cell.text) if cell.text[:start].strip()]
    if starts and cell.text[: starts[0]].rstrip().endswith(("：", ":")):
        starts.pop(0)  # a lead-in, 完成以下工作：, belongs to the first goal
    bounds = [0, *starts, len(cell.text)]
    parts = (cut(cell, first, last) for first, last in pairwise(bounds))
    return [_joined(part) for part in parts if part.text]


def _starts(text: str) -> list[int]:
    starts: list[int] = []
    mark = ""
    for match in NUMBER.finditer(text):
        if int(match[1]) != len(starts) + 1:
            continue
        before = text[: match.start()].rstrip(" \t")
        at_line = not before or before[-1] == "\n"
        is_apart = bool(before) and (before[-1] in BOUNDARY or text[match.start() - 1] in BLANKS)
        is_sentence = is_apart and before[-1] in BOUNDARY and text[match.start() - 1] in BLANKS
        if at_line or is_sentence or (is_apart and (not starts or match[2] == mark)):
            mark = mark or match[2]
            starts.append(match.start())
    return starts


def _joined(cell: Cell) -> Cell:
    """Return a goal without the line breaks its cell was printed with."""
    parts: list[Cell] = []
    at = 0
    for line in cell.text.split("\n"):
        parts.append(cut(cell, at, at + len(line)))
        at += len(line) + 1
    return concat(part for part in parts if part.text)

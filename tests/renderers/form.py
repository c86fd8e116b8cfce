"""A form as rows of cells with spans, before it is written in any format; a seed varies what real files vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from random import Random


@dataclass(frozen=True)
class Cell:
    """A cell: its lines, and how many rows and columns it spans; 0 rows: the cell above goes on."""

    text: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Form:
    """A title, the lines between title and table, and the rows of one or more tables."""

    title: str | None
    lines: tuple[str, ...]
    tables: tuple[tuple[tuple[Cell, ...], ...], ...]


LABELS = {  # how the same label is set elsewhere
    "项目名称": ("项目名称", "项 目 名 称", "项目名称："),
    "绩效目标": ("绩效目标", "绩 效 目 标", "绩效\n目标"),
    "一级指标": ("一级指标", "一级\n指标", "一 级 指 标"),
    "二级指标": ("二级指标", "二级\n指标"),
    "指标值": ("指标值", "指 标 值"),
    "其中：财政资金": ("其中：财政资金", "其中:财政\n资金", "其中：财政    资金"),
    "其他资金": ("其他资金", "其他 资金"),
}


def label(text: str, random: Random) -> str:
    """Return a label in one of the ways it is set."""
    return random.choice(LABELS.get(text, (text,)))


def wrapped(text: str | None, random: Random) -> str:
    """Return a text broken where a narrow cell would break it: between two Chinese characters, never elsewhere."""
    text = text or ""
    spots = [
        at
        for at in range(1, len(text))
        if all("\u4e00" <= character <= "\u9fff" for character in text[at - 1 : at + 1])
    ]
    if not spots or random.random() < 0.7:
        return text
    at = random.choice(spots)
    return text[:at] + "\n" + text[at:]


def indicator_rows(
    indicators: Sequence[dict], columns: Sequence[tuple[str, int]], random: Random
) -> list[tuple[Cell, ...]]:
    """Return the rows of indicators: levels merged downwards, repeated, or (the first) left blank below."""
    style = random.choice(("merged", "repeated", "blank"))
    merged2 = random.random() < 0.5
    firsts1 = _firsts([row["level1"] for row in indicators])
    firsts2 = _firsts([(row["level1"], row["level2"]) for row in indicators])
    rows = []
    for at, row in enumerate(indicators):
        cells = []
        for key, span in columns:
            text = row[key] if key in ("level1", "level2") else wrapped(row[key], random)
            cell = Cell(text or "", span)
            if key == "level1" and style != "repeated":
                cell = (
                    _merged(cell, firsts1, at) if style == "merged" else replace(cell, text=text if firsts1[at] else "")
                )
            elif key == "level2" and merged2:
                cell = _merged(cell, firsts2, at)
            cells.append(cell)
        rows.append(tuple(cells))
    return rows


def _firsts(keys: Sequence[object]) -> list[int]:
    """Return for each row how many rows its group has where it is the first, else 0."""
    counts: list[int] = []
    for _, group in groupby(keys):
        size = len(list(group))
        counts += [size] + [0] * (size - 1)
    return counts


def _merged(cell: Cell, firsts: Sequence[int], at: int) -> Cell:
    return replace(cell, rows=firsts[at]) if firsts[at] else replace(cell, text="", rows=0)


def split(rows: Sequence[tuple[Cell, ...]], head: int, random: Random) -> tuple[tuple[tuple[Cell, ...], ...], ...]:
    """Return the rows as one table, or as two where no merged cell is cut, the second with the head again or not."""
    spots = [at for at in range(head + 2, len(rows)) if all(cell.rows for cell in rows[at])]
    if not spots or random.random() < 0.6:
        return (tuple(rows),)
    at = random.choice(spots)
    again = [rows[head]] if random.random() < 0.7 else []
    return tuple(rows[:at]), (*again, *rows[at:])

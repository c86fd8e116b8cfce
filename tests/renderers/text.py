"""A document of blocks as the plain text that extraction leaves: pipes, one cell a line, cells led by a tab.

A merged cell is told once, at its first row; the rows below hold a blank cell in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from renderers.form import Block, Form, PageBreak, Paragraph, placed

SHAPES = ("pipes", "lines", "tabs")


def write_text(blocks: Iterable[Block], shape: str) -> bytes:
    """Return UTF-8 text in one of ``SHAPES``; raises ``ValueError`` for another."""
    if shape not in SHAPES:
        raise ValueError(f"{shape}: not one of {', '.join(SHAPES)}")
    parts = []
    for block in blocks:
        if isinstance(block, Paragraph):
            text = block.text.replace("\v", "")
            apart = re.split(" {4,}", text)
            parts.append("\n".join(f"\t{part}" for part in apart) if shape == "tabs" and len(apart) > 1 else text)
        elif isinstance(block, PageBreak):
            parts.append("\n")
        else:
            parts.append(_form(block, shape))
    return ("\n".join(parts) + "\n").encode()


def _form(form: Form, shape: str) -> str:
    rows = []
    for cells in _rows(form):
        if shape == "pipes":
            rows.append(" | ".join(text.replace("\n", " ") for text in cells).rstrip())
        elif shape == "lines":
            rows.append("".join(f"{text}\n\n" if text else "\n" for text in cells))
        else:
            rows.append("".join(f"\t{text}\n" for text in cells))
    return "\n".join(rows)


def _rows(form: Form) -> list[list[str]]:
    """Return the texts of each row, blank where a cell of a row above reaches down."""
    rows: list[list[tuple[int, str]]] = [[] for _ in form.rows]
    for down, right, cell in placed(form):
        for below in range(cell.rows):
            rows[down + below].append((right, "" if below else cell.text.replace("\v", "")))
    return [[text for _, text in sorted(cells, key=lambda cell: cell[0])] for cells in rows]

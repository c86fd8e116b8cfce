"""What a reader found in a file, line by line and box by box, into a ``Source`` with its text in reading order.

The text looks as text extracts of such files do: a paragraph is a line; each cell of a grid is led by a tab, its
further lines follow, rows are apart by a blank line and a grid ends with two. So each cell begins a line of its own,
and the line is where a page shows the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fiscalkg.loader.model import Finding
from fiscalkg.loader.places import Place
from fiscalkg.loader.tables import Area, Block, Cell, Grid, Paragraph, Piece, Source
from fiscalkg.loader.text import line_starts

__all__ = ["Box", "Line", "Part", "assemble"]

# Line ends of every kind that files use inside a cell: Word's soft break and form feed too.
BREAK = re.compile(r"\r\n|[\r\n\x0b\x0c\u2028\u2029]")
# A tab would look like the next cell; other controls are no text.
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph outside tables; ``place`` where the format has one better than the line of the text."""

    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A cell as the file has it: row and column from 0, how many it spans, its lines, its place in the file."""

    text: str
    row: int
    column: int
    place: Place
    rows: int = 1
    columns: int = 1


Part = Line | Sequence[Box]


class _Page:
    """The text so far; every cell is cut from it as it is written."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.length = 0

    def write(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text)

    def cell(self, text: str, place: Place | None) -> Cell:
        """Write the lines of a cell, stripped; its text is theirs, and begins here."""
        lines = [CONTROL.sub("", line).replace("\t", " ").strip() for line in BREAK.split(text)]
        kept = "\n".join(lines).strip("\n")
        start = self.length
        self.write(kept)
        return Cell(kept, (Piece(0, start, self.length),), place)


def assemble(
    parts: Iterable[Part],
    name: str,
    sha256: str,
    media_type: str,
    encoding: str = "",
    findings: Sequence[Finding] = (),
) -> Source:
    """Return paragraphs and grids as one source; boxes come in any order, and none may overlap another."""
    page = _Page()
    blocks: list[Block] = []
    for part in parts:
        if isinstance(part, Line):
            blocks.append(Paragraph(page.cell(part.text, part.place)))
            page.write("\n")
        elif part:
            blocks.append(_grid(page, part))
            page.write("\n\n")
    text = "".join(page.text)
    return Source(
        name, sha256, media_type, encoding, text, line_starts(text), "cells", tuple(blocks), findings=tuple(findings)
    )


def _grid(page: _Page, boxes: Sequence[Box]) -> Grid:
    areas: list[Area] = []
    row: int | None = None
    for box in sorted(boxes, key=lambda box: (box.row, box.column)):
        if row is not None and box.row != row:
            page.write("\n")
        row = box.row
        page.write("\t")
        areas.append(Area(page.cell(box.text, box.place), box.row, box.column, box.rows, box.columns))
        page.write("\n")
    return Grid(tuple(areas))

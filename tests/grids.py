"""Grids written as rows, for tests: a cell is its text, or its text with the rows and columns it spans."""

from __future__ import annotations

from collections.abc import Sequence

from fiscalkg.loader.layouts import parse
from fiscalkg.loader.model import Document
from fiscalkg.loader.places import CellPlace
from fiscalkg.loader.readers.assemble import Box, Part, assemble
from fiscalkg.loader.reading import Reading
from fiscalkg.loader.tables import Source

Written = str | tuple[str, int, int]


def boxes(rows: Sequence[Sequence[Written]], table: int = 1) -> list[Box]:
    """Return the boxes of a grid; a cell goes to the first place that no cell above spans."""
    taken: set[tuple[int, int]] = set()
    result: list[Box] = []
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            text, down, across = cell if isinstance(cell, tuple) else (cell, 1, 1)
            while (row, column) in taken:
                column += 1
            taken.update((row + i, column + j) for i in range(down) for j in range(across))
            result.append(Box(text, row, column, CellPlace(table, row + 1, column + 1), down, across))
            column += across
    return result


def read_parts(parts: Sequence[Part], year: str | None = "2024") -> tuple[Source, Reading]:
    """Return the source and reading of paragraphs and grids."""
    source = assemble(parts, "表.docx", "0" * 64, "application/x-test")
    return source, parse(source, Document("表.docx", "0" * 64, "application/x-test", year=year))

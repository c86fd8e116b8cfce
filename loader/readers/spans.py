"""Cells with their row and column spans, as html writes them, onto a grid where no two overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Placed", "Spanning", "place"]

MOST_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Spanning:
    """A cell as written: its text and how many rows and columns it claims; 0 rows means to the end of the table."""

    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell where it stands: row and column from 0, and the rows and columns that are its own."""

    text: str
    row: int
    column: int
    rows: int
    columns: int


def place(rows: Sequence[Iterable[Spanning]]) -> tuple[list[Placed], list[tuple[int, int]]]:
    """Return cells at their places, as a browser sets them, and the row and column of those that lay on others.

    A cell goes to the first free column; one whose span runs into another's is cut back to what is free.
    """
    taken: dict[int, int] = {}  # column -> first row below the cell that holds it
    placed: list[Placed] = []
    overlaps: list[tuple[int, int]] = []
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while taken.get(column, 0) > row:
                column += 1
            down = min(cell.rows or len(rows), len(rows) - row)
            wanted = max(1, min(cell.columns, MOST_COLUMNS - column))
            across = 1
            while across < wanted and taken.get(column + across, 0) <= row:
                across += 1
            if across < wanted:
                overlaps.append((row, column))
            placed.append(Placed(cell.text, row, column, down, across))
            taken.update((column + step, row + down) for step in range(across))
            column += across
    return placed, overlaps

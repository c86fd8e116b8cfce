"""Text with one cell a line and blank lines between into paragraphs and tables: the blank lines say where a row ends.

One blank line stands between the cells of a row, two between rows, and one more for each blank cell. Where blank
cells end one row and begin the next the lines cannot tell: there the labels do, and the width of a table's head.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from fiscalkg.loader.layouts.labels import column_of, field_of, is_title
from fiscalkg.loader.layouts.pairs import parted
from fiscalkg.loader.layouts.sections import is_head_line
from fiscalkg.loader.tables import Cell, Paragraph, Piece, Table, cell_at, concat

__all__ = ["has_one_cell_a_line", "lined_blocks"]

LEAST_SHARE = 0.6  # of the filled lines stand above a blank one
LEAST_ROWS = 0.1  # of these, above two blank ones
LEAST_CELLS = 20
LEAST_COLUMNS = 3
BETWEEN_CELLS, BETWEEN_ROWS = 1, 2  # blank lines

Lines = Sequence[tuple[int, int]]


@dataclass
class _Rows:
    """The rows of one table as they grow; ``width`` is that of its head, 0 above it."""

    rows: list[list[Cell]] = field(default_factory=list)
    width: int = 0

    def add(self, cell: Cell, gap: int) -> None:
        """Add the next filled cell, ``gap`` blank lines below the one before."""
        is_below = self.width and self._ends_row() and (field_of(cell.text) or is_head_line(cell))
        if is_below and not column_of(cell.text):
            self.width = 0  # below the indicators the fields of another form
            self.rows.append([cell])
        elif not self.rows:
            self.rows.append([cell])
        elif self.width:
            self._add_below_head(cell, gap)
        else:
            self._add_field(cell, gap)

    def _ends_row(self) -> bool:
        return len(self.rows[-1]) >= self.width

    def _add_below_head(self, cell: Cell, gap: int) -> None:
        """A row is as wide as its head: as many blank cells as it lacks end it, the others begin the next one."""
        row = self.rows[-1]
        if len(row) + gap - BETWEEN_CELLS < self.width:
            row += [_blank_before(cell)] * (gap - BETWEEN_CELLS) + [cell]
            return
        lacking = max(self.width - len(row), 0)
        row += [_blank_before(cell)] * lacking
        leading = min(max(gap - BETWEEN_ROWS - lacking, 0), self.width - 1)
        self.rows.append([_blank_before(cell)] * leading + [cell])

    def _add_field(self, cell: Cell, gap: int) -> None:
        row = self.rows[-1]
        is_unanswered = field_of(row[-1].text) is not None and not _names_project(row[:-1])
        if gap <= BETWEEN_CELLS:
            row.append(cell)
            return
        if is_unanswered:  # its value is blank
            row.append(_blank_before(cell))
            if gap == BETWEEN_ROWS:
                row.append(cell)
                return
            gap -= 1
        if _is_head(row):
            self.width = len(row)
            self._add_below_head(cell, BETWEEN_ROWS)
        else:
            self.rows.append([_blank_before(cell)] * (gap > BETWEEN_ROWS and not column_of(cell.text)) + [cell])

    def taken(self) -> list[Paragraph | Table]:
        """Return the table and begin another."""
        rows, self.rows, self.width = self.rows, [], 0
        return [Table(tuple(map(tuple, rows)))] if rows else []


def has_one_cell_a_line(text: str, lines: Lines) -> bool:
    """Return whether most filled lines are followed by blank ones, some by several; ``lines`` are offsets.

    Where lines end in a blank, that is what ends a cell: the lines of a page, still wrapped.
    """
    filled = [number for number, (start, end) in enumerate(lines) if text[start:end].strip()]
    gaps = [below - above - 1 for above, below in pairwise(filled)]
    closed = sum(text[slice(*lines[number])].rstrip("\r\n").endswith((" ", "\t", "\u3000")) for number in filled)
    rows, cells = sum(gap >= BETWEEN_ROWS for gap in gaps), sum(gap >= BETWEEN_CELLS for gap in gaps)
    is_apart = cells >= max(LEAST_CELLS, len(filled) * LEAST_SHARE)
    return is_apart and rows >= cells * LEAST_ROWS and closed < len(filled) * LEAST_SHARE


def lined_blocks(text: str, lines: Lines) -> list[Paragraph | Table]:
    """Return the paragraphs and tables of a text with one cell a line; ``lines`` are offsets of start and end."""
    blocks: list[Paragraph | Table] = []
    rows = _Rows()
    for cells, gap in _groups(text, lines):
        above = _lines_above(cells, gap)
        if above:
            blocks += rows.taken()
            blocks += [Paragraph(part) for cell in cells[:above] for part in parted(cell)]
        if above < len(cells):
            rows.add(concat(cells[above:], "\n"), gap)
    return blocks + rows.taken()


def _groups(text: str, lines: Lines) -> Iterator[tuple[list[Cell], int]]:
    """Yield the lines that stand without a blank one between, and how many blank lines stand above them."""
    cells: list[Cell] = []
    gap = before = 0
    for start, end in lines:
        if text[start:end].strip():
            if gap and cells:
                yield cells, before
                cells, before = [], gap
            gap = 0
            cells.append(cell_at(text, start, end))
        else:
            gap += 1
    if cells:
        yield cells, before


def _lines_above(cells: Sequence[Cell], gap: int) -> int:
    """Return how many lines stand above a table: its title, and the lines of its unit right above its first cell."""
    if gap == BETWEEN_CELLS:
        return 0
    titles = [number for number, cell in enumerate(cells) if is_title(cell.text)]
    if not titles and len(cells) == 1:
        return 0
    above = titles[-1] + 1 if titles else 0
    while above < len(cells) and is_head_line(cells[above]) and (titles or is_head_line(cells[0])):
        above += 1
    return above


def _names_project(row: Sequence[Cell]) -> bool:
    return bool(row) and field_of(row[-1].text) == "project_name"


def _is_head(row: Sequence[Cell]) -> bool:
    columns = [column_of(cell.text) for cell in row]
    return "value" in columns and sum(column is not None for column in columns) >= LEAST_COLUMNS


def _blank_before(cell: Cell) -> Cell:
    start = cell.pieces[0].start
    return Cell("", (Piece(0, start, start),))

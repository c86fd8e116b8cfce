"""Text whose cells are each led by a tab, rows apart by blank lines, into paragraphs and tables of cells.

A line that starts with a blank before its tab is where an empty paragraph stood between two tables. A line
without a tab goes on with the cell above it; after two blank lines it is a paragraph of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fiscalkg.loader.tables import Cell, Paragraph, Row, Table, cell_of, concat

__all__ = ["tabbed_blocks"]

# The converter leaves one blank line between the paragraphs of a cell, at least two between tables.
BLANKS_BETWEEN_TABLES = 2


@dataclass
class _Pages:
    blocks: list[Paragraph | Table] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    row: list[list[Cell]] = field(default_factory=list)

    def end_row(self) -> None:
        if self.row:
            self.rows.append(tuple([concat(parts, "\n") if len(parts) > 1 else parts[0] for parts in self.row]))
            self.row = []

    def end_table(self) -> None:
        self.end_row()
        if self.rows:
            self.blocks.append(Table(tuple(self.rows)))
            self.rows = []


def tabbed_blocks(starts: Sequence[int], lines: Sequence[str]) -> list[Paragraph | Table]:
    """Return the paragraphs and tables of lines whose cells are led by tabs; ``starts`` are the lines' offsets."""
    pages = _Pages()
    blanks = 0
    for start, line in zip(starts, lines, strict=True):
        before, tab, led = line.partition("\t")
        if tab and not before.strip():
            if before:
                pages.end_table()
            elif blanks:
                pages.end_row()
            _add_led(pages.row, led, start + len(before) + 1)
        elif not before.strip():
            blanks += 1
            continue
        elif blanks >= BLANKS_BETWEEN_TABLES or "[bookmark:" in line or not pages.row:
            pages.end_table()
            pages.blocks.append(Paragraph(cell_of(line, start)))
        else:
            pages.row[-1].append(cell_of(line, start))
        blanks = 0
    pages.end_table()
    return pages.blocks


def _add_led(row: list[list[Cell]], led: str, start: int) -> None:
    """Add the cells behind the first tab of a line; tabs at its end are the trace of removed columns."""
    for part in led.rstrip().split("\t"):
        row.append([cell_of(part, start)])
        start += len(part) + 1

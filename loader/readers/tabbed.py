"""Text whose cells are each led by a tab, rows apart by blank lines, into paragraphs and tables of cells.

A line that starts with a blank before its tab is where an empty paragraph stood between two tables. A line
without a tab goes on with the cell above it; after two blank lines it is a paragraph of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fiscalkg.loader.tables import Cell, Paragraph, Row, Table, cell_at, concat

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
            self.rows.append(tuple(concat(parts, "\n") if len(parts) > 1 else parts[0] for parts in self.row))
            self.row = []

    def end_table(self) -> None:
        self.end_row()
        if self.rows:
            self.blocks.append(Table(tuple(self.rows)))
            self.rows = []


def tabbed_blocks(text: str, lines: Sequence[tuple[int, int]]) -> list[Paragraph | Table]:
    """Return the paragraphs and tables of a text whose cells are led by tabs; ``lines`` are offsets."""
    pages = _Pages()
    blanks = 0
    for start, end in lines:
        line = text[start:end]
        if "\t" in line and not line[: line.index("\t")].strip():
            _read_led_line(pages, text, start, end, blanks)
        elif not line.strip():
            blanks += 1
            continue
        elif blanks >= BLANKS_BETWEEN_TABLES or "[bookmark:" in line or not pages.row:
            pages.end_table()
            pages.blocks.append(Paragraph(cell_at(text, start, end)))
        else:
            pages.row[-1].append(cell_at(text, start, end))
        blanks = 0
    pages.end_table()
    return pages.blocks


def _read_led_line(pages: _Pages, text: str, start: int, end: int, blanks: int) -> None:
    tab = text.index("\t", start)
    if tab > start:
        pages.end_table()
    elif blanks:
        pages.end_row()
    # Tabs at the end of a line are the trace of removed columns; only filled ones are cells.
    stop = start + len(text[start:end].rstrip())
    for part in text[tab + 1 : max(stop, tab + 1)].split("\t"):
        pages.row.append([cell_at(text, tab + 1, tab + 1 + len(part))])
        tab += 1 + len(part)

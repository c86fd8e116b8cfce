"""What every reader hands to the layouts: a source as paragraphs and tables of cells that know their place.

Text knows rows of cells (``Table``); a file with real tables knows columns and merged cells too (``Grid``), and
``Source.text`` is then its text in reading order (``readers.assemble``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fiscalkg.loader.model import Finding
from fiscalkg.loader.places import LinePlace, PagePlace, Place, anchor
from fiscalkg.loader.reading import Span
from fiscalkg.loader.text import glue, line_number

__all__ = [
    "Anchor",
    "Area",
    "Block",
    "Cell",
    "Grid",
    "Paragraph",
    "Piece",
    "Row",
    "Source",
    "Table",
    "anchors",
    "cell_at",
    "cell_of",
    "concat",
    "cut",
    "spans_of",
    "strip",
]


# Pieces, cells, areas and spans are tuples with names: a document has ten thousands, and a tuple is made and compared
# in a third of the time of a frozen dataclass.
class Piece(NamedTuple):
    """``cell.text[at : at + end - start]`` is ``source.text[start:end]``."""

    at: int
    start: int
    end: int


class Cell(NamedTuple):
    """Text and the characters it was read from; ``place`` only where lines are not the place."""

    text: str
    pieces: tuple[Piece, ...]
    place: Place | None = None


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of its own, between or before tables; wrapped lines are already rejoined."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, as printed; an empty first cell means the cell above spans this row."""

    rows: tuple[Row, ...]


class Area(NamedTuple):
    """A cell of a grid: the row and column it starts in, from 0, and how many of each it spans, from 1."""

    cell: Cell
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a cell or paragraph stands in a text: its id on a page, and its lines, each first to last.

    ``table`` counts the grids from 1, 0 is none; row, column and spans are those of the area. ``box`` is where it
    stands on a page of a PDF: page, left, top, width and height in points.
    """

    id: str
    lines: tuple[tuple[int, int], ...]
    table: int
    row: int
    column: int
    rows: int
    columns: int
    box: tuple[int, float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose columns are known: its areas by row and column; no two overlap, blank ones are there too."""

    areas: tuple[Area, ...]


Block = Paragraph | Table | Grid


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text and structure: ``shape`` says whether its tables are known or still wrapped lines.

    ``findings`` are what the reader met in the file itself, as merged cells that contradict each other.
    """

    name: str
    sha256: str
    media_type: str
    encoding: str
    text: str
    starts: tuple[int, ...]
    shape: Literal["cells", "wrapped"]
    blocks: tuple[Block, ...]
    spans: tuple[Span, ...] = ()
    findings: tuple[Finding, ...] = ()

    def place(self, *cells: Cell) -> Place:
        """Return the place that holds the cells: their lines, their box on a page, or the first one's own place."""
        known = [cell.place for cell in cells if cell.place is not None]
        if known:
            return _around(known[0], known)
        first, last = len(self.text), 0
        for cell in cells:
            for _, start, end in cell.pieces:
                reach = end - 1 if end > start else start
                first = start if start < first else first  # min and max are calls, and this is asked for every value
                last = reach if reach > last else last
        return LinePlace(bisect_right(self.starts, min(first, last)), bisect_right(self.starts, last))


def _around(first: Place, places: Iterable[Place]) -> Place:
    """Return the box around those on the first one's page; any other kind of place stands for itself."""
    if not isinstance(first, PagePlace):
        return first
    boxes = [place for place in places if isinstance(place, PagePlace) and place.page == first.page]
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.left + box.width for box in boxes), max(box.top + box.height for box in boxes)
    return PagePlace(first.page, left, top, round(right - left, 2), round(bottom - top, 2))


def cell_at(text: str, start: int, end: int) -> Cell:
    """Return the stripped text between two offsets; a blank cell keeps its place."""
    return cell_of(text[start:end], start)


def cell_of(raw: str, start: int) -> Cell:
    """Return a text that begins at an offset as a cell, stripped; a blank cell keeps its place."""
    stripped = raw.strip()
    if not stripped:
        return Cell("", (Piece(0, start, start),))
    first = start + raw.index(stripped[0])
    return Cell(stripped, (Piece(0, first, first + len(stripped)),))


def cut(cell: Cell, start: int, end: int) -> Cell:
    """Return ``cell.text[start:end]``, stripped, with the characters it was read from."""
    part = cell.text[start:end]
    stripped = part.strip()
    start += len(part) - len(part.lstrip())
    end = start + len(stripped)
    pieces = []
    for piece in cell.pieces:
        first = max(start, piece.at)
        last = min(end, piece.at + piece.end - piece.start)
        if first < last:
            shift = piece.start - piece.at
            pieces.append(Piece(first - start, first + shift, last + shift))
    if not pieces and cell.pieces:
        pieces = [Piece(0, cell.pieces[0].start, cell.pieces[0].start)]
    return Cell(stripped, tuple(pieces), cell.place)


def strip(cell: Cell) -> Cell:
    """Return the cell without blanks around its text."""
    return cut(cell, 0, len(cell.text))


def concat(cells: Iterable[Cell], between: str | None = None) -> Cell:
    """Return cells as one: ``between`` them, or as a reader joins wrapped pieces when it is ``None``."""
    cells = list(cells)
    if len(cells) == 1:
        return cells[0]
    text = ""
    pieces: list[Piece] = []
    place = None
    for cell in cells:
        place = place or cell.place
        if text and cell.text:
            text += glue(text, cell.text) if between is None else between
        pieces += [Piece(piece.at + len(text), piece.start, piece.end) for piece in cell.pieces]
        text += cell.text
    return Cell(text, tuple(pieces), place)


def anchors(source: Source) -> list[Anchor]:
    """Return where each cell and paragraph stands in the text, with the id a page gives it; lines count from 1."""
    grids = enumerate((block for block in source.blocks if isinstance(block, Grid)), 1)
    found = [_anchor(source, area, number) for number, grid in grids for area in grid.areas]
    cells = [block.cell for block in source.blocks if isinstance(block, Paragraph)]
    found += [_anchor(source, Area(cell, 0, 0), 0) for cell in cells if cell.place is not None]
    return sorted((each for each in found if each is not None), key=lambda each: (each.lines, each.id))


def _anchor(source: Source, area: Area, table: int) -> Anchor | None:
    cell = area.cell
    if cell.place is None or not cell.pieces:
        return None
    starts = source.starts
    lines = sorted({(line_number(starts, p.start), line_number(starts, max(p.start, p.end - 1))) for p in cell.pieces})
    at = cell.place
    box = (at.page, at.left, at.top, at.width, at.height) if isinstance(at, PagePlace) else None
    return Anchor(anchor(at), tuple(lines), table, area.row, area.column, area.rows, area.columns, box)


def spans_of(cell: Cell, role: str, owner: str = "") -> list[Span]:
    """Return the spans of a cell's characters."""
    return [Span(role, start, end, owner) for _, start, end in cell.pieces if start < end]

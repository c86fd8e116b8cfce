"""A place in a source document, and its three spellings: JSON, IRI fragment and page anchor.

Lines count from 1, inclusive, and end at LF, CRLF or CR only. RFC 5147 counts positions *between*
lines from 0, so lines 36 to 86 are ``#line=35,86``. PDF boxes follow RFC 8118: page from 1, origin top
left, points. For docx, html and xlsx no RFC exists: ``#table=2&row=3&col=4`` and ``#sheet=…&cell=B7``
are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

__all__ = [
    "CellPlace",
    "LinePlace",
    "PagePlace",
    "Place",
    "SheetPlace",
    "anchor",
    "fragment",
    "place_of",
    "reading_order",
    "told",
]


@dataclass(frozen=True, slots=True, order=True)
class LinePlace:
    """Lines of a text, from 1, both inclusive."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, order=True)
class PagePlace:
    """A box on a page of a PDF: page from 1, origin top left, points."""

    page: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, order=True)
class CellPlace:
    """A cell of a table in a docx or html document; table, row and column count from 1."""

    table: int
    row: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class SheetPlace:
    """A cell of a workbook, as people name it: sheet name and ``B7``."""

    sheet: str
    cell: str


Place = LinePlace | PagePlace | CellPlace | SheetPlace


def fragment(place: Place) -> str:
    """Return the fragment identifier of a place, without ``#``.

    >>> fragment(LinePlace(36, 86))
    'line=35,86'
    >>> fragment(PagePlace(3, 70.5, 100, 200, 20))
    'page=3&viewrect=70.5,100,200,20'
    """
    match place:
        case LinePlace(first, last):
            return f"line={first - 1},{last}"
        case PagePlace(page, left, top, width, height):
            return f"page={page}&viewrect={left:g},{top:g},{width:g},{height:g}"
        case CellPlace(table, row, column):
            return f"table={table}&row={row}&col={column}"
        case SheetPlace(sheet, cell):
            return f"sheet={quote(sheet, safe='')}&cell={cell}"


def place_of(fragment: str) -> Place | None:
    """Return the place that ``fragment`` spelled; ``None`` for any other text.

    >>> place_of("line=35,86"), place_of("top")
    (LinePlace(first=36, last=86), None)
    """
    parts = dict(part.partition("=")[::2] for part in fragment.split("&"))
    match parts:
        case {"line": lines}:
            first, _, last = lines.partition(",")
            return LinePlace(int(first) + 1, int(last))
        case {"page": page, "viewrect": box}:
            return PagePlace(int(page), *map(float, box.split(",")))
        case {"table": table, "row": row, "col": column}:
            return CellPlace(int(table), int(row), int(column))
        case {"sheet": sheet, "cell": cell}:
            return SheetPlace(unquote(sheet), cell)
    return None


def reading_order(place: Place | None) -> tuple[Any, ...]:
    """Return a sort key: places of one kind stand in reading order, sheets by name and then as their rows do."""
    match place:
        case None:
            return ("",)
        case SheetPlace(sheet, cell):
            letters = cell.rstrip("0123456789")
            return "SheetPlace", sheet, int(cell[len(letters) :] or 0), len(letters), letters
        case PagePlace(page, left, top, _, _):
            return "PagePlace", page, top, left
        case _:
            return type(place).__name__, place


def told(place: Place) -> tuple[str, str]:
    """Return where a place is, for people: in Chinese and in English.

    >>> told(LinePlace(36, 86)), told(CellPlace(2, 3, 4))
    (('第 36 行', 'line 36'), ('原文表 2 第 3 行第 4 列', 'source table 2, row 3, column 4'))
    """
    match place:
        case LinePlace(first, _):
            return f"第 {first} 行", f"line {first}"
        case PagePlace(page):
            return f"第 {page} 页", f"page {page}"
        case CellPlace(table, row, column):
            return f"原文表 {table} 第 {row} 行第 {column} 列", f"source table {table}, row {row}, column {column}"
        case SheetPlace(sheet, cell):
            return f"工作表“{sheet}” {cell}", f"sheet “{sheet}” {cell}"


def anchor(place: Place) -> str:
    """Return the element id of a place on the source page, without ``#``.

    >>> anchor(LinePlace(36, 86)), anchor(LinePlace(36, 36))
    ('L36-86', 'L36')
    >>> anchor(CellPlace(2, 3, 4))
    'T2R3C4'
    """
    match place:
        case LinePlace(first, last):
            return f"L{first}" if first == last else f"L{first}-{last}"
        case PagePlace(page, _, top, _, _):
            return f"P{page}Y{top:.0f}"
        case CellPlace(table, row, column):
            return f"T{table}R{row}C{column}"
        case SheetPlace(sheet, cell):
            return f"S{quote(sheet, safe='')}!{cell}"

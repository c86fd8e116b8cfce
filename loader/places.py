"""A place in a source document, and its three spellings: JSON, IRI fragment and page anchor.

Lines count from 1, inclusive, and end at LF, CRLF or CR only. RFC 5147 counts positions *between*
lines from 0, so lines 36 to 86 are ``#line=35,86``. PDF boxes follow RFC 8118: page from 1, origin top
left, points. For docx, html and xlsx no RFC exists: ``#table=2&row=3&col=4`` and ``#sheet=…&cell=B7``
are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

__all__ = ["CellPlace", "LinePlace", "PagePlace", "Place", "SheetPlace", "anchor", "fragment"]


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


def anchor(place: Place) -> str:
    """Return the element id of a place on the source page, without ``#``.

    >>> anchor(LinePlace(36, 86))
    'L36'
    >>> anchor(CellPlace(2, 3, 4))
    'T2R3C4'
    """
    match place:
        case LinePlace(first, _):
            return f"L{first}"
        case PagePlace(page, _, top, _, _):
            return f"P{page}Y{top:.0f}"
        case CellPlace(table, row, column):
            return f"T{table}R{row}C{column}"
        case SheetPlace(sheet, cell):
            return f"S{quote(sheet, safe='')}!{cell}"

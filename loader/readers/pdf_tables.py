"""A page of glyphs and rules into what stands on it from top to bottom: lines of text, and tables with their cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fiscalkg.loader.places import PagePlace
from fiscalkg.loader.readers.pdf_lattice import Field, Lattice, lattices
from fiscalkg.loader.readers.pdf_lines import TextLine, lines_of
from fiscalkg.loader.readers.pdf_pages import Glyph, Page

__all__ = ["Element", "Fragment", "Layer", "PrintedCell", "layer_of"]


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell of a page: its rows in the fragment, from 0; its sides in points, from the fragment's left one."""

    row: int
    rows: int
    left: float
    right: float
    height: float
    lines: tuple[TextLine, ...]
    place: PagePlace

    @property
    def text(self) -> str:
        """Return the cell's lines, each on a line of its own."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A table, or as much of it as one page holds: its cells in order; ``heights`` are those of its rows."""

    left: float
    top: float
    right: float
    bottom: float
    heights: tuple[float, ...]
    cells: tuple[PrintedCell, ...]
    open_top: bool = False
    open_bottom: bool = False


Element = TextLine | Fragment


@dataclass(frozen=True, slots=True)
class Layer:
    """What one page prints, from top to bottom; of the page itself only what places need."""

    page: Page
    elements: tuple[Element, ...]


def layer_of(page: Page) -> Layer:
    """Return a page's lines and tables in reading order; the page comes back without its glyphs and rules."""
    found = sorted(lattices(page.rules), key=_area)
    inside: list[list[Glyph]] = [[] for _ in found]
    outside: list[Glyph] = []
    for glyph in page.glyphs:
        inside_of = next((index for index, lattice in enumerate(found) if _holds(lattice, glyph)), None)
        (outside if inside_of is None else inside[inside_of]).append(glyph)
    bare = Page(page.number, page.width, page.height, page.turn)
    elements: list[Element] = list(lines_of(outside))
    for lattice, glyphs in zip(found, inside, strict=True):
        if any(not glyph.text.isspace() for glyph in glyphs):  # else a drawing
            elements.append(_fragment(bare, lattice, glyphs))
    return Layer(bare, tuple(sorted(elements, key=lambda element: (element.top, element.left))))


def _area(lattice: Lattice) -> float:
    """Return the size of a lattice: of one inside another the inner one comes first."""
    return (lattice.xs[-1] - lattice.xs[0]) * (lattice.ys[-1] - lattice.ys[0])


def _middle(glyph: Glyph) -> tuple[float, float]:
    return (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2


def _holds(lattice: Lattice, glyph: Glyph) -> bool:
    x, y = _middle(glyph)
    return lattice.xs[0] <= x <= lattice.xs[-1] and lattice.ys[0] <= y <= lattice.ys[-1]


def _fragment(page: Page, lattice: Lattice, glyphs: Iterable[Glyph]) -> Fragment:
    owners = {
        (row, column): index
        for index, field in enumerate(lattice.fields)
        for row in range(field.row, field.row + field.rows)
        for column in range(field.column, field.column + field.columns)
    }
    printed: list[list[Glyph]] = [[] for _ in lattice.fields]
    for glyph in glyphs:
        x, y = _middle(glyph)
        printed[owners[_step(lattice.ys, y), _step(lattice.xs, x)]].append(glyph)
    cells = tuple(_cell(page, lattice, *pair) for pair in zip(lattice.fields, printed, strict=True))
    xs, ys = lattice.xs, lattice.ys
    heights = tuple(below - above for above, below in pairwise(ys))
    return Fragment(xs[0], ys[0], xs[-1], ys[-1], heights, cells, lattice.open_top, lattice.open_bottom)


def _step(positions: Sequence[float], value: float) -> int:
    return min(max(bisect_right(positions, value) - 1, 0), len(positions) - 2)


def _cell(page: Page, lattice: Lattice, field: Field, glyphs: Sequence[Glyph]) -> PrintedCell:
    left, right = lattice.xs[field.column], lattice.xs[field.column + field.columns]
    top, bottom = lattice.ys[field.row], lattice.ys[field.row + field.rows]
    return PrintedCell(
        field.row,
        field.rows,
        left - lattice.xs[0],
        right - lattice.xs[0],
        bottom - top,
        tuple(_from_left(line, lattice.xs[0]) for line in lines_of(glyphs)),
        page.place(left, top, right, bottom),
    )


def _from_left(line: TextLine, left: float) -> TextLine:
    return TextLine(line.text, line.left - left, line.top, line.right - left, line.bottom, line.size)

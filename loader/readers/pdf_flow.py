"""The pages of a PDF into parts in reading order: paragraphs, and tables that go on over page ends as one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from fiscalkg.loader.places import PagePlace
from fiscalkg.loader.readers.assemble import Line, Part
from fiscalkg.loader.readers.pdf_furniture import Spot, page_numbers, running_lines
from fiscalkg.loader.readers.pdf_joins import GrowingTable
from fiscalkg.loader.readers.pdf_lines import TextLine, leaves_no_room
from fiscalkg.loader.readers.pdf_pages import Page
from fiscalkg.loader.readers.pdf_tables import Element, Fragment, Layer
from fiscalkg.loader.text import glue, squeeze

__all__ = ["has_tables", "lines_in_order", "parts_of"]

LONGEST_CAPTION = 4  # lines above a table that its next pages may print again
LONGEST_LABEL = 30  # characters, line ends counted
CLOSE = 1.0  # of the print's height: how far apart the lines of one paragraph stand


@dataclass(slots=True)
class _Flow:
    """The parts so far; ``table`` is the last one, ``is_open`` says that it ended a page.

    It left ``room`` there down to where other pages print, ``most_room`` if margins are alike above and below.
    """

    known: Collection[str] = ()
    parts: list[Part | GrowingTable] = field(default_factory=list)
    table: GrowingTable | None = None
    is_open: bool = False
    room: float = 0.0
    most_room: float = 0.0
    caption: list[str] = field(default_factory=list)

    def add(self, part: Line | Fragment) -> None:
        if isinstance(part, Line):
            self.parts.append(part)
            self.caption = [*self.caption[1 - LONGEST_CAPTION :], squeeze(part.text)]
        else:
            self.table = GrowingTable.begin(part, self.caption, self.known)
            self.parts.append(self.table)
            self.caption = []


def has_tables(layers: Sequence[Layer]) -> bool:
    """Return whether any page has a ruled table."""
    return any(isinstance(element, Fragment) for layer in layers for element in layer.elements)


def lines_in_order(layers: Sequence[Layer]) -> list[Line]:
    """Return every line of text as it stands, page numbers left out: for pages without any ruled table."""
    numbers = page_numbers(layers)
    return [
        Line(element.text, _place(layer.page, element))
        for index, layer in enumerate(layers)
        for at, element in enumerate(layer.elements)
        if isinstance(element, TextLine) and (index, at) not in numbers
    ]


def parts_of(layers: Sequence[Layer]) -> list[Part]:
    """Return paragraphs and grids; wrapped lines are joined, tables over several pages are one grid."""
    numbers = page_numbers(layers)
    running, again = running_lines(layers)
    limits = _limits(layers, numbers | running)
    flow = _Flow(_known(layers, numbers | running))
    for index, layer in enumerate(layers):
        elements = [(at, element) for at, element in enumerate(layer.elements) if (index, at) not in numbers | again]
        body = [element for at, element in elements if (index, at) not in running]
        if not body:
            continue
        used = _go_on(flow, body)
        kept = [element for at, element in elements if not used or (index, at) in running] + body[used:] * bool(used)
        limit = limits[_size(layer)]
        for part in _paragraphs(layer.page, kept, limit.right):
            flow.add(part)
        flow.is_open, ended = isinstance(body[-1], Fragment), body[-1].bottom
        flow.room, flow.most_room = limit.printed - ended, limit.mirrored - ended
    return [part.boxes() if isinstance(part, GrowingTable) else part for part in flow.parts]


def _known(layers: Sequence[Layer], furniture: set[Spot]) -> frozenset[str]:
    """Return the short texts of cells that no page end can have cut."""
    known: set[str] = set()
    for index, layer in enumerate(layers):
        body = [element for at, element in enumerate(layer.elements) if (index, at) not in furniture]
        for element in body:
            if isinstance(element, Fragment):
                first = 1 if element is body[0] else 0
                last = len(element.heights) - (1 if element is body[-1] else 0)
                inside = [cell for cell in element.cells if first <= cell.row and cell.row + cell.rows <= last]
                known.update(squeeze(cell.text) for cell in inside if len(cell.text) <= LONGEST_LABEL)
    return frozenset(known)


def _go_on(flow: _Flow, body: Sequence[Element]) -> int:
    """Let the table of the page before go on with this page's first one; return how many elements that used up."""
    first = next((at for at, element in enumerate(body) if isinstance(element, Fragment)), LONGEST_CAPTION + 1)
    if not flow.is_open or flow.table is None or first > LONGEST_CAPTION:
        return 0
    fragment = body[first]
    between = [squeeze(element.text) for element in body[:first] if isinstance(element, TextLine)]
    if not isinstance(fragment, Fragment) or not flow.table.goes_on(fragment, flow.room, flow.most_room, between):
        return 0
    flow.table.add(fragment)
    flow.caption = []
    return first + 1


@dataclass(frozen=True, slots=True)
class _Limit:
    """How far down and how far right pages of one size print; ``mirrored`` is as far from below as from above."""

    printed: float
    mirrored: float
    right: float


def _limits(layers: Sequence[Layer], furniture: set[Spot]) -> dict[tuple[int, int], _Limit]:
    found: dict[tuple[int, int], list[Element]] = {}
    for index, layer in enumerate(layers):
        body = [element for at, element in enumerate(layer.elements) if (index, at) not in furniture]
        found.setdefault(_size(layer), []).extend(body)
    return {size: _limit(size, body) for size, body in found.items() if body}


def _limit(size: tuple[int, int], body: Sequence[Element]) -> _Limit:
    printed = max(element.bottom for element in body)
    mirrored = max(printed, size[1] - min(element.top for element in body))
    # A page of short lines does not show its right margin, which is as wide as the left one as a rule.
    right = max(size[0] - min(element.left for element in body), *(element.right for element in body))
    return _Limit(printed, mirrored, right)


def _size(layer: Layer) -> tuple[int, int]:
    return round(layer.page.width), round(layer.page.height)


def _paragraphs(page: Page, elements: Sequence[Element], right: float) -> Iterator[Line | Fragment]:
    """Yield tables, and lines with those joined that wrap at the right margin."""
    open_lines: list[TextLine] = []
    for element in elements:
        if open_lines and not (isinstance(element, TextLine) and _wraps(open_lines[-1], element, right)):
            yield _paragraph(page, open_lines)
            open_lines = []
        if isinstance(element, TextLine):
            open_lines.append(element)
        else:
            yield element
    if open_lines:
        yield _paragraph(page, open_lines)


def _wraps(line: TextLine, following: TextLine, right: float) -> bool:
    """Return whether a line is full up to the margin and the next one, in the same print, stands close below."""
    is_full = leaves_no_room(line, following.text, right - line.left)
    is_close = following.top >= line.top and following.top - line.bottom < CLOSE * line.size
    return is_full and is_close and abs(following.size - line.size) <= 0.1 * line.size


def _paragraph(page: Page, lines: Sequence[TextLine]) -> Line:
    text = ""
    for line in lines:
        text += glue(text, line.text) + line.text
    left, top = min(line.left for line in lines), min(line.top for line in lines)
    right, bottom = max(line.right for line in lines), max(line.bottom for line in lines)
    return Line(text, page.place(left, top, right, bottom))


def _place(page: Page, line: TextLine) -> PagePlace:
    return page.place(line.left, line.top, line.right, line.bottom)

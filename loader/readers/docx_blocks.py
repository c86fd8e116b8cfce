"""The paragraphs and tables of a Word document, wherever something wraps them, into lines and boxes.

Cells that go on below or beside are one; what contradicts or stands outside of every cell is told, and read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import CellPlace
from fiscalkg.loader.readers.assemble import Box, Line, Part
from fiscalkg.loader.readers.docx_numbers import Numbering, next_number
from fiscalkg.loader.readers.docx_texts import W, children, is_on, is_text, number_of, runs_on, texts, value_of

__all__ = ["Draft", "read_blocks"]

MOST_FINDINGS = 1_000  # of one document; more say nothing new
MOST_CELLS = 1_000_000
MOST_COLUMNS = 1_000  # Word itself allows 63
NO_UPPER = (
    "这一格标明与上一格合并，上面却没有与它同宽的格；按单独一格读取",
    "this cell is marked as merged with the one above, but none of its width is there; read as a cell of its own",
)
TOO_WIDE = (
    "这一格标明跨的列数超出任何表格；按表格的宽度读取",
    "this cell claims more columns than any table has; cut back to the width of the table",
)
OUTSIDE = (
    "表格内有文字不在任何一格之中；读作表格之后的段落",
    "text stands in this table but in none of its cells; read as a paragraph after it",
)


@dataclass(slots=True)
class Draft:
    """What has been read of a document so far: parts, findings, and how many tables and cells were met."""

    name: str
    numbering: Numbering
    parts: list[Part] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    tables: int = 0
    cells: int = 0

    def tell(self, place: CellPlace, message: tuple[str, str]) -> None:
        """Add a finding on the grid of a table: in Chinese and in English."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding("R-GRID-CONTRADICTS", Severity.WARNING, *message, self.name, None, place))


@dataclass(frozen=True, slots=True)
class _Words:
    """The text of a paragraph, the number Word prints before it, and the text boxes anchored in it."""

    text: str
    number: str
    boxes: list[etree._Element]


@dataclass(slots=True)
class _Cell:
    row: int
    column: int
    columns: int
    lines: list[str]
    merge: str | None  # with the cell above: restart, continue, or no merge
    rows: int = 1


@dataclass(slots=True)
class _Table:
    """A table as read so far; ``later`` are text boxes, inner tables and stray text, which follow it."""

    number: int
    width: int
    cells: list[_Cell] = field(default_factory=list)
    above: dict[int, _Cell] = field(default_factory=dict)
    later: list[etree._Element] = field(default_factory=list)


def read_blocks(draft: Draft, parent: etree._Element) -> None:
    """Read the paragraphs and tables in an element into the draft.

    Text boxes follow the paragraph that holds them, inner tables the outer one. Raises ``DocumentError`` when the
    tables of the document have more cells than any form.
    """
    _read(draft, _blocks(parent))


def _read(draft: Draft, elements: Iterable[etree._Element]) -> None:
    for block in _flow(draft, elements):
        if isinstance(block, _Words):
            line = block.number + block.text
            draft.parts += [Line(line)] if line.strip() else []
            later = block.boxes
        else:
            boxes, later = _read_table(draft, block)
            draft.parts += [boxes] if boxes else []
        for element in later:
            _read(draft, _blocks(element) if element.tag == f"{W}txbxContent" else (element,))


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield paragraphs and tables right inside an element, or inside what only wraps them, and text outside of both."""
    for child in children(parent):
        if _is_block(child):
            yield child
        elif len(child):
            yield from _blocks(child)


def _is_block(element: etree._Element) -> bool:
    return element.tag in (f"{W}p", f"{W}tbl") or is_text(element)


def _flow(draft: Draft, elements: Iterable[etree._Element]) -> Iterator[_Words | etree._Element]:
    """Yield paragraphs as read, and tables as they are; a paragraph whose end is deleted goes on in the next."""
    pieces: list[str] = []
    boxes: list[etree._Element] = []
    for element in elements:
        if element.tag == f"{W}tbl":
            if pieces or boxes:
                yield _Words("".join(pieces), "", boxes)
            yield element
        else:
            pieces += texts(element, boxes)
            if runs_on(element):
                continue
            yield _Words("".join(pieces), next_number(draft.numbering, element), boxes)
        pieces, boxes = [], []
    if pieces or boxes:
        yield _Words("".join(pieces), "", boxes)


def _read_table(draft: Draft, element: etree._Element) -> tuple[list[Box], list[etree._Element]]:
    """Return the boxes of a table, and what follows it: text boxes, inner tables, text outside of its cells."""
    draft.tables += 1
    table = _Table(draft.tables, len(element.findall(f"{W}tblGrid/{W}gridCol")))
    row = 0
    for child in _inside(element, "tr"):
        if child.tag == f"{W}tr":
            _join_down(draft, table, _row(draft, table, child, row))
            row += 1
        else:
            _put_by(draft, table, child, row)
    return [
        Box(
            "\n".join(cell.lines).strip("\n"), cell.row, cell.column,
            CellPlace(table.number, cell.row + 1, cell.column + 1), cell.rows, cell.columns,
        )
        for cell in table.cells
    ], table.later  # fmt: skip


def _inside(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield the children of a kind, also those that something wraps, and text and tables that stand beside them."""
    for child in children(parent):
        if child.tag == f"{W}{tag}":
            if not _is_left_out(child):
                yield child
        elif _is_block(child):
            yield child
        elif len(child):
            yield from _inside(child, tag)


def _is_left_out(element: etree._Element) -> bool:
    """Whether a row or cell is marked as taken out, or a row as hidden."""
    is_deleted = element.find(f"{W}trPr/{W}del") is not None or element.find(f"{W}tcPr/{W}cellDel") is not None
    return is_deleted or is_on(element.find(f"{W}trPr/{W}hidden"))


def _put_by(draft: Draft, table: _Table, stray: etree._Element, row: int) -> None:
    """Keep what stands in a table outside of its cells for after the table."""
    if stray.tag == f"{W}tbl" or "".join(texts(stray, [])).strip():
        draft.tell(CellPlace(table.number, row + 1, 1), OUTSIDE)
    table.later.append(stray)


def _row(draft: Draft, table: _Table, element: etree._Element, row: int) -> list[_Cell]:
    """Return the cells of a row; one that goes on to the right of another, as old files say it, is part of that."""
    cells: list[_Cell] = []
    column = _columns(draft, table, element.find(f"{W}trPr/{W}gridBefore"), 0, CellPlace(table.number, row + 1, 1))
    for cell in _inside(element, "tc"):
        if cell.tag != f"{W}tc":
            _put_by(draft, table, cell, row)
            continue
        draft.cells += 1
        if draft.cells > MOST_CELLS:
            raise DocumentError(f"{draft.name}: tables of more than {MOST_CELLS} cells; split the file")
        place = CellPlace(table.number, row + 1, column + 1)
        span = max(_columns(draft, table, cell.find(f"{W}tcPr/{W}gridSpan"), column, place), 1)
        merge = _merge(cell, "vMerge")
        lines = _lines(draft, cell, table.later, merge == "continue")
        if cells and _merge(cell, "hMerge") == "continue":
            cells[-1].columns += span
            cells[-1].lines += lines if any(map(str.strip, lines)) else []
        else:
            cells.append(_Cell(row, column, span, lines, merge))
        column += span
    return cells


def _columns(draft: Draft, table: _Table, element: etree._Element | None, column: int, place: CellPlace) -> int:
    """Return how many columns an element claims from a column on; what no table can have is told and cut back."""
    stated = number_of(element, 0)
    if column + stated <= MOST_COLUMNS or stated <= 1:
        return stated
    draft.tell(place, TOO_WIDE)
    return max(min(table.width, MOST_COLUMNS) - column, 0)


def _merge(cell: etree._Element, tag: str) -> str | None:
    """Return what a cell says of being merged; that it goes on where it says no more."""
    properties = cell.find(f"{W}tcPr")
    if properties is None or properties.find(f"{W}{tag}") is None:
        return None
    return value_of(properties, tag) or "continue"


def _join_down(draft: Draft, table: _Table, cells: list[_Cell]) -> None:
    """Join the cells of a row to those above that they go on with; keep the others."""
    below: dict[int, _Cell] = {}
    for cell in cells:
        upper = table.above.get(cell.column) if cell.merge == "continue" else None
        if upper and upper.columns == cell.columns:
            upper.rows += 1
            upper.lines += cell.lines if any(map(str.strip, cell.lines)) else []
        else:
            if cell.merge == "continue":
                draft.tell(CellPlace(table.number, cell.row + 1, cell.column + 1), NO_UPPER)
            table.cells.append(cell)
            upper = cell
        if cell.merge is not None:
            below[cell.column] = upper
    table.above = below


def _lines(draft: Draft, cell: etree._Element, later: list[etree._Element], goes_on: bool) -> list[str]:
    """Return the lines of a cell, one a paragraph; tables and text boxes in it are put by.

    The blank paragraph of a cell that goes on with the one above is counted in its list, and its number not printed.
    """
    lines: list[str] = []
    for block in _flow(draft, _blocks(cell)):
        if isinstance(block, _Words):
            is_printed = not goes_on or block.text.strip()
            lines.append(block.number + block.text if is_printed else "")
            later += block.boxes
        else:
            later.append(block)
    return lines

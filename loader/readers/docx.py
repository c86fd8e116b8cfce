"""A Word document into paragraphs and grids: merged cells whole, insertions kept, deletions and hidden text left out.

Read from the XML itself: the library for it gives no merged cells as such, no tracked changes and no text boxes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import CellPlace
from fiscalkg.loader.readers.assemble import Box, Line, Part, assemble
from fiscalkg.loader.readers.docx_numbers import Numbering, numbering_of
from fiscalkg.loader.readers.ooxml import Package, opened, parse_xml
from fiscalkg.loader.tables import Source

__all__ = ["read_docx"]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MOST_CELLS = 1_000_000
MOST_COLUMNS = 1_000  # Word itself allows 63
# What is marked as taken out, moved away, or holds a field's code rather than its result.
LEFT_OUT = frozenset({f"{W}{tag}" for tag in ("del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr")})
CHARACTERS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": "\t"}


@dataclass(slots=True)
class _Reading:
    """Parts so far; ``later`` are text boxes and inner tables, which follow the block that holds them."""

    name: str
    numbering: Numbering
    parts: list[Part] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    tables: int = 0
    cells: int = 0


def read_docx(data: bytes, name: str) -> Source:
    """Return a Word document as a source; a place is table, row and column, an inner table counts after its outer.

    Raises ``DocumentError`` naming the file when it is cut off, locked, no Word document, or larger than any.
    """
    with opened(data, name) as package:
        body = _body(package)
        reading = _Reading(name, numbering_of(package))
    _read_blocks(reading, body)
    digest = hashlib.sha256(data).hexdigest()
    return assemble(reading.parts, name, digest, MEDIA_TYPE, findings=reading.findings)


def _body(package: Package) -> etree._Element:
    member = _main_part(package)
    root = package.xml(member)
    if root is not None and root.tag.encode().startswith(b"{" + STRICT):
        data = (package.read(member) or b"").replace(STRICT, TRANSITIONAL)
        root = parse_xml(data, f"{package.name}: {member} inside it")
    body = root.find(f"{W}body") if root is not None else None
    if body is None:
        raise DocumentError(f"{package.name}: is no Word document, it has no {member}; save it as docx again")
    return body


def _main_part(package: Package) -> str:
    relations = package.xml("_rels/.rels")
    for relation in relations.iter(RELATION) if relations is not None else ():
        if str(relation.get("Type", "")).endswith("/officeDocument"):
            return str(relation.get("Target", "")).lstrip("/")
    return "word/document.xml"


def _read_blocks(reading: _Reading, parent: etree._Element) -> None:
    """Read the paragraphs and tables right inside an element, and inside what only wraps them."""
    for element in parent:
        if element.tag == f"{W}p":
            text, boxes = _paragraph(reading, element)
            if text.strip():
                reading.parts.append(Line(text))
            for box in boxes:
                _read_blocks(reading, box)
        elif element.tag == f"{W}tbl":
            _read_table(reading, element)
        elif element.tag not in LEFT_OUT:
            _read_blocks(reading, element) if isinstance(element.tag, str) and len(element) else None


def _paragraph(reading: _Reading, paragraph: etree._Element) -> tuple[str, list[etree._Element]]:
    """Return the text of a paragraph, with the number Word prints before it, and the text boxes anchored in it."""
    boxes: list[etree._Element] = []
    text = "".join(_texts(paragraph, boxes))
    number = reading.numbering.next(paragraph) if text.strip() else ""
    return number + text, boxes


def _texts(element: etree._Element, boxes: list[etree._Element]) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if tag in LEFT_OUT or not isinstance(tag, str) or _is_hidden(child):
            continue
        if tag == f"{W}t":
            yield child.text or ""
        elif tag in CHARACTERS:
            yield CHARACTERS[tag]
        elif tag == f"{W}txbxContent":
            boxes.append(child)
        elif tag == f"{MC}AlternateContent":  # the same twice, for newer and older readers
            chosen = child.find(f"{MC}Choice")
            yield from _texts(chosen if chosen is not None else child, boxes)
        else:
            yield from _texts(child, boxes)


def _is_hidden(run: etree._Element) -> bool:
    if run.tag != f"{W}r":
        return False
    mark = run.find(f"{W}rPr/{W}vanish")
    return mark is not None and mark.get(f"{W}val", "1") not in ("0", "false", "off")


@dataclass(slots=True)
class _Cell:
    row: int
    column: int
    columns: int
    text: str
    rows: int = 1


def _read_table(reading: _Reading, table: etree._Element) -> None:
    """Read a table, then the tables inside its cells: each is a grid of its own."""
    reading.tables += 1
    number = reading.tables
    cells: list[_Cell] = []
    inner: list[etree._Element] = []
    open_above: dict[int, _Cell] = {}
    for row, element in enumerate(_rows(table)):
        open_above = _read_row(reading, element, row, number, cells, open_above, inner)
    boxes = [
        Box(cell.text, cell.row, cell.column, CellPlace(number, cell.row + 1, cell.column + 1), cell.rows, cell.columns)
        for cell in cells
    ]
    if boxes:
        reading.parts.append(boxes)
    for element in inner:
        _read_table(reading, element) if element.tag == f"{W}tbl" else _read_blocks(reading, element)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    return _inside(table, "tr")


def _inside(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield the children of a kind, also those that a content control or an insertion wraps."""
    for child in parent:
        if child.tag == f"{W}{tag}":
            if not _is_deleted(child):
                yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}moveTo", f"{W}customXml", f"{W}smartTag"):
            yield from _inside(child, tag)


def _is_deleted(element: etree._Element) -> bool:
    return element.find(f"{W}trPr/{W}del") is not None or element.find(f"{W}tcPr/{W}cellDel") is not None


def _read_row(
    reading: _Reading,
    element: etree._Element,
    row: int,
    table: int,
    cells: list[_Cell],
    above: dict[int, _Cell],
    inner: list[etree._Element],
) -> dict[int, _Cell]:
    """Read one row; return by column the cells that a row below may go on with."""
    column = _number(element.find(f"{W}trPr/{W}gridBefore"), 0)
    below: dict[int, _Cell] = {}
    for cell in _inside(element, "tc"):
        reading.cells += 1
        if reading.cells > MOST_CELLS or column > MOST_COLUMNS:
            raise DocumentError(f"{reading.name}: a table of more cells than any form has; split the file")
        span = _number(cell.find(f"{W}tcPr/{W}gridSpan"), 1)
        text = _cell_text(reading, cell, inner)
        merge = cell.find(f"{W}tcPr/{W}vMerge")
        goes_on = merge is not None and merge.get(f"{W}val", "continue") == "continue"
        upper = above.get(column) if goes_on else None
        if upper and upper.columns == span and upper.row + upper.rows == row:
            upper.rows += 1
            if text.strip():
                upper.text += "\n" + text
            read = upper
        else:
            if goes_on:
                reading.findings.append(_contradiction(reading.name, CellPlace(table, row + 1, column + 1)))
            read = _Cell(row, column, span, text)
            cells.append(read)
        if merge is not None:
            below[column] = read
        column += span
    return below


def _number(element: etree._Element | None, default: int) -> int:
    value = element.get(f"{W}val", "") if element is not None else ""
    return min(max(int(value), default), MOST_COLUMNS) if value.isascii() and value.isdigit() else default


def _cell_text(reading: _Reading, cell: etree._Element, inner: list[etree._Element]) -> str:
    """Return the lines of a cell, one a paragraph; tables and text boxes in it are put by."""
    lines: list[str] = []
    _collect(reading, cell, lines, inner)
    return "\n".join(lines).strip("\n")


def _collect(reading: _Reading, parent: etree._Element, lines: list[str], inner: list[etree._Element]) -> None:
    for element in parent:
        if element.tag == f"{W}p":
            text, boxes = _paragraph(reading, element)
            lines.append(text)
            inner += boxes
        elif element.tag == f"{W}tbl":
            inner.append(element)
        elif isinstance(element.tag, str) and element.tag not in LEFT_OUT and element.tag != f"{W}tcPr":
            _collect(reading, element, lines, inner)


def _contradiction(name: str, place: CellPlace) -> Finding:
    zh = "这一格标明与上一格合并，上面却没有与它同宽的格；按单独一格读取"
    en = "this cell is marked as merged with the one above, but none of its width is there; read as a cell of its own"
    return Finding("R-GRID-CONTRADICTS", Severity.WARNING, zh, en, name, None, place)

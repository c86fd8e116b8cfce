"""A web page into paragraphs and grids: its tables and the lines beside them; menus, scripts and forms do not count."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree, html

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import CellPlace
from fiscalkg.loader.readers.assemble import Box, Line, Part, assemble
from fiscalkg.loader.readers.decode import decode
from fiscalkg.loader.readers.spans import Spanning, place
from fiscalkg.loader.tables import Source

__all__ = ["read_html"]

MEDIA_TYPE = "text/html"
MOST_CELLS = 1_000_000
DEEPEST = 200  # tables in tables and elements in elements; a browser stops at 512
CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
CHARSET_WITHIN = 4096  # bytes
# What a page shows around its text, or does not show at all.
NOT_TEXT = frozenset(
    ("script", "style", "noscript", "template", "head", "nav", "menu", "header", "footer", "aside", "select", "option"),
) | frozenset(("button", "textarea", "input", "iframe", "object", "svg", "canvas", "audio", "video", "dialog"))
LINES = frozenset(
    ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "section", "article", "main", "blockquote", "center", "dd"),
) | frozenset(("dt", "caption", "pre", "tr", "td", "th", "table", "ul", "ol", "dl", "figure", "figcaption", "body"))
BLANKS = re.compile(r"[ \t\r\n\f]+")
INNER_CELL = ".//table//tr"  # a table without rows shows nothing


@dataclass(slots=True)
class _Page:
    name: str
    parts: list[Part] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    tables: int = 0
    cells: int = 0


def read_html(data: bytes, name: str) -> Source:
    """Return a web page as a source; a place is table, row and column, counted as the tables begin in the page.

    Raises ``DocumentError`` naming the file when it is no text, or larger than any page.
    """
    text, encoding = _decode(data, name)
    page = _Page(name)
    root = _parse(text, name)
    if root is not None:
        _read(page, root, 0)
    return assemble(page.parts, name, hashlib.sha256(data).hexdigest(), MEDIA_TYPE, encoding, page.findings)


def _decode(data: bytes, name: str) -> tuple[str, str]:
    """Return text and encoding: a byte order mark goes before what the page declares, and that before a guess."""
    declared = CHARSET.search(data[:CHARSET_WITHIN])
    if declared and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        label = declared[1].decode("ascii").lower()
        # Pages that say gb2312 hold characters it has not; every browser reads them as its successor.
        encoding = "gb18030" if label in ("gb2312", "gbk", "gb_2312-80", "x-gbk") else label
        try:
            return data.decode(encoding), encoding
        except (UnicodeError, LookupError):
            pass
    return decode(data, name)


def _parse(text: str, name: str) -> etree._Element | None:
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but blanks and comments
        return None
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError(f"{name}: is no web page that can be read ({error}); save it again") from error


def _read(page: _Page, element: etree._Element, depth: int) -> None:
    """Read an element: its tables as grids, each run of text between line-making elements as a line."""
    run: list[str] = []
    _walk(page, element, run, depth)
    _end_line(page, run)


def _walk(page: _Page, element: etree._Element, run: list[str], depth: int) -> None:
    if depth > DEEPEST:
        raise DocumentError(f"{page.name}: elements stand in elements more than {DEEPEST} deep; save the page again")
    run.append(element.text or "")
    for child in element:
        if isinstance(child.tag, str) and child.tag not in NOT_TEXT and not _is_hidden(child):
            _walk_child(page, child, run, depth)
        run.append(child.tail or "")


def _walk_child(page: _Page, child: etree._Element, run: list[str], depth: int) -> None:
    if child.tag == "br":
        _end_line(page, run)
    elif child.tag == "table" and not _lays_out(child):
        _end_line(page, run)
        _read_table(page, child, depth + 1)
    elif child.tag in LINES:
        _end_line(page, run)
        _walk(page, child, run, depth + 1)
        _end_line(page, run)
    else:
        _walk(page, child, run, depth + 1)


def _end_line(page: _Page, run: list[str]) -> None:
    text = BLANKS.sub(" ", "".join(run)).strip()
    if text:
        page.parts.append(Line(text))
    run.clear()


def _is_hidden(element: etree._Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style


def _lays_out(table: etree._Element) -> bool:
    """A table whose cells hold tables and that has few cells of its own arranges the page."""
    if table.find(INNER_CELL) is None:
        return False
    own = [cell for row in _rows(table) for cell in row if cell.tag in ("td", "th")]
    holding = sum(cell.find(INNER_CELL) is not None for cell in own)
    return holding * 2 >= len(own) or len(own) <= 4


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _read_table(page: _Page, table: etree._Element, depth: int) -> None:
    page.tables += 1
    number = page.tables
    caption = table.find("caption")
    if caption is not None:
        _read(page, caption, depth)
    inner: list[etree._Element] = []
    rows = [[_cell(page, cell, inner, depth) for cell in row if cell.tag in ("td", "th")] for row in _rows(table)]
    page.cells += sum(len(row) for row in rows)
    if page.cells > MOST_CELLS:
        raise DocumentError(f"{page.name}: tables of more than {MOST_CELLS} cells; split the page")
    placed, overlaps = place(rows)
    boxes = [
        Box(cell.text, cell.row, cell.column, CellPlace(number, cell.row + 1, cell.column + 1), cell.rows, cell.columns)
        for cell in placed
    ]
    if boxes:
        page.parts.append(boxes)
    page.findings += [_contradiction(page.name, CellPlace(number, row + 1, column + 1)) for row, column in overlaps]
    for child in inner:
        _read_table(page, child, depth + 1)


def _cell(page: _Page, cell: etree._Element, inner: list[etree._Element], depth: int) -> Spanning:
    lines: list[str] = [""]
    _cell_text(page, cell, lines, inner, depth)
    kept = [BLANKS.sub(" ", line).strip() for line in lines]
    text = "\n".join(line for line in kept if line)
    return Spanning(text, _span(cell, "rowspan", 0), _span(cell, "colspan", 1))


def _cell_text(page: _Page, element: etree._Element, lines: list[str], inner: list[etree._Element], depth: int) -> None:
    if depth > DEEPEST:
        raise DocumentError(f"{page.name}: elements stand in elements more than {DEEPEST} deep; save the page again")
    lines[-1] += element.text or ""
    for child in element:
        if child.tag == "table":
            inner.append(child)
        elif isinstance(child.tag, str) and child.tag not in NOT_TEXT and not _is_hidden(child):
            begins_line = child.tag == "br" or child.tag in LINES
            lines += [""] if begins_line else []
            _cell_text(page, child, lines, inner, depth + 1)
            lines += [""] if begins_line and child.tag != "br" else []
        lines[-1] += child.tail or ""


def _span(cell: etree._Element, name: str, least: int) -> int:
    """Return a span as written; what is no number counts as 1, as in a browser."""
    match = re.match(r"\s*(\d{1,6})", cell.get(name) or "")
    return max(int(match[1]), least) if match else 1


def _contradiction(name: str, place: CellPlace) -> Finding:
    zh, en = (
        "这一格的合并范围与别的格重叠，按空出的部分读取",
        "the span of this cell runs into another's; cut back to what is free",
    )
    return Finding("R-GRID-CONTRADICTS", Severity.WARNING, zh, en, name, None, place)

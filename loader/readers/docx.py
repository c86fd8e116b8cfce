"""A Word document into paragraphs and grids: merged cells whole, insertions kept, deletions and hidden text left out.

Read from the XML itself: the library for it gives no merged cells as such, no tracked changes and no text boxes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from lxml import etree

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.readers.assemble import Line, Part, assemble
from fiscalkg.loader.readers.docx_blocks import Draft, read_blocks
from fiscalkg.loader.readers.docx_numbers import numbering_of
from fiscalkg.loader.readers.docx_texts import W, word_xml
from fiscalkg.loader.readers.ooxml import Package, opened
from fiscalkg.loader.tables import Source

__all__ = ["read_docx"]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
PRIVATE = re.compile("[\ue000-\uf8ff]")  # characters that only a font of its own gives a look
EMBEDDED = "{urn:schemas-microsoft-com:office:office}OLEObject"
MOST_NAMED = 20  # kinds or codes, in a finding
LONGEST_VALUE = 200  # characters of them


def read_docx(data: bytes, name: str) -> Source:
    """Return a Word document as a source; a place is table, row and column, an inner table counts after its outer.

    Raises ``DocumentError`` naming the file when it is cut off, locked, no Word document, or larger than any.
    """
    with opened(data, name) as package:
        main = _main_part(package)
        body = _body(package, main)
        draft = Draft(name, numbering_of(package, main))
    read_blocks(draft, body)
    findings = [*draft.findings, *_unread(body, name), *_unknown_symbols(draft.parts, name)]
    return assemble(draft.parts, name, hashlib.sha256(data).hexdigest(), MEDIA_TYPE, findings=findings)


def _body(package: Package, member: str) -> etree._Element:
    root = word_xml(package, member)
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


def _unread(body: etree._Element, name: str) -> Iterator[Finding]:
    """Yield one finding where a document holds files of other programs: sheets, old equations, pages."""
    kinds = [str(element.get("ProgID", "altChunk")) for element in body.iter(EMBEDDED, f"{W}altChunk")]
    if kinds:
        named = ", ".join(sorted(set(kinds))[:MOST_NAMED])[:LONGEST_VALUE]
        zh = f"文档里嵌有 {len(kinds)} 个其他程序的内容（如 Excel 表），未读；请改成 Word 表格或文字"
        en = f"{len(kinds)} objects of other programs, as Excel sheets, are not read; turn them into tables or text"
        yield Finding("R-OBJECT-UNREAD", Severity.WARNING, zh, en, name, value=named)


def _unknown_symbols(parts: Iterable[Part], name: str) -> Iterator[Finding]:
    """Yield one finding where characters of picture fonts are left whose look is not known, at the first of them."""
    texts = [(each.text, each.place) for part in parts for each in ([part] if isinstance(part, Line) else part)]
    found = [(character, place) for text, place in texts for character in PRIVATE.findall(text)]
    if found:
        codes = " ".join(sorted({f"U+{ord(character):04X}" for character, _ in found})[:MOST_NAMED])
        zh = f"{len(found)} 个字符出自符号字体，不知印出的是什么；保留原字符，请与原件核对"
        en = f"{len(found)} characters of symbol fonts whose look is not known are kept as stored; compare the original"
        yield Finding("R-SYMBOL-UNKNOWN", Severity.WARNING, zh, en, name, None, found[0][1], value=codes)

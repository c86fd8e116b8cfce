"""A PDF into a source: ruled tables as grids over page ends, text around them as paragraphs, each with its box.

A PDF without any ruled table is lines of text, shape ``wrapped``. Pages that are pictures are a scan: read where the
extra ``ocr`` is installed, refused by name where it is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pypdfium2  # type: ignore[import-untyped]  # has no py.typed

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.model import Finding
from fiscalkg.loader.readers.assemble import assemble
from fiscalkg.loader.readers.pdf_findings import findings_of
from fiscalkg.loader.readers.pdf_flow import has_tables, lines_in_order, parts_of
from fiscalkg.loader.readers.pdf_pages import Page, read_page
from fiscalkg.loader.readers.pdf_tables import Layer, layer_of
from fiscalkg.loader.readers.scan import HOW_TO_INSTALL, Doubt, is_installed, read_scan
from fiscalkg.loader.tables import Source

__all__ = ["read_pdf"]

MEDIA_TYPE = "application/pdf"
MOST_PAGES = 5_000
MOST_CHARACTERS = 10_000_000  # of a document; a city's whole budget volume holds some two million
MOST_SCANNED = 300  # pages; each takes seconds
FEW_GLYPHS = 30  # a picture with no more text than a page number or a scanner's name is a scan
END_OF_FILE = 2048  # bytes at the end in which a whole PDF has its mark


@dataclass(frozen=True, slots=True)
class _Read:
    """A page in layers, and the page without its glyphs and rules, for what is to be said of it."""

    layer: Layer
    page: Page
    doubts: tuple[Doubt, ...] | None = None


def read_pdf(data: bytes, name: str) -> Source:
    """Return a PDF as a source; places are pages from 1 and boxes in points from the top left corner.

    Raises ``DocumentError`` naming the file when it cannot be opened, is locked, holds no text, or is too large.
    """
    with _opened(data, name) as document:
        pages = list(_pages(document, name))
    findings = _findings(pages, name, is_whole=b"%%EOF" in data[-END_OF_FILE:])
    layers = [read.layer for read in pages]
    if not any(layer.elements for layer in layers):
        raise DocumentError(_no_text(pages, name))
    parts = parts_of(layers) if has_tables(layers) else lines_in_order(layers)
    source = assemble(parts, name, hashlib.sha256(data).hexdigest(), MEDIA_TYPE, findings=findings)
    return source if has_tables(layers) else replace(source, shape="wrapped")


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise DocumentError(f"{name}: this PDF is locked with a password; save it without one") from error
        raise DocumentError(f"{name}: this PDF is damaged and cannot be opened; fetch it again") from error
    try:
        count = len(document)
        if count > MOST_PAGES:
            raise DocumentError(f"{name}: {count} pages, more than {MOST_PAGES}; split it")
        if count < 1:
            raise DocumentError(f"{name}: this PDF has no page; fetch it again")
        yield document
    finally:
        document.close()


def _pages(document: pypdfium2.PdfDocument, name: str) -> Iterator[_Read]:
    characters = scanned = 0
    for number in range(1, len(document) + 1):
        page = read_page(document.raw, number)
        characters += len(page.glyphs)
        if characters > MOST_CHARACTERS:
            raise DocumentError(f"{name}: more than {MOST_CHARACTERS} characters on pages 1 to {number}; split it")
        if _is_scan(page) and is_installed() and scanned < MOST_SCANNED:
            scanned += 1
            page, doubts = read_scan(document, page)
            yield _Read(layer_of(page), _bare(page), tuple(doubts))
        else:
            yield _Read(layer_of(page), _bare(page))


def _is_scan(page: Page) -> bool:
    return page.is_picture and len(page.glyphs) <= FEW_GLYPHS


def _bare(page: Page) -> Page:
    return replace(page, rules=(), glyphs=page.glyphs[: FEW_GLYPHS + 1])


def _findings(pages: Sequence[_Read], name: str, is_whole: bool) -> list[Finding]:
    unread = [read.page.number for read in pages if read.doubts is None and _is_scan(read.page)]
    scanned = {read.page.number: read.doubts for read in pages if read.doubts is not None}
    return findings_of(name, [read.page for read in pages], unread, scanned, is_whole)


def _no_text(pages: Sequence[_Read], name: str) -> str:
    if any(read.page.too_many for read in pages):
        return f"{name}: its pages hold more characters than any page can show; print it to a new PDF"
    if any(read.doubts is not None for read in pages):
        return f"{name}: this PDF is a scan on which no text can be read; ask for the original file"
    if any(_is_scan(read.page) for read in pages):
        return f"{name}: this PDF is a scan without text; install fiscalkg[ocr] ({HOW_TO_INSTALL}) to read it"
    return f"{name}: this PDF holds no text; ask for the original file"

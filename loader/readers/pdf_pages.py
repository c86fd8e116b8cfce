"""A page of a PDF into glyphs and rules where a reader sees them: upright, origin top left, in points.

PDFium is asked through its C functions: on the 57 pages of ruled tables that one example fills, characters and paths
come at 290 pages a second, where pdfplumber (pdfminer.six) gives 22. Whole, tables included, 30 to 50 pages are read
in a second.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # made by ctypesgen, without types

from fiscalkg.loader.places import PagePlace
from fiscalkg.loader.readers.pdf_paths import Rule, Sheet, paths_of

__all__ = ["MOST_GLYPHS", "Glyph", "Page", "Rule", "read_page"]

# A page of small print holds some five thousand characters; a page with more than this is no page to be read.
MOST_GLYPHS = 100_000
# Text that leans more than this (in quarter turns) stands in no cell: a watermark.
UPRIGHT = 0.12
HYPHENS = frozenset((0x02, 0xFFFE))  # what PDFium makes of a hyphen at the end of a line
LINE_ENDS = frozenset((0x0A, 0x0D))
PICTURE_PAGE = 0.3  # share of the page that a picture covers where the page may be a scan


@dataclass(frozen=True, slots=True)
class Glyph:
    """A printed character: its box and baseline, and how many quarter turns it stands off upright."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """What a page prints. ``turn`` quarter turns (clockwise) make the page as shown the page as read.

    ``width`` and ``height`` are of the page as read. ``printed`` counts its glyphs without blanks, ``unmapped`` those
    that say no character; ``slanted`` is the text of watermarks; ``is_picture`` says that pictures cover much of the
    page, ``too_many`` that it holds more than is read.
    """

    number: int
    width: float
    height: float
    turn: int = 0
    glyphs: tuple[Glyph, ...] = ()
    rules: tuple[Rule, ...] = ()
    printed: int = 0
    unmapped: int = 0
    slanted: str = ""
    is_picture: bool = False
    too_many: bool = False

    def place(self, left: float, top: float, right: float, bottom: float) -> PagePlace:
        """Return a box of the page as read as a place on the page as shown."""
        width, height = self.width, self.height
        match self.turn:
            case 1:
                left, top, right, bottom = top, width - right, bottom, width - left
            case 2:
                left, top, right, bottom = width - right, height - bottom, width - left, height - top
            case 3:
                left, top, right, bottom = height - bottom, left, height - top, right
        return PagePlace(
            self.number, round(left, 1), round(top, 1), round(max(right - left, 0), 1), round(max(bottom - top, 0), 1)
        )


@dataclass(frozen=True, slots=True)
class _Raw:
    """A glyph as PDFium has it: box and baseline in user space, angle in quarter turns."""

    text: str
    box: tuple[float, float, float, float]
    origin: tuple[float, float]
    angle: float


def read_page(document: object, number: int) -> Page:
    """Return page ``number`` (from 1) of an open document; a page that PDFium cannot load is an empty one."""
    page = pdfium.FPDF_LoadPage(document, number - 1)
    if not page:
        return Page(number, 0, 0)
    try:
        return _read(page, number)
    finally:
        pdfium.FPDF_ClosePage(page)


def _read(page: object, number: int) -> Page:
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    shown = Sheet(box.left, box.bottom, box.right, box.top, pdfium.FPDFPage_GetRotation(page) % 4)
    text = pdfium.FPDFText_LoadPage(page)
    try:
        count = max(pdfium.FPDFText_CountChars(text), 0) if text else 0
        if count > MOST_GLYPHS:
            return Page(number, *shown.size, too_many=True)
        raws, unmapped = _glyphs(text, count)
    finally:
        if text:
            pdfium.FPDFText_ClosePage(text)
    slanted = "".join(raw.text for raw in raws if abs(raw.angle - round(raw.angle)) > UPRIGHT)
    raws = [raw for raw in raws if abs(raw.angle - round(raw.angle)) <= UPRIGHT]
    turn = _turn(raws, shown)
    sheet = Sheet(shown.left, shown.bottom, shown.right, shown.top, (shown.turn + turn) % 4)
    rules, covered, too_many = paths_of(page, sheet)
    width, height = sheet.size
    glyphs = tuple(_placed(raw, sheet) for raw in raws)
    inside = tuple(glyph for glyph in glyphs if _is_inside(glyph, width, height))
    is_picture = covered >= PICTURE_PAGE
    printed = sum(not glyph.text.isspace() for glyph in inside)
    return Page(number, width, height, turn, inside, tuple(rules), printed, unmapped, slanted, is_picture, too_many)


def _turn(raws: list[_Raw], shown: Sheet) -> int:
    """Return how many quarter turns make most of the text upright, as a wide table on an upright page needs."""
    counts = Counter((round(raw.angle) - shown.turn) % 4 for raw in raws if not raw.text.isspace())
    return counts.most_common(1)[0][0] if counts else 0


def _placed(raw: _Raw, sheet: Sheet) -> Glyph:
    x0, y0 = sheet.point(raw.box[0], raw.box[1])
    x1, y1 = sheet.point(raw.box[2], raw.box[3])
    _, baseline = sheet.point(*raw.origin)
    turn = (round(raw.angle) - sheet.turn) % 4
    return Glyph(raw.text, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), baseline, turn)


def _is_inside(glyph: Glyph, width: float, height: float) -> bool:
    return 0 <= (glyph.left + glyph.right) / 2 <= width and 0 <= (glyph.top + glyph.bottom) / 2 <= height


def _glyphs(text: object, count: int) -> tuple[list[_Raw], int]:
    """Return the characters that a text page prints, blanks too, and how many of them say no character."""
    rect, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    raws: list[_Raw] = []
    unmapped = 0
    for index, code in _codes(text, count):
        if code == 0x20 and pdfium.FPDFText_IsGenerated(text, index) == 1:
            continue  # a guess of PDFium's: blanks are told by where glyphs stand
        character = "-" if code in HYPHENS else _character(code)
        if not _is_mapped(character) or pdfium.FPDFText_HasUnicodeMapError(text, index) == 1:
            unmapped += 1
        pdfium.FPDFText_GetLooseCharBox(text, index, rect)
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        numbers = (rect.left, rect.bottom, rect.right, rect.top, x.value, y.value)
        angle = -pdfium.FPDFText_GetCharAngle(text, index) / (math.pi / 2)  # PDFium's grows clockwise
        if all(map(math.isfinite, numbers)) and math.isfinite(angle):
            raws.append(_Raw(character, numbers[:4], numbers[4:], angle))
    return raws, unmapped


def _codes(text: object, count: int) -> Iterator[tuple[int, int]]:
    """Yield the index and code of each character, with the halves of a surrogate pair put together."""
    high = 0
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        high = 0
        if code not in LINE_ENDS:
            yield index, code


def _character(code: int) -> str:
    return chr(code) if 0x20 <= code < 0x110000 and not 0x7F <= code < 0xA0 else "\ufffd"


def _is_mapped(character: str) -> bool:
    return character != "\ufffd" and not "\ue000" <= character <= "\uf8ff" and character < "\U000f0000"

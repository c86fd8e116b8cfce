"""The picture of a page into glyphs and rules, as a page with text has them: RapidOCR reads, dark bars are the rules.

RapidOCR and onnxruntime come with the extra ``ocr``; the models are inside RapidOCR's wheel, nothing is fetched.
A page takes some seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # has no py.typed

from fiscalkg.loader.places import PagePlace
from fiscalkg.loader.readers.pdf_pages import Glyph, Page
from fiscalkg.loader.readers.pdf_paths import Rule

__all__ = ["HOW_TO_INSTALL", "Doubt", "is_installed", "read_scan"]

HOW_TO_INSTALL = "pip install 'fiscalkg[ocr]'"
DOTS_PER_POINT = 200 / 72
MOST_DOTS = 2600  # of the longer side, however large the page says it is
SURE = 0.8  # below, a piece is doubtful
LONG_RULE = 30.0  # points: longer than any stroke of a letter
SHORT_RULE = 9.0  # points: the lowest row of a table, whose upright rules end at level ones
THICKEST = 5.0  # points
TOUCHING = 5.0  # points between the end of an upright rule and the level one it meets
BASELINE = 0.88  # of a glyph's box from its top


@dataclass(frozen=True, slots=True)
class Doubt:
    """A piece of text that was read with little confidence, from 0 to 1."""

    text: str
    confidence: float
    place: PagePlace


def is_installed() -> bool:
    """Return whether pages that are pictures can be read here."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def read_scan(document: pypdfium2.PdfDocument, page: Page) -> tuple[Page, list[Doubt]]:
    """Return a page with the glyphs and rules that its picture shows, and which pieces of text are doubtful."""
    scale = min(DOTS_PER_POINT, MOST_DOTS / max(page.width, page.height, 1))
    shown = document[page.number - 1]
    try:
        picture = shown.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3]
    finally:
        shown.close()
    result = _engine()(picture, return_word_box=True, return_single_char_box=True)
    upright = replace(page, width=picture.shape[1] / scale, height=picture.shape[0] / scale, turn=0)
    glyphs = tuple(_glyphs(result, scale))
    read = replace(upright, glyphs=glyphs, rules=tuple(_rules(picture, scale)), unmapped=0, slanted="")
    return read, list(_doubts(result, read, scale))


@cache
def _engine() -> Any:  # RapidOCR has no types
    from rapidocr import RapidOCR  # type: ignore[import-not-found,unused-ignore]  # only with the extra ocr

    return RapidOCR(params={"Global.log_level": "critical"})


def _glyphs(result: Any, scale: float) -> Iterator[Glyph]:
    """Yield each character; those of a piece stand on one baseline, whatever their own height."""
    for piece in result.word_results or ():
        boxes = [(text, _box(corners, scale)) for text, _, corners in piece or () if text.strip()]
        if not boxes:
            continue
        top, bottom = min(box[1] for _, box in boxes), max(box[3] for _, box in boxes)
        for text, (left, _, right, _) in boxes:
            width = (right - left) / len(text)
            for at, character in enumerate(text):
                start = left + at * width
                yield Glyph(character, start, top, start + width, bottom, top + BASELINE * (bottom - top))


def _box(corners: Any, scale: float) -> tuple[float, float, float, float]:
    across, down = [float(x) / scale for x, _ in corners], [float(y) / scale for _, y in corners]
    return min(across), min(down), max(across), max(down)


def _doubts(result: Any, page: Page, scale: float) -> Iterator[Doubt]:
    if result.boxes is None:
        return
    for corners, text, confidence in zip(result.boxes, result.txts, result.scores, strict=True):
        if confidence < SURE:
            yield Doubt(text, round(float(confidence), 2), page.place(*_box(corners, scale)))


def _rules(picture: Any, scale: float) -> Iterator[Rule]:
    """Yield the dark bars of a picture that are straight and thin; short upright ones only between level ones."""
    import cv2  # type: ignore[import-not-found,unused-ignore]  # only with the extra ocr

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    _, dark = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    level = [Rule(True, top + high / 2, left, left + wide) for left, top, wide, high in _bars(dark, scale, True)]
    yield from level
    for left, top, wide, high in _bars(dark, scale, False):
        rule = Rule(False, left + wide / 2, top, top + high)
        if high >= LONG_RULE or all(_meets(rule.at, end, level) for end in (rule.start, rule.end)):
            yield rule


def _bars(dark: Any, scale: float, is_level: bool) -> Iterator[tuple[float, float, float, float]]:
    """Yield left, top, width and height, in points, of what is left when all that is shorter than a rule is gone."""
    import cv2  # type: ignore[import-not-found,unused-ignore]  # only with the extra ocr

    length = max(int((LONG_RULE if is_level else SHORT_RULE) * scale), 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (length, 1) if is_level else (1, length))
    opened = cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(opened)
    for left, top, wide, high, _ in boxes[1:]:  # the first is the ground
        if (high if is_level else wide) <= THICKEST * scale:
            yield left / scale, top / scale, wide / scale, high / scale


def _meets(at: float, end: float, level: list[Rule]) -> bool:
    return any(abs(rule.at - end) <= TOUCHING and rule.start - TOUCHING <= at <= rule.end + TOUCHING for rule in level)

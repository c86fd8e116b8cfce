"""The picture of a page into glyphs and rules, as a page with text has them: RapidOCR reads, dark bars are the rules.

RapidOCR and onnxruntime come with the extra ``ocr``; the models are inside RapidOCR's wheel, nothing is fetched.
A page takes some seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from statistics import median
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # has no py.typed

from fiscalkg.loader.places import PagePlace
from fiscalkg.loader.readers.pdf_pages import Glyph, Page
from fiscalkg.loader.readers.pdf_paths import Rule

__all__ = ["HOW_TO_INSTALL", "Doubt", "is_installed", "read_scan"]

HOW_TO_INSTALL = "pip install 'fiscalkg[ocr]'"
DOTS_PER_POINT = 200 / 72
MOST_DOTS = 2600  # of the longer side, however large the page says it is
TALL = 1.5  # times its width: a piece of text that is higher stands on its side
SURE = 0.8  # below, a piece is doubtful
MOST_LEAN, LEAST_LEAN = 5.0, 0.05  # degrees that a scanned page is set straight by
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
    """Return a page with the glyphs and rules that its picture shows, and which pieces of text are doubtful.

    A picture that lies askew is set straight, one that lies on its side is turned; boxes on the page as shown are
    then right to some points.
    """
    scale = min(DOTS_PER_POINT, MOST_DOTS / max(page.width, page.height, 1))
    shown = document[page.number - 1]
    try:
        picture = _straight(shown.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3])
    finally:
        shown.close()
    turn, picture, result = _upright(picture)
    high, wide = picture.shape[:2]
    glyphs, rules = tuple(_glyphs(result, scale)), tuple(_rules(picture, scale))
    read = replace(page, width=wide / scale, height=high / scale, turn=turn, glyphs=glyphs, rules=rules)
    return read, list(_doubts(result, read, scale))


def _straight(picture: Any) -> Any:
    """Return a picture turned by the few degrees that its long lines lean."""
    import cv2
    import numpy

    high, wide = picture.shape[:2]
    lines = cv2.HoughLinesP(_dark(picture), 1, math.pi / 3600, 200, minLineLength=wide / 4, maxLineGap=4)
    ends = numpy.reshape(lines, (-1, 4)) if lines is not None else ()
    leans = [math.degrees(math.atan2(y1 - y0, x1 - x0)) for x0, y0, x1, y1 in ends]
    level = [lean for lean in leans if abs(lean) <= MOST_LEAN]
    if not level or abs(median(level)) < LEAST_LEAN:
        return picture
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), median(level), 1)
    return cv2.warpAffine(picture, matrix, (wide, high), borderValue=(255, 255, 255))


def _upright(picture: Any) -> tuple[int, Any, Any]:
    """Return how many quarter turns make a picture upright, the picture turned, and what is read there.

    A page lies on its side where most pieces of text are higher than wide, and on its head where little can be read;
    of the ways to turn it the one counts in which most is read surely.
    """
    import numpy

    result = _recognised(picture)
    boxes = [_box(corners, 1) for corners in (result.boxes if result.boxes is not None else ())]
    high = sum(box[3] - box[1] > TALL * (box[2] - box[0]) for box in boxes)
    is_on_side = 2 * high > len(boxes)
    others: tuple[int, ...] = (1, 3) if is_on_side else (2,) if boxes and _sureness(result) < SURE else ()
    ways = [] if is_on_side else [(_sureness(result), 0, picture, result)]
    for turn in others:
        turned = _straight(numpy.ascontiguousarray(numpy.rot90(picture, -turn)))
        read = _recognised(turned)
        ways.append((_sureness(read), turn, turned, read))
    _, *best = max(ways, key=lambda way: way[0])
    return best[0], best[1], best[2]


def _recognised(picture: Any) -> Any:
    # Lines are not turned one by one: a page on its head would be read, with its lines in the wrong order.
    return _engine()(picture, use_cls=False, return_word_box=True, return_single_char_box=True)


def _sureness(result: Any) -> float:
    """Return the mean confidence of what is read, each character counted."""
    read = [(len(text), score) for text, score in zip(result.txts or (), result.scores or (), strict=True)]
    return float(sum(length * score for length, score in read)) / max(sum(length for length, _ in read), 1)


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


def _dark(picture: Any) -> Any:
    """Return which dots of a picture are print, as 255 among 0."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1]


def _bars(dark: Any, scale: float, is_level: bool) -> Iterator[tuple[float, float, float, float]]:
    """Yield left, top, width and height, in points, of what is left when all that is shorter than a rule is gone."""
    import cv2  # type: ignore[import-not-found,unused-ignore]  # only with the extra ocr

    length = max(int((LONG_RULE if is_level else SHORT_RULE) * scale), 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (length, 1) if is_level else (1, length))
    opened = cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(opened)
    for left, top, wide, high, _ in boxes[1:]:  # the first is the ground
        if (high if is_level else wide) <= THICKEST * scale:
            yield float(left / scale), float(top / scale), float(wide / scale), float(high / scale)


def _meets(at: float, end: float, level: list[Rule]) -> bool:
    return any(abs(rule.at - end) <= TOUCHING and rule.start - TOUCHING <= at <= rule.end + TOUCHING for rule in level)

"""The drawing of a PDF page into rules: the horizontal and vertical strokes and thin bars that tables are made of."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # made by ctypesgen, without types

__all__ = ["Rule", "Sheet", "paths_of"]

THICKEST = 4.0  # points; a thicker bar is a filled cell or a picture, no rule
SKEW = 1.0  # points a rule may lean from end to end
# A page of tables draws some thousands of segments, a map a hundred thousand; then no table is looked for.
MOST_SEGMENTS = 60_000
DEEPEST_FORM = 5  # drawings inside drawings

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """A straight rule: at a height from left to right, or at a distance from the left edge from top to bottom."""

    is_horizontal: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page's box in user space and how many quarter turns (clockwise) it is turned before it is read."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int

    @property
    def size(self) -> Point:
        """Return width and height after turning."""
        width, height = abs(self.right - self.left), abs(self.top - self.bottom)
        return (height, width) if self.turn % 2 else (width, height)

    def point(self, x: float, y: float) -> Point:
        """Return a point of user space as seen from the top left corner of the turned page."""
        match self.turn:
            case 1:
                return y - self.bottom, x - self.left
            case 2:
                return self.right - x, y - self.bottom
            case 3:
                return self.top - y, self.right - x
        return x - self.left, self.top - y


@dataclass(frozen=True, slots=True)
class _Matrix:
    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 1
    e: float = 0
    f: float = 0

    def point(self, x: float, y: float) -> Point:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def after(self, inner: _Matrix) -> _Matrix:
        """Return the matrix that does ``inner`` first, then this one."""
        e, f = self.point(inner.e, inner.f)
        return _Matrix(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            e,
            f,
        )


def paths_of(page: object, sheet: Sheet) -> tuple[list[Rule], float, bool]:
    """Return the rules of a page, the share of it that pictures cover, and whether it draws more than is read."""
    rules: list[Rule] = []
    width, height = sheet.size
    covered = 0.0
    left = MOST_SEGMENTS
    for drawn, matrix in _objects(page):
        left -= 1
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            corners = [sheet.point(*matrix.point(*corner)) for corner in _corners(drawn)]
            box = _box(corners)
            covered += (box[2] - box[0]) * (box[3] - box[1]) / max(width * height, 1)
            rules += _bar(box)
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            left -= max(pdfium.FPDFPath_CountSegments(drawn), 0)
            if left >= 0:
                rules += _rules_of(drawn, matrix, sheet)
        if left < 0:
            return [], covered, True
    return [rule for rule in rules if _is_on(rule, width, height)], covered, False


def _objects(page: object) -> Iterator[tuple[object, _Matrix]]:
    """Yield what a page draws with the matrix around it, the parts of form objects in place of these."""
    waiting: list[tuple[object, _Matrix, int]] = [
        (pdfium.FPDFPage_GetObject(page, index), _Matrix(), 0)
        for index in reversed(range(min(pdfium.FPDFPage_CountObjects(page), MOST_SEGMENTS + 1)))
    ]
    while waiting:
        drawn, matrix, depth = waiting.pop()
        if pdfium.FPDFPageObj_GetType(drawn) != pdfium.FPDF_PAGEOBJ_FORM:
            yield drawn, matrix
        elif depth < DEEPEST_FORM:
            inner = matrix.after(_matrix(drawn))
            parts = range(min(pdfium.FPDFFormObj_CountObjects(drawn), MOST_SEGMENTS + 1))
            waiting += [(pdfium.FPDFFormObj_GetObject(drawn, part), inner, depth + 1) for part in reversed(parts)]
            yield drawn, matrix  # counted, drawn by its parts


def _matrix(drawn: object) -> _Matrix:
    raw = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(drawn, raw):
        return _Matrix()
    return _Matrix(raw.a, raw.b, raw.c, raw.d, raw.e, raw.f)


def _corners(drawn: object) -> list[Point]:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(drawn, left, bottom, right, top):
        return [(0.0, 0.0)]
    return [(left.value, bottom.value), (right.value, top.value)]


def _rules_of(drawn: object, matrix: _Matrix, sheet: Sheet) -> Iterator[Rule]:
    """Yield a path's rules: the straight segments of what is stroked, the thin bars of what is filled."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(drawn, fill, stroke)
    outer = matrix.after(_matrix(drawn))
    if stroke.value and _is_visible(drawn, outer):
        for line in _lines(drawn, outer, sheet):
            for first, second in pairwise(line):
                yield from _segment(first, second)
    elif fill.value:
        for line in _lines(drawn, outer, sheet):
            yield from _bar(_box(line))


def _is_visible(drawn: object, matrix: _Matrix) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    width = ctypes.c_float()
    pdfium.FPDFPageObj_GetStrokeWidth(drawn, width)
    scale = math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))
    coloured = pdfium.FPDFPageObj_GetStrokeColor(drawn, red, green, blue, alpha)
    return width.value * scale <= THICKEST and not (coloured and alpha.value == 0)


def _lines(drawn: object, matrix: _Matrix, sheet: Sheet) -> Iterator[list[Point]]:
    """Yield the points of each part of a path; a curve ends the part it is in, for rules are straight."""
    points: list[Point] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(pdfium.FPDFPath_CountSegments(drawn)):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = sheet.point(*matrix.point(x.value, y.value))
        if kind != pdfium.FPDF_SEGMENT_LINETO or not all(map(math.isfinite, point)):
            if len(points) > 1:
                yield points
            points = []
        if all(map(math.isfinite, point)):
            points.append(point)
        if points and pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if len(points) > 1:
        yield points


def _box(points: list[Point]) -> tuple[float, float, float, float]:
    return (
        min(x for x, _ in points),
        min(y for _, y in points),
        max(x for x, _ in points),
        max(y for _, y in points),
    )


def _segment(first: Point, second: Point) -> Iterator[Rule]:
    wide, high = abs(first[0] - second[0]), abs(first[1] - second[1])
    if high <= SKEW and wide > high:
        yield Rule(True, (first[1] + second[1]) / 2, min(first[0], second[0]), max(first[0], second[0]))
    elif wide <= SKEW and high > wide:
        yield Rule(False, (first[0] + second[0]) / 2, min(first[1], second[1]), max(first[1], second[1]))


def _bar(box: tuple[float, float, float, float]) -> Iterator[Rule]:
    """Yield the rule that a thin filled bar is; a dot of a dotted rule is one both ways."""
    left, top, right, bottom = box
    if bottom - top <= THICKEST:
        yield Rule(True, (top + bottom) / 2, left, right)
    if right - left <= THICKEST:
        yield Rule(False, (left + right) / 2, top, bottom)


def _is_on(rule: Rule, width: float, height: float) -> bool:
    across, along = (height, width) if rule.is_horizontal else (width, height)
    return -THICKEST <= rule.at <= across + THICKEST and rule.end >= 0 and rule.start <= along

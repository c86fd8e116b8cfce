"""Places on the pages of a PDF into sheets: each text in its box, as the page prints it, by the id figures lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median_low
from unicodedata import east_asian_width

from fiscalkg.loader.tables import Anchor

__all__ = ["Band", "Placed", "Sheet", "sheets"]

MARGIN = 24  # points kept free to the right and below the last box
LEADING = 1.25  # of a line, in sizes of its letters
SIZES = tuple(size / 2 for size in range(24, 7, -1))  # points, from 12 down to 4
NARROW = 0.56  # of a size: a letter, a digit


@dataclass(frozen=True, slots=True)
class Placed:
    """A text in its box, in points from the top left corner of the page, and the size at which it fits."""

    left: float
    top: float
    width: float
    height: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """The boxes of a page that begin at one height: they share an id, as the places of their figures do."""

    id: str
    boxes: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page by its number, as wide and high as its boxes need."""

    number: int
    width: int
    height: int
    bands: tuple[Band, ...]


def sheets(anchors: Iterable[Anchor], lines: Mapping[int, str]) -> list[Sheet]:
    """Return the pages on which places have boxes, in order; ``lines`` are those of the text by number."""
    boxed = sorted((each for each in anchors if each.box), key=lambda each: (each.box or ())[:1])
    return [_sheet(page, list(own), lines) for page, own in groupby(boxed, key=lambda each: (each.box or (0,))[0])]


def _sheet(page: int, anchors: Sequence[Anchor], lines: Mapping[int, str]) -> Sheet:
    bands: dict[str, list[Placed]] = {}
    for each in anchors:
        bands.setdefault(each.id, []).append(_placed(each, lines))
    every = [box for boxes in bands.values() for box in boxes]
    usual = median_low(box.size for box in every)
    width, height = max(box.left + box.width for box in every), max(box.top + box.height for box in every)
    return Sheet(
        page, round(width) + MARGIN, round(height) + MARGIN,
        tuple(Band(name, tuple(_calm(box, usual) for box in boxes)) for name, boxes in bands.items()),
    )  # fmt: skip


def _calm(box: Placed, usual: float) -> Placed:
    """Return a box whose text is no larger than most of its page."""
    return replace(box, size=min(box.size, usual))


def _placed(anchor: Anchor, lines: Mapping[int, str]) -> Placed:
    _, left, top, width, height = anchor.box or (0, 0, 0, 0, 0)
    numbers = (number for first, last in anchor.lines for number in range(first, last + 1))
    text = "\n".join(lines.get(number, "").strip() for number in numbers)
    return Placed(left, top, width, height, _size(text, width, height), text)


def _size(text: str, width: float, height: float) -> float:
    """Return the largest size at which a text, wrapped to the width, is no higher than its box.

    >>> _size("指标", 40, 14), _size("指标" * 20, 40, 14)
    (11.0, 4.0)
    """
    return next((size for size in SIZES if _lines(text, width / size) * LEADING * size <= height), SIZES[-1])


def _lines(text: str, room: float) -> int:
    return sum(max(1, -int(-_length(line) // max(1, int(room)))) for line in text.split("\n"))


def _length(line: str) -> float:
    return sum(1 if east_asian_width(char) in "WF" else NARROW for char in line)

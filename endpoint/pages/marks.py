"""Numbers into marks drawn in a table row: positions in percent and radii in pixels, as SVG attributes.

A strict content security policy forbids ``style=``; SVG attributes take percentages, so one row of marks
fits any width without a script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import sqrt
from statistics import median

__all__ = ["Axis", "Bullet", "Dot", "Slope", "axis", "bullet", "dots", "middle", "number", "radius", "slope", "wan"]

MARGIN = 4  # percent of the width kept free on both sides, so that a dot at an end is whole
LARGEST = 13  # pixels: the radius of the largest dot in a row 30 pixels high
SMALLEST = 3


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from ``low`` to ``high`` with the values that carry a line and a figure."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]

    def at(self, value: Decimal) -> str:
        """Return the place of a value in percent of the width."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else Decimal("0.5")
        return f"{MARGIN + float(share) * (100 - 2 * MARGIN):.2f}%"


@dataclass(frozen=True, slots=True)
class Dot:
    """One value of a strip: where it lies, how large it is, what it stands for."""

    at: str
    radius: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Bullet:
    """A bar measured against a mark: both in percent of the width; ``over`` says that the bar passes the mark."""

    width: str
    mark: str
    over: bool


@dataclass(frozen=True, slots=True)
class Slope:
    """A value over time: points by their place in percent of the width and pixels from above, and their joints."""

    points: tuple[tuple[str, str], ...]

    @property
    def joints(self) -> tuple[tuple[tuple[str, str], tuple[str, str]], ...]:
        """Each pair of neighbouring points."""
        return tuple(pairwise(self.points))


def axis(values: Iterable[Decimal], high: Decimal | None = None) -> Axis:
    """Return a scale that holds all values, with at most six round ticks.

    >>> axis([Decimal(80), Decimal(98)], Decimal(100)).ticks
    (Decimal('80'), Decimal('85'), Decimal('90'), Decimal('95'), Decimal('100'))
    """
    found = [*values, *([high] if high is not None else [])] or [Decimal(0), Decimal(1)]
    spread = max(found) - min(found)
    step = next((s for s in _steps() if spread <= 5 * s), Decimal(1))
    low = min(found) // step * step
    top = low
    ticks = [low]
    while top < max(found):
        top += step
        ticks.append(top)
    return Axis(low, top, tuple(ticks))


def _steps() -> Iterable[Decimal]:
    for power in range(18):
        for lead in (1, 2, 5):
            yield Decimal(lead) * Decimal(10) ** power


def dots(values: Iterable[Decimal], scale: Axis, most: int) -> tuple[Dot, ...]:
    """Return one dot a distinct value; its area grows with how often the value occurs, down to a visible least.

    ``most`` is the largest count of the whole table, so that areas compare between rows.
    """
    counted = sorted(Counter(values).items())
    return tuple(Dot(scale.at(value), radius(count, most), number(value), count) for value, count in counted)


def radius(count: int, most: int) -> str:
    """Return the pixels of a dot whose area is a count's part of the largest one's, down to a visible least."""
    return f"{max(SMALLEST, LARGEST * sqrt(count / most)):.1f}"


def bullet(value: Decimal, mark: Decimal) -> Bullet:
    """Return a bar of ``value`` against ``mark``: the mark stands at half the width, a bar beyond twice it is cut.

    >>> bullet(Decimal(50), Decimal(100)), bullet(Decimal(900), Decimal(100)).width
    (Bullet(width='25.00%', mark='50%', over=False), '100.00%')
    """
    share = value / mark if mark else Decimal(2 if value else 0)
    return Bullet(f"{50 * min(Decimal(2), max(Decimal(0), share)):.2f}%", "50%", value > mark)


def slope(values: Sequence[tuple[int, Decimal]], steps: int) -> Slope:
    """Return the points of a value at some of ``steps`` moments, on a scale of its own that begins at zero."""
    high = max(value for _, value in values) or Decimal(1)
    places = [MARGIN + at * (100 - 2 * MARGIN) / max(1, steps - 1) for at, _ in values]
    return Slope(
        tuple(
            (f"{place:.2f}%", f"{25 - 20 * float(value / high):.1f}")
            for place, (_, value) in zip(places, values, strict=True)
        )
    )


def middle(values: Iterable[Decimal]) -> Decimal:
    """Return the median: of an even count the mean of the two in the middle."""
    return Decimal(median(values))


def number(value: Decimal | int) -> str:
    """Return a number for people: no trailing zeros, thousands apart, at most two decimals.

    >>> number(Decimal("1234.50")), number(Decimal("97.5")), number(100)
    ('1,234.5', '97.5', '100')
    """
    text = f"{Decimal(value):,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def wan(cny: str | Decimal | None) -> str:
    """Return an amount in CNY as people of the budget read it: in units of 10,000 yuan.

    >>> wan("4700000"), wan(None)
    ('470', '')
    """
    return "" if cny is None or cny == "" else number(Decimal(cny) / 10000)

"""Numbers into marks drawn in a table row: positions in percent and radii in pixels, as SVG attributes.

A strict content security policy forbids ``style=``; SVG attributes take percentages, so one row of marks
fits any width without a script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from statistics import median

__all__ = ["Axis", "Dot", "axis", "dots", "middle", "number"]

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
    return tuple(
        Dot(scale.at(value), f"{max(SMALLEST, LARGEST * sqrt(count / most)):.1f}", number(value), count)
        for value, count in counted
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

"""The measured time of each stage of publishing into a page: how it grows for ten times the statements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise

from fiscalkg.endpoint.pages.marks import Bullet, bullet
from fiscalkg.endpoint.pages.markup import SITE, html, twin_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route

__all__ = ["ROUTE", "Step", "steps"]

MARK = Decimal(11)  # for ten times the work at most eleven times the time
DATA = SITE / "pages" / "growth.json"
Points = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage from one size to the next: sizes, seconds of processors at both, growth for 10 ×, and its bar."""

    stage: str
    sizes: tuple[int, int]
    seconds: tuple[str, str]
    times: str
    bullet: Bullet


def steps(stages: Mapping[str, Points]) -> list[Step]:
    """Return every step of every stage.

    >>> [(one.sizes, one.times, one.bullet.over) for one in steps({"facts": [(100, 2.0), (1000, 30.0)]})]
    [((100, 1000), '15.0', True)]
    >>> [(one.times, one.bullet.over) for one in steps({"facts": [(100, 4.87), (1000, 53.6)]})]
    [('11.0', False)]
    """
    found = []
    for stage, points in stages.items():
        for (small, before), (large, after) in pairwise(points):
            exact = Decimal(str(after)) / max(Decimal(str(before)), Decimal("0.01")) * 10 * small / large
            times = round(exact, 1)  # the bar says what the figure beside it says
            seconds = (f"{before:,.2f}", f"{after:,.2f}")
            found.append(Step(stage, (small, large), seconds, str(times), bullet(times, MARK)))
    return found


@cache
def _measured() -> tuple[str, tuple[Step, ...]]:
    told = json.loads(DATA.read_text(encoding="utf-8"))
    return told["date"], tuple(steps(told["stages"]))


def page(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the page on how each stage grows, or that it was not measured."""
    date, found = _measured()
    twin = twin_path("speed/index.html", language)
    return html(edition, path, language, "speed.html", twin, date=date, steps=found)


def _paths(_: Edition) -> Iterator[str]:
    yield "speed/index.html"


ROUTE = Route("speed", re.compile(r"speed/index\.html"), page, _paths)

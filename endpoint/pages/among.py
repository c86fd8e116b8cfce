"""A question's answers into what is drawn of one unit: its own dots upon those of all units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from fiscalkg.endpoint.pages.answers import Answer
from fiscalkg.endpoint.pages.answers.answer import Line, Table
from fiscalkg.endpoint.pages.asked import QUESTIONS
from fiscalkg.endpoint.pages.asking import remembered
from fiscalkg.endpoint.pages.marks import Axis, Dot, dots, radius
from fiscalkg.endpoint.pages.page import Edition, Language

__all__ = ["Among", "among"]

SHARES = Axis(Decimal(0), Decimal(100), tuple(Decimal(share) for share in (0, 25, 50, 75, 100)))


@dataclass(frozen=True, slots=True)
class Among:
    """The dots of all units on a scale, and upon them those of one unit, whose areas are its part of the others'."""

    axis: Axis
    all: tuple[Dot, ...]
    dots: tuple[Dot, ...]
    median: str


@dataclass(frozen=True, slots=True)
class _Whole:
    """What is drawn of all units, and of each by its IRI."""

    axis: Axis
    all: tuple[Dot, ...]
    own: Mapping[str, tuple[tuple[Dot, ...], str]]


def among(edition: Edition, name: str, unit: str, language: Language) -> Among | None:
    """Return a question's dots of a unit among all; ``None`` where nothing such is drawn or said of it."""
    if name not in edition.wholes:
        question = QUESTIONS[name]
        edition.wholes[name] = _whole(question.read(remembered(edition, question.query.text), language))
    whole = edition.wholes[name]
    if not isinstance(whole, _Whole) or unit not in whole.own:
        return None
    drawn, median = whole.own[unit]
    most = max(dot.count for dot in whole.all)
    own = tuple(replace(dot, radius=radius(dot.count, most)) for dot in drawn)
    return Among(whole.axis, whole.all, own, median)


def _whole(answer: Answer) -> _Whole | None:
    table = next((table for table in answer.tables if any(_is_unit(line) for line in table.lines)), None)
    if table is None:
        return None
    match table.picture:
        case "strip" if table.axis and table.total:
            own = {line.iri: (line.dots, line.median) for line in table.lines if line.dots}
            return _Whole(table.axis, table.total.dots, own)
        case "bar":
            return _shares(table)
        case _:
            return None


def _shares(table: Table) -> _Whole | None:
    """Return bars as dots: each unit at its share in whole percent, so that a page of any size has 101 at most."""
    shares = {line.iri: round(Decimal(line.share[:-1])) for line in table.lines if "–" not in line.figures}
    counts = Counter(shares.values())
    if not counts:
        return None
    every = dots(map(Decimal, counts.elements()), SHARES, max(counts.values()))
    return _Whole(SHARES, every, {iri: (dots([Decimal(share)], SHARES, 1), "") for iri, share in shares.items()})


def _is_unit(line: Line) -> bool:
    return line.evidence is not None and line.evidence[0] == "unit"

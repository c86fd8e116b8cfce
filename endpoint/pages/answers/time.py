"""When things must be done: rows of deadlines into an answer."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from fiscalkg.endpoint.pages.answers.answer import (
    Answer,
    Line,
    Table,
    grouped,
    nothing,
    percent,
    read_as,
    say,
    unit_name,
)  # fmt: skip
from fiscalkg.endpoint.pages.asking import Row
from fiscalkg.endpoint.pages.marks import Axis, dots
from fiscalkg.endpoint.pages.page import Language

__all__ = ["deadlines"]

DECEMBER = Decimal(12)
YEAR = Axis(Decimal(1), Decimal(12), tuple(Decimal(month) for month in (1, 3, 6, 9, 12)))


def deadlines(rows: list[Row], language: Language) -> Answer:
    """Answer when things must be done: a strip of twelve months per unit."""
    dated = [row for row in rows if row["reading"] == "month"]
    if not dated:
        return nothing(language)
    left, months = read_as(rows), Counter(_months(dated))
    units = grouped(dated, "unit")
    most = max(max(Counter(_months(group)).values()) for group in units.values())
    lines = [_strip(group, most, language) for group in units.values()]
    sentence = say(
        "deadlines-answer", language, total=left.total(), dated=left["month"], december=months[DECEMBER],
        share=percent(months[DECEMBER], left["month"]),
    )  # fmt: skip
    figures = (
        (percent(months[DECEMBER], left["month"]), say("figure-december", language)),
        (str(left["month"]), say("figure-dated", language)),
        (str(left["words"]), say("figure-words", language)),
        (str(left["year"]), say("figure-only-year", language)),
    )
    total = Line(say("all", language), _figures(dated), dots=dots(_months(dated), YEAR, max(months.values())))
    columns = tuple(say(name, language) for name in ("count", "before-july", "in-december"))
    ordered = tuple(sorted(lines, key=lambda line: (-int(line.figures[0]), line.iri)))
    table = Table(say("deadlines-table", language), say("unit", language), "strip", columns, ordered, YEAR, total)
    return Answer(sentence, (say("deadlines-caveat", language),), figures, (table,))


def _months(group: list[Row]) -> list[Decimal]:
    return [month for row in group for month in [Decimal(row["month"])] * int(row["indicators"])]


def _figures(group: list[Row]) -> tuple[str, ...]:
    months = _months(group)
    return str(len(months)), str(sum(month < 7 for month in months)), str(sum(month == DECEMBER for month in months))


def _strip(group: list[Row], most: int, language: Language) -> Line:
    first = group[0]
    drawn = dots(_months(group), YEAR, most)
    return Line(unit_name(first, language), _figures(group), first["unit"], ("unit", first["unit"]), drawn)

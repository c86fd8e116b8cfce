"""Money against money: rows of cost-budget and years into answers. Per-head costs are never summed."""

from __future__ import annotations

from decimal import Decimal

from fiscalkg.endpoint.pages.answers.answer import (
    Answer,
    Line,
    Picture,
    Table,
    grouped,
    nothing,
    percent,
    say,
    unit_name,
)  # fmt: skip
from fiscalkg.endpoint.pages.asking import Row
from fiscalkg.endpoint.pages.marks import Bullet, Slope, bullet, number, slope, wan
from fiscalkg.endpoint.pages.page import Language

__all__ = ["cost_budget", "years"]

# How a project's ceilings stand to its budget, with the names of the figures.
RELATIONS = {"above": "figure-above", "equal": "figure-equal", "below": "figure-below", "restating": "figure-restates"}


def cost_budget(rows: list[Row], language: Language) -> Answer:
    """Answer whether cost targets add up to the budget: a bullet per project, the budget as its mark.

    Rows with a ratio are the projects that are drawn, those of the highest; the others count all by unit and year.
    """
    shown = sorted((row for row in rows if "ratio" in row), key=_ratio, reverse=True)
    counts = [row for row in rows if "ratio" not in row]
    if not counts:
        return nothing(language)
    relations = {name: sum(int(row[name]) for row in counts) for name in RELATIONS}
    total, restates = sum(relations.values()), relations["restating"]
    sentence = say(
        "cost-answer", language, total=total, restates=restates, added=total - restates,
        equal=relations["equal"], below=relations["below"], above=relations["above"],
    )  # fmt: skip
    figures = tuple((str(relations[name]), say(told, language)) for name, told in RELATIONS.items())
    columns = tuple(say(name, language) for name in ("cost-sum", "budget-plain", "cost-share", "targets"))
    lines, added = tuple(_cost_line(row) for row in shown), total - restates
    caption, head = say("cost-table", language), say("project", language)
    table = Table(caption, head, "bullet", columns, lines, whole=added, more="cost-more")
    return Answer(sentence, (say("cost-caveat", language),), figures, (table,) if lines else ())


def _ratio(row: Row) -> tuple[Decimal, Decimal, str]:
    cost, budget = Decimal(row["cost"]), Decimal(row["budget"])
    return (cost / budget if budget else Decimal("Infinity") if cost else Decimal(0)), cost, row["statement"]


def _cost_line(row: Row) -> Line:
    cost, budget = Decimal(row["cost"]), Decimal(row["budget"])
    share = number(round(100 * cost / budget)) + "%" if budget else "–"
    figures = (wan(cost), wan(budget), share, row["ceilings"])
    drawn: Bullet = bullet(cost, budget)
    return Line(row.get("projectName") or row["statement"], figures, row["statement"], bullet=drawn)


def years(rows: list[Row], language: Language) -> Answer:
    """Answer how budgets and targets change over the years: a slope per unit with two years or more."""
    if not rows:
        return nothing(language)
    units = grouped(rows, "unit")
    known = sorted({row["year"] for row in rows})
    long = {unit: group for unit, group in units.items() if len(group) > 1}
    lines = [_year_line(group, known, language) for group in units.values()]
    told = "years-answer" if long else "years-single" if len(units) > 1 else "years-one"
    sentence = say(told, language, units=len(units), long=len(long), first=known[0], last=known[-1])
    figures = tuple(_year_figures(year, [row for row in rows if row["year"] == year], language) for year in known[-4:])
    columns = tuple(say(name, language) for name in ("years", "first-budget", "last-budget", "change", "share-checked"))
    ordered = sorted(lines, key=lambda line: (line.slope is None, line.iri))
    picture: Picture = "slope" if long else "none"
    table = Table(say("years-table", language), say("unit", language), picture, columns, tuple(ordered))
    return Answer(sentence, (say("years-caveat", language),), figures, (table,))


def _year_figures(year: str, rows: list[Row], language: Language) -> tuple[str, str]:
    total = sum((Decimal(row["budget"]) for row in rows), Decimal(0))
    return wan(total), say("figure-year", language, year=year, units=len(rows))


def _year_line(group: list[Row], known: list[str], language: Language) -> Line:
    first, last = group[0], group[-1]
    before, after = Decimal(first["budget"]), Decimal(last["budget"])
    change = f"{100 * (after - before) / before:+.0f}%" if len(group) > 1 and before else "–"
    told = first["year"] if len(group) == 1 else f"{first['year']}–{last['year']}"
    checked = percent(int(last["quantified"]), int(last["indicators"]))
    figures = (told, wan(before), wan(after) if len(group) > 1 else "–", change, checked)
    drawn: Slope | None = None
    if len(group) > 1:
        drawn = slope([(known.index(row["year"]), Decimal(row["budget"])) for row in group], len(known))
    return Line(unit_name(first, language), figures, first["unit"], ("unit", first["unit"]), slope=drawn)

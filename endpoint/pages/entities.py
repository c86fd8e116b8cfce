"""Units and projects into pages: what is promised over the years, with how much money, and on which line it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from fiscalkg.endpoint.pages.among import Among, among
from fiscalkg.endpoint.pages.asked import QUESTIONS, choice_of, own_rows
from fiscalkg.endpoint.pages.asking import PREFIXES, Row, answer_to, ask, node_of, one
from fiscalkg.endpoint.pages.citing import cite
from fiscalkg.endpoint.pages.marks import wan
from fiscalkg.endpoint.pages.markup import html
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.schema import data_block, of_project, of_unit
from fiscalkg.endpoint.pages.shown import shown
from fiscalkg.endpoint.pages.statements import statement

__all__ = ["PROJECT", "STATEMENT", "UNIT", "line"]

Make = Callable[[Edition, str, Language, Parameters], Page | None]

RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
PRINTED = ("/printed", "/cover")
UNKNOWN = "年度未知"


def unit(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a unit: its statements, the largest budget first."""
    iri = edition.base + path.removesuffix(".html")
    known = node_of(edition, iri)
    if not known:
        return None
    text = shown(edition, "unit", iri)
    found = answer_to(edition, text)
    name, place = one(known, RDFS_LABEL) or "", one(known, "place")
    data = of_unit(iri, name, one(known, "code"), edition.label(place, language) if place else "")
    return html(
        edition, path, language, "unit.html", None, name=name, code=one(known, "code"),
        statements=[line(row) for row in found], budgets=_budgets(found), asked=_asked(edition, iri, language),
        data=data_block(data), citation=cite(edition, iri, name, "项目支出绩效目标表", None),
        queries=(("unit", text),),
    )  # fmt: skip


def line(row: Row) -> dict[str, object]:
    """Return a table as a row of a list, with what of it is inferred."""
    return {
        **row, "year": row.get("year", ""), "budget": wan(row.get("cny")), "printed": row.get("printed", ""),
        "year_inferred": _inferred(row, "yearBasis"), "unit_inferred": _inferred(row, "unitBasis"),
    }  # fmt: skip


def _inferred(row: Row, name: str) -> bool:
    return name in row and not row[name].endswith(PRINTED)


def _budgets(found: list[Row]) -> list[tuple[str, str, bool]]:
    """Return the money of each year and whether any of its tables has the year inferred: years are never added up."""
    years: dict[str, Decimal] = {}
    inferred: set[str] = set()
    for row in found:
        year = row.get("year", UNKNOWN)
        years[year] = years.get(year, Decimal(0)) + Decimal(row.get("cny", 0))
        inferred |= {year} if _inferred(row, "yearBasis") else set()
    return [(year, wan(money), year in inferred) for year, money in sorted(years.items())]


def _asked(edition: Edition, iri: str, language: Language) -> list[tuple[str, str, str, str, Among | None]]:
    """Return each question with its answer for one unit and where that stands among all units.

    First are the paths of the page that lists what is behind the answer, and of the one that answers for all units.
    """
    choice = choice_of(edition, "unit", iri)
    found = []
    for name, question in QUESTIONS.items():
        rows = own_rows(edition, question.query_of(choice), choice)
        if rows:
            path = f"q/{name}/unit-{choice.key}.html"
            own = question.read(rows, language).sentence
            drawn = among(edition, name, iri, language)
            found.append((path, f"q/{name}.html", question.query.question(language), own, drawn))
    return found


def project(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a project: its statements over the years."""
    iri = edition.base + path.removesuffix(".html")
    known = node_of(edition, iri)
    if edition.sections or not known:
        return None
    owner = one(known, "unit") or ""
    text = shown(edition, "project", iri)
    found = [line(row) for row in answer_to(edition, text)]
    name, unit_name = one(known, RDFS_LABEL) or "", one(node_of(edition, owner), RDFS_LABEL) or "" if owner else ""
    data = of_project(iri, name, owner, unit_name, [str(row["statement"]) for row in found])
    return html(
        edition, path, language, "project.html", None, name=name, unit=owner, unit_name=unit_name, statements=found,
        data=data_block(data), citation=cite(edition, iri, unit_name, f"{name}：项目支出绩效目标表", None),
        queries=(("project", text),),
    )  # fmt: skip


def _of_class(name: str) -> str:
    return f"{PREFIXES}SELECT ?iri WHERE {{ ?iri a fp:{name} }} ORDER BY ?iri"


def _paths(edition: Edition, name: str) -> Iterator[str]:
    if edition.sections and name != "BudgetUnit":
        return
    yield from (edition.path_of(row["iri"]) for row in ask(edition.store, _of_class(name)))


def _route(name: str, depth: int, make: Make, kind: str) -> Route:
    pattern = re.compile(rf"{name}(?:/[^/]+){{{depth}}}\.html")
    return Route(name, pattern, make, lambda edition: _paths(edition, kind), ("zh",))


UNIT = _route("unit", 2, unit, "BudgetUnit")
PROJECT = _route("project", 3, project, "Project")
STATEMENT = _route("statement", 4, statement, "Statement")

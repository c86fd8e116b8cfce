"""Units, projects and statements into pages: what is promised, how it was read, and on which line it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from fiscalkg.endpoint.pages.asking import PREFIXES, Node, Row, ask, node, nodes, one
from fiscalkg.endpoint.pages.marks import number, wan
from fiscalkg.endpoint.pages.markup import html
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.rules import rules

__all__ = ["PROJECT", "STATEMENT", "UNIT"]

Make = Callable[[Edition, str, Language, Parameters], Page | None]

RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DERIVED = "http://www.w3.org/ns/prov#wasDerivedFrom"
TEXTS = (
    ("purpose", "资金用途说明", "purpose"), ("overallGoal", "总体目标", "overall goal"),
    ("overview", "项目概况", "overview"), ("use", "项目用途", "use"), ("projectType", "项目类型", "project type"),
    ("fundUse", "资金用途", "use of funds"), ("plannedStartPrinted", "计划开始日期", "planned start"),
    ("plannedEndPrinted", "计划完成日期", "planned end"),
    ("assetPurchaseAmountPrinted", "固定资产采购金额", "asset purchases"), ("assetItems", "采购品目", "items to buy"),
)  # fmt: skip
OF_UNIT = f"""{PREFIXES}SELECT ?unit ?statement ?label ?year ?cny ?indicators ?failed WHERE {{
  ?statement fp:unit ?unit ; a fp:Statement ; rdfs:label ?label .
  OPTIONAL {{ ?statement fp:fiscalYear ?year }}
  OPTIONAL {{ ?statement fp:amount ?amount . ?amount fp:scope scope:year ; fp:source source:all ; fp:cny ?cny }}
  {{ SELECT ?statement (COUNT(?indicator) AS ?indicators) WHERE {{
      ?statement fp:unit ?unit OPTIONAL {{ ?statement fp:indicator ?indicator }} }} GROUP BY ?statement }}
  {{ SELECT ?statement (COUNT(?rule) AS ?failed) WHERE {{
      ?statement fp:unit ?unit ; a fp:Statement OPTIONAL {{ ?statement fp:failed ?rule }} }} GROUP BY ?statement }}
}} ORDER BY DESC(?cny) ?label"""
OF_PROJECT = f"""{PREFIXES}SELECT ?project ?statement ?label ?year WHERE {{
  ?statement fp:project ?project ; rdfs:label ?label . OPTIONAL {{ ?statement fp:fiscalYear ?year }}
}} ORDER BY ?year ?statement"""
FINDINGS = """SELECT ?statement ?report ?shape ?severity ?zh ?en ?about WHERE {
  GRAPH ?report {
    ?result sh:focusNode ?statement ; sh:sourceShape ?shape ; sh:resultSeverity ?severity ; sh:resultMessage ?zh, ?en .
    OPTIONAL { ?result fp:about ?about }
    FILTER(LANG(?zh) = "zh" && LANG(?en) = "en")
  }
} ORDER BY ?shape ?about ?zh"""


def unit(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a unit: its statements, the largest budget first."""
    iri = edition.base + path.removesuffix(".html")
    known = node(edition.store, iri)
    if not known:
        return None
    found = ask(edition.store, OF_UNIT, unit=iri)
    total = sum((Decimal(row["cny"]) for row in found if "cny" in row), Decimal(0))
    statements = [{**row, "year": row.get("year", ""), "budget": wan(row.get("cny"))} for row in found]
    return html(
        edition, path, language, "unit.html", None, name=one(known, RDFS_LABEL) or "", code=one(known, "code"),
        statements=statements, budget=wan(str(total)) or "0",
    )  # fmt: skip


def project(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a project: its statements over the years."""
    iri = edition.base + path.removesuffix(".html")
    known = node(edition.store, iri)
    if not known:
        return None
    owner = one(known, "unit") or ""
    found = [{**row, "year": row.get("year", "")} for row in ask(edition.store, OF_PROJECT, project=iri)]
    return html(
        edition, path, language, "project.html", None, name=one(known, RDFS_LABEL) or "", unit=owner,
        unit_name=one(node(edition.store, owner), RDFS_LABEL) if owner else "", statements=found,
    )  # fmt: skip


def statement(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a statement: every field as printed, as read, and where it stands."""
    iri = edition.base + path.removesuffix(".html")
    known = node(edition.store, iri)
    if not known:
        return None
    owner = one(known, "unit") or ""
    document = node(edition.store, one(known, "sourceDocument") or iri)
    basis = one(known, "fiscalYearBasis") or ""
    indicators = _indicators(edition, iri, language)
    return html(
        edition, path, language, "statement.html", None, name=one(known, RDFS_LABEL) or "", unit=owner,
        unit_name=one(node(edition.store, owner), RDFS_LABEL) or "", project=one(known, "project") or iri,
        year=one(known, "fiscalYear") or "未知",
        year_basis="" if basis.endswith(("/printed", "/cover")) or not basis else edition.label(basis, language),
        document=one(document, "fileName") or "", place=one(known, DERIVED) or "",
        amounts=_amounts(edition, iri),
        texts=[(zh, en, text) for name, zh, en in TEXTS if (text := one(known, name))],
        goals=_goals(edition, iri),
        indicators=indicators, findings=_findings(edition, iri, indicators),
    )  # fmt: skip


def _where(entity: Node) -> dict[str, str]:
    return {"place": one(entity, DERIVED) or ""}


def _goals(edition: Edition, iri: str) -> list[dict[str, str | None]]:
    found = sorted(nodes(edition.store, iri, "fp:goal").values(), key=_ordinal)
    return [{"text": one(goal, "text"), **_where(goal)} for goal in found]


def _ordinal(entity: Node) -> int:
    return int(one(entity, "ordinal") or 0)


def _amounts(edition: Edition, iri: str) -> list[dict[str, str | None]]:
    found = nodes(edition.store, iri, "fp:amount")
    return [
        {
            "scope": one(amount, "scope"), "source": one(amount, "source"), "printed": one(amount, "printedText"),
            "printed_unit": one(amount, "printedUnit") or "", "cny": _grouped(one(amount, "cny")),
            **_where(amount), **_correction(edition, amount),
        }
        for _, amount in sorted(found.items())
    ]  # fmt: skip


def _correction(edition: Edition, entity: Node) -> dict[str, str | None]:
    """Return by whose reading a value stands, and what the machine had read; nothing where it is the machine's."""
    iri = one(entity, "correction")
    found = node(edition.store, iri) if iri else {}
    keys = ("supersededReading", "correctedBy", "correctionReason")
    return {key: one(found, key) for key in keys}


def _grouped(value: str | None) -> str:
    return number(Decimal(value)) if value else ""


def _indicators(edition: Edition, iri: str, language: Language) -> list[dict[str, object]]:
    rows_of = nodes(edition.store, iri, "fp:indicator")
    targets = nodes(edition.store, iri, "fp:indicator/fp:target")
    found: list[dict[str, object]] = []
    for name, row in sorted(rows_of.items(), key=lambda pair: _ordinal(pair[1])):
        target = targets.get(f"{name}/target", {})
        found.append(
            {
                **{key: one(row, key) or "" for key in ("ordinal", "level1", "level2", "name", "description")},
                "iri": name, "printed": one(target, "printedText") or "", "kind": one(target, "kind"),
                "reading": _reading(edition, target, language),
                "low": (one(target, "confidence") or "").endswith("/low"),
                **_where(row), **_correction(edition, target),
            }
        )  # fmt: skip
    return found


def _reading(edition: Edition, target: Node, language: Language) -> str:
    """Return the structured value in a few characters: sign, number, unit, or the date."""
    comparator = one(target, "comparator")
    sign = edition.sign(comparator) if comparator else ""
    figure, upper = one(target, "normalizedNumber"), one(target, "normalizedUpperNumber")
    if figure is None:
        return sign + (one(target, "date") or one(target, "number") or "")
    unit_iri = one(target, "normalizedUnit") or ""
    if unit_iri.endswith("/unit/one"):
        return f"{sign}{number(Decimal(figure) * 100)}%"
    measure = edition.label(unit_iri, language) if unit_iri else ""
    numbers = number(Decimal(figure)) + (f"–{number(Decimal(upper))}" if upper else "")
    return f"{sign}{numbers} {measure}".rstrip()


def _findings(edition: Edition, iri: str, indicators: list[dict[str, object]]) -> list[dict[str, object]]:
    known = {rule.shape: rule for rule in rules()}
    places = {row["iri"]: row["place"] for row in indicators}
    found: list[dict[str, object]] = []
    for row in ask(edition.store, PREFIXES + FINDINGS, statement=iri, report=f"{edition.base}graph/report"):
        rule = known[row["shape"].rpartition("#")[2]]
        about = row.get("about", "").removesuffix("/target")
        found.append(
            {
                "code": rule.code, "severity": row["severity"].rpartition("#")[2].lower(),
                "zh": row["zh"], "en": row["en"],
                "clause": rule.clause["zh"], "hint": rule.hint["zh"], "place": places.get(about),
            }
        )  # fmt: skip
    order = {"violation": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda finding: (order[str(finding["severity"])], str(finding["code"])))


def _of_class(name: str) -> str:
    return f"{PREFIXES}SELECT ?iri WHERE {{ ?iri a fp:{name} }} ORDER BY ?iri"


def _paths(edition: Edition, name: str) -> Iterator[str]:
    found: list[Row] = ask(edition.store, _of_class(name))
    return (edition.path_of(row["iri"]) for row in found)


def _route(name: str, depth: int, make: Make, kind: str) -> Route:
    pattern = re.compile(rf"{name}(?:/[^/]+){{{depth}}}\.html")
    return Route(name, pattern, make, lambda edition: _paths(edition, kind), ("zh",))


UNIT = _route("unit", 2, unit, "BudgetUnit")
PROJECT = _route("project", 3, project, "Project")
STATEMENT = _route("statement", 4, statement, "Statement")

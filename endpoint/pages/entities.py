"""Units, projects and statements into pages: what is promised, how it was read, and on which line it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from fiscalkg.endpoint.pages.asked import QUESTIONS, choice_of, own_rows
from fiscalkg.endpoint.pages.asking import PREFIXES, Node, Row, ask, node, nodes, one, remembered
from fiscalkg.endpoint.pages.citing import Reading, cite, misreading
from fiscalkg.endpoint.pages.corrections import corrections
from fiscalkg.endpoint.pages.marks import number, wan
from fiscalkg.endpoint.pages.markup import html
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.schema import data_block, of_project, of_statement, of_unit
from fiscalkg.loader.places import place_of, told
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
    statements = [{**row, "year": row.get("year", ""), "budget": wan(row.get("cny"))} for row in found]
    name, place = one(known, RDFS_LABEL) or "", one(known, "place")
    data = of_unit(iri, name, one(known, "code"), edition.label(place, language) if place else "")
    return html(
        edition, path, language, "unit.html", None, name=name, code=one(known, "code"),
        statements=statements, budgets=_budgets(found), asked=_asked(edition, iri, language), data=data_block(data),
        citation=cite(edition, iri, name, "项目支出绩效目标表", None),
    )  # fmt: skip


def _budgets(found: list[Row]) -> list[tuple[str, str]]:
    """Return the money of each year: years are never added up."""
    years: dict[str, Decimal] = {}
    for row in found:
        year = row.get("year", "年度未知")
        years[year] = years.get(year, Decimal(0)) + Decimal(row.get("cny", 0))
    return [(year, wan(money)) for year, money in sorted(years.items())]


def _asked(edition: Edition, iri: str, language: Language) -> list[tuple[str, str, str]]:
    """Return each question with its answer for one unit, and the path of the page that lists what is behind it."""
    choice = choice_of(edition, "unit", iri)
    found = []
    for name, question in QUESTIONS.items():
        rows = own_rows(remembered(edition, question.query.text), choice)
        if rows:
            path = f"q/{name}/unit-{choice.key}.html"
            found.append((path, question.query.question(language), question.read(rows, language).sentence))
    return found


def project(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a project: its statements over the years."""
    iri = edition.base + path.removesuffix(".html")
    known = node(edition.store, iri)
    if not known:
        return None
    owner = one(known, "unit") or ""
    found = [{**row, "year": row.get("year", "")} for row in ask(edition.store, OF_PROJECT, project=iri)]
    name, unit_name = one(known, RDFS_LABEL) or "", one(node(edition.store, owner), RDFS_LABEL) or "" if owner else ""
    data = of_project(iri, name, owner, unit_name, [row["statement"] for row in found])
    return html(
        edition, path, language, "project.html", None, name=name, unit=owner, unit_name=unit_name, statements=found,
        data=data_block(data), citation=cite(edition, iri, unit_name, f"{name}：项目支出绩效目标表", None),
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
    name, unit_name = one(known, RDFS_LABEL) or "", one(node(edition.store, owner), RDFS_LABEL) or ""
    file_name, year = one(document, "fileName") or "", one(known, "fiscalYear")
    for row in indicators:
        row["misread"] = _misreading(edition, name, file_name, row)
    data = of_statement(
        edition, iri, known, of_unit(owner, unit_name, None, ""), _file(known, document, file_name), indicators
    )
    title = f"{name}：{f'{year} 年度' if year else ''}项目支出绩效目标表"
    return html(
        edition, path, language, "statement.html", None, name=name, unit=owner,
        unit_name=unit_name, data=data_block(data), citation=cite(edition, iri, unit_name, title, year),
        project=one(known, "project") or iri,
        year=year or "未知",
        year_basis="" if basis.endswith(("/printed", "/cover")) or not basis else edition.label(basis, language),
        document=file_name, place=one(known, DERIVED) or "",
        corrections=corrections(edition.store, known), amounts=_amounts(edition, iri),
        texts=[(zh, en, text) for name, zh, en in TEXTS if (text := one(known, name))],
        goals=_goals(edition, iri),
        indicators=indicators, findings=_findings(edition, iri, indicators),
    )  # fmt: skip


def _misreading(edition: Edition, table: str, file_name: str, row: Mapping[str, object]) -> str:
    place = place_of(str(row["place"]).partition("#")[2])
    where = f"{file_name} {told(place)[0]}" if place else file_name
    understood = f"{edition.label(str(row['kind']), 'zh')} {row['reading']}".strip()
    return misreading(
        edition, Reading(table, str(row["name"]), where, str(row["printed"]), understood), str(row["iri"])
    )


def _file(known: Node, document: Node, name: str) -> dict[str, object]:
    """Return the source of a statement as schema.org says it."""
    return {
        "@type": "DigitalDocument", "@id": one(known, "sourceDocument"), "name": name,
        "encodingFormat": one(document, "http://purl.org/dc/terms/format"),
        "url": one(document, "http://purl.org/dc/terms/source"),
    }  # fmt: skip


def _where(entity: Node) -> dict[str, str]:
    return {"place": one(entity, DERIVED) or ""}


def _goals(edition: Edition, iri: str) -> list[dict[str, str | None]]:
    found = sorted(nodes(edition.store, iri, "fp:goal").values(), key=_ordinal)
    return [{"text": one(goal, "text"), **_where(goal)} for goal in found]


def _ordinal(entity: Node) -> int:
    return int(one(entity, "ordinal") or 0)


def _amounts(edition: Edition, iri: str) -> list[dict[str, object]]:
    found = nodes(edition.store, iri, "fp:amount")
    return [
        {
            "scope": one(amount, "scope"), "source": one(amount, "source"), "printed": one(amount, "printedText"),
            "printed_unit": one(amount, "printedUnit") or "", "cny": _grouped(one(amount, "cny")),
            **_where(amount), "corrections": corrections(edition.store, amount),
        }
        for _, amount in sorted(found.items())
    ]  # fmt: skip


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
                **_where(row), "corrections": corrections(edition.store, target, row),
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

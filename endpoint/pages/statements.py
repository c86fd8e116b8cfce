"""A statement into its page, or what a page of several tells of it: each field as printed, as read, where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from fiscalkg.endpoint.pages.asking import Node, Row, answer_to, node_of, one
from fiscalkg.endpoint.pages.citing import Citation, Reading, cite, misreading
from fiscalkg.endpoint.pages.corrections import corrections
from fiscalkg.endpoint.pages.holes import place_among_peers
from fiscalkg.endpoint.pages.marks import number
from fiscalkg.endpoint.pages.markup import html
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters
from fiscalkg.endpoint.pages.peers import LEAST
from fiscalkg.endpoint.pages.schema import data_block, of_statement, of_unit
from fiscalkg.endpoint.pages.shown import shown
from fiscalkg.loader.places import place_of
from fiscalkg.loader.places import told as told_place
from fiscalkg.loader.rules import Rule, rules

__all__ = ["Told", "statement", "told"]

RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DERIVED = "http://www.w3.org/ns/prov#wasDerivedFrom"
TEXTS = (
    ("purpose", "资金用途说明", "purpose"), ("overallGoal", "总体目标", "overall goal"),
    ("overview", "项目概况", "overview"), ("use", "项目用途", "use"), ("projectType", "项目类型", "project type"),
    ("fundUse", "资金用途", "use of funds"), ("plannedStartPrinted", "计划开始日期", "planned start"),
    ("plannedEndPrinted", "计划完成日期", "planned end"),
    ("assetPurchaseAmountPrinted", "固定资产采购金额", "asset purchases"), ("assetItems", "采购品目", "items to buy"),
)  # fmt: skip
GUESSED = "/low"


def statement(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a statement: every field as printed, as read, and where it stands."""
    iri = edition.base + path.removesuffix(".html")
    text, findings = shown(edition, "statement", iri), shown(edition, "findings", iri)
    if edition.sections or not node_of(edition, iri):
        return None
    one = told(edition, iri, answer_to(edition, text), answer_to(edition, findings), language)
    return html(
        edition, path, language, "statement.html", None, one=one, data=data_block(one.data), least=LEAST,
        queries=(("statement", text), ("peers", shown(edition, "peers")), ("findings", findings)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a page tells of one statement; ``bases`` say how what is not printed was found."""

    iri: str
    path: str
    name: str
    unit: str
    unit_name: str
    year: str
    project: str
    document: str
    place: str
    bases: Mapping[str, str]
    corrections: Sequence[Mapping[str, str]]
    amounts: Sequence[Mapping[str, object]]
    texts: Sequence[tuple[str, str, str, str]]
    goals: Sequence[Row]
    indicators: Sequence[Mapping[str, object]]
    findings: Sequence[Mapping[str, object]]
    citation: Citation
    data: Mapping[str, object]

    @property
    def anchor(self) -> str:
        """The id of its section on a page of several."""
        return self.path.rpartition("/")[2]


def told(edition: Edition, iri: str, rows: list[Row], complaints: list[Row], language: Language) -> Told:
    """Return what is told of a statement by the rows of its queries ``statement`` and ``findings``."""
    known, rows = node_of(edition, iri), _rows(rows)
    owner = one(known, "unit") or ""
    document = node_of(edition, one(known, "sourceDocument") or iri)
    name, unit_name = one(known, RDFS_LABEL) or "", one(node_of(edition, owner), RDFS_LABEL) or ""
    file_name, year = one(document, "fileName") or "", one(known, "fiscalYear")
    indicators = [_indicator(edition, row, rows, language) for row in rows if row["part"] == "indicator"]
    for row in indicators:
        row["misread"] = _misreading(edition, name, file_name, row)
    title = f"{name}：{f'{year} 年度' if year else ''}项目支出绩效目标表"
    return Told(
        iri, iri.removeprefix(edition.base), name, owner, unit_name, year or "未知", one(known, "project") or iri,
        file_name, one(known, DERIVED) or "",
        bases={key: _basis(edition, known, key) for key in ("fiscalYear", "unit", "currencyUnit")},
        corrections=corrections(rows, iri), amounts=[_amount(row, rows) for row in rows if row["part"] == "amount"],
        texts=[
            (zh, en, row["printed"], row["source"])
            for key, zh, en in TEXTS for row in rows if row["part"] == "text" and row["field"].endswith(f"#{key}")
        ],
        goals=[row for row in rows if row["part"] == "goal"], indicators=indicators,
        findings=_findings(complaints, indicators), citation=cite(edition, iri, unit_name, title, year),
        data=of_statement(
            edition, iri, known, of_unit(owner, unit_name, None, ""), _file(known, document, file_name), indicators
        ),
    )  # fmt: skip


def _rows(found: list[Row]) -> list[Row]:
    """Return one row a node: a property that is stated twice, as by a broken source, does not double a figure."""
    return list({(row["node"], row.get("field"), row.get("correction")): row for row in reversed(found)}.values())[::-1]


def _basis(edition: Edition, known: Node, name: str) -> str:
    """Return by what a value was inferred; empty where it is printed."""
    basis = one(known, f"{name}Basis") or ""
    return "" if not basis or basis.endswith(("/printed", "/cover")) else edition.label(basis, "zh")


def _misreading(edition: Edition, table: str, file_name: str, row: Mapping[str, object]) -> str:
    if not edition.portal.contact:
        return ""
    place = place_of(str(row["place"]).partition("#")[2])
    where = f"{file_name} {told_place(place)[0]}" if place else file_name
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


def _amount(row: Row, rows: list[Row]) -> dict[str, object]:
    return {
        "scope": row.get("scope", ""), "source": row.get("fund", ""), "printed": row.get("printed"),
        "printed_unit": row.get("printedUnit", ""), "cny": number(Decimal(row["cny"])) if "cny" in row else "",
        "place": row["source"], "corrections": corrections(rows, row["node"]),
    }  # fmt: skip


def _indicator(edition: Edition, row: Row, rows: list[Row], language: Language) -> dict[str, object]:
    return {
        **{key: row.get(key, "") for key in ("ordinal", "level1", "level2", "name", "description", "printed", "kind")},
        "iri": row["node"], "reading": _reading(edition, row, language), "place": row["source"],
        "low": row.get("confidence", "").endswith(GUESSED), "peers": _peers(edition, row),
        "corrections": corrections(rows, row["node"], f"{row['node']}/target"),
    }  # fmt: skip


def _reading(edition: Edition, row: Row, language: Language) -> str:
    """Return the structured value in a few characters: sign, number, unit, or the date."""
    sign = edition.sign(row["comparator"]) if "comparator" in row else ""
    figure, upper = row.get("normalizedNumber"), row.get("normalizedUpperNumber")
    if figure is None:
        return sign + (row.get("date") or row.get("number") or "")
    unit_iri = row.get("normalizedUnit", "")
    if unit_iri.endswith("/unit/one"):
        return f"{sign}{number(Decimal(figure) * 100)}%"
    measure = edition.label(unit_iri, language) if unit_iri else ""
    numbers = number(Decimal(figure)) + (f"–{number(Decimal(upper))}" if upper else "")
    return f"{sign}{numbers} {measure}".rstrip()


def _peers(edition: Edition, row: Row) -> str:
    """Return where a share stands among those of its class and direction; nothing for other quantities."""
    if "class" not in row or "normalizedNumber" not in row or not row.get("normalizedUnit", "").endswith("/unit/one"):
        return ""
    return place_among_peers(edition, row["class"], row["direction"], row["normalizedNumber"])


@cache
def _rules_by_shape() -> Mapping[str, Rule]:
    return {rule.shape: rule for rule in rules()}


def _findings(complaints: list[Row], indicators: list[dict[str, object]]) -> list[dict[str, object]]:
    known = _rules_by_shape()
    places = {row["iri"]: row["place"] for row in indicators}
    found: list[dict[str, object]] = []
    for row in complaints:
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

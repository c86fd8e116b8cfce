"""Marks and findings into quality pages: rules by unit with what was checked, each failure leading to its rows.

There is no score: for each rule a table passed, failed, or the rule says nothing about it, and the three are counted.
Beside the sources' defects stands how well we read the sources ourselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from fiscalkg.endpoint.canned_queries import canned_query
from fiscalkg.endpoint.pages.answers.answer import grouped, percent, unit_name
from fiscalkg.endpoint.pages.asked import Choice, choice_of, narrowed, own_rows
from fiscalkg.endpoint.pages.asking import PREFIXES, Row, recent, remembered
from fiscalkg.endpoint.pages.holes import dump_of
from fiscalkg.endpoint.pages.markup import html, twin_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.shown import shown
from fiscalkg.loader.rules import rules

__all__ = ["INDEX", "RULE", "RULE_IRI", "failing_units", "of_rule", "units_of"]

MOST_UNITS = 40  # as many as ``quality-of-units.rq`` gives
MOST_ROWS = 200
RULE_IRI = "https://w3id.org/fiscalkg/scheme/rule/"
FAILING = (
    PREFIXES
    + """PREFIX dqv: <http://www.w3.org/ns/dqv#> PREFIX metric: <https://w3id.org/fiscalkg/scheme/metric/>
SELECT DISTINCT ?unit WHERE {
  ?sum dqv:isMeasurementOf metric:failures ; dqv:value ?failures ; dqv:computedOn ?unit FILTER(?failures > 0)
  ?unit a fp:BudgetUnit
}"""
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tables passed, failed, and were no case for a rule."""

    passed: int
    failed: int
    not_applicable: int

    @property
    def checked(self) -> int:
        """The tables the rule speaks of: the whole that a share is of."""
        return self.passed + self.failed

    @property
    def share(self) -> str:
        """The failed ones of those checked, in percent."""
        return percent(self.failed, self.checked)

    @property
    def width(self) -> str:
        """The same share as the length of a bar."""
        return f"{100 * self.failed / self.checked:.2f}%" if self.checked else "0%"

    @property
    def shade(self) -> str:
        """How dark a cell of the grid is: a third, two thirds or all of the tables failed."""
        return f"h{min(3, 1 + 3 * self.failed // (self.checked + 1))}" if self.failed else ""


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule asks, by its gravest shape: texts in the language of the page."""

    code: str
    iri: str
    severities: tuple[str, ...]
    clause: str
    hint: str


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A row of the grid: a unit, the key of its pages, and its tally by the IRI of each rule."""

    iri: str
    name: str
    key: str
    cells: dict[str, Tally]

    @property
    def failed(self) -> int:
        """How many times its tables fail a rule."""
        return sum(cell.failed for cell in self.cells.values())


def tally(rows: list[Row]) -> Tally:
    """Return the sums of rows that count what passed and failed."""
    return Tally(*(sum(int(row[name]) for row in rows) for name in ("passed", "failed", "notApplicable")))


@cache
def rule_texts(language: Language) -> tuple[RuleText, ...]:
    """Return every rule once, by its code."""
    shapes = {code: [rule for rule in rules() if rule.code == code] for code in sorted({rule.code for rule in rules()})}
    return tuple(
        RuleText(
            code, RULE_IRI + code, tuple(dict.fromkeys(rule.severity.value for rule in found)),
            found[0].clause[language], found[0].hint[language],
        )
        for code, found in shapes.items()
    )  # fmt: skip


def index(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the quality page: each rule's denominators, the grid of units and rules, and our own reading."""
    rows = remembered(edition, canned_query("quality").text)
    by_rule = {iri: tally(found) for iri, found in grouped(rows, "rule").items()}
    worst = grouped(remembered(edition, canned_query("quality-of-units").text), "unit")
    units = [_unit_line(edition, found, language) for found in worst.values()]
    units.sort(key=lambda line: (-line.failed, line.iri))
    reading = remembered(edition, canned_query("reading").text)
    (whole,) = remembered(edition, canned_query("totals").text)
    return html(
        edition, path, language, "quality.html", twin_path("quality/index.html", language),
        rules=rule_texts(language), by_rule=by_rule, units=units[:MOST_UNITS], unit_count=int(whole["units"]),
        reading=reading, read=_sums(reading), total=tally(rows), percent=percent,
        queries=[canned_query(name) for name in ("quality", "quality-of-units", "quality-rows", "reading")],
        dump=dump_of(edition),
    )  # fmt: skip


def _unit_line(edition: Edition, found: list[Row], language: Language) -> UnitLine:
    cells = {iri: tally(of_rule) for iri, of_rule in grouped(found, "rule").items()}
    iri = found[0]["unit"]
    return UnitLine(iri, unit_name(found[0], language), choice_of(edition, "unit", iri).key, cells)


def _sums(reading: list[Row]) -> dict[str, int]:
    names = ("characters", "unread", "statements", "indicators", "unclassified", "guessed")
    return {name: sum(int(row.get(name, 0)) for row in reading) for name in names}


def rule(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a rule, or of the rows of a unit that fail it; ``None`` where there is neither."""
    known = next((text for text in rule_texts(language) if text.code == parameters["code"]), None)
    if known is None:
        return None
    key, units = parameters.get("key"), units_of(edition, known.iri)
    if key is None:
        return _rule_page(edition, path, language, known, list(units.values()))
    own = units.get(key)
    return _failures_page(edition, path, language, known, *own) if own and tally(own[1]).failed else None


def of_rule(code: str) -> str:
    """Return the query of a rule, unit by unit."""
    return narrowed(canned_query("quality-of-rule").text, Choice("rule", code, RULE_IRI + code, ""))


def units_of(edition: Edition, rule_iri: str) -> dict[str, tuple[Choice, list[Row]]]:
    """Return the units of which a rule tried tables, each with its counts, by the keys of their pages."""
    place = "rule", rule_iri
    if place not in edition.choices:
        rows = recent(edition, of_rule(rule_iri.removeprefix(RULE_IRI)))
        found = ((choice_of(edition, "unit", iri), own) for iri, own in grouped(rows, "unit").items())
        edition.choices[place] = {choice.key: (choice, own) for choice, own in found}
    return edition.choices[place]


def failing_units(edition: Edition) -> dict[str, Choice]:
    """Return the units of which a table fails a rule, by the keys of their files."""
    found = (choice_of(edition, "unit", row["unit"]) for row in remembered(edition, FAILING))
    return {choice.key: choice for choice in found}


def _rule_page(
    edition: Edition, path: str, language: Language, known: RuleText, units: list[tuple[Choice, list[Row]]]
) -> Page:
    lines = [(choice, unit_name(found[0], language), tally(found)) for choice, found in units]
    lines.sort(key=lambda line: (-line[2].failed, -line[2].checked, line[0].key))
    behind = shown(edition, "rule", known.iri)
    return html(
        edition, path, language, "rule.html", twin_path(f"quality/{known.code}.html", language), rule=known,
        tried=remembered(edition, behind), behind=behind, lines=lines, failures=None, most=MOST_UNITS * 5,
        total=tally([row for _, found in units for row in found]),
        text=of_rule(known.code),
    )  # fmt: skip


def _failures_page(
    edition: Edition, path: str, language: Language, known: RuleText, choice: Choice, found: list[Row]
) -> Page:
    query = canned_query("quality-rows")
    failures = [row for row in own_rows(edition, query, choice) if row["rule"] == known.iri]
    twin = twin_path(f"quality/{known.code}/unit-{choice.key}.html", language)
    return html(
        edition, path, language, "rule.html", twin, rule=known, total=tally(found), lines=[],
        unit=choice.value, key=choice.key, unit_name=unit_name(found[0], language), failures=failures[:MOST_ROWS],
        count=len(failures), most=MOST_ROWS,
        text=narrowed(query.text, Choice("rule", known.code, known.iri, ""), choice),
    )  # fmt: skip


def _index_paths(_: Edition) -> Iterator[str]:
    yield "quality/index.html"


def _rule_paths(edition: Edition) -> Iterator[str]:
    for text in rule_texts("zh"):
        yield f"quality/{text.code}.html"
        for choice, found in units_of(edition, text.iri).values():
            if tally(found).failed:
                yield f"quality/{text.code}/unit-{choice.key}.html"


INDEX = Route("quality", re.compile(r"quality/index\.html"), index, _index_paths)
RULE = Route("rule", re.compile(r"quality/(?P<code>C\d+)(?:/unit-(?P<key>[0-9A-Za-z-]+))?\.html"), rule, _rule_paths)

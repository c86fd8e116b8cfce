"""Findings into a report for people: per unit, per rule with its clause and hint, per table, and where each stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any, Literal
from unicodedata import east_asian_width

import pyoxigraph as ox

from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.findings import SEVERITIES, by_severity
from fiscalkg.loader.iris import SCHEME
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import reading_order, told
from fiscalkg.loader.rules import Rule, rules

__all__ = ["Names", "check_report_text", "names_in", "report_turtle", "table_of", "unit_of"]

Language = Literal["zh", "en"]
STATEMENT = re.compile(r"/statement/(([^/]+)/[^/]+/([^/]+)/[^/]+)")
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
NAME = "<https://w3id.org/fiscalkg/ontology#projectName>"
VALUE = "<http://www.w3.org/ns/dqv#value>"
MOST = 8  # findings told of one table under one rule; the rest is counted, and told where all is asked for
COLUMNS = ("checked", "passed", "failed", "not-applicable")
WORDS = {
    "zh": {
        "none": "没有发现问题",
        "of": "{} {} 处",
        "in": "，涉及 {} 张表",
        "and": "、",
        "clause": "依据：",
        "hint": "建议：",
        "table": "{}（{} 第 {} 张表）",
        "bare": "{} 第 {} 张表",
        "at": "{}：{}",
        "more": "另有 {} 处（--all 全部列出）",
        "unit": "{}（{}）",
        "rules": ("规则", "检查", "通过", "未通过", "不适用"),
    },
    "en": {
        "none": "nothing was found",
        "of": "{} × {}",
        "in": ", in {} tables",
        "and": ", ",
        "clause": "by: ",
        "hint": "do: ",
        "table": "{} ({}, table {})",
        "bare": "{}, table {}",
        "at": "{}: {}",
        "more": "and {} more (--all lists them)",
        "unit": "{} ({})",
        "rules": ("rule", "checked", "passed", "failed", "does not apply"),
    },
}


@dataclass(frozen=True, slots=True)
class Names:
    """What people call things: units by ``unit_of``, tables by ``table_of``; and of each rule its four numbers."""

    units: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    tallies: dict[str, dict[str, int]] = field(default_factory=dict)


def names_in(facts: Iterable[str], base: str) -> Names:
    """Return the names that the lines of a graph give to units and tables, and the numbers they give to rules."""
    names = Names()
    unit, table, rule = f"<{base}unit/", f"<{base}statement/", f"<{base}quality/dataset/all/C"
    kept = [
        line
        for line in facts
        if (line.startswith(unit) and f"> {LABEL} " in line)
        or (line.startswith(table) and f"> {NAME} " in line)
        or (line.startswith(rule) and f"> {VALUE} " in line)
    ]
    for quad in ox.parse("".join(kept).encode(), format=ox.RdfFormat.N_TRIPLES):
        subject, value = f"<{quad.subject.value}", quad.object.value
        if subject.startswith(unit):
            names.units[subject.removeprefix(unit)] = value
        elif subject.startswith(table):
            names.tables[subject.removeprefix(table)] = value
        else:
            code, _, metric = subject.rpartition("/")[2].partition("-")
            names.tallies.setdefault(code, {})[metric] = int(value)
    return names


def unit_of(finding: Finding) -> str:
    """Return place and unit of a finding as ``120000/301101``, or the document where no statement is named.

    >>> from fiscalkg.loader.model import Severity
    >>> unit_of(Finding("C13", Severity.WARNING, "", "", "a.txt", focus="http://x/id/statement/120000/2025/301101/abc"))
    '120000/301101'
    """
    found = STATEMENT.search(finding.focus or "")
    return f"{found[2]}/{found[3]}" if found else finding.document


def table_of(finding: Finding) -> str:
    """Return what names the table of a finding, as in its IRI: place, year, unit and project; blank where none is.

    >>> from fiscalkg.loader.model import Severity
    >>> table_of(Finding("C16", Severity.INFO, "", "", "a", focus="http://x/id/statement/120000/2025/301101/abc/goal/1"))
    '120000/2025/301101/abc'
    """
    found = STATEMENT.search(finding.focus or "")
    return found[1] if found else ""


def check_report_text(
    findings: Iterable[Finding], language: Language, names: Names | None = None, everything: bool = False
) -> str:
    """Return the report for people: units, in each the gravest rules first, in each rule its tables.

    Of a table and rule ``MOST`` findings are told and the rest counted, unless ``everything`` is asked for.
    """
    known, ordered = names or Names(), sorted(findings, key=_order)
    lines: list[str] = [] if ordered else [str(WORDS[language]["none"]), ""]
    for unit, of_unit in groupby(ordered, key=unit_of):
        own = list(of_unit)
        name = known.units.get(unit)
        lines += [str(WORDS[language]["unit"]).format(name, unit) if name else unit, "  " + _counts(own, language)]
        for _, of_rule in groupby(own, key=lambda finding: (finding.severity, finding.code)):
            lines += _rule_lines(list(of_rule), language, known, everything)
        lines += [""]
    return "\n".join([*lines, *_tallies(known, language)])


def _order(finding: Finding) -> tuple[str, int, str, str, int, str, tuple[Any, ...]]:
    gravity = list(SEVERITIES).index(finding.severity)
    table = finding.statement or 0
    place = reading_order(finding.place)
    return unit_of(finding), gravity, finding.code, finding.document, table, table_of(finding), place


def _counts(findings: list[Finding], language: Language) -> str:
    at, words = 0 if language == "zh" else 1, WORDS[language]
    names = {severity.value: spoken[at] for severity, spoken in SEVERITIES.items()}
    found = by_severity(findings).items()
    return str(words["and"]).join(str(words["of"]).format(names[name], count) for name, count in found if count)


@cache
def _known() -> Mapping[tuple[str, Severity], Rule]:
    return {(rule.code, rule.severity): rule for rule in rules()}


@cache
def _labels() -> Mapping[tuple[str, str], str]:
    """Return what rules and codes of reading are called, by code and language: each begins with its code."""
    return {
        (triple.subject.value.rpartition("/")[2], triple.object.language or ""): triple.object.value
        for triple in code_lists()
        if triple.predicate.value.endswith("#prefLabel") and isinstance(triple.object, ox.Literal)
        if isinstance(triple.subject, ox.NamedNode)
        if triple.subject.value.startswith((f"{SCHEME}rule/", f"{SCHEME}finding/"))
    }


def _rule_lines(findings: list[Finding], language: Language, names: Names, everything: bool) -> Iterator[str]:
    code, severity = findings[0].code, findings[0].severity
    words, rule = WORDS[language], _known().get((code, severity))
    count = str(words["of"]).format(SEVERITIES[severity][0 if language == "zh" else 1], len(findings))
    tables = {(finding.document, finding.statement) for finding in findings if finding.statement}
    spread = str(words["in"]).format(len(tables)) if len(tables) > 1 else ""
    yield f"  {str(words['at']).format(_labels().get((code, language), code), count)}{spread}"
    if rule:
        yield f"    {words['clause']}{rule.clause[language]}"
        yield f"    {words['hint']}{rule.hint[language]}"
    for _, of_table in groupby(findings, key=lambda finding: (finding.document, finding.statement)):
        own = list(of_table)
        yield f"    {_table(own[0], language, names)}"
        shown = own if everything else own[:MOST]
        yield from (f"      - {_told(finding, language)}" for finding in shown)
        if len(own) > len(shown):
            yield f"      {str(words['more']).format(len(own) - len(shown))}"


def _table(finding: Finding, language: Language, names: Names) -> str:
    if finding.statement is None:
        return finding.document or f"<{finding.focus}>"
    name, words = names.tables.get(table_of(finding)), WORDS[language]
    parts = (finding.document, finding.statement)
    return str(words["table"]).format(name, *parts) if name else str(words["bare"]).format(*parts)


def _told(finding: Finding, language: Language) -> str:
    message = " ".join((finding.message_zh if language == "zh" else finding.message_en).split())
    if finding.place:
        return str(WORDS[language]["at"]).format(told(finding.place)[0 if language == "zh" else 1], message)
    return f"{message} <{finding.focus}>" if finding.code.startswith("S-") else message


def _tallies(names: Names, language: Language) -> Iterator[str]:
    """Yield a table of all rules: how many tables each checked, passed and failed, and of how many it says nothing."""
    if not names.tallies:
        return
    rows = [
        (_labels().get((code, language), code), *(str(told_of.get(metric, 0)) for metric in COLUMNS))
        for code, told_of in sorted(names.tallies.items())
    ]
    every = [WORDS[language]["rules"], *rows]
    widths = [max(_width(row[at]) for row in every) for at in range(len(COLUMNS) + 1)]
    for row in every:
        first = row[0] + " " * (widths[0] - _width(row[0]))
        rest = (" " * (width - _width(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True))
        yield "  ".join([first, *rest])
    yield ""


def _width(text: str) -> int:
    """Return how many columns a text takes on a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def report_turtle(lines: Iterable[str]) -> str:
    """Return the lines of a validation report, as ``check`` gives them, as Turtle."""
    prefixes = {
        "sh": "http://www.w3.org/ns/shacl#",
        "fp": "https://w3id.org/fiscalkg/ontology#",
        "shape": "https://w3id.org/fiscalkg/shapes#",
    }
    triples = ox.parse("".join(sorted(set(lines))).encode(), format=ox.RdfFormat.N_TRIPLES)
    text = ox.serialize((quad.triple for quad in triples), format=ox.RdfFormat.TURTLE, prefixes=prefixes)
    return (text or b"").decode()

"""Findings into a report for people: per unit, per rule with its clause and hint, and where each stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Any, Literal

import pyoxigraph as ox

from fiscalkg.loader.findings import SEVERITIES, by_severity
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import reading_order, told
from fiscalkg.loader.rules import Rule, rules

__all__ = ["check_report_text", "report_turtle", "unit_of"]

Language = Literal["zh", "en"]
STATEMENT = re.compile(r"/statement/([^/]+)/[^/]+/([^/]+)/")
MOST_PLACES = 8  # of one message; the rest is counted
WORDS = {
    "zh": {
        "none": "没有发现问题",
        "clause": "依据",
        "hint": "建议",
        "table": "第 {} 张表",
        "more": "另有 {} 处",
    },
    "en": {
        "none": "nothing was found",
        "clause": "by",
        "hint": "do",
        "table": "table {}",
        "more": "and {} more",
    },
}


def unit_of(finding: Finding) -> str:
    """Return place and unit of a finding as ``120000/301101``, or the document where no statement is named.

    >>> from fiscalkg.loader.model import Severity
    >>> unit_of(Finding("C13", Severity.WARNING, "", "", "a.txt", focus="http://x/id/statement/120000/2025/301101/abc"))
    '120000/301101'
    """
    found = STATEMENT.search(finding.focus or "")
    return f"{found[1]}/{found[2]}" if found else finding.document


def check_report_text(findings: Iterable[Finding], language: Language, units: Mapping[str, str] | None = None) -> str:
    """Return the report for people; ``units`` gives names to the keys of ``unit_of``.

    The gravest rules of a unit come first; equal messages are told once, with all their places.
    """
    known, ordered = units or {}, sorted(findings, key=_order)
    if not ordered:
        return WORDS[language]["none"] + "\n"
    lines: list[str] = []
    for unit, of_unit in groupby(ordered, key=unit_of):
        own = list(of_unit)
        name = known.get(unit)
        lines += [f"{name}（{unit}）" if name and language == "zh" else f"{name} ({unit})" if name else unit]
        lines += ["  " + _counts(own, language)]
        for _, of_rule in groupby(own, key=lambda finding: (finding.severity, finding.code)):
            lines += _rule_lines(list(of_rule), language)
        lines += [""]
    return "\n".join(lines)


def _order(finding: Finding) -> tuple[str, int, str, str, str, int, tuple[Any, ...]]:
    gravity = list(SEVERITIES).index(finding.severity)
    message = finding.message_zh
    return (
        unit_of(finding),
        gravity,
        finding.code,
        message,
        finding.document,
        finding.statement or 0,
        reading_order(finding.place),
    )


def _counts(findings: list[Finding], language: Language) -> str:
    at = 0 if language == "zh" else 1
    names = {severity.value: words[at] for severity, words in SEVERITIES.items()}
    told = [f"{names[name]} {count}" for name, count in by_severity(findings).items() if count]
    return "、".join(told) if language == "zh" else ", ".join(told)


@cache
def _known() -> Mapping[tuple[str, Severity], Rule]:
    return {(rule.code, rule.severity): rule for rule in rules()}


def _rule_lines(findings: list[Finding], language: Language) -> Iterator[str]:
    code = findings[0].code
    words, rule = WORDS[language], _known().get((code, findings[0].severity))
    severity = SEVERITIES[findings[0].severity][0 if language == "zh" else 1]
    yield f"  {code} {severity} × {len(findings)}"
    if rule:
        yield f"    {words['clause']}: {rule.clause[language]}"
        yield f"    {words['hint']}: {rule.hint[language]}"
    for message, same in groupby(findings, key=lambda one: one.message_zh if language == "zh" else one.message_en):
        yield f"    - {' '.join(message.split())}"
        places = [_place(finding, language) for finding in same]
        hidden = len(places) - MOST_PLACES
        yield "      " + "; ".join(places[:MOST_PLACES] + ([words["more"].format(hidden)] if hidden > 0 else []))


def _place(finding: Finding, language: Language) -> str:
    words = WORDS[language]
    parts = [finding.document]
    if finding.statement is not None:
        parts.append(words["table"].format(finding.statement))
    if finding.place:
        parts.append(told(finding.place)[0 if language == "zh" else 1])
    elif finding.code.startswith("S-") and finding.focus:
        parts.append(f"<{finding.focus}>")
    return " ".join(parts)


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

"""Findings into JSON and back, and into one line for people: where, how grave, which rule, what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from fiscalkg.loader.interchange import place_from_json, place_to_json
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import CellPlace, LinePlace, PagePlace, Place, SheetPlace

__all__ = ["by_severity", "finding_from_json", "finding_line", "finding_to_json", "order"]

SEVERITIES = {
    Severity.VIOLATION: ("违反", "violation"),
    Severity.WARNING: ("警告", "warning"),
    Severity.INFO: ("提示", "info"),
}


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as a JSON object; absent is null, a place as in the interchange form."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
        "document": finding.document,
        "statement": finding.statement,
        "place": place_to_json(finding.place) if finding.place else None,
        "focus": finding.focus,
        "value": finding.value,
    }


def finding_from_json(content: Mapping[str, Any]) -> Finding:
    """Return the finding that ``finding_to_json`` wrote."""
    place = place_from_json(content["place"]) if content["place"] else None
    return Finding(**{**content, "severity": Severity(content["severity"]), "place": place})


def finding_line(finding: Finding, language: Literal["zh", "en"]) -> str:
    """Return one line for people.

    >>> finding = Finding("C05", Severity.VIOLATION, "合计不符", "the sum differs", "a.txt", 3, LinePlace(36, 86))
    >>> finding_line(finding, "en")
    'a.txt:36-86 table 3: violation C05: the sum differs'
    """
    zh = language == "zh"
    where = finding.document + _place_text(finding.place)
    if finding.statement is not None:
        where += f" 第 {finding.statement} 张表" if zh else f" table {finding.statement}"
    severity = SEVERITIES[finding.severity][0 if zh else 1]
    message = " ".join((finding.message_zh if zh else finding.message_en).split())
    return f"{where}：{severity} {finding.code}：{message}" if zh else f"{where}: {severity} {finding.code}: {message}"


def _place_text(place: Place | None) -> str:
    match place:
        case LinePlace(first, last):
            return f":{first}" if first == last else f":{first}-{last}"
        case PagePlace(page):
            return f":p{page}"
        case CellPlace(table, row, column):
            return f":t{table}r{row}c{column}"
        case SheetPlace(sheet, cell):
            return f":{sheet}!{cell}"
        case _:
            return ""


def order(finding: Finding) -> tuple[str, int, str, str, str, str]:
    """Return the sort key of findings: by document, table, rule and place, so that runs compare."""
    return (
        finding.document,
        finding.statement or 0,
        finding.code,
        finding.focus or "",
        repr(finding.place),
        finding.message_en,
    )


def by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings there are of each severity, all three always named."""
    counts = Counter(finding.severity for finding in findings)
    return {severity.value: counts[severity] for severity in Severity}

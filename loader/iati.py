"""Statements into IATI activities with results (standard 2.03), for tools that compare targets across donors.

One statement is one activity of its fiscal year: its budget, and each indicator as a result with its target. What is
printed stands in the comment of a target; a number stands beside it only where one was understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from fiscalkg.loader.interchange import canonical
from fiscalkg.loader.iris import statement_iris, unit_name
from fiscalkg.loader.model import AmountSource, Document, Indicator, Scope, Statement, TargetKind

__all__ = ["activity", "write_iati"]

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
GOVERNMENT, IMPLEMENTING, IMPLEMENTATION = "10", "4", "2"
PLANNED_START, PLANNED_END = "1", "3"
OUTPUT, OUTCOME, OTHER = "1", "2", "9"
RESULTS = (("产出", OUTPUT), ("成本", OUTPUT), ("效益", OUTCOME), ("满意", OUTCOME))
UNIT, PERCENTAGE, QUALITATIVE = "1", "2", "5"


def write_iati(activities: Iterable[str], path: Path) -> None:
    """Write activities as one file; one is in memory at a time."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        xml.startDocument()
        _open(xml, "iati-activities", {"version": "2.03"})
        xml.ignorableWhitespace("\n")  # it closes the tag
        for activity in activities:
            file.write(activity + "\n")
        xml.endElement("iati-activities")
        xml.endDocument()


def activity(iri: str, statement: Statement, document: Document, base: str) -> str:
    """Return a statement, given with its IRI and document, as an activity: one element, without the line's end."""
    text = StringIO()
    _activity(XMLGenerator(text, "utf-8", short_empty_elements=True), iri, statement, document, base)
    return text.getvalue()


def _activity(xml: XMLGenerator, iri: str, statement: Statement, document: Document, base: str) -> None:
    unit = "CN-" + statement_iris(base, statement, document).unit.removeprefix(f"{base}unit/").replace("/", "-")
    year = statement.fiscal_year.value if statement.fiscal_year else ""
    _open(xml, "iati-activity", {"default-currency": "CNY", "xml:lang": "zh"})
    _text(xml, "iati-identifier", f"{unit}-{iri.removeprefix(f'{base}statement/').replace('/', '-')}")
    _told(xml, "reporting-org", {"ref": unit, "type": GOVERNMENT}, unit_name(statement))
    project = statement.project_name.value if statement.project_name else statement.heading or document.name
    _told(xml, "title", {}, project)
    if goals := [goal.text for goal in statement.goals] or [statement.overall_goal or ""]:
        _told(xml, "description", {"type": "2"}, "\n".join(goals))
    _told(xml, "participating-org", {"ref": unit, "role": IMPLEMENTING, "type": GOVERNMENT}, unit_name(statement))
    _open(xml, "activity-status", {"code": IMPLEMENTATION})
    xml.endElement("activity-status")
    if year:
        for kind, date in ((PLANNED_START, f"{year}-01-01"), (PLANNED_END, f"{year}-12-31")):
            _empty(xml, "activity-date", {"iso-date": date, "type": kind})
    _empty(xml, "recipient-country", {"code": "CN", "percentage": "100"})
    _budget(xml, statement, year)
    for indicator in statement.indicators:
        _result(xml, indicator, year)
    xml.endElement("iati-activity")


def _budget(xml: XMLGenerator, statement: Statement, year: str) -> None:
    own = [one for one in statement.amounts if (one.scope, one.source) == (Scope.YEAR, AmountSource.ALL)]
    if not year or len(own) != 1 or own[0].cny is None:
        return
    _open(xml, "budget", {"type": "1", "status": "1"})
    _empty(xml, "period-start", {"iso-date": f"{year}-01-01"})
    _empty(xml, "period-end", {"iso-date": f"{year}-12-31"})
    _text(xml, "value", canonical(own[0].cny), {"currency": "CNY", "value-date": f"{year}-01-01"})
    xml.endElement("budget")


def _result(xml: XMLGenerator, indicator: Indicator, year: str) -> None:
    level1 = indicator.level1 or ""
    kind = next((code for word, code in RESULTS if word in level1), OTHER)
    target = indicator.target
    number = target.normalized if target.normalized is not None else target.number
    is_share = target.kind is TargetKind.PERCENTAGE
    measure = QUALITATIVE if number is None else PERCENTAGE if is_share else UNIT
    title = indicator.name or indicator.level2 or level1
    _open(xml, "result", {"type": kind})
    _told(xml, "title", {}, " ".join(filter(None, (level1, indicator.level2))) or title)
    _open(xml, "indicator", {"measure": measure})
    _told(xml, "title", {}, title)
    if indicator.description:
        _told(xml, "description", {}, indicator.description)
    if year:
        _open(xml, "period", {})
        _empty(xml, "period-start", {"iso-date": f"{year}-01-01"})
        _empty(xml, "period-end", {"iso-date": f"{year}-12-31"})
        shown = None if number is None else number * 100 if is_share else number
        _open(xml, "target", {} if shown is None else {"value": canonical(shown)})
        _told(xml, "comment", {}, target.printed)
        xml.endElement("target")
        xml.endElement("period")
    xml.endElement("indicator")
    xml.endElement("result")


def _open(xml: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
    xml.startElement(name, AttributesImpl(attributes))


def _empty(xml: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
    _open(xml, name, attributes)
    xml.endElement(name)


def _text(xml: XMLGenerator, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    _open(xml, name, attributes or {})
    xml.characters(FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text))
    xml.endElement(name)


def _told(xml: XMLGenerator, name: str, attributes: dict[str, str], text: str) -> None:
    """Write an element whose text stands in a narrative, as IATI has it."""
    _open(xml, name, attributes)
    _text(xml, "narrative", text)
    xml.endElement(name)

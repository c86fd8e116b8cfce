"""A statement into N-Triples lines: the one place where fields meet terms. A property is one line here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache

from fiscalkg.loader.codes import indicator_class, taxonomy_of, unit_concept
from fiscalkg.loader.iris import (
    concept,
    document_iri,
    place_iri,
    source_iri,
    statement_iris,
    unit_iri,
    unit_name,
)
from fiscalkg.loader.model import (
    Amount,
    Comparator,
    Correction,
    Corrections,
    Document,
    Goal,
    Indicator,
    Stated,
    Statement,
    TargetKind,
    TargetValue,
)
from fiscalkg.loader.places import CellPlace, LinePlace, PagePlace, Place, SheetPlace
from fiscalkg.loader.terms import BOOLEAN, DATE, YEAR, decimal, fp, integer, iri, literal, triple, typed
from fiscalkg.loader.values import direction, is_additive, read_amount, read_date

__all__ = ["document_graph", "graph_of"]

A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
DERIVED = "<http://www.w3.org/ns/prov#wasDerivedFrom>"
DCTERMS = "http://purl.org/dc/terms/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
CHECKSUM = fp("sha256")
COMPARATORS = {
    Comparator.AT_LEAST: "at-least",
    Comparator.MORE_THAN: "more-than",
    Comparator.AT_MOST: "at-most",
    Comparator.LESS_THAN: "less-than",
    Comparator.EQUAL: "equal",
    Comparator.ABOUT: "about",
}
CELL = ("table", "row", "column")
MEASURED = frozenset(TargetKind) - {TargetKind.QUALITATIVE, TargetKind.BLANK}


@cache
def code_iri(scheme: str, name: str) -> str:
    """Return a code in brackets; the schemes named here are closed."""
    return iri(concept(scheme, name))


def graph_of(statement: Statement, document: Document, base: str, suffix: str = "") -> Iterator[str]:
    """Yield the lines of a statement with its unit, project and units of measure.

    ``suffix`` (``-2``, ``-3`` …) tells statements apart that would otherwise share an IRI.
    """
    iris = statement_iris(base, statement, document)
    name = iris.statement + suffix
    node = iri(name)
    taxonomy = taxonomy_of(frozenset(row.level1 for row in statement.indicators if row.level1))
    yield from _statement(node, statement, document, base, taxonomy)
    yield triple(node, fp("unit"), iri(iris.unit))
    yield triple(node, fp("project"), iri(iris.project))
    yield from _unit(iris.unit, unit_name(statement), statement.unit_code, document)
    yield from _project(iris.project, iris.unit, statement)
    yield from _supervisor(node, statement, document, base)
    yield from _corrections(name, statement.corrections)
    seen: Counter[str] = Counter()
    for amount in statement.amounts:
        key = f"{amount.scope}-{amount.source}"
        seen[key] += 1  # 自有资金 and 单位资金 are both of the source other: two amounts, never one
        suffix = f"-{seen[key]}" if seen[key] > 1 else ""
        yield from _amount(node, f"{name}/amount/{key}{suffix}", amount, document, base)
    for goal in statement.goals:
        yield from _goal(node, f"{name}/goal/{goal.scope}-{goal.ordinal}", goal, document, base)
    for indicator in statement.indicators:
        yield from _indicator(node, f"{name}/indicator/{indicator.ordinal}", indicator, document, base, taxonomy)


def document_graph(document: Document, base: str) -> Iterator[str]:
    """Yield the lines of a document: what its manifest says of it and its checksum."""
    node = iri(document_iri(base, document))
    yield triple(node, A, fp("SourceDocument"))
    yield triple(node, fp("fileName"), literal(document.name))
    yield triple(node, CHECKSUM, literal(document.sha256))
    if document.text_sha256:
        yield triple(node, fp("textChecksum"), literal(document.text_sha256))
    for name, count in (("characterCount", document.characters), ("unreadCharacterCount", document.unread)):
        if count is not None:
            yield triple(node, fp(name), integer(count))
    yield triple(node, f"<{DCTERMS}format>", literal(document.media_type))
    yield triple(node, LABEL, literal(document.title or document.name))
    yield from _texts(
        node,
        (f"<{DCTERMS}title>", document.title),
        (fp("publisherName"), document.publisher),
        (fp("publicationDate"), document.date),
        (fp("licenceText"), document.licence),
    )
    if document.address:
        yield triple(node, f"<{DCTERMS}source>", iri(document.address))
    if document.place:
        yield triple(node, fp("place"), iri(place_iri(document.place)))


def _statement(node: str, statement: Statement, document: Document, base: str, taxonomy: str) -> Iterator[str]:
    yield triple(node, A, fp("Statement"))
    yield triple(node, fp("sourceDocument"), iri(document_iri(base, document)))
    yield triple(node, fp("sequence"), integer(statement.sequence))
    yield triple(node, fp("kind"), code_iri("statement-kind", statement.kind))
    yield triple(node, fp("layout"), literal(statement.layout))
    yield triple(node, fp("taxonomy"), code_iri("taxonomy", taxonomy))
    yield from _printed(node, document, base, statement.place)
    if document.place:
        yield triple(node, fp("place"), iri(place_iri(document.place)))
    project = statement.project_name.value if statement.project_name else None
    yield triple(node, LABEL, literal(project or statement.heading or f"{document.name} {statement.sequence}", "zh"))
    yield from _texts(
        node,
        (fp("heading"), statement.heading),
        (fp("projectName"), project),
        (fp("purpose"), statement.purpose),
        (fp("overallGoal"), statement.overall_goal),
        (fp("overview"), statement.overview),
        (fp("use"), statement.use),
        (fp("projectType"), statement.project_type),
        (fp("fundUse"), statement.fund_use),
        (fp("assetItems"), statement.asset_items),
        (fp("plannedStartPrinted"), statement.planned_start),
        (fp("plannedEndPrinted"), statement.planned_end),
        (fp("assetPurchaseAmountPrinted"), statement.asset_purchase_amount),
    )
    yield from _inferred(node, "currencyUnit", statement.currency_unit)
    yield from _basis(node, "unit", statement.implementing_unit or statement.unit_name)
    yield from _year(node, statement.fiscal_year)
    yield from _dates(node, statement)


def _dates(node: str, statement: Statement) -> Iterator[str]:
    for name, printed in (("plannedStart", statement.planned_start), ("plannedEnd", statement.planned_end)):
        date = read_date(printed) if printed else None
        if date and re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
            yield triple(node, fp(name), typed(date, DATE))
    unit = statement.currency_unit.value if statement.currency_unit else None
    asset = read_amount(statement.asset_purchase_amount, unit) if statement.asset_purchase_amount else None
    if asset is not None:
        yield triple(node, fp("assetPurchaseAmount"), decimal(asset))


def _year(node: str, year: Stated | None) -> Iterator[str]:
    if year and re.fullmatch(r"\d{4}", year.value):
        yield triple(node, fp("fiscalYear"), typed(year.value, YEAR))
        yield from _basis(node, "fiscalYear", year)


def _inferred(node: str, name: str, stated: Stated | None) -> Iterator[str]:
    if stated:
        yield triple(node, fp(name), literal(stated.value))
        yield from _basis(node, name, stated)


def _basis(node: str, name: str, stated: Stated | None) -> Iterator[str]:
    if stated:
        yield triple(node, fp(f"{name}Basis"), code_iri("basis", stated.basis))


def _unit(name: str, label: str, code: Stated | None, document: Document) -> Iterator[str]:
    node = iri(name)
    yield triple(node, A, fp("BudgetUnit"))
    if label:
        yield triple(node, LABEL, literal(label, "zh"))
    if code:
        yield triple(node, fp("code"), literal(code.value))
        yield triple(node, fp("departmentCode"), literal(code.value[:3]))
    if document.place:
        yield triple(node, fp("place"), iri(place_iri(document.place)))


def _project(name: str, unit: str, statement: Statement) -> Iterator[str]:
    node = iri(name)
    yield triple(node, A, fp("Project"))
    yield triple(node, fp("unit"), iri(unit))
    if statement.project_name:
        yield triple(node, LABEL, literal(statement.project_name.value, "zh"))


def _supervisor(node: str, statement: Statement, document: Document, base: str) -> Iterator[str]:
    if statement.supervising_unit:
        label = statement.supervising_unit.value
        code = statement.supervising_unit_code
        name = unit_iri(base, document.place or "unknown", code.value if code else None, label)
        yield triple(node, fp("supervisingUnit"), iri(name))
        yield from _unit(name, label, code, document)


def _amount(owner: str, name: str, amount: Amount, document: Document, base: str) -> Iterator[str]:
    node = iri(name)
    yield triple(owner, fp("amount"), node)
    yield triple(node, A, fp("Amount"))
    yield triple(node, fp("scope"), code_iri("scope", amount.scope))
    yield triple(node, fp("source"), code_iri("source", amount.source))
    yield triple(node, fp("printedText"), literal(amount.printed))
    if amount.printed_unit:
        yield triple(node, fp("printedUnit"), literal(amount.printed_unit))
    if amount.cny is not None:
        yield triple(node, fp("cny"), decimal(amount.cny))
    state = "blank" if not amount.printed.strip() else "unreadable" if amount.cny is None else "stated"
    yield triple(node, fp("valueState"), code_iri("value-state", state))
    yield from _printed(node, document, base, amount.place)
    yield from _corrected(name, amount.correction)


def _goal(owner: str, name: str, goal: Goal, document: Document, base: str) -> Iterator[str]:
    node = iri(name)
    yield triple(owner, fp("goal"), node)
    yield triple(node, A, fp("Goal"))
    yield triple(node, fp("scope"), code_iri("scope", goal.scope))
    yield triple(node, fp("ordinal"), integer(goal.ordinal))
    yield triple(node, fp("text"), literal(goal.text))
    yield from _printed(node, document, base, goal.place)


def _indicator(
    owner: str, name: str, indicator: Indicator, document: Document, base: str, taxonomy: str
) -> Iterator[str]:
    node = iri(name)
    yield triple(owner, fp("indicator"), node)
    yield triple(node, A, fp("Indicator"))
    yield triple(node, fp("ordinal"), integer(indicator.ordinal))
    yield triple(node, fp("scope"), code_iri("scope", indicator.scope))
    yield from _texts(
        node,
        (fp("level1"), indicator.level1),
        (fp("level2"), indicator.level2),
        (fp("name"), indicator.name),
        (fp("description"), indicator.description),
        (fp("valueBasis"), indicator.basis),
        (fp("weight"), indicator.weight),
        (fp("printedDirection"), indicator.direction),
    )
    group = indicator_class(taxonomy, indicator.level2)
    if group:
        yield triple(node, fp("indicatorClass"), iri(group))
    place = _placed(document, base, indicator.place)
    yield from _described(node, place)
    target = iri(f"{name}/target")
    yield triple(node, fp("target"), target)
    yield from _target(target, indicator)
    yield from _corrections(name, indicator.corrections)
    yield from _corrected(f"{name}/target", indicator.target.correction)
    yield from _described(target, place)


def _target(node: str, indicator: Indicator) -> Iterator[str]:
    target = indicator.target
    yield triple(node, A, fp("TargetValue"))
    yield triple(node, fp("printedText"), literal(target.printed))
    yield triple(node, fp("kind"), code_iri("kind", target.kind))
    yield triple(node, fp("confidence"), code_iri("confidence", target.confidence))
    yield triple(node, fp("direction"), code_iri("direction", direction(target, indicator.name, indicator.direction)))
    state = "blank" if target.kind is TargetKind.BLANK else "stated"
    yield triple(node, fp("valueState"), code_iri("value-state", state))
    yield triple(node, fp("quantified"), typed("true" if target.kind in MEASURED else "false", BOOLEAN))
    additive = is_additive(target, " ".join(filter(None, (indicator.name, indicator.description))))
    yield triple(node, fp("additive"), typed("true" if additive else "false", BOOLEAN))
    if target.comparator:
        yield triple(node, fp("comparator"), code_iri("comparator", COMPARATORS[target.comparator]))
    for name, number in (
        ("number", target.number),
        ("upperNumber", target.number_max),
        ("normalizedNumber", target.normalized),
        ("normalizedUpperNumber", target.normalized_max),
    ):
        if number is not None:
            yield triple(node, fp(name), decimal(number))
    yield from _texts(node, (fp("printedUnit"), target.unit), (fp("date"), target.date), (fp("remark"), target.remark))
    yield from _normalized_unit(node, target)


def _corrections(owner: str, corrections: Corrections) -> Iterator[str]:
    """Yield the corrections of a table's or a row's own fields, each with the field it is of."""
    for field, correction in corrections:
        name = f"{owner}/correction/{field.replace('_', '-')}"
        yield triple(iri(name), fp("correctedField"), literal(field))
        yield from _correction(owner, name, correction)


def _corrected(owner: str, correction: Correction | None) -> Iterator[str]:
    if correction:
        yield from _correction(owner, f"{owner}/correction", correction)


def _correction(owner: str, name: str, correction: Correction) -> Iterator[str]:
    """Yield who reads something else than the machine, and why, apart from the value that follows from it."""
    node = iri(name)
    yield triple(iri(owner), fp("correction"), node)
    yield triple(node, A, fp("Correction"))
    yield triple(node, fp("correctedReading"), literal(correction.read))
    yield triple(node, fp("supersededReading"), literal(correction.superseded))
    yield triple(node, fp("correctedBy"), literal(correction.by))
    yield triple(node, fp("correctionReason"), literal(correction.reason))


def _normalized_unit(node: str, target: TargetValue) -> Iterator[str]:
    if target.normalized_unit:
        name, known = unit_concept(target.normalized_unit)
        yield triple(node, fp("normalizedUnit"), iri(name))
        if not known:  # a classifier no code list holds yet: declared in the data, so that nothing dangles
            yield triple(iri(name), A, f"<{SKOS}Concept>")
            yield triple(iri(name), f"<{SKOS}inScheme>", iri(concept("unit", "").rstrip("/")))
            yield triple(iri(name), f"<{SKOS}prefLabel>", literal(target.normalized_unit, "zh"))


def _texts(node: str, *properties: tuple[str, str | None]) -> Iterator[str]:
    """Yield printed texts; a blank field says so by an empty string, a field the form has not by nothing."""
    for predicate, text in properties:
        if text is not None:
            yield triple(node, predicate, literal(text))


def _printed(node: str, document: Document, base: str, place: Place) -> Iterator[str]:
    return _described(node, _placed(document, base, place))


def _described(node: str, about: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (triple(node, predicate, value) for predicate, value in about)


def _placed(document: Document, base: str, place: Place) -> list[tuple[str, str]]:
    """Return what is said of anything that stands at a place: property and value."""
    source = DERIVED, iri(source_iri(base, document, place))
    match place:
        case LinePlace(first, last):
            return [source, (fp("firstLine"), integer(first)), (fp("lastLine"), integer(last))]
        case PagePlace(page, left, top, width, height):
            box = (("left", left), ("top", top), ("width", width), ("height", height))
            points = [(fp(name), decimal(Decimal(f"{number:g}"))) for name, number in box]
            return [source, (fp("page"), integer(page)), *points]
        case CellPlace(table, row, column):
            return [source, *((fp(name), integer(at)) for name, at in zip(CELL, (table, row, column), strict=True))]
        case SheetPlace(sheet, cell):
            return [source, (fp("sheet"), literal(sheet)), (fp("cell"), literal(cell))]

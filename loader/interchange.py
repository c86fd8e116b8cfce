"""A statement as a JSON object and back: the contract for those who want the tables and not the graph.

Keys are those of ``ontology/statement.schema.json``; values are as printed; absent is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from fiscalkg.loader.model import (
    Amount,
    AmountSource,
    Basis,
    Comparator,
    Confidence,
    Correction,
    Corrections,
    Goal,
    Indicator,
    Scope,
    Stated,
    Statement,
    StatementKind,
    TargetKind,
    TargetValue,
)
from fiscalkg.loader.places import CellPlace, LinePlace, PagePlace, Place, SheetPlace
from fiscalkg.loader.values import canonical

__all__ = ["VERSION", "canonical", "from_json", "place_from_json", "place_to_json", "to_json"]

VERSION = "1.1"
PLAIN = (
    "overall_goal", "overview", "use", "purpose", "project_type", "fund_use", "planned_start", "planned_end",
    "asset_purchase_amount", "asset_items",
)  # fmt: skip


def to_json(statement: Statement) -> dict[str, Any]:
    """Return a statement in the interchange form."""
    return {
        "version": VERSION,
        "document": statement.document,
        "sequence": statement.sequence,
        "kind": statement.kind.value,
        "layout": statement.layout,
        **place_to_json(statement.place),
        "heading": statement.heading,
        "unit_code": _value(statement.unit_code),
        "unit_name": _value(statement.unit_name),
        "unit_basis": _basis(statement.unit_name or statement.implementing_unit),
        "supervising_unit": _value(statement.supervising_unit),
        "supervising_unit_code": _value(statement.supervising_unit_code),
        "implementing_unit": _value(statement.implementing_unit),
        "project_name": _value(statement.project_name),
        "fiscal_year": _stated(statement.fiscal_year),
        "currency_unit": _value(statement.currency_unit),
        "currency_unit_basis": _basis(statement.currency_unit),
        "amounts": [_amount(amount) for amount in statement.amounts],
        "goals": [goal.text for goal in statement.goals],
        **{name: getattr(statement, name) for name in PLAIN},
        "indicators": [_indicator(indicator) for indicator in statement.indicators],
        **_fields_corrected(statement.corrections),
    }


def _value(stated: Stated | None) -> str | None:
    return stated.value if stated else None


def _basis(stated: Stated | None) -> str | None:
    return stated.basis.value if stated else None


def _stated(stated: Stated | None) -> dict[str, str] | None:
    return {"value": stated.value, "basis": stated.basis.value} if stated else None


def _number(number: Decimal | None) -> str | None:
    return None if number is None else canonical(number)


def _amount(amount: Amount) -> dict[str, Any]:
    return {
        "scope": amount.scope.value,
        "source": amount.source.value,
        "printed": amount.printed,
        "printed_unit": amount.printed_unit,
        "cny": _number(amount.cny),
        **place_to_json(amount.place),
        **_corrected(amount.correction),
    }


def _corrected(correction: Correction | None) -> dict[str, Any]:
    """Return a correction under its key; what was not corrected has no such key."""
    return {"correction": asdict(correction)} if correction else {}


def _fields_corrected(corrections: Corrections) -> dict[str, Any]:
    return {"corrections": {field: asdict(each) for field, each in corrections}} if corrections else {}


def _read_corrections(content: Mapping[str, Any]) -> Corrections:
    return tuple((field, Correction(**each)) for field, each in sorted(content.get("corrections", {}).items()))


def _indicator(indicator: Indicator) -> dict[str, Any]:
    return {
        "level1": indicator.level1,
        "level2": indicator.level2,
        "name": indicator.name,
        "description": indicator.description,
        "basis": indicator.basis,
        "weight": indicator.weight,
        "direction": indicator.direction,
        "scope": indicator.scope.value,
        "value": indicator.target.printed,
        **place_to_json(indicator.place),
        "target": _target(indicator.target),
        **_fields_corrected(indicator.corrections),
    }


def _target(target: TargetValue) -> dict[str, Any]:
    normalized = {"value": _number(target.normalized), "unit": target.normalized_unit}
    return {
        "kind": target.kind.value,
        "comparator": target.comparator.value if target.comparator else None,
        "number": _number(target.number),
        "number_max": _number(target.number_max),
        "unit": target.unit,
        "normalized": normalized if target.normalized is not None else None,
        "normalized_max": _number(target.normalized_max),
        "date": target.date,
        "remark": target.remark,
        "confidence": target.confidence.value,
        **_corrected(target.correction),
    }


def place_to_json(place: Place) -> dict[str, Any]:
    """Return a place under the key that names its kind: lines, page and box, cell, or sheet."""
    match place:
        case LinePlace(first, last):
            return {"lines": [first, last]}
        case PagePlace(page, left, top, width, height):
            return {"page": page, "box": [left, top, width, height]}
        case CellPlace(table, row, column):
            return {"cell": [table, row, column]}
        case SheetPlace(sheet, cell):
            return {"sheet": [sheet, cell]}


def place_from_json(content: Mapping[str, Any]) -> Place:
    """Return the place that ``place_to_json`` wrote; raises ``KeyError`` where there is none."""
    if "lines" in content:
        return LinePlace(*content["lines"])
    if "box" in content:
        return PagePlace(content["page"], *content["box"])
    return CellPlace(*content["cell"]) if "cell" in content else SheetPlace(*content["sheet"])


def from_json(content: Mapping[str, Any]) -> Statement:
    """Return the statement that ``to_json`` wrote; goals and inferred facts come back without their own place.

    Raises ``KeyError`` or ``ValueError`` for what is not the interchange form.
    """
    place = place_from_json(content)
    unit_basis, currency_basis = content["unit_basis"], content["currency_unit_basis"]
    year = content["fiscal_year"]
    return Statement(
        document=content["document"],
        sequence=content["sequence"],
        kind=StatementKind(content["kind"]),
        layout=content["layout"],
        place=place,
        heading=content["heading"],
        unit_code=_read(content["unit_code"], unit_basis),
        unit_name=_read(content["unit_name"], unit_basis),
        supervising_unit=_read(content["supervising_unit"], unit_basis),
        supervising_unit_code=_read(content["supervising_unit_code"], unit_basis),
        implementing_unit=_read(content["implementing_unit"], unit_basis),
        project_name=_read(content["project_name"], Basis.PRINTED),
        fiscal_year=_read(year["value"], year["basis"]) if year else None,
        currency_unit=_read(content["currency_unit"], currency_basis),
        amounts=tuple(map(_read_amount, content["amounts"])),
        goals=tuple(Goal(Scope.YEAR, number, text, place) for number, text in enumerate(content["goals"], 1)),
        **{name: content[name] for name in PLAIN},
        indicators=tuple(_read_indicator(row, number) for number, row in enumerate(content["indicators"], 1)),
        corrections=_read_corrections(content),
    )


def _read(value: str | None, basis: str | None) -> Stated | None:
    return None if value is None else Stated(value, Basis(basis or Basis.PRINTED))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _read_amount(content: Mapping[str, Any]) -> Amount:
    return Amount(
        Scope(content["scope"]),
        AmountSource(content["source"]),
        content["printed"],
        content["printed_unit"],
        _decimal(content["cny"]),
        place_from_json(content),
        _read_correction(content),
    )


def _read_correction(content: Mapping[str, Any]) -> Correction | None:
    return Correction(**content["correction"]) if "correction" in content else None


def _read_indicator(content: Mapping[str, Any], ordinal: int) -> Indicator:
    return Indicator(
        ordinal=ordinal,
        level1=content["level1"],
        level2=content["level2"],
        name=content["name"],
        description=content["description"],
        basis=content["basis"],
        weight=content["weight"],
        direction=content["direction"],
        target=_read_target(content["target"], content["value"]),
        place=place_from_json(content),
        scope=Scope(content["scope"]),
        corrections=_read_corrections(content),
    )


def _read_target(content: Mapping[str, Any], printed: str) -> TargetValue:
    normalized = content["normalized"] or {"value": None, "unit": None}
    return TargetValue(
        printed=printed,
        kind=TargetKind(content["kind"]),
        comparator=Comparator(content["comparator"]) if content["comparator"] else None,
        number=_decimal(content["number"]),
        number_max=_decimal(content["number_max"]),
        unit=content["unit"],
        normalized=_decimal(normalized["value"]),
        normalized_max=_decimal(content["normalized_max"]),
        normalized_unit=normalized["unit"],
        date=content["date"],
        remark=content["remark"],
        confidence=Confidence(content["confidence"]),
        correction=_read_correction(content),
    )

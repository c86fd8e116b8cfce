"""Invented statements for the forms of other places: projects, what they cost, aim at and are measured by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from renderers.form import Statement

FACTORS = {"元": 1, "万元": 10_000}
TEXTS = (
    "heading", "unit_code", "unit_name", "unit_basis", "supervising_unit", "supervising_unit_code",
    "implementing_unit", "project_name", "fiscal_year", "currency_unit", "currency_unit_basis", "amounts", "goals",
    "overall_goal", "overview", "use", "purpose", "project_type", "fund_use", "planned_start", "planned_end",
    "asset_purchase_amount", "asset_items", "indicators",
)  # fmt: skip


@dataclass(frozen=True)
class Project:
    """What a project is whatever the form: measures are level 1, level 2, name, sign, number, unit, note."""

    name: str
    unit: str
    department: str
    overview: str
    overall: str
    goals: tuple[str, ...]
    measures: tuple[tuple[str, str, str, str, str, str, str], ...]


def statement(layout: str, kind: str = "target", sequence: int = 1, **fields: Any) -> Statement:
    """Return a statement in the interchange form without places; fields not given are absent."""
    made: Statement = {"sequence": sequence, "kind": kind, "layout": layout, **dict.fromkeys(TEXTS)}
    made |= {"amounts": [], "goals": [], "indicators": [], **fields}
    if made["unit_name"] or made["implementing_unit"]:
        made["unit_basis"] = "printed"
    if made["currency_unit"]:
        made["currency_unit_basis"] = "printed"
    return made


def year(value: str) -> dict[str, str]:
    """Return a printed fiscal year."""
    return {"value": value, "basis": "printed"}


def money(unit: str, *items: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Return amounts of (scope, source, printed); a printed amount may end in its unit, a blank one has no value."""
    made = []
    for scope, source, printed in items:
        digits = printed.removesuffix(unit).replace(",", "").strip()
        cny = f"{Decimal(digits) * FACTORS[unit]:f}" if digits else None
        if cny and "." in cny:
            cny = cny.rstrip("0").rstrip(".")
        made.append({"scope": scope, "source": source, "printed": printed, "printed_unit": unit, "cny": cny})
    return made


def indicator(level1: str | None, level2: str | None, name: str, value: str, **fields: Any) -> dict[str, Any]:
    """Return an indicator; fields not given are absent."""
    made = {"description": None, "basis": None, "weight": None, "direction": None, "scope": "year", **fields}
    return {"level1": level1, "level2": level2, "name": name, **made, "value": value}


def indicators(project: Project, **fields: Any) -> list[dict[str, Any]]:
    """Return the indicators of a project with sign, number and unit in one text."""
    return [indicator(*item[:3], "".join(item[3:6]), **fields) for item in project.measures]


def weighted(rows: list[dict[str, Any]], weights: Sequence[str]) -> list[dict[str, Any]]:
    """Return indicators with their weights, in order."""
    return [{**item, "weight": weight} for item, weight in zip(rows, weights, strict=True)]

"""The rows below a table head into indicators; level 1 is carried down over the rows it spans."""

from __future__ import annotations

from fiscalkg.loader.layouts.form import Form
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.model import Confidence, Indicator, Severity
from fiscalkg.loader.tables import Cell, Row
from fiscalkg.loader.text import join_lines
from fiscalkg.loader.values import read_target

__all__ = ["read_indicators"]

ROLES = ("level1", "level2", "name", "description", "value", "basis", "weight")


def read_indicators(form: Form, ledger: Ledger, sequence: int) -> tuple[Indicator, ...]:
    """Return the indicators of a form and enter their cells; a row cut short becomes a finding."""
    level1: str | None = None
    indicators: list[Indicator] = []
    for row in form.rows:
        cells = _by_column(form, row)
        if not any(cell.text for cell in cells.values()):
            continue
        level1 = _line(cells.get("level1")) or level1
        ordinal = len(indicators) + 1
        indicators.append(_read_row(cells, level1, ledger, ordinal))
        owner = f"{sequence}/indicators/{ordinal}"
        for role, cell in cells.items():
            ledger.enter(role, cell, owner)
        _report(indicators[-1], cells, ledger, sequence)
    return tuple(indicators)


def _by_column(form: Form, row: Row) -> dict[str, Cell]:
    return {column: cell for column, cell in zip(form.columns, row, strict=False) if column}


def _line(cell: Cell | None) -> str | None:
    return None if cell is None else join_lines(cell.text.split("\n"))


def _read_row(cells: dict[str, Cell], level1: str | None, ledger: Ledger, ordinal: int) -> Indicator:
    printed = {role: _line(cells.get(role)) for role in ROLES}
    level2 = printed["level2"] or None
    return Indicator(
        ordinal=ordinal,
        level1=level1,
        level2=level2,
        name=printed["name"],
        description=printed["description"],
        basis=printed["basis"],
        weight=printed["weight"],
        target=read_target(printed["value"] or "", name=printed["name"], level2=level2),
        place=ledger.source.place(*(cell for cell in cells.values() if cell.text)),
    )


def _report(indicator: Indicator, cells: dict[str, Cell], ledger: Ledger, sequence: int) -> None:
    name = indicator.name or ""
    if "value" not in cells:
        message = (
            f"指标“{name}”这一行不完整，缺少指标值",
            f"the row of indicator “{name}” is cut short: no value",
        )
        ledger.find("R-ROW-SHORT", Severity.WARNING, message, sequence, indicator.place)
    if indicator.target.confidence is Confidence.LOW:
        printed = indicator.target.printed
        message = (f"指标值“{printed}”的读法是推测", f"the reading of target value “{printed}” is a guess")
        ledger.find("R-VALUE-GUESSED", Severity.INFO, message, sequence, indicator.place, printed)

"""The rows below a table head into indicators; level 1 is carried down over the rows it spans."""

from __future__ import annotations

from collections.abc import Sequence

from fiscalkg.loader.layouts.form import Form, IndicatorTable
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.model import Confidence, Indicator, Scope, Severity
from fiscalkg.loader.tables import Cell, Row, concat
from fiscalkg.loader.text import in_one_line
from fiscalkg.loader.values import read_target

__all__ = ["read_indicators"]

ROLES = ("level1", "level2", "name", "description", "value", "basis", "weight", "direction")
# Where the sign and the unit have columns of their own, the three cells print one value.
VALUE = ("operator", "value", "unit")


def read_indicators(form: Form, ledger: Ledger, sequence: int) -> tuple[Indicator, ...]:
    """Return the indicators of a form and enter their cells; a row cut short becomes a finding."""
    indicators: list[Indicator] = []
    for table in form.tables:
        # The rest of a table on another page may not print again what its rows above have printed.
        goes_on = bool(indicators) and indicators[-1].scope is table.scope
        level1 = indicators[-1].level1 if goes_on else None
        indicators += _read_table(table, level1, ledger, sequence, len(indicators))
    return tuple(indicators)


def _read_table(
    table: IndicatorTable, level1: str | None, ledger: Ledger, sequence: int, before: int
) -> list[Indicator]:
    indicators: list[Indicator] = []
    for row in table.rows:
        cells = _by_column(table.columns, row)
        if not any(cell.text for cell in cells.values()):
            continue
        level1 = _line(cells.get("level1")) or level1
        ordinal = before + len(indicators) + 1
        indicators.append(_read_row(cells, level1, table.scope, ledger, ordinal))
        owner = f"{sequence}/indicators/{ordinal}"
        ledger.enter_all(cells.items(), owner)
        for column, cell in zip(table.columns, row, strict=False):
            if column and cell is not cells.get(column):  # one of several cells that print the value
                ledger.enter(column, cell, owner)  # a column nobody knows is left over, and told
        _report(indicators[-1], cells, ledger, sequence)
    return indicators


def _by_column(columns: Sequence[str | None], row: Row) -> dict[str, Cell]:
    cells = {column: cell for column, cell in zip(columns, row, strict=False) if column}
    parts = [cells.pop(column) for column in VALUE if column in cells]
    return {**cells, "value": _as_one(parts)} if parts else cells


def _as_one(parts: Sequence[Cell]) -> Cell:
    """Return sign, number and unit as the value they print; a unit that the number carries already stays once."""
    if len(parts) == 1:
        return parts[0]
    kept = list(parts)
    if len(parts) > 1 and parts[-1].text and parts[-2].text.endswith(parts[-1].text):
        kept.pop()
    return concat((part for part in kept if part.text), "") if any(part.text for part in kept) else parts[0]


def _line(cell: Cell | None) -> str | None:
    return None if cell is None else in_one_line(cell.text)


def _read_row(cells: dict[str, Cell], level1: str | None, scope: Scope, ledger: Ledger, ordinal: int) -> Indicator:
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
        place=ledger.source.place(*_own(cells)),
        scope=scope,
        direction=printed["direction"],
    )


def _own(cells: dict[str, Cell]) -> list[Cell]:
    """Return the cells that say where a row stands: a level may be merged with those of the rows above."""
    own = [cell for role, cell in cells.items() if cell.place and cell.text and role not in ("level1", "level2")]
    return own or [cell for cell in cells.values() if cell.text and cell.pieces]


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

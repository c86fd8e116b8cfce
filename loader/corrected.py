"""Statements and proposed readings into statements that are read so; what is printed never changes.

The machine's reading stays beside the corrected one. A proposal that does not fit its document (any more) becomes a
finding and changes nothing. What follows from a reading follows from the corrected one: the money of a unit of measure,
the class of a level, the address of a unit and a year; a table's own address stays that of the name as printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fiscalkg.loader.corrections import FILE, ROW_FIELDS, STATEMENT_FIELDS, Proposed
from fiscalkg.loader.model import Amount, Correction, Corrections, Finding, Indicator, Severity, Stated, Statement
from fiscalkg.loader.values import canonical, read_amount, read_target, render

__all__ = ["apply_corrections"]

UNKNOWN = "not understood"
Part = TypeVar("Part")
CODE = re.compile(r"[0-9A-Za-z]{1,32}")
YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Spot:
    """A field that a proposal fits: of the statement at ``at``, of its row or amount ``number``.

    ``shared``: it stands where the proposal says for every table that it was carried to.
    """

    at: int
    field: str
    number: int = 0
    shared: bool = False


def apply_corrections(
    statements: Sequence[Statement], proposed: Sequence[Proposed], document: str
) -> tuple[tuple[Statement, ...], list[Finding]]:
    """Return the statements with the corrected readings, and a finding for each correction: made, or not fitting."""
    changed = list(statements)
    findings: list[Finding] = []
    for each in proposed:
        spots = [spot for at, one in enumerate(changed) for spot in _spots(at, one, each)]
        things = {(spot.field, spot.number, None if spot.shared else spot.at) for spot in spots}
        if len(things) != 1 or not _readable(each, spots[0].field):
            findings.append(_unmatched(each, len(things), document))
            continue
        for spot in spots:
            changed[spot.at], superseded = _corrected(changed[spot.at], spot, each)
            findings.append(_made(each, superseded, changed[spot.at], document))
    return tuple(changed), findings


def _spots(at: int, statement: Statement, proposed: Proposed) -> Iterator[Spot]:
    return (spot for spot in _printed_so(at, statement, proposed) if proposed.field in (None, spot.field))


def _printed_so(at: int, statement: Statement, proposed: Proposed) -> Iterator[Spot]:
    """Yield what is printed as proposed: a field of a table may be named by its own place or by that of the table."""
    place, printed = proposed.place, proposed.printed
    for field in STATEMENT_FIELDS:
        stated: Stated | None = getattr(statement, field)
        if stated and stated.value == printed and place in (stated.place, statement.place):
            yield Spot(at, field, shared=stated.place == place)
    for number, amount in enumerate(statement.amounts):
        if (amount.place, amount.printed) == (place, printed):
            yield Spot(at, "amount", number)
    for number, row in enumerate(statement.indicators):
        if row.place == place:
            texts = {"value": row.target.printed, **{field: getattr(row, field) for field in ROW_FIELDS}}
            yield from (Spot(at, field, number) for field, text in texts.items() if text == printed)


def _readable(proposed: Proposed, field: str) -> bool:
    """Whether what is to be read can be what the field holds: a year, a code, a unit of money, an amount."""
    match field:
        case "fiscal_year":
            return bool(YEAR.fullmatch(proposed.read))
        case "unit_code" | "supervising_unit_code":
            return bool(CODE.fullmatch(proposed.read))
        case "currency_unit":
            return read_amount("1", proposed.read) is not None
        case "amount":
            return read_amount(proposed.read, "元") is not None
        case _:
            return True


def _corrected(statement: Statement, spot: Spot, proposed: Proposed) -> tuple[Statement, str]:
    """Return the statement with one reading replaced, and what the machine had read."""
    if spot.field == "amount":
        old = statement.amounts[spot.number]
        superseded = UNKNOWN if old.cny is None else f"{canonical(old.cny)} CNY"
        amount = _amount(replace(old, correction=_note(proposed, superseded)), _money_unit(statement, old))
        return replace(statement, amounts=_with(statement.amounts, spot.number, amount)), superseded
    if spot.field == "value" or spot.field in ROW_FIELDS:
        row, superseded = _row(statement.indicators[spot.number], spot.field, proposed)
        return replace(statement, indicators=_with(statement.indicators, spot.number, row)), superseded
    note = _note(proposed, proposed.printed)
    stated: Stated = getattr(statement, spot.field)
    read: dict[str, Any] = {spot.field: replace(stated, value=proposed.read)}
    new = replace(statement, corrections=_noted(statement.corrections, spot.field, note), **read)
    if spot.field == "currency_unit":
        new = replace(new, amounts=tuple(_amount(amount, proposed.read) for amount in new.amounts))
    return new, proposed.printed


def _note(proposed: Proposed, superseded: str) -> Correction:
    return Correction(proposed.read, superseded, proposed.by, proposed.reason)


def _noted(known: Corrections, field: str, note: Correction) -> Corrections:
    return tuple(sorted({**dict(known), field: note}.items()))


def _with(parts: tuple[Part, ...], number: int, part: Part) -> tuple[Part, ...]:
    return (*parts[:number], part, *parts[number + 1 :])


def _money_unit(statement: Statement, amount: Amount) -> str | None:
    return amount.printed_unit or (statement.currency_unit.value if statement.currency_unit else None)


def _amount(amount: Amount, unit: str | None) -> Amount:
    """Return an amount read in a unit, and as it was corrected where it was."""
    read = amount.correction.read if amount.correction else amount.printed
    return replace(amount, printed_unit=unit, cny=read_amount(read, unit) if read.strip() else None)


def _row(row: Indicator, field: str, proposed: Proposed) -> tuple[Indicator, str]:
    """Return a row with its value or one of its names read anew; names tell what a value without unit is."""
    if field == "value":
        superseded = f"{row.target.kind}: {render(row.target)}"
        row = replace(row, target=replace(row.target, correction=_note(proposed, superseded)))
    else:
        superseded = proposed.printed
        changed: dict[str, Any] = {field: proposed.read}
        corrections = _noted(row.corrections, field, _note(proposed, superseded))
        row = replace(row, corrections=corrections, **changed)
    correction = row.target.correction
    read = read_target(correction.read if correction else row.target.printed, name=row.name, level2=row.level2)
    return replace(row, target=replace(read, printed=row.target.printed, correction=correction)), superseded


def _unmatched(proposed: Proposed, count: int, document: str) -> Finding:
    field = proposed.field or ""
    if count == 1:
        zh, en = "改读的内容不是该栏能有的", "what is to be read instead cannot stand in that field"
    elif count:
        zh = f"此处有 {count} 处这样的原文，请用 field 指明是哪一栏"
        en = f"{count} things printed so stand there; name one by field"
    else:
        zh, en = (
            f"此处没有这样的原文{field and f'（{field}）'}",
            f"nothing printed so stands there{field and f' as {field}'}",
        )
    return Finding(
        "R-CORRECTION-UNMATCHED",
        Severity.WARNING,
        f"更正“{proposed.printed}”→“{proposed.read}”没有采用：{zh}；请核对 {FILE}",
        f"the correction of {proposed.printed!r} to {proposed.read!r} was not made: {en}; check {FILE}",
        document,
        place=proposed.place,
        value=proposed.printed,
    )


def _made(proposed: Proposed, superseded: str, statement: Statement, document: str) -> Finding:
    return Finding(
        "R-CORRECTED",
        Severity.INFO,
        f"“{proposed.printed}”按“{proposed.read}”读（{proposed.by}：{proposed.reason}）；机器原读作 {superseded}",
        f"{proposed.printed!r} is read as {proposed.read!r} ({proposed.by}: {proposed.reason}); "
        f"the machine had read {superseded}",
        document,
        statement.sequence,
        proposed.place,
        value=proposed.printed,
    )

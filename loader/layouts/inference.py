"""Facts a form does not print, by named rules: unit and currency of a neighbour, year of cover or text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.layouts.statement import Draft
from fiscalkg.loader.model import Amount, Basis, Severity, Stated, Statement
from fiscalkg.loader.text import in_one_line
from fiscalkg.loader.values import read_amount

__all__ = ["infer"]

# 2025年, 2022.01 and the 2025 that begins a project's name; never 2000元.
YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?=\s*年|\.(?:0?[1-9]|1[0-2])(?!\d))")
YEAR_OF_NAME = re.compile(r"(20[0-4]\d)(?!\d)")
TWO_DECIMALS = re.compile(r"\d[\d,]*\.\d\d")
CURRENCY_AT_END = re.compile(r"\d\s*((?:百|千|万|百万|千万|亿)?元)$")
LEAST_YUAN = 100_000  # no project of a local unit is budgeted at 100,000 万元 and written to the cent


def infer(drafts: Sequence[Draft], ledger: Ledger, cover_year: Stated | None) -> list[Statement]:
    """Return the statements with unit, currency, year and amounts; each inference is a finding."""
    statements = [draft.statement for draft in drafts]
    beside = _neighbours(statements, lambda statement: bool(statement.unit_name or statement.implementing_unit))
    statements = [_with_unit(*pair, ledger) for pair in zip(statements, beside, strict=True)]
    statements = [_with_own_currency(*pair, ledger) for pair in zip(drafts, statements, strict=True)]
    default = _default_currency(drafts)
    beside = _neighbours(statements, lambda statement: statement.currency_unit is not None)
    statements = [_with_currency(*pair, default, ledger) for pair in zip(statements, beside, strict=True)]
    year = _document_year(statements, ledger, cover_year)
    return [
        replace(statement, fiscal_year=statement.fiscal_year or year, amounts=_amounts(draft, statement, ledger))
        for draft, statement in zip(drafts, statements, strict=True)
    ]


def _neighbours(statements: Sequence[Statement], prints: Callable[[Statement], bool]) -> list[Statement | None]:
    """Return for each table the nearest above that prints something, else the first below that does."""
    latest = next((statement for statement in statements if prints(statement)), None)
    nearest: list[Statement | None] = []
    for statement in statements:
        latest = statement if prints(statement) else latest
        nearest.append(latest)
    return nearest


def _with_unit(statement: Statement, beside: Statement | None, ledger: Ledger) -> Statement:
    if statement.unit_name or statement.unit_code or statement.implementing_unit:
        return statement
    stated = (beside.unit_name or beside.implementing_unit) if beside else None
    if beside is None or stated is None:
        message = ("表上没有印单位，相邻各表也没有", "the table prints no unit, nor does any table beside it")
        ledger.find("R-UNIT-UNKNOWN", Severity.WARNING, message, statement.sequence, statement.place)
        return statement
    message = (
        f"表上没有印单位，取自相邻的表：{stated.value}",
        f"the table prints no unit; taken from the neighbouring table: {stated.value}",
    )
    ledger.find("R-UNIT-INFERRED", Severity.INFO, message, statement.sequence, statement.place, stated.value)
    return replace(
        statement,
        unit_name=_as_neighbour(beside.unit_name),
        unit_code=_as_neighbour(beside.unit_code),
        implementing_unit=_as_neighbour(beside.implementing_unit),
    )


def _as_neighbour(stated: Stated | None) -> Stated | None:
    return replace(stated, basis=Basis.NEIGHBOUR) if stated else None


def _with_own_currency(draft: Draft, statement: Statement, ledger: Ledger) -> Statement:
    """Return a statement with the currency unit that its amounts print, 10000万元, where they agree on one."""
    cells = [amount.cell for amount in draft.amounts if amount.cell.text]
    units = {match[1] if (match := CURRENCY_AT_END.search(cell.text)) else "" for cell in cells}
    if statement.currency_unit is not None or len(units) != 1 or units == {""}:
        return statement
    return replace(statement, currency_unit=Stated(units.pop(), Basis.PRINTED, ledger.source.place(cells[0])))


def _with_currency(statement: Statement, beside: Statement | None, default: Stated | None, ledger: Ledger) -> Statement:
    if statement.currency_unit is not None:
        return statement
    stated = _as_neighbour(beside.currency_unit if beside else None) or default
    if stated is None:
        message = (
            "表上没有印金额单位，也无从推断",
            "the table prints no currency unit and none can be inferred",
        )
        ledger.find("R-CURRENCY-UNKNOWN", Severity.WARNING, message, statement.sequence, statement.place)
        return statement
    from_neighbour = stated.basis is Basis.NEIGHBOUR
    message = (
        f"表上没有印金额单位，{'取自相邻的表' if from_neighbour else '由金额写到分推断'}：{stated.value}",
        "the table prints no currency unit; taken from "
        f"{'the neighbouring table' if from_neighbour else 'amounts written to the cent'}: {stated.value}",
    )
    ledger.find("R-CURRENCY-INFERRED", Severity.INFO, message, statement.sequence, statement.place, stated.value)
    return replace(statement, currency_unit=stated)


def _default_currency(drafts: Sequence[Draft]) -> Stated | None:
    """Return the form's own unit if every amount has two decimals and the largest would be absurd in 万元."""
    default = next((draft.layout.default_unit for draft in drafts if draft.layout.default_unit), None)
    printed = [amount.cell.text for draft in drafts for amount in draft.amounts if amount.cell.text]
    if default is None or not printed or not all(TWO_DECIMALS.fullmatch(text) for text in printed):
        return None
    largest = max(float(text.replace(",", "")) for text in printed)
    return Stated(default, Basis.VALUES) if largest >= LEAST_YUAN else None


def _amounts(draft: Draft, statement: Statement, ledger: Ledger) -> tuple[Amount, ...]:
    unit = statement.currency_unit.value if statement.currency_unit else None
    amounts: list[Amount] = []
    for amount in draft.amounts:
        printed = in_one_line(amount.cell.text)
        place = ledger.source.place(amount.cell)
        ledger.enter(amount.concept, amount.cell, f"{statement.sequence}/amounts/{len(amounts) + 1}")
        cny = read_amount(printed, unit) if printed and unit else None
        amounts.append(Amount(amount.scope, amount.source, printed, unit, cny, place))
        if printed and unit and cny is None:
            message = (f"金额“{printed}”读不出数", f"the amount “{printed}” cannot be read as a number")
            ledger.find("R-AMOUNT-UNREADABLE", Severity.WARNING, message, statement.sequence, place, printed)
    return tuple(amounts)


def _document_year(statements: Sequence[Statement], ledger: Ledger, cover: Stated | None) -> Stated | None:
    """Return the year for tables that print none: of cover or manifest, or the one the texts name most."""
    if all(statement.fiscal_year for statement in statements):
        return None
    if cover is not None:
        return cover
    if ledger.document.year:
        return Stated(ledger.document.year, Basis.MANIFEST)
    named = Counter(year for statement in statements for year in _years(statement))
    ranked = named.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        message = (
            "文件没有印年度，文字里也看不出",
            "the document prints no year and its texts do not agree on one",
        )
        ledger.find("R-YEAR-UNKNOWN", Severity.WARNING, message)
        return None
    year, count = ranked[0]
    message = (
        f"文件没有印年度，按文字中出现最多的年份（{count} 处）取 {year} 年",
        f"the document prints no year; {year} is the year its texts name most ({count} times)",
    )
    ledger.find("R-YEAR-INFERRED", Severity.INFO, message, value=year)
    return Stated(year, Basis.VALUES)


def _years(statement: Statement) -> list[str]:
    name = statement.project_name.value if statement.project_name else ""
    texts = [statement.heading, statement.purpose, *(goal.text for goal in statement.goals)]
    for indicator in statement.indicators:
        texts += [indicator.name, indicator.description, indicator.target.printed]
    at_start = YEAR_OF_NAME.match(name)
    years = [at_start[1]] if at_start else YEAR.findall(name)
    return years + [year for text in texts if text for year in YEAR.findall(text)]

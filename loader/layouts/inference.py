"""Facts a form does not print, from named rules: unit and currency of a neighbour, year of cover or values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from fiscalkg.loader.layouts.layout import Layout
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.layouts.statement import Draft
from fiscalkg.loader.model import Amount, Basis, Severity, Stated, Statement
from fiscalkg.loader.tables import Cell
from fiscalkg.loader.text import join_lines
from fiscalkg.loader.values import read_amount

__all__ = ["infer"]

YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
TWO_DECIMALS = re.compile(r"\d[\d,]*\.\d\d")
LEAST_YUAN = 100_000  # no project of a local unit is budgeted at 100,000 万元 and written to the cent


def infer(drafts: Sequence[Draft], layout: Layout, ledger: Ledger, cover_year: Stated | None) -> list[Statement]:
    """Return the statements with unit, currency, year and amounts; each inference is a finding."""
    statements = [draft.statement for draft in drafts]
    statements = [_with_unit(statements, index, ledger) for index in range(len(statements))]
    default = _default_currency(drafts, layout)
    statements = [_with_currency(statements, index, default, ledger) for index in range(len(statements))]
    year = _document_year(statements, ledger, cover_year)
    dated = [replace(statement, fiscal_year=statement.fiscal_year or year) for statement in statements]
    return [
        replace(statement, amounts=_amounts(draft, statement, layout, ledger))
        for draft, statement in zip(drafts, dated, strict=True)
    ]


def _nearest(statements: Sequence[Statement], index: int, attribute: str) -> Stated | None:
    """Return what the nearest table above prints, else the nearest below: a table goes on with its neighbour."""
    order = [*range(index - 1, -1, -1), *range(index + 1, len(statements))]
    for other in order:
        stated: Stated | None = getattr(statements[other], attribute)
        if stated is not None and stated.basis is Basis.PRINTED:
            return stated
    return None


def _with_unit(statements: Sequence[Statement], index: int, ledger: Ledger) -> Statement:
    statement = statements[index]
    if statement.unit_name or statement.unit_code or statement.implementing_unit:
        return statement
    name = _nearest(statements, index, "unit_name")
    implementing = _nearest(statements, index, "implementing_unit")
    stated = name or implementing
    if stated is None:
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
        unit_name=_as_neighbour(name),
        unit_code=_as_neighbour(_nearest(statements, index, "unit_code")),
        implementing_unit=_as_neighbour(implementing),
    )


def _as_neighbour(stated: Stated | None) -> Stated | None:
    return replace(stated, basis=Basis.NEIGHBOUR) if stated else None


def _with_currency(
    statements: Sequence[Statement], index: int, default: Stated | None, ledger: Ledger
) -> Statement:
    statement = statements[index]
    if statement.currency_unit is not None:
        return statement
    stated = _as_neighbour(_nearest(statements, index, "currency_unit")) or default
    if stated is None:
        message = ("表上没有印金额单位，也无从推断", "the table prints no currency unit and none can be inferred")
        ledger.find("R-CURRENCY-UNKNOWN", Severity.WARNING, message, statement.sequence, statement.place)
        return statement
    from_neighbour = stated.basis is Basis.NEIGHBOUR
    message = (
        f"表上没有印金额单位，{'取自相邻的表' if from_neighbour else '由金额写到分推断'}：{stated.value}",
        "the table prints no currency unit; "
        f"{'taken from the neighbouring table' if from_neighbour else 'inferred from amounts written to the cent'}: "
        f"{stated.value}",
    )
    ledger.find("R-CURRENCY-INFERRED", Severity.INFO, message, statement.sequence, statement.place, stated.value)
    return replace(statement, currency_unit=stated)


def _default_currency(drafts: Sequence[Draft], layout: Layout) -> Stated | None:
    """Return the form's own unit if every amount has two decimals and the largest would be absurd in 万元."""
    printed = [cell.text for draft in drafts for cell in _amount_cells(draft, layout) if cell.text]
    if layout.default_unit is None or not printed or not all(TWO_DECIMALS.fullmatch(text) for text in printed):
        return None
    largest = max(float(text.replace(",", "")) for text in printed)
    return Stated(layout.default_unit, Basis.VALUES) if largest >= LEAST_YUAN else None


def _amount_cells(draft: Draft, layout: Layout) -> list[Cell]:
    return [cell for concept in layout.amounts for cell in draft.form.fields.get(concept, ())]


def _amounts(draft: Draft, statement: Statement, layout: Layout, ledger: Ledger) -> tuple[Amount, ...]:
    unit = statement.currency_unit.value if statement.currency_unit else None
    amounts: list[Amount] = []
    for concept, (scope, source) in layout.amounts.items():
        for cell in draft.form.fields.get(concept, ())[:1]:
            printed = join_lines(cell.text.split("\n"))
            place = ledger.source.place(cell)
            ledger.enter(concept, cell, f"{statement.sequence}/amounts/{len(amounts) + 1}")
            cny = read_amount(printed, unit) if printed and unit else None
            amounts.append(Amount(scope, source, printed, unit, cny, place))
            if printed and unit and cny is None:
                message = (f"金额“{printed}”读不出数", f"the amount “{printed}” cannot be read as a number")
                ledger.find("R-AMOUNT-UNREADABLE", Severity.WARNING, message, statement.sequence, place, printed)
    return tuple(amounts)


def _document_year(statements: Sequence[Statement], ledger: Ledger, cover: Stated | None) -> Stated | None:
    """Return the year for tables that print none: of the cover, the manifest, or the one the texts name most."""
    if all(statement.fiscal_year for statement in statements):
        return None
    if cover is not None:
        return cover
    if ledger.document.year:
        return Stated(ledger.document.year, Basis.MANIFEST)
    named = Counter(year for statement in statements for text in _texts(statement) for year in YEAR.findall(text))
    ranked = named.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        message = ("文件没有印年度，文字里也看不出", "the document prints no year and its texts do not agree on one")
        ledger.find("R-YEAR-UNKNOWN", Severity.WARNING, message)
        return None
    year, count = ranked[0]
    message = (
        f"文件没有印年度，按文字中出现最多的年份（{count} 处）取 {year} 年",
        f"the document prints no year; {year} is the year its texts name most ({count} times)",
    )
    ledger.find("R-YEAR-INFERRED", Severity.INFO, message, value=year)
    return Stated(year, Basis.VALUES)


def _texts(statement: Statement) -> list[str]:
    texts = [statement.heading, statement.project_name.value if statement.project_name else None]
    texts += [statement.purpose, *(goal.text for goal in statement.goals)]
    for indicator in statement.indicators:
        texts += [indicator.name, indicator.description, indicator.target.printed]
    return [text for text in texts if text]

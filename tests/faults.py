"""Faults for tests to seed: for each shape of a rule a real statement of the examples, and what is broken in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

from fiscalkg.loader.layouts import parse
from fiscalkg.loader.model import AmountSource, Document, Indicator, Scope, Statement
from fiscalkg.loader.readers import read
from fiscalkg.loader.values import read_target

__all__ = ["EXAMPLES", "FAULTS", "example", "without"]

EXAMPLES = {path.name[:3]: path for path in (Path(__file__).parent.parent / "examples").glob("*.txt")}
Change = Callable[[Statement], Statement]
Row = Callable[[Indicator], Indicator | None]


@cache
def example(number: str) -> tuple[Document, tuple[Statement, ...]]:
    source = read(EXAMPLES[number])
    place = "440300" if number == "003" else "120000"
    document = Document(source.name, source.sha256, source.media_type, place=place)
    return document, parse(source, document).statements


def rows(change: Row) -> Change:
    """A change of every indicator; None leaves it out."""
    return lambda one: replace(one, indicators=tuple(row for old in one.indicators if (row := change(old)) is not None))


def without(level2: str) -> Change:
    return rows(lambda row: None if level2 in (row.level2 or "") else row)


def first(level2: str, **changes: object) -> Change:
    """A change of the first indicator of a class."""

    def change(one: Statement) -> Statement:
        at = next(index for index, row in enumerate(one.indicators) if level2 in (row.level2 or ""))
        changed = replace(one.indicators[at], **changes)  # type: ignore[arg-type]  # the names are Indicator's
        return replace(one, indicators=(*one.indicators[:at], changed, *one.indicators[at + 1 :]))

    return change


def money(scope: Scope, source: AmountSource, cny: Decimal | None) -> Change:
    def change(one: Statement) -> Statement:
        amounts = (replace(a, cny=cny) if (a.scope, a.source) == (scope, source) else a for a in one.amounts)
        return replace(one, amounts=tuple(amounts))

    return change


def twin(one: Statement) -> Statement:
    row = next(row for row in one.indicators if "数量" in (row.level2 or ""))
    copy = replace(row, ordinal=len(one.indicators) + 1, target=read_target("≥7777个"))
    return replace(one, indicators=(*one.indicators, copy))


def repeat_name(one: Statement) -> Statement:
    row = one.indicators[0]
    return first(row.level2 or "", description=row.name)(one)


NOBODY = {"unit_code": None, "unit_name": None, "supervising_unit": None, "implementing_unit": None}


def two_years(one: Statement) -> Statement:
    goals = tuple(goal for goal in one.goals if goal.scope is Scope.YEAR)
    return replace(one, planned_start="2019-01-01", planned_end="2020-12-31", overall_goal="", goals=goals)


FAULTS: dict[str, tuple[str, int, Change]] = {  # shape of a rule -> example, statement, what is broken in it
    "C01": ("001", 1, lambda one: replace(one, project_name=None)),
    "C02": ("001", 2, lambda one: replace(one, **NOBODY)),  # type: ignore[arg-type]  # the names are Statement's
    "C03": ("001", 2, lambda one: replace(one, fiscal_year=None)),
    "C04": ("001", 2, money(Scope.YEAR, AmountSource.ALL, None)),
    "C05": ("001", 2, money(Scope.YEAR, AmountSource.FISCAL, Decimal(1))),
    "C06": ("003", 1, money(Scope.TOTAL, AmountSource.ALL, Decimal(1))),
    "C07": ("001", 2, lambda one: replace(one, goals=())),
    "C07-overall": ("003", 1, two_years),
    "C08": ("001", 2, lambda one: replace(one, indicators=())),
    "C09": ("001", 1, rows(lambda row: None if row.level1 == "效益指标" else row)),
    "C10": ("001", 1, without("数量")),
    "C11": ("001", 1, without("时效")),
    "C12": ("001", 1, without("成本")),
    "C13": ("001", 1, without("满意")),
    "C14": ("001", 1, first("数量", name="")),
    "C15": ("001", 1, first("满意", level1="效益指标")),
    "C16": ("001", 1, first("数量", target=read_target("≥1000"))),
    "C16-comparison": ("001", 1, first("数量", target=read_target("1000人"))),
    "C17": ("001", 1, first("质量", target=read_target("-"))),
    "C18": ("001", 1, first("成本", target=read_target("≤99999万元"))),
    "C19": ("001", 1, first("满意", target=read_target("≤150%"))),
    "C20": ("003", 1, lambda one: replace(one, planned_start="2019-12-31", planned_end="2019-01-01")),
    "C21": ("001", 1, rows(lambda row: replace(row, weight="1"))),
    "C22": ("001", 1, repeat_name),
    "C23": (
        "003",
        1,
        lambda one: replace(one, indicators=(replace(one.indicators[0], basis=""), *one.indicators[1:])),
    ),
    "C24": ("001", 1, twin),
}

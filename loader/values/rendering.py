"""A value understood into the one text that is read as the same value again."""

from __future__ import annotations

import re
from decimal import Decimal

from fiscalkg.loader.model import Comparator, TargetKind, TargetValue
from fiscalkg.loader.values.units import MAGNITUDE, unit_of

__all__ = ["render"]

_SIGNS = {
    Comparator.AT_LEAST: "≥", Comparator.MORE_THAN: ">", Comparator.AT_MOST: "≤", Comparator.LESS_THAN: "<",
    Comparator.EQUAL: "=", Comparator.ABOUT: "约",
}  # fmt: skip
_DATE_ENDINGS = {
    Comparator.AT_MOST: "内", Comparator.LESS_THAN: "前", Comparator.AT_LEAST: "起", Comparator.MORE_THAN: "之后",
}  # fmt: skip
_THOUSAND = 1000
_PART = "分之一"


def render(target: TargetValue) -> str:
    """Return a value in its plainest printed form; reading it gives the value again, ``printed`` apart.

    Values that hold no number or date, and those with several, are given as printed.
    """
    if target.date is not None:
        value = _render_date(target.date, target.comparator)
    elif target.number is not None:
        value = _render_number(target)
    else:
        return target.printed
    if not target.remark:
        return value
    return value + (target.remark if target.kind is TargetKind.QUANTITY else f"；{target.remark}")


def _render_number(target: TargetValue) -> str:
    sign = _SIGNS[target.comparator] if target.comparator else ""
    is_bare = target.unit is None
    number = _written(target.number or Decimal(0), grouped=is_bare)
    upper = f"-{_written(target.number_max, grouped=is_bare)}" if target.number_max is not None else ""
    subject = "金额" if target.unit in MAGNITUDE and target.normalized_unit == "CNY" else ""
    unit = target.unit or ""
    if unit.endswith(_PART) and not upper:
        return f"{sign}{unit.removesuffix('一')}{number}"
    # A unit nobody has listed is told from prose by its brackets.
    boxed = f"({unit})" if unit and not unit_of(unit).is_known else unit
    return f"{subject}{sign}{number}{upper}{boxed}"


def _written(number: Decimal, *, grouped: bool) -> str:
    """A bare 2019.10 could be a month: grouped figures cannot."""
    return format(number, ",f" if grouped and abs(number) >= _THOUSAND else "f")


def _render_date(date: str, comparator: Comparator | None) -> str:
    if date.startswith("{"):
        return "、".join(_chinese(part) for part in date.strip("{}").split(","))
    text = "-".join(_chinese(part) for part in date.split("/"))
    if comparator in _DATE_ENDINGS:
        return text + _DATE_ENDINGS[comparator]
    return (_SIGNS[comparator] if comparator else "") + text


def _chinese(date: str) -> str:
    has_year = not date.startswith("--")
    parts = [str(int(part)) for part in re.findall(r"\d+", date)]
    names = ("年", "月", "日") if has_year else ("月", "日")
    return "".join(part + name for part, name in zip(parts, names, strict=False))

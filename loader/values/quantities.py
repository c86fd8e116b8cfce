"""Number, unit and comparison as they stand together in a text, alone or inside prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from fiscalkg.loader.model import Comparator
from fiscalkg.loader.values.numbers import CHINESE, FIGURES, chinese_number, figure
from fiscalkg.loader.values.signs import AFTER, BEFORE, combined
from fiscalkg.loader.values.units import MAGNITUDE, UNIT, unit_of

__all__ = ["Quantity", "leading_quantity", "quantities_in", "whole_quantity"]

# Words that only name what the indicator's own name says: they are no remark.
_SUBJECT = (
    r"(?:(?:(?:本|项目|年度|全年|总|单位)*(?:预算|金额|成本|费用|经费|资金|投资|支出|造价|满意度|数量|人数|规模)"
    r"(?:合计|总额|总计|控制)?(?:为|应|须|:)?)?)"
)
_PER_WORD = r"(?:每(?:个)?(?:工作日|小时|季度|[人年月日天次期场户件家项年周])|人均|户均|次均|年均|月均|日均)"
_NUMBER = rf"(?:[-+]?{FIGURES})"
_SIDE = rf"(?:(?P<share>百分之)(?P<of_hundred>{FIGURES}|[零一二两三四五六七八九十百]+)|(?P<number>{_NUMBER}|{CHINESE}))"
_BETWEEN = r"[-~至到]"
_UNIT_PART = rf"(?:\((?P<boxed>{UNIT}|[^\W\d_]{{1,8}})\)|(?P<unit>{UNIT}))"
_CORE = rf"(?P<before>{BEFORE})?{_SIDE}{_UNIT_PART}?(?P<after>{AFTER})?"
# 完成 and the like are what every deadline is for.
_DONE = r"(?:(?:全部|按时)?(?:完成|办结|到位|响应|结束|完毕))?[。;,、]?"
_WHOLE = re.compile(rf"(?P<per>{_PER_WORD}{{0,3}}){_SUBJECT}{_CORE}{_DONE}")
_LEADING = re.compile(_CORE)
_INSIDE = re.compile(rf"(?<![\d.,×*xX/第+A-Za-z-]){_CORE}(?![\d×*])")
_RANGE = re.compile(
    rf"{_SUBJECT}(?P<low>{FIGURES})(?P<low_unit>{UNIT})?{_BETWEEN}(?P<high>{FIGURES})(?P<unit>{UNIT})?{_DONE}"
)
_BOUNDS = re.compile(
    rf"(?:≥|>=)(?P<low>{FIGURES})(?P<low_unit>{UNIT})?(?:&&?|且|并且|,|、)?(?:≤|<=)(?P<high>{FIGURES})(?P<unit>{UNIT})?"
)
_LAST_YEAR_COUNTED = 1900


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what stands around it; ``start`` and ``end`` are where, in the folded text."""

    start: int
    end: int
    number: Decimal
    number_max: Decimal | None = None
    unit: str | None = None
    comparator: Comparator | None = None


def whole_quantity(text: str) -> Quantity | None:
    """Return the quantity or range that a folded text is, and nothing else.

    >>> whole_quantity("不少于3199.8亿元人民币").unit, whole_quantity("每人每天不超过400元").unit
    ('亿元', '元/人/天')
    """
    ranged = _RANGE.fullmatch(text) or _BOUNDS.fullmatch(text)
    if ranged and (quantity := _ranged(ranged)):
        return quantity
    matched = _WHOLE.fullmatch(text)
    quantity = _quantity(matched) if matched else None
    if matched is None or quantity is None or not matched["per"]:
        return quantity
    if quantity.unit is None or not unit_of(quantity.unit).is_known or quantity.unit in MAGNITUDE:
        return None
    periods = re.findall(r"每个?(工作日|小时|季度|.)|(.)均", matched["per"])
    unit = "/".join([quantity.unit, *(each or mean for each, mean in periods)])
    return replace(quantity, unit=unit)


def leading_quantity(text: str) -> Quantity | None:
    """Return the quantity that a folded text starts with; a Chinese numeral needs a comparison and a unit."""
    matched = _LEADING.match(text)
    if matched is None or (_is_chinese(matched) and not matched["before"]):
        return None
    return _quantity(matched)


def quantities_in(text: str) -> Iterator[Quantity]:
    """Yield the quantities inside prose: figures with a unit or comparison, Chinese numerals with both."""
    for matched in _INSIDE.finditer(text):
        quantity = _quantity(matched)
        if quantity is None:
            continue
        if _is_chinese(matched) and not (quantity.unit and quantity.comparator):
            continue
        if quantity.unit or matched["before"]:
            yield quantity


def _is_chinese(matched: re.Match[str]) -> bool:
    return bool(matched["number"]) and not matched["number"][-1].isdigit()


def _quantity(matched: re.Match[str]) -> Quantity | None:
    unit = matched["unit"] or matched["boxed"]
    number = _number(matched)
    if number is None or (matched["share"] and unit) or (_is_chinese(matched) and not unit):
        return None
    if unit == "年" and number >= _LAST_YEAR_COUNTED:
        return None
    if number < 0 and not matched["before"]:
        return None
    try:
        comparator = combined(matched["before"], matched["after"])
    except ValueError:
        return None
    return Quantity(matched.start(), matched.end(), number, None, "%" if matched["share"] else _short(unit), comparator)


def _number(matched: re.Match[str]) -> Decimal | None:
    text = matched["of_hundred"] or matched["number"]
    return figure(text) if text[-1].isdigit() else chinese_number(text)


def _short(unit: str | None) -> str | None:
    return unit.removeprefix("人民币").removesuffix("人民币") or "元" if unit else None


def _ranged(matched: re.Match[str]) -> Quantity | None:
    low, high = figure(matched["low"]), figure(matched["high"])
    unit = matched["unit"] or matched["low_unit"]
    if low >= high or matched["low_unit"] not in (None, unit):
        return None
    return Quantity(matched.start(), matched.end(), low, high, _short(unit))

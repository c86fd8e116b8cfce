"""Number, unit and comparison as they stand together in a text, alone or inside prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from fiscalkg.loader.model import Comparator, TargetKind
from fiscalkg.loader.values.numbers import CHINESE, FIGURES, chinese_number, figure
from fiscalkg.loader.values.signs import AFTER, BEFORE, combined
from fiscalkg.loader.values.units import MAGNITUDE, UNIT, parts_of, unit_of

__all__ = ["Quantity", "leading_quantity", "quantities_in", "whole_quantity"]

# Words that only name what the indicator's own name says: they are no remark.
_SUBJECT = (
    r"(?:(?:(?:本|项目|年度|全年|总|单位)*(?:预算|金额|成本|费用|经费|资金|投资|支出|造价|满意度|数量|人数|规模)"
    r"(?:合计|总额|总计|控制)?(?:为|应|须|:)?)?)"
)
_EACH = (
    "工作日|小时|季度|平方米|平米|立方米|平方公里|公里|公顷|课时|学时|标段|人次|场次|台次"
    "|[人年月日天次期场户件家项周亩吨米台套辆]"
)
_PER_WORD = rf"(?:每个?(?:{_EACH})|人均|户均|次均|年均|月均|日均)"
_NUMBER = rf"(?:[-+]?{FIGURES})"
_SHARE = rf"(?P<parts>{CHINESE}|[1-9]\d{{0,3}})分之(?P<share>{FIGURES}|{CHINESE})"
# 500余人 are more than 500.
_SIDE = rf"(?:{_SHARE}|(?P<currency>[¥￥]|RMB)?(?P<number>{_NUMBER}|{CHINESE})(?:(?P<over>[余多])(?={UNIT}))?)"
_BETWEEN = r"[-~至到]"
_UNIT_PART = rf"(?:\((?P<boxed>{UNIT}|[^\W\d_]{{1,8}})\)|(?P<unit>{UNIT}))"
_CORE = rf"(?P<before>{BEFORE})?{_SIDE}{_UNIT_PART}?(?P<after>{AFTER})?"
# 完成 and the like are what every deadline is for.
_DONE = r"(?:(?:全部|按时)?(?:完成|办结|到位|响应|结束|完毕))?[。;,、]?"
_WHOLE = re.compile(rf"(?P<per>{_PER_WORD}{{0,3}}){_SUBJECT}{_CORE}{_DONE}")
_LEADING = re.compile(_CORE)
_INSIDE = re.compile(rf"(?<!\d\s)(?<![\d.,×*xX/第+A-Za-z-]){_CORE}(?![\d×*]|(?<=\d)[-~/:.\s]\d)")
_GOES_ON = re.compile(r"[-~/:.×*至到\s]?\d")
_RANGE = re.compile(
    rf"{_SUBJECT}(?P<low>{FIGURES})(?P<low_unit>{UNIT})?{_BETWEEN}(?P<high>{FIGURES})(?P<unit>{UNIT})?{_DONE}"
)
_BOUNDS = re.compile(
    rf"(?:≥|>=)(?P<low>{FIGURES})(?P<low_unit>{UNIT})?(?:&&?|且|并且|,|、)?(?:≤|<=)(?P<high>{FIGURES})(?P<unit>{UNIT})?"
)
_LAST_YEAR_COUNTED = 1900
_MAY_COUNT = re.compile(rf"\d|{CHINESE}")  # much prose counts nothing
_MAY_RANGE = re.compile(rf"{_BETWEEN}|≤|<=")  # most values have but one end
_SHARES = {Decimal(100): "%", Decimal(1000): "‰"}


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
    if not _MAY_COUNT.search(text):
        return None
    ranged = (_RANGE.fullmatch(text) or _BOUNDS.fullmatch(text)) if _MAY_RANGE.search(text) else None
    if ranged and (quantity := _ranged(ranged)):
        return quantity
    matched = _WHOLE.fullmatch(text)
    quantity = _quantity(matched, is_whole=True) if matched else None
    if matched is None or quantity is None or not matched["per"]:
        return quantity
    if quantity.unit is None or not unit_of(quantity.unit).is_known or quantity.unit in MAGNITUDE:
        return None
    periods = re.findall(rf"每个?({_EACH})|(.)均", matched["per"])
    unit = "/".join([quantity.unit, *(each or mean for each, mean in periods)])
    return replace(quantity, unit=unit)


def leading_quantity(text: str) -> Quantity | None:
    """Return the quantity that a folded text starts with; a Chinese numeral needs a comparison and a unit."""
    matched = _LEADING.match(text) if _MAY_COUNT.search(text) else None
    # 3 of ≥3-5场 or of ≥1/2 is not what is meant.
    if matched is None or _GOES_ON.match(text, matched.end()) or (_is_chinese(matched) and not matched["before"]):
        return None
    return _quantity(matched)


def quantities_in(text: str) -> Iterator[Quantity]:
    """Yield the quantities inside prose: figures with a unit or comparison, Chinese numerals with both."""
    if not _MAY_COUNT.search(text):
        return
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


def _quantity(matched: re.Match[str], *, is_whole: bool = False) -> Quantity | None:
    number, unit = _number(matched), _unit(matched)
    if number is None or unit == "":
        return None
    if _is_chinese(matched) and not _is_counted(matched, unit, is_whole=is_whole):
        return None
    if unit == "年" and number >= _LAST_YEAR_COUNTED:
        return None
    if number < 0 and not matched["before"]:
        return None
    try:
        comparator = combined(matched["before"], matched["after"])
    except ValueError:
        return None
    if comparator is None and matched["over"]:
        comparator = Comparator.MORE_THAN
    return Quantity(matched.start(), matched.end(), number, None, unit, comparator)


def _number(matched: re.Match[str]) -> Decimal | None:
    text = matched["share"] or matched["number"]
    if text[-1].isdigit():
        return figure(text)
    return Decimal(100) if matched["share"] == "百" else chinese_number(text)


def _unit(matched: re.Match[str]) -> str | None:
    """Return the unit, ``None`` where none is printed, ``""`` where two contradict each other."""
    unit = _short(matched["unit"] or matched["boxed"])
    if matched["share"]:
        parts = parts_of(matched["parts"])
        return "" if unit or parts is None else _SHARES.get(parts, matched["parts"] + "分之一")
    if not matched["currency"] or (unit and unit_of(unit).kind is TargetKind.MONEY):
        return unit
    return f"{unit or ''}元" if unit is None or unit in MAGNITUDE else ""


def _is_counted(matched: re.Match[str], unit: str | None, *, is_whole: bool) -> bool:
    """Tell 十二场 and a bare 十二 from words that begin with such a character, as 一级, which is a grade."""
    if unit is not None:
        return unit != "级" or bool(matched["before"] or matched["after"])
    text = matched["number"]
    return is_whole and bool(matched["before"] or len(text) > 1 or text in "两十零")


def _short(unit: str | None) -> str | None:
    return unit.removeprefix("人民币").removesuffix("人民币") or "元" if unit else None


def _ranged(matched: re.Match[str]) -> Quantity | None:
    low, high = figure(matched["low"]), figure(matched["high"])
    unit = matched["unit"] or matched["low_unit"]
    if low >= high or matched["low_unit"] not in (None, unit):
        return None
    return Quantity(matched.start(), matched.end(), low, high, _short(unit))

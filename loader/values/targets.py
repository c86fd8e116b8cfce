"""指标值 as printed into a ``TargetValue``: the forms are tried from the exact ones to prose."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from fiscalkg.loader.model import Comparator, Confidence, TargetKind, TargetValue
from fiscalkg.loader.values.dates import Dated, may_name_date, read_dated
from fiscalkg.loader.values.folding import Folded, fold
from fiscalkg.loader.values.quantities import Quantity, leading_quantity, quantities_in, whole_quantity
from fiscalkg.loader.values.rendering import render
from fiscalkg.loader.values.signs import BEFORE, before
from fiscalkg.loader.values.units import MAGNITUDE, unit_of

__all__ = ["read_target"]

_BLANK = re.compile(r"[-/\\_.。·…、\s]*")
_YES_NO = frozenset(["是", "否", "√"])
_EDGE = " \t\r\n　,，.。;；、:："
_LEADS = re.compile(r"(?:于|在|截至|截止到)?(?P<sign>≥|>=|≤|<=|>|<|=|不晚于|不迟于|早于)?")
_DATE_SIGNS = {
    "≥": Comparator.AT_LEAST, ">=": Comparator.AT_LEAST, ">": Comparator.MORE_THAN, "=": Comparator.EQUAL,
    "≤": Comparator.AT_MOST, "<=": Comparator.AT_MOST, "不晚于": Comparator.AT_MOST, "不迟于": Comparator.AT_MOST,
    "<": Comparator.LESS_THAN, "早于": Comparator.LESS_THAN,
}  # fmt: skip
_DONE = re.compile(r"(?:全部|按时)?(?:完成|办结|到位|结束|完毕)?[。;,、]?")
_IN_PROSE = re.compile(
    r"(?:(?:19|20)\d\d年?(?:(?:1[0-2]|0?[1-9])月(?:(?:3[01]|[12]\d|0?[1-9])[日号])?)?|(?<!\d)(?:1[0-2]|0?[1-9])月(?:(?:3[01]|[12]\d|0?[1-9])[日号])?"
    r"|(?<![一二两三四五六七八九十半全每\d])本?年)(?:年?[底末])?(?:之前|以前|前|之内|以内|内)?"
)
_NOUN = re.compile(r"[\u4e00-\u9fff]{1,4}")
_PROSE_STARTS = ("反映", "定性", "以", "左右", "且", "并", "的", "全年")
_LONGEST_PROSE = 40
_MONEY_NAME = re.compile(r"成本|预算|经费|费用|金额|资金|支出|投资|租金|补贴|补助")
_NOT_MONEY_NAME = re.compile(r"率|比例|数量|人数|次数|户数|笔数")
_SHARE_NAME = re.compile(r"满意|率(?:$|[^领])|比例|占比|百分比")
_AMOUNT = re.compile(r"金额(?=[≥≤<>=约\d])")
_MONTHS = 12
_FRACTION_DIGITS = 12  # 三分之二 has no end
_PARTED = re.compile(rf"(?P<before>{BEFORE})[\u4e00-\u9fff]{{1,6}}$")


def read_target(printed: str, *, name: str | None = None, level2: str | None = None) -> TargetValue:
    """Return what a printed target value says; whatever is not understood stays qualitative.

    ``name`` and ``level2`` (指标名称, 二级指标) only decide what the value leaves open: whether 122万 under
    成本指标 is money, whether 95 under 满意度 is likely a percentage. What follows from them, and any other
    guess, has confidence ``low``. Never raises; ``printed`` is kept to the letter.

    >>> read_target("≤333.49万元").normalized
    Decimal('3334900.00')
    """
    context = f"{name or ''} {level2 or ''}"
    read = _read(printed, context)
    plain = render(read)
    if plain == printed:
        return read
    # A value whose plain form says something else was not understood.
    is_settled = replace(_read(plain, context), printed=printed) == read
    return read if is_settled else TargetValue(printed, TargetKind.QUALITATIVE)


def _read(printed: str, context: str) -> TargetValue:
    return _sure(_in_context(_read_alone(printed), context), context)


@lru_cache(maxsize=4096)  # of the values in the examples four in ten have stood there before: 100%, ≥90%
def _read_alone(printed: str) -> TargetValue:
    folded = _without_subject(fold(printed))
    return _exact(folded) or _prose(folded) or TargetValue(printed, TargetKind.QUALITATIVE)


def _without_subject(folded: Folded) -> Folded:
    """金额≤122万 says of 122万 that it is money, and nothing else."""
    skipped = 2 if _AMOUNT.match(folded.text) else 0
    return Folded(folded.printed, folded.text[skipped:], folded.offsets[skipped:])


def _exact(folded: Folded) -> TargetValue | None:
    text = folded.text
    if _BLANK.fullmatch(text):
        return TargetValue(folded.printed, TargetKind.BLANK)
    if text in _YES_NO:
        return TargetValue(folded.printed, TargetKind.BOOLEAN)
    if dated := _whole_date(text):
        return TargetValue(folded.printed, TargetKind.DATE, dated.comparator, date=dated.date)
    quantity = whole_quantity(text)
    if quantity is None:
        return None
    valued = _valued(folded.printed, quantity)
    # 1季度 without its subject is the first quarter.
    if valued.kind is TargetKind.DURATION and (dated := _whole_date(fold(render(valued)).text)):
        return TargetValue(folded.printed, TargetKind.DATE, dated.comparator, date=dated.date)
    return valued


def _whole_date(text: str) -> Dated | None:
    if not may_name_date(text):
        return None
    dated = read_dated(text)
    if dated:
        return dated
    lead = _LEADS.match(text)
    rest = text[lead.end() :] if lead else text
    for match in _DONE.finditer(rest):
        if match.end() == len(rest):
            rest = rest[: match.start()]
            break
    dated = read_dated(rest)
    sign = _DATE_SIGNS[lead["sign"]] if lead and lead["sign"] else None
    if dated is None or sign is None:
        return dated
    # <12月 may be twelve months: a sign makes a date only of what has a year.
    return Dated(dated.date, sign) if not dated.comparator and dated.date[0].isdigit() else None


def _valued(printed: str, quantity: Quantity) -> TargetValue:
    if quantity.unit is None:
        kind, factor, normalized = TargetKind.NUMBER, None, None
    else:
        unit = unit_of(quantity.unit)
        kind, factor, normalized = unit.kind, unit.factor, unit.normalized
    number_max = quantity.number_max
    normal = quantity.number * factor if factor else None
    return TargetValue(
        printed,
        TargetKind.RANGE if number_max is not None else kind,
        quantity.comparator,
        quantity.number,
        number_max,
        quantity.unit,
        _ended(normal),
        number_max * factor if factor and number_max is not None else None,
        normalized,
    )


def _ended(number: Decimal | None) -> Decimal | None:
    """Cut 0.666… where the store would; every other share ends before."""
    exponent = number.as_tuple().exponent if number is not None else 0
    return round(number, _FRACTION_DIGITS) if number is not None and int(exponent) < -_FRACTION_DIGITS else number


def _prose(folded: Folded) -> TargetValue | None:
    return _separated(folded) or _dated_prose(folded) or _leading_value(folded) or _value_inside(folded)


def _separated(folded: Folded) -> TargetValue | None:
    """≥5；全年开展: a value, a semicolon, and the prose."""
    end = folded.text.find(";")
    value, rest = folded.text[:end], folded.text[end + 1 :]
    remark = folded.slice(end + 1, len(folded.text)).strip(_EDGE)
    if end < 1 or not remark:
        return None
    if dated := _whole_date(value):
        return TargetValue(folded.printed, TargetKind.MIXED, dated.comparator, date=dated.date, remark=remark)
    quantity = whole_quantity(value)
    if quantity is None or (quantity.unit is not None and any(quantities_in(rest))):
        return None
    return replace(_valued(folded.printed, quantity), kind=TargetKind.MIXED, remark=remark)


def _dated_prose(folded: Folded) -> TargetValue | None:
    """2026年1月5日前，完成… and …于6月底前完成: one deadline, and the prose beside it."""
    text = folded.text
    if not may_name_date(text):
        return None
    first = _IN_PROSE.match(text)
    found = [first] if first and _deadline(first[0]) else list(_IN_PROSE.finditer(text))
    if len(found) != 1 or (found[0] is not first and any(quantities_in(text[found[0].end() :]))):
        return None
    dated = _deadline(found[0][0])
    if dated is None or len(text) - len(found[0][0]) > _LONGEST_PROSE:
        return None
    remark = _remark(folded, found[0].start(), found[0].end())
    return TargetValue(folded.printed, TargetKind.MIXED, dated.comparator, date=dated.date, remark=remark)


def _deadline(text: str) -> Dated | None:
    dated = read_dated(text)
    return dated if dated and dated.comparator else None


def _leading_value(folded: Folded) -> TargetValue | None:
    quantity = leading_quantity(folded.text)
    if quantity is None:
        return None
    tail = folded.text[quantity.end :]
    valued = _valued(folded.printed, quantity)
    is_noun = _NOUN.fullmatch(tail) is not None and not tail.startswith(_PROSE_STARTS)
    if (
        is_noun
        and quantity.comparator is not Comparator.EQUAL
        and (quantity.unit is None or quantity.unit in MAGNITUDE)
    ):
        return _valued(folded.printed, replace(quantity, unit=(quantity.unit or "") + tail))
    if is_noun and valued.kind is TargetKind.QUANTITY:
        return replace(valued, remark=_remark(folded, quantity.start, quantity.end))
    if quantity.unit is None and quantity.comparator is None and not tail.startswith(_PROSE_STARTS):
        return None
    following = leading_quantity(tail)
    if (following and following.comparator) or (quantity.unit is not None and any(quantities_in(tail))):
        return None
    remark = _remark(folded, quantity.start, quantity.end)
    return replace(valued, kind=TargetKind.MIXED, remark=remark) if remark else None


def _value_inside(folded: Folded) -> TargetValue | None:
    text = folded.text
    masked = _without_dates(text) if may_name_date(text) else text
    found = list(quantities_in(masked))
    if len(found) > 1:
        found = [each for each in found if unit_of(each.unit or "").kind is not TargetKind.DURATION] or found
    if len(found) > 1:
        return TargetValue(folded.printed, TargetKind.MIXED, remark=folded.printed.strip(_EDGE))
    if not found or len(text) - (found[0].end - found[0].start) > _LONGEST_PROSE:
        return None
    return _mixed(folded, found[0])


def _without_dates(text: str) -> str:
    return _IN_PROSE.sub(lambda match: " " * len(match[0]) if _is_date(match[0]) else match[0], text)


def _mixed(folded: Folded, quantity: Quantity) -> TargetValue | None:
    start, end = quantity.start, quantity.end
    remark = _remark(folded, start, end)
    # 不超过总次数5%: what is counted stands between the comparison and the number.
    parted = _PARTED.search(folded.text, 0, start) if quantity.comparator is None else None
    if parted:
        quantity = replace(quantity, comparator=before(parted["before"]))
        sides = (folded.slice(0, parted.start()), folded.slice(parted.end("before"), start))
        remark = _joined(*sides, folded.slice(end, len(folded.text)))
    return replace(_valued(folded.printed, quantity), kind=TargetKind.MIXED, remark=remark) if remark else None


def _is_date(text: str) -> bool:
    return any(character.isdigit() for character in text) and read_dated(text) is not None


def _remark(folded: Folded, start: int, end: int) -> str | None:
    """Return the prose around a value as printed, ``…`` where the value stood inside it."""
    return _joined(folded.slice(0, start), folded.slice(end, len(folded.text)))


def _joined(*parts: str) -> str | None:
    stripped = (part.strip(_EDGE) for part in parts)
    return "…".join(part for part in stripped if part) or None


def _in_context(read: TargetValue, context: str) -> TargetValue:
    """Take 122万 for money where name or level 2 speak of money."""
    if read.number is None or read.unit not in MAGNITUDE:
        return read
    factor = MAGNITUDE[read.unit]
    is_named = _MONEY_NAME.search(context) and not _NOT_MONEY_NAME.search(context)
    if not is_named and not _MONEY_NAME.search(read.printed):
        return replace(read, normalized=read.number * factor)
    upper = read.number_max * factor if read.number_max is not None else None
    kind = TargetKind.MONEY if read.kind is TargetKind.NUMBER else read.kind
    return replace(read, kind=kind, normalized=read.number * factor, normalized_max=upper, normalized_unit="CNY")


def _sure(read: TargetValue, context: str) -> TargetValue:
    return replace(read, confidence=Confidence.LOW) if _is_guess(read, context) else read


def _is_guess(read: TargetValue, context: str) -> bool:
    if read.number is None:
        return False
    if read.kind is TargetKind.MIXED and read.comparator is None:
        return True
    if read.unit is None:
        return bool(_SHARE_NAME.search(context)) and 0 < read.number <= 100
    if read.unit in MAGNITUDE or not unit_of(read.unit).is_known:
        return True
    # ≤12月 is a time of twelve months or a time before December.
    return read.unit == "月" and read.kind is TargetKind.DURATION and read.number <= _MONTHS

"""Dates and periods as printed into ISO 8601, with the comparison their words make.

Where no year is printed none is completed: ``--11``, ``--12-31``. Several dates that are all meant are a
set of ISO 8601-2, ``{--04,--07}``. 之前 and 之后 exclude, 底前, 内, 起 and 以来 include the day they name; so a date
that is open to one side is its one end with a comparison.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass

from fiscalkg.loader.model import Comparator
from fiscalkg.loader.values.folding import fold
from fiscalkg.loader.values.numbers import chinese_number

__all__ = ["Dated", "may_name_date", "read_date", "read_dated"]

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}年{_MONTH}月{_DAY}[日号]?",
        rf"{_YEAR}(?P<mark>[-./]){_MONTH}(?P=mark){_DAY}",
        rf"{_YEAR}年{_MONTH}月份?",
        rf"{_YEAR}[-./](?P<month>1[0-2]|0[1-9])",
        rf"{_YEAR}年?(?P<half>[上下])半年",
        rf"{_YEAR}年?第?(?P<quarter>[一二三四1-4])季度",
        rf"{_YEAR}年(?:度|全年)?",
        rf"{_MONTH}月{_DAY}[日号]",
        rf"{_MONTH}月份?",
        r"(?P<half>[上下])半年",
        r"第?(?P<quarter>[一二三四1-4])季度",
    )
)
_HINT = re.compile(r"[年月季]|(?:19|20)\d\d")
_WORDS = "之前|以前|前|之内|以内|内|起|以来|开始|之后|以后|后"
_YEAR_END = re.compile(r"(?:(?P<year>(?:19|20)\d\d)年?年?|[本当]?年)(?P<word>底|末|内)")
_END = re.compile(rf"(?:份?(?P<last>月?底|末|最后一天))?(?P<before>{_WORDS})?")
_DASH = re.compile(r"(?P<from>[^-~至到]*)[-~至到]+(?P<to>[^-~至到]*)")
_BOUNDS = re.compile(r"(?:>=|≥)(?P<from>[^&且,]+?)(?:&&?|且|,)(?:<=|≤)(?P<to>.+)")
_UNMARKED = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?")
_MONTH_NAMES = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_CHINESE_YEAR = re.compile(r"(?:一九|二[〇零])[〇零一二三四五六七八九]{2}(?=年)")
_CHINESE_DAY = re.compile(r"(?<=月)[一二三]?十?[一二三四五六七八九]?(?=[日号])")
# 三月 is March, 三月内 may be three months.
_CHINESE_MONTH = re.compile(r"(?<![一二三四五六七八九十\d])(十[一二]?|[一二三四五六七八九])月(?!之?内|[之以]?后)")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as ISO 8601 and how a deed must lie to it; ``None`` where the words make no comparison."""

    date: str
    comparator: Comparator | None = None


@dataclass(frozen=True, slots=True)
class _Day:
    """Year, month and day as far as printed; ``last`` is the last month of a half-year or quarter."""

    year: int | None
    month: int | None = None
    day: int | None = None
    last: int | None = None


def read_date(printed: str) -> str | None:
    """Return a printed date or period as ISO 8601, ``None`` when it is none (or no day of the calendar).

    202001 and 20200131 are dates here, where a date should stand, and numbers where a value should.

    >>> read_date("2019-01-01"), read_date("2019年12月"), read_date("２０１９．１．５"), read_date("每月")
    ('2019-01-01', '2019-12', '2019-01-05', None)
    """
    text = fold(printed).text
    if _UNMARKED.fullmatch(text):
        return _unmarked(text)
    dated = read_dated(text)
    return dated.date if dated else None


def read_dated(text: str) -> Dated | None:
    """Return what a folded text says when it is nothing but a date, an interval or a list of dates.

    >>> read_dated("12月底前"), read_dated("2022年1-12月")
    (Dated(date='--12-31', comparator=<Comparator.AT_MOST: '<='>), Dated(date='2022-01/2022-12', comparator=None))
    >>> read_dated("2022底前")
    Dated(date='2022-12-31', comparator=<Comparator.AT_MOST: '<='>)
    """
    if not may_name_date(text):
        return None
    text = _in_figures(text)
    since = re.fullmatch(r"[自从由](.+)", text)
    if since and (dated := _single(since[1])):
        return dated if dated.comparator in (Comparator.AT_LEAST, Comparator.MORE_THAN) else None
    return _single(text) or _interval(text) or _several(text)


def may_name_date(text: str) -> bool:
    """Say whether a folded text names a year, month, half-year or quarter at all: few values do, and all dates."""
    return _HINT.search(text) is not None


def _in_figures(text: str) -> str:
    """二〇二五年三月五日 in figures; 三月内 may be three months and stays."""
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_CHINESE_DIGITS), text)
    text = _CHINESE_MONTH.sub(lambda match: f"{_MONTH_NAMES.index(match[1]) + 1}月", text)
    return _CHINESE_DAY.sub(lambda match: str(chinese_number(match[0]) or match[0]), text)


def _single(text: str) -> Dated | None:
    for shape in _SHAPES:
        matched = shape.match(text)
        ending = _END.fullmatch(text, matched.end()) if matched else None
        if matched and ending:
            return _dated(_day_of(matched), ending)
    end_of_year = _YEAR_END.match(text)
    if end_of_year:
        return _end_of_year(end_of_year, text[end_of_year.end() :])
    return None


def _day_of(matched: re.Match[str]) -> _Day:
    found = matched.groupdict()
    year = int(found["year"]) if found.get("year") else None
    if half := found.get("half"):
        return _Day(year, 1 if half == "上" else 7, last=6 if half == "上" else 12)
    if quarter := found.get("quarter"):
        return _Day(year, 3 * _QUARTERS[quarter] - 2, last=3 * _QUARTERS[quarter])
    return _Day(year, *(int(found[part]) if found.get(part) else None for part in ("month", "day")))


def _dated(day: _Day, ending: re.Match[str]) -> Dated | None:
    comparator = _comparator(ending["before"], is_last=bool(ending["last"]))
    if ending["last"]:
        if day.day:
            return None
        day = _last_day(day)
    elif comparator and day.last:
        # 上半年前 and 上半年起 are of where the half-year begins; 上半年内 and 上半年之后 of where it ends.
        first = comparator in (Comparator.LESS_THAN, Comparator.AT_LEAST)
        day = _Day(day.year, day.month if first else day.last)
    written = _written(day)
    return Dated(written, comparator) if written else None


def _comparator(word: str | None, *, is_last: bool) -> Comparator | None:
    if not word:
        return None
    if word.endswith("后"):
        return Comparator.MORE_THAN
    if word in ("起", "以来", "开始"):
        return Comparator.AT_LEAST
    return Comparator.LESS_THAN if word.endswith("前") and not is_last else Comparator.AT_MOST


def _last_day(day: _Day) -> _Day:
    month = day.last or day.month or 12
    if month == 2 and day.year is None:  # whether it has 29 days depends on the year
        return _Day(None, month)
    return _Day(day.year, month, monthrange(day.year or 2001, month)[1])


def _end_of_year(matched: re.Match[str], rest: str) -> Dated | None:
    ending = re.fullmatch(rf"(?P<before>{_WORDS})?", rest)
    if ending is None or (ending["before"] and matched["word"] == "内"):
        return None
    if matched["word"] == "内":
        written = _written(_Day(int(matched["year"]))) if matched["year"] else "--12-31"
        return Dated(written, Comparator.AT_MOST) if written else None
    day = _Day(int(matched["year"]) if matched["year"] else None, 12, 31)
    written = _written(day)
    return Dated(written, _comparator(ending["before"], is_last=True)) if written else None


def _written(day: _Day) -> str | None:
    if day.last:
        return "/".join(part for month in (day.month, day.last) if (part := _written(_Day(day.year, month))))
    if day.day and day.month and day.day > monthrange(day.year or 2000, day.month)[1]:
        return None
    if day.year is not None:
        parts = [f"{day.year:04}", *(f"{part:02}" for part in (day.month, day.day) if part)]
        return "-".join(parts)
    return "--" + "-".join(f"{part:02}" for part in (day.month, day.day) if part)


def _unmarked(text: str) -> str | None:
    """202001 or 20200131, as in 起止时间."""
    return _written(_Day(int(text[:4]), int(text[4:6]), int(text[6:]) if text[6:] else None))


def _interval(text: str) -> Dated | None:
    if unmarked := re.fullmatch(rf"({_UNMARKED.pattern})[-~至到]+({_UNMARKED.pattern})", text):
        ends = [_unmarked(unmarked[1]), _unmarked(unmarked[2])]
        is_period = all(ends) and len(unmarked[1]) == len(unmarked[2]) and unmarked[1] <= unmarked[2]
        return Dated("/".join(end for end in ends if end)) if is_period else None
    matched = _BOUNDS.fullmatch(text) or _DASH.fullmatch(text)
    if matched is None:
        return None
    start, end = _completed(matched["from"], matched["to"])
    first, last = (_single(part) for part in (start, end))
    if first is None or last is None or first.comparator or last.comparator:
        return None
    if "/" in first.date + last.date or first.date.startswith("--") != last.date.startswith("--"):
        return None
    # Over the turn of a year 11月至2月 is no mistake; with years printed the end may not come first.
    if not first.date.startswith("--") and last.date[: len(first.date)] < first.date[: len(last.date)]:
        return None
    return Dated(f"{first.date}/{last.date}")


def _completed(start: str, end: str) -> tuple[str, str]:
    """Lend each side what only the other prints: the year of 2022年1月-3月, the 月 of 1-3月.

    2019.3 alone is a decimal; as one side of an interval it is a month.
    """
    # 自2025年1月起至12月止
    start = re.sub(r"^[自从由]?(.*?)起?$", r"\1", start)
    end = end.removesuffix("止")
    start, end = (re.sub(r"^((?:19|20)\d\d)\.(\d)$", r"\1年\2月", part) for part in (start, end))
    year = re.match(r"(?:19|20)\d\d年", start)
    if re.fullmatch(r"\d{1,2}|(?:19|20)\d\d年\d{1,2}", start) and "月" in end:
        start += "月"
    elif re.fullmatch(r"(?:19|20)\d\d", start) and re.fullmatch(r"(?:19|20)\d\d年度?", end):
        start += "年"
    if year and not re.match(r"(?:19|20)\d\d", end):
        month = re.match(r"\d{1,2}月", start[year.end() :])
        lent = month[0] if month and re.fullmatch(r"\d{1,2}[日号]", end) else ""
        end = year[0] + lent + end
    return start, end


def _several(text: str) -> Dated | None:
    parts = re.split(r"[、,和及]", text)
    if len(parts) < 2:
        return None
    if "月" in parts[-1] and all(re.fullmatch(r"\d{1,2}|(?:19|20)\d\d年\d{1,2}", part) for part in parts[:-1]):
        parts = [*(part + "月" for part in parts[:-1]), parts[-1]]
    if year := re.match(r"(?:19|20)\d\d年(?=\d)", parts[0]):
        parts = [
            parts[0],
            *(part if re.match(r"(?:19|20)\d\d", part) else year[0] + part for part in parts[1:]),
        ]
    dates = [_single(part) for part in parts]
    known = [dated.date for dated in dates if dated and not dated.comparator and "/" not in dated.date]
    return Dated("{" + ",".join(known) + "}") if len(known) == len(parts) else None

"""Values made field by field, rendered and read: each comes back as it was made, whatever its kind."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscalkg.loader.model import Comparator, TargetKind, TargetValue
from fiscalkg.loader.values import dates, read_amount, read_target, render, targets
from fiscalkg.loader.values import quantities as numbers_in
from fiscalkg.loader.values.folding import fold

# What each unit is worth, said here once more: not taken from the code that reads it.
UNITS: dict[TargetKind, list[tuple[str, int | Decimal, str]]] = {
    TargetKind.QUANTITY: [
        ("人", 1, "人"), ("万人次", 10_000, "人次"), ("个", 1, "个"), ("㎡", 1, "平方米"), ("个百分点", 1, "个百分点"),
    ],
    TargetKind.MONEY: [("元", 1, "CNY"), ("万元", 10_000, "CNY"), ("亿元", 10**8, "CNY"), ("千元", 1000, "CNY")],
    TargetKind.PERCENTAGE: [
        ("%", Decimal("0.01"), "1"), ("‰", Decimal("0.001"), "1"), ("百分比", Decimal("0.01"), "1"),
    ],
    TargetKind.RATE: [
        ("元/人/月", 1, "CNY/人/月"), ("元/月/人", 1, "CNY/人/月"), ("元/人·天", 1, "CNY/人/天"),
        ("万元/年", 10_000, "CNY/年"), ("次/年", 1, "次/年"), ("本/期", 1, "本/期"),
    ],
    TargetKind.DURATION: [
        ("个工作日", 1, "工作日"), ("小时", 1, "小时"), ("h", 1, "小时"), ("日", 1, "天"), ("min", 1, "分钟"),
    ],
}  # fmt: skip
ALL_UNITS = [(kind, *unit) for kind, units in UNITS.items() for unit in units]
NUMBERS = st.one_of(
    st.integers(0, 10**12).map(Decimal),
    st.decimals(0, 10**9, places=2),
    st.decimals(0, 100, places=4),
)
COMPARATORS = st.sampled_from([None, *Comparator])
REMARKS = st.sampled_from(["反映参与情况", "覆盖全市", "以实际发生为准", "全年开展培训", "且持续改善"])


@st.composite
def quantities(draw: st.DrawFn) -> TargetValue:
    """Return a number with a unit and any comparison."""
    kind, unit, factor, normalized = draw(st.sampled_from(ALL_UNITS))
    number = draw(NUMBERS)
    return TargetValue("", kind, draw(COMPARATORS), number, None, unit, number * factor, None, normalized)


@st.composite
def ranges(draw: st.DrawFn) -> TargetValue:
    """Return a range, with a unit or bare."""
    low, high = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2, unique=True)))
    if draw(st.booleans()):
        return TargetValue("", TargetKind.RANGE, None, low, high)
    _, unit, factor, normalized = draw(st.sampled_from(ALL_UNITS))
    return TargetValue("", TargetKind.RANGE, None, low, high, unit, low * factor, high * factor, normalized)


@st.composite
def mixed(draw: st.DrawFn) -> TargetValue:
    """Return a quantity or deadline with prose beside it."""
    value = draw(st.one_of(quantities().filter(lambda each: each.comparator is not None), deadlines()))
    return replace(value, kind=TargetKind.MIXED, remark=draw(REMARKS))


@st.composite
def days(draw: st.DrawFn) -> str:
    """Return a year, month or day in ISO 8601, with its year or without."""
    year = draw(st.none() | st.integers(1900, 2099))
    month = draw(st.integers(1, 12) if year is None else st.none() | st.integers(1, 12))
    day = draw(st.none() | st.integers(1, monthrange(year or 2000, month)[1])) if month else None
    parts = [f"{part:02}" for part in (month, day) if part]
    return "-".join(["-" if year is None else str(year), *parts])


@st.composite
def deadlines(draw: st.DrawFn) -> TargetValue:
    """Return a date that is open to one side, or a plain one."""
    ends = [None, Comparator.AT_MOST, Comparator.LESS_THAN, Comparator.AT_LEAST, Comparator.MORE_THAN]
    return TargetValue("", TargetKind.DATE, draw(st.sampled_from(ends)), date=draw(days()))


@st.composite
def periods(draw: st.DrawFn) -> TargetValue:
    """Return an interval, or a set of months, of one year."""
    year = draw(st.integers(1900, 2099))
    months = draw(st.lists(st.integers(1, 12), min_size=2, max_size=5, unique=True))
    written = [f"{year}-{month:02}" for month in sorted(months)]
    date = f"{written[0]}/{written[-1]}" if draw(st.booleans()) else "{" + ",".join(written) + "}"
    return TargetValue("", TargetKind.DATE, date=date)


@st.composite
def fractions(draw: st.DrawFn) -> TargetValue:
    """Return some of a few equal parts, as 三分之二."""
    parts = draw(st.integers(2, 10))
    number = Decimal(draw(st.integers(1, parts)))
    unit = f"{'〇一二三四五六七八九十'[parts]}分之一"
    share = round(number / parts, 12)
    return TargetValue("", TargetKind.PERCENTAGE, draw(COMPARATORS), number, None, unit, share, None, "1")


WHOLE: dict[str, Callable[[], st.SearchStrategy[TargetValue]]] = {
    "quantity": quantities,
    "range": ranges,
    "mixed": mixed,
    "deadline": deadlines,
    "period": periods,
    "fraction": fractions,
}
PLAIN = st.one_of(
    st.builds(lambda number, sign: TargetValue("", TargetKind.NUMBER, sign, number), NUMBERS, COMPARATORS),
    st.sampled_from(["是", "否", "√"]).map(lambda text: TargetValue(text, TargetKind.BOOLEAN)),
    st.sampled_from(["", "-", "——", "/", " "]).map(lambda text: TargetValue(text, TargetKind.BLANK)),
    st.sampled_from(["显著提升", "定性优良中低差", "优", "7×24小时", "男、女"]).map(
        lambda text: TargetValue(text, TargetKind.QUALITATIVE)
    ),
)


@settings(max_examples=1500, deadline=None)
@given(st.one_of(PLAIN, *(strategy() for strategy in WHOLE.values())))
def test_a_value_made_field_by_field_comes_back(made: TargetValue) -> None:
    """Rendering a value and reading that gives the value, of every kind, to the last digit."""
    printed = render(made)
    assert read_target(printed) == replace(made, printed=printed)


FACTORS = {"元": 1, "万元": 10_000, "亿元": 10**8, "百万元": 10**6, "千元": 1000}
WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@settings(max_examples=500, deadline=None)
@given(
    number=st.decimals(-(10**12), 10**12, places=2),
    table_unit=st.sampled_from(sorted(FACTORS)),
    cell_unit=st.none() | st.sampled_from(sorted(FACTORS)),
    grouped=st.booleans(),
    wide=st.booleans(),
    sign=st.sampled_from(["", "¥", "￥"]),
    blank=st.sampled_from(["", " ", "\n", "\u3000"]),
)
def test_any_printed_money_is_its_sum(
    number: Decimal, table_unit: str, cell_unit: str | None, grouped: bool, wide: bool, sign: str, blank: str
) -> None:
    """However a sum is printed (grouped, wide, with sign and unit), it is read exactly; the cell's unit holds."""
    figures = format(number, ",f" if grouped else "f")
    printed = f"{blank}{sign}{figures.translate(WIDE) if wide else figures}{cell_unit or ''}{blank}"
    assert read_amount(printed, table_unit) == number * FACTORS[cell_unit or table_unit]


PARTS = [
    "2025年", "2025", "202503", "2025.3", "二〇二五年", "3月", "十二月", "5日", "三季度", "上半年", "年底前", "底",
    "内", "-", "至", "、", "自", "≥", ">=5", "≤8", "不超过", "100", "一百", "半", "两个", "5-8", "三分之一", "万元",
    "%", "人", "（含）", "完成", ",",
]  # fmt: skip


@settings(max_examples=1500)
@given(st.lists(st.sampled_from(PARTS), max_size=3).map("".join))
def test_what_is_passed_over_at_once_is_no_date_and_no_number(printed: str) -> None:
    """The looks that spare most values the long way never hide what the long way would have read."""

    def found() -> tuple[object, ...]:
        text = fold(printed).text
        return (
            dates.read_date(printed),
            numbers_in.whole_quantity(text),
            numbers_in.leading_quantity(text),
            list(numbers_in.quantities_in(text)),
            targets._read_alone.__wrapped__(printed),
        )

    short = found()
    anything = re.compile("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dates, "_HINT", anything)
        patch.setattr(numbers_in, "_MAY_COUNT", anything)
        patch.setattr(numbers_in, "_MAY_RANGE", anything)
        assert short == found()

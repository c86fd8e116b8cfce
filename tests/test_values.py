"""Values as printed into what they say: the contract's table, the forms found in documents, any string at all."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fiscalkg.loader.model import Confidence, TargetKind, TargetValue
from fiscalkg.loader.values import (
    Direction,
    canonical,
    direction,
    is_additive,
    read_amount,
    read_date,
    read_target,
    render,
)

READINGS = Path(__file__).parent / "cases" / "values" / "readings.tsv"


def rows() -> list[dict[str, str]]:
    with READINGS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def written(number: Decimal | None) -> str:
    return "" if number is None else canonical(number)


def columns(target: TargetValue) -> dict[str, str]:
    return {
        "kind": target.kind.value,
        "comparator": target.comparator.value if target.comparator else "",
        "number": written(target.number),
        "upper": written(target.number_max),
        "unit": target.unit or "",
        "normalized": written(target.normalized),
        "normalized_unit": target.normalized_unit or "",
        "date": target.date or "",
        "remark": target.remark or "",
        "sure": "" if target.confidence is Confidence.HIGH else "low",
    }


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["printed"] or "blank")
def test_reading(row: dict[str, str]) -> None:
    """Each printed form is read as the table of readings says, field by field."""
    target = read_target(row["printed"], name=row["name"] or None, level2=row["level2"] or None)
    expected = {key: value or "" for key, value in row.items() if key not in ("printed", "name", "level2")}
    assert columns(target) == expected
    assert target.printed == row["printed"]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["printed"] or "blank")
def test_reading_the_rendering_of_a_known_form(row: dict[str, str]) -> None:
    """What is read from a rendering is what was rendered."""
    target = read_target(row["printed"], name=row["name"] or None, level2=row["level2"] or None)
    again = read_target(render(target), name=row["name"] or None, level2=row["level2"] or None)
    assert replace(again, printed=target.printed) == target


WORDS = """
≥ ≤ > < = ≈ ≥= && 不少于 不超过 低于 约 至少 达到 控制在 以上 以内 内 之前 前 底前 左右 完成 、 ， 。 ； - ~ 至 / × ( )
（％） 万 亿 元 万元 亿元 人民币 % ‰ 百分比 百分之 人 次 个 场 篇 平方米 工作日 个工作日 小时 年 月 日 天 2025年 2月
12月 31日 上半年 二季度 每 每人 每月 人均 元/人 /月 成本 满意度 反映 一 两 十 三百 半 零 〇 1 5 95 0.95 １２ 1,000
2019.3 007 -3 是 余 多 分之 三分之 二 百 起 以来 之后 自 (含) · • ￥ RMB h min m 二〇二五年 三月 202001 202012
壹拾 下 季度 第 3月、6月
"""
PIECES = st.sampled_from([*WORDS.split(), " ", "\n", "\u3000"])
TEXTS = st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=9).map("".join))
CONTEXTS = st.sampled_from([None, "满意度", "成本指标", "投诉率", "参加人数"])


@settings(max_examples=1500, deadline=None)
@given(TEXTS, CONTEXTS)
@example("2019.30", None)
@example("一年内低于5次", None)
def test_any_string_is_kept_and_comes_back(printed: str, name: str | None) -> None:
    """No string raises or is lost, and the rendering of its value reads as that value."""
    target = read_target(printed, name=name)
    assert target.printed == printed
    again = read_target(render(target), name=name)
    assert replace(again, printed=printed) == target


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from([None, "元", "万元", "亿元", "美元", ""]))
def test_amounts_and_dates_never_raise(printed: str, unit: str | None) -> None:
    """Any cell can stand where an amount or a date should."""
    amount = read_amount(printed, unit)
    assert amount is None or amount.is_finite()
    assert read_date(printed) is None or read_date(printed)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15))
def test_canonical_is_one_form_of_the_same_number(number: Decimal) -> None:
    """The canonical form is the number, and the form of every way to write it."""
    text = canonical(number)
    assert Decimal(text) == number
    assert canonical(number.normalize()) == text == canonical(Decimal(text + ("0" if "." in text else ".0")))


@pytest.mark.parametrize(
    ("printed", "unit", "yuan"),
    [
        ("470.00", "万元", "4700000"),
        ("127,400.00", "元", "127400"),
        ("12218245.00", "元", "12218245"),
        ("１２.５", "万元", "125000"),
        ("3.5", "亿元", "350000000"),
        ("10000万元", "元", "100000000"),
        ("50万", "元", "500000"),
        ("0.00", "万元", "0"),
        ("", "万元", None),
        ("-", "万元", None),
        ("470.00", None, None),
        ("470.00", "美元", None),
        ("四百七十", "万元", None),
    ],
)
def test_amount(printed: str, unit: str | None, yuan: str | None) -> None:
    """Amounts are exact in CNY; a blank is no zero, and no unit is made up."""
    amount = read_amount(printed, unit)
    assert (None if amount is None else canonical(amount)) == yuan


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("2019-01-01", "2019-01-01"),
        ("2019年12月31日", "2019-12-31"),
        ("2009/12/31", "2009-12-31"),
        ("2019-02-30", None),
        ("202001", "2020-01"),
        ("20200131", "2020-01-31"),
        ("20200231", None),
        ("202013", None),
        ("", None),
    ],
)
def test_date(printed: str, date: str | None) -> None:
    """A printed day is that day, even a doubtful one; what is no day of the calendar is none."""
    assert read_date(printed) == date


@pytest.mark.parametrize(
    ("printed", "name", "expected"),
    [
        ("≥95%", "服务对象满意度", Direction.POSITIVE),
        ("=100%", "完成率", Direction.POSITIVE),
        ("≤470万元", "经费支出", Direction.REVERSE),
        ("<2%", "接待延误率", Direction.REVERSE),
        ("=0", "投诉率", Direction.REVERSE),
        ("≥95%", "投诉处理率", Direction.POSITIVE),
        ("≥90%", "故障修复及时率", Direction.POSITIVE),
        ("12月底前", "完成时间", Direction.REVERSE),
        ("显著提升", "影响力", Direction.QUALITATIVE),
        ("25万元", "项目成本", Direction.REVERSE),
        ("=5%", "城镇登记失业率", Direction.REVERSE),
        ("=95%", "失业保险覆盖率", Direction.POSITIVE),
        ("=1%", "设备空置率（%）", Direction.REVERSE),
    ],
)
def test_direction(printed: str, name: str, expected: Direction) -> None:
    """Direction follows from the comparison, and from the name where less is better."""
    assert direction(read_target(printed, name=name), name) is expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("正向", Direction.POSITIVE),
        ("正向指标", Direction.POSITIVE),
        ("反向指标", Direction.REVERSE),
        ("逆 向", Direction.REVERSE),
        ("定性", Direction.QUALITATIVE),
        ("", Direction.REVERSE),
        ("其他", Direction.REVERSE),
    ],
)
def test_a_printed_direction_goes_before_sign_and_name(printed: str, expected: Direction) -> None:
    """What the 指标方向性 column says holds; a text that says none leaves it to sign and name."""
    assert direction(read_target("≤5%"), "投诉率", printed) is expected


@pytest.mark.parametrize(
    ("printed", "name", "expected"),
    [
        ("≤470万元", "经费支出", True),
        ("≤470万元", "单位运转经费", True),
        ("≤2000元/人·月", "补助", False),
        ("每平方米不超过300元", "租金", False),
        ("≤300元", "单位面积造价", False),
        ("≤30万元", "平均成本", False),
        ("25万元", "项目成本", True),
        ("≤122万", "消防更新成本", True),
        ("≥30万元", "项目成本", False),
        ("≤350元/人", "培训成本", False),
        ("≤9200元", "人均费用", False),
        ("每月人均费用合计不超过9200元", "费用", False),
        ("≤5000元", "慰问金发放标准", False),
        ("≤20%", "成本节约率", False),
        ("≤10次", "会议", False),
    ],
)
def test_additive(printed: str, name: str, expected: bool) -> None:
    """Only ceilings for the whole are added up: not floors, rates, or what is said to be for each."""
    assert is_additive(read_target(printed, name=name, level2="成本指标"), name) is expected


def test_every_kind_stands_in_the_table_of_readings() -> None:
    """No kind of value goes untested."""
    assert {row["kind"] for row in rows()} == {kind.value for kind in TargetKind}

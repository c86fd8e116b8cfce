"""Every non-blank character of a source is in a field, a label, a heading or named page furniture."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscalkg.loader.layouts import parse
from fiscalkg.loader.model import Document, Statement
from fiscalkg.loader.readers import read, read_bytes
from fiscalkg.loader.reading import FURNITURE, Reading, furniture, leftover
from fiscalkg.loader.tables import Source
from fiscalkg.loader.text import squeeze

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.txt"))
TEXTS = ("purpose", "overview", "use", "overall_goal", "project_type", "fund_use", "planned_start",
         "planned_end",
         "asset_purchase_amount", "asset_items")  # fmt: skip
STATED = ("unit_code", "unit_name", "supervising_unit", "implementing_unit", "project_name", "currency_unit")


def reading_of(path: Path) -> tuple[Source, Reading]:
    source = read(path)
    return source, parse(source, Document(source.name, source.sha256, source.media_type))


def by_role(source: Source, reading: Reading) -> dict[tuple[str, str], str]:
    texts: dict[tuple[str, str], str] = defaultdict(str)
    for span in reading.spans:
        texts[span.owner, span.role] += source.text[span.start : span.end]
    return texts


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name[:3])
def test_nothing_is_left_over(path: Path) -> None:
    """The five documents are read to the last character."""
    source, reading = reading_of(path)
    assert leftover(reading, source.text) == []
    assert not [finding for finding in reading.findings if finding.code == "R-LEFTOVER"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name[:3])
def test_spans_in_order_give_the_source(path: Path) -> None:
    """Fields, labels and furniture put back in order of place are the source's characters, in order."""
    source, reading = reading_of(path)
    again = "".join(squeeze(source.text[span.start : span.end]) for span in reading.spans)
    assert again == squeeze(source.text)
    assert all(left.end <= right.start for left, right in zip(reading.spans, reading.spans[1:], strict=False))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name[:3])
def test_a_field_is_the_characters_its_spans_name(path: Path) -> None:
    """No value holds a character that its spans do not, nor a span one that its value lacks."""
    source, reading = reading_of(path)
    texts = by_role(source, reading)
    expected: dict[tuple[str, str], str] = {}
    for statement in reading.statements:
        expected |= fields_of(statement)
    found = {key: squeeze(text) for key, text in texts.items() if key in expected}
    assert found == {key: text for key, text in expected.items() if text}
    values = {role for owner, role in texts if owner and role not in ("label", "heading", "fiscal_year", "level1")}
    assert values <= {role for _, role in expected}


def fields_of(statement: Statement) -> dict[tuple[str, str], str]:
    owner = str(statement.sequence)
    fields = {(owner, name): getattr(statement, name) or "" for name in TEXTS}
    for name in STATED:
        stated = getattr(statement, name)
        fields[owner, name] = stated.value if stated and stated.basis == "printed" else ""
    fields[owner, "goals"] = "".join(goal.text for goal in statement.goals)
    fields[owner, "heading"] = statement.heading or ""
    names = {
        ("tianjin", "year-all"): "budget",
        ("shenzhen", "year-all"): "year_amount",
    }
    for number, amount in enumerate(statement.amounts, 1):
        key = f"{amount.scope}-{amount.source}"
        short = {"year-fiscal": "fiscal_amount", "year-other": "other_amount", "total-all": "total_amount"}
        role = names.get((statement.layout, key)) or short[key]
        fields[f"{owner}/amounts/{number}", role] = amount.printed
    above = None
    for indicator in statement.indicators:
        item = f"{owner}/indicators/{indicator.ordinal}"
        for role in ("level2", "name", "description", "basis", "weight"):
            fields[item, role] = getattr(indicator, role) or ""
        fields[item, "value"] = indicator.target.printed
        fields[item, "level1"] = "" if indicator.level1 == above else indicator.level1 or ""
        above = indicator.level1
    if statement.layout == "tianjin":  # 效益指标 may be printed again on every row
        fields = {key: text for key, text in fields.items() if key[1] != "level1"}
    return {key: squeeze(text) for key, text in fields.items()}


def test_level1_is_printed_where_it_is_accounted_for() -> None:
    """A printed level 1 is a span of its row, and every row has one of its own or of a row above."""
    for path in EXAMPLES:
        source, reading = reading_of(path)
        texts = by_role(source, reading)
        for statement in reading.statements:
            for indicator in statement.indicators:
                printed = squeeze(texts.get((f"{statement.sequence}/indicators/{indicator.ordinal}", "level1"), ""))
                assert indicator.level1
                assert printed in ("", indicator.level1)


def test_furniture_is_a_closed_list() -> None:
    """At most ten named patterns, each found as often as a plain look at the files says."""
    assert len(FURNITURE) <= 10
    counts = {path.name[:3]: furniture(reading_of(path)[1]) for path in EXAMPLES}
    assert counts == {
        "000": {
            "cover-publisher": 1,
            "cover-title": 1,
            "cover-year": 1,
            "contents-title": 1,
            "contents-entry": 4,
        },
        "001": {"bookmark": 19},
        "002": {"bookmark": 6},
        "003": {"attachment": 1},
        "004": {"bookmark": 101},
    }
    for path in EXAMPLES:
        assert furniture(reading_of(path)[1]).get("bookmark", 0) == path.read_text("utf-8").count("[bookmark: ")


def test_what_belongs_nowhere_is_told() -> None:
    """A line added between two tables is left over: in the spans, and as a finding with its line."""
    lines = EXAMPLES[1].read_text(encoding="utf-8").split("\n")
    text = "\n".join([*lines[:85], "", "本页由测试添加", "", *lines[85:]])
    source = read_bytes(text.encode(), "added.txt")
    reading = parse(source, Document(source.name, source.sha256, source.media_type))
    assert [(place.first, rest) for place, rest in leftover(reading, source.text)] == [(87, "本页由测试添加")]
    assert [finding.value for finding in reading.findings if finding.code == "R-LEFTOVER"] == ["本页由测试添加"]
    assert len(reading.statements) == 12


PIECES = st.sampled_from(
    ["\t", "\n", "\n\n", " ", "\t项目名称", "\t单位：万元", "预算数 ", "\t一级指标\n\t二级指标\n\t指标值",
     "产出指标 ",
     "数量指标 ", "≥3 个 ", "1.某项目绩效目标表 ", "301101某单位 ", "实施单位：", "项目总金额 5.00 ",
     "年度绩效目标 ",
     "目标内容 二级指标 绩效指标 指标目标值 目标值来源 \n", "[bookmark: x]", "自评",
     "1.甲。2.乙", "\r", "\f", "其他资金",
     "（2024 年） ", "中期", "数量 ", "质量 名称 12 个 来源 "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=40))
def test_any_text_is_read_without_an_exception_and_accounted_for(pieces: list[str]) -> None:
    """Whatever the text: parse returns, spans do not overlap, and they hold every non-blank character."""
    text = "".join(pieces)
    source = read_bytes(b"", "any.txt")
    try:
        source = read_bytes(text.encode("utf-8", "replace"), "any.txt")
    except Exception as error:
        assert type(error).__name__ == "DocumentError"
        return
    reading = parse(source, Document(source.name, source.sha256, source.media_type))
    again = "".join(squeeze(source.text[span.start : span.end]) for span in reading.spans)
    assert again == squeeze(source.text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name[:3])
def test_a_text_may_end_with_the_head_of_its_indicators(path: Path) -> None:
    """A table cut off below the head of its indicators has none, and is read."""
    text = path.read_text(encoding="utf-8")
    for head in re.finditer("指标值", text[:20000]):
        source = read_bytes(text[: head.end()].encode(), "cut.txt")
        assert parse(source, Document(source.name, source.sha256, source.media_type)).statements


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(EXAMPLES), st.data())
def test_a_text_cut_anywhere_is_still_accounted_for(path: Path, data: st.DataObject) -> None:
    """A document cut off at any character is read as far as it goes, and nothing of it is lost."""
    text = path.read_text(encoding="utf-8")[:20000]
    cut = text[: data.draw(st.integers(0, len(text)))]
    source = read_bytes(cut.encode(), "cut.txt")
    reading = parse(source, Document(source.name, source.sha256, source.media_type))
    again = "".join(squeeze(cut[span.start : span.end]) for span in reading.spans)
    assert again == squeeze(cut)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "项目名称 甲 \n一级指标 二级指标 三级指标 绩效指标描述 指标值 \n数量指标 " + "甲 " * 50000,
        "项目名称 " + "甲 " * 100000,
        "\t项目名称\n\t" + "甲\n乙\n\t" * 30000,
        "\t项目名称\n\t甲\n\n" * 10000,
        "项目名称 甲 \n" + "甲\n" * 100000,
    ],
    ids=["one-row", "one-line", "one-table-row", "names-only", "nothing-closed"],
)
def test_the_time_grows_with_the_text_not_with_its_square(text: str) -> None:
    """A text made to be slow is read in seconds, and still accounted for."""
    source = read_bytes(text.encode(), "slow.txt")
    reading = parse(source, Document(source.name, source.sha256, source.media_type))
    assert sum(len(squeeze(text[span.start : span.end])) for span in reading.spans) == len(squeeze(text))

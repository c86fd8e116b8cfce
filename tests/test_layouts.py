"""Sources into statements: counts, fields checked by hand, facts from around a table, tables cut short."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fiscalkg.loader.layouts import parse
from fiscalkg.loader.model import Amount, Basis, Document, Goal, Indicator, Stated, Statement
from fiscalkg.loader.places import LinePlace, Place
from fiscalkg.loader.readers import read, read_bytes
from fiscalkg.loader.reading import Reading, leftover

ROOT = Path(__file__).parent
CASES = sorted(path.parent for path in (ROOT / "cases").glob("*/*/document.*"))
EXAMPLES = {path.name[:3]: path for path in (ROOT.parent / "examples").glob("*.txt")}


@cache
def example(number: str) -> Reading:
    source = read(EXAMPLES[number])
    return parse(source, Document(source.name, source.sha256, source.media_type))


def read_text(text: str, **known: str) -> Reading:
    source = read_bytes(text.encode(), "made.txt")
    return parse(source, Document(source.name, source.sha256, source.media_type, **known))


def lines(place: Place | None) -> list[int] | None:
    return [place.first, place.last] if isinstance(place, LinePlace) else None


def plain(statement: Statement) -> dict[str, Any]:
    """A statement as printed: what this part of the road is to answer for, and nothing understood from it."""
    result: dict[str, Any] = {}
    for name in Statement.__dataclass_fields__:
        value = getattr(statement, name)
        if isinstance(value, Stated):
            result[name] = [value.value, str(value.basis), lines(value.place)]
        elif name in ("amounts", "goals", "indicators"):
            result[name] = [plain_item(item) for item in value]
        elif name not in ("document", "place", "places", "corrections") and value is not None:
            result[name] = value
    return {"lines": lines(statement.place), **result}


def plain_item(item: Amount | Goal | Indicator) -> dict[str, Any]:
    kept = {
        key: value
        for key, value in asdict(item).items()
        if key not in ("place", "target", "cny", "ordinal", "corrections")
    }
    if isinstance(item, Indicator):
        kept["value"] = item.target.printed
    kept = {key: value for key, value in kept.items() if value is not None}
    return {**kept, "lines": lines(item.place)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_case(case: Path, request: pytest.FixtureRequest) -> None:
    """A real cut is read as its expectation says; `pytest --update` rewrites it, to be reviewed as a diff."""
    source = read(next(case.glob("document.*")))
    reading = parse(source, Document(source.name, source.sha256, source.media_type))
    found = {
        "statements": [plain(statement) for statement in reading.statements],
        "findings": [
            [finding.code, finding.statement, lines(finding.place)]
            for finding in reading.findings
            if finding.code != "R-VALUE-GUESSED"  # how a value is understood is another test's subject
        ],
        "leftover": [[lines(place), text] for place, text in leftover(reading, source.text)],
    }
    expected = case / "expected.json"
    if request.config.getoption("--update"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def test_all_134_tables_and_their_indicators() -> None:
    """Tables and indicators counted in the files by hand: 4, 12, 13, 5 and 100 tables, 1103 indicators."""
    counts = {number: [len(item.indicators) for item in example(number).statements] for number in EXAMPLES}
    assert {number: len(tables) for number, tables in counts.items()} == {
        "000": 4, "001": 12, "002": 13, "003": 5, "004": 100,
    }  # fmt: skip
    assert counts["000"] == [6, 6, 6, 6]
    assert counts["003"] == [20, 17, 23, 10, 28]
    assert {number: sum(tables) for number, tables in counts.items()} == {
        "000": 24, "001": 123, "002": 115, "003": 98, "004": 743,
    }  # fmt: skip


@pytest.mark.parametrize("number", ["001", "002", "004"])
def test_tab_led_rows_counted_by_a_plain_scan(number: str) -> None:
    """As many indicators as lines with a level 2 after a blank or level-1 cell, by a scan without tables."""
    text = EXAMPLES[number].read_text(encoding="utf-8")
    rows = re.findall(
        r"^\t(?:|产出指标|效益指标|满意度指标)[ ]*\n"
        r"\t(?:数量|质量|时效|成本|经济效益|社会效益|生态效益|可持续影响|服务对象满意度)指标[ ]*$",
        text,
        re.MULTILINE,
    )
    assert sum(len(item.indicators) for item in example(number).statements) == len(rows)
    assert len(example(number).statements) == len(re.findall(r"^ ?\t项目名称$", text, re.MULTILINE))


def test_every_indicator_has_level_name_and_value() -> None:
    """No row of the five documents lacks a level, a name or a value: none is printed without."""
    for number in EXAMPLES:
        for statement in example(number).statements:
            for indicator in statement.indicators:
                assert indicator.level1, (number, indicator)
                assert indicator.level2, (number, indicator)
                assert indicator.name, (number, indicator)
                assert indicator.target.printed, (number, indicator)


def test_fields_of_a_tab_led_table() -> None:
    """001, lines 1 to 82, read by hand."""
    statement = example("001").statements[0]
    assert statement.heading == "1.2025冬季达沃斯年会项目绩效目标表"
    assert statement.unit_code == Stated("301101", Basis.PRINTED, LinePlace(2, 2))
    assert statement.unit_name == Stated("天津市人民政府办公厅（本级）", Basis.PRINTED, LinePlace(2, 2))
    assert statement.currency_unit == Stated("万元", Basis.PRINTED, LinePlace(3, 3))
    assert statement.project_name == Stated("2025冬季达沃斯年会项目", Basis.PRINTED, LinePlace(6, 6))
    assert [(a.source, a.printed) for a in statement.amounts] == [
        ("all", "470.00"),
        ("fiscal", "470.00"),
        ("other", ""),
    ]
    assert statement.purpose == "2025冬季达沃斯年会项目经费"
    assert lines(statement.place) == [1, 82]
    first, *_, last = statement.indicators
    assert (first.level1, first.level2, first.name) == ("产出指标", "数量指标", "参加活动人数")
    assert (first.description, first.target.printed) == ("参加年会相关活动人数", "≥1000人")
    assert lines(first.place) == [30, 34]
    assert (last.level1, last.name, last.target.printed) == ("满意度指标", "参会者投诉率", "≤5%")


def test_a_cell_broken_by_blank_lines_is_one_row() -> None:
    """001 line 322 and 004 lines 5020 to 5028: blank lines inside a row do not end it."""
    indicator = example("001").statements[2].indicators[20]
    assert indicator.name == indicator.description == "推动落实党中央、国务院决策部署和市委、市政府重点工作任务"
    assert indicator.target.printed == "按照要求，高质高效完成年度重点工作任务。"
    assert lines(indicator.place) == [322, 328]
    named = [i for s in example("004").statements for i in s.indicators if lines(i.place) == [5020, 5028]]
    assert [i.target.printed for i in named] == ["≥90%"]


def test_other_money_stands_where_fiscal_is_blank() -> None:
    """004 lines 6962 to 6968: a blank amount stays blank and the next keeps its own figure."""
    statement = next(
        s for s in example("004").statements if s.project_name and s.project_name.value == "中心运行保障经费"
    )
    assert [(a.source, a.printed, a.cny) for a in statement.amounts][1:2] == [("fiscal", "", None)]
    assert [a.printed for a in statement.amounts] == ["220.00", "", "220.00"]


def test_a_table_without_unit_takes_its_neighbours() -> None:
    """002 lines 389 and 589 print no unit, the latter no 单位：万元 either: both from the table above."""
    statements = example("002").statements
    inferred = [s.sequence for s in statements if s.unit_name and s.unit_name.basis is Basis.NEIGHBOUR]
    assert inferred == [5, 6, 7, 8, 9]
    assert {s.unit_code.value for s in statements[4:9] if s.unit_code} == {"306101"}
    assert [s.sequence for s in statements if s.currency_unit and s.currency_unit.basis is Basis.NEIGHBOUR] == [8]
    found = [f.statement for f in example("002").findings if f.code == "R-UNIT-INFERRED"]
    assert found == inferred
    assert [s.sequence for s in statements if s.heading is None] == [2, 3, 4, 5, 6, 7, 8, 9]


def test_fiscal_years_and_their_basis() -> None:
    """Printed on the table, on the cover, or named most in the texts."""
    years = {
        number: {(s.fiscal_year.value, str(s.fiscal_year.basis)) for s in example(number).statements if s.fiscal_year}
        for number in EXAMPLES
    }
    assert years == {
        "000": {("2024", "cover")},
        "001": {("2025", "values")},
        "002": {("2022", "values")},
        "003": {("2019", "printed")},
        "004": {("2022", "values")},
    }


def test_the_manifest_gives_the_year_before_the_texts_do() -> None:
    """A year stated beside the document is believed over one counted in it."""
    text = EXAMPLES["001"].read_text(encoding="utf-8")
    years = {s.fiscal_year for s in read_text(text, year="2031").statements}
    assert years == {Stated("2031", Basis.MANIFEST)}


def test_yuan_is_inferred_where_the_form_prints_no_unit() -> None:
    """Shenzhen's amounts are written to the cent and would be absurd in 万元."""
    for statement in example("003").statements:
        assert statement.currency_unit == Stated("元", Basis.VALUES)
    assert example("003").statements[3].asset_purchase_amount == "127,400.00"
    small = EXAMPLES["003"].read_text(encoding="utf-8")
    small = re.sub(r"\b\d{5,}\.00", "12.00", small).replace("127,400.00", "1.00")
    reading = read_text(small)
    assert {s.currency_unit for s in reading.statements} == {None}
    assert [f.code for f in reading.findings].count("R-CURRENCY-UNKNOWN") == 5


@pytest.mark.parametrize(
    ("number", "until", "statements"),
    [
        ("001", 51, 1),
        ("001", 20, 1),
        ("001", 6, 1),
        ("001", 130, 2),
        ("003", 296, 2),
        ("003", 230, 2),
        ("000", 150, 2),
    ],
)
def test_a_table_that_breaks_off_is_told_and_published(number: str, until: int, statements: int) -> None:
    """A document cut in the middle of a table gives what was read, and a finding with file and line."""
    text = "\n".join(EXAMPLES[number].read_text(encoding="utf-8").split("\n")[:until])
    reading = read_text(text)
    assert len(reading.statements) == statements
    told = [finding for finding in reading.findings if finding.code == "R-TRUNCATED"]
    assert [finding.statement for finding in told] == [statements]
    assert "made.txt" in told[0].message_zh
    assert "made.txt line" in told[0].message_en
    assert told[0].place is not None


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff"])
def test_an_empty_file_is_told(text: str) -> None:
    """A file without a character is a finding, not an error."""
    reading = read_text(text)
    assert reading.statements == ()
    assert [finding.code for finding in reading.findings] == ["R-NO-TABLE"]


def test_all_labels_are_folded() -> None:
    """Width, blanks and the kind of bracket of a label do not matter."""
    text = EXAMPLES["001"].read_text(encoding="utf-8")
    text = text.replace("\t其中：财政    资金", "\t其中:财政资金").replace("\t项目名称", "\t项目 名称：")
    assert len(read_text(text).statements) == 12
    assert [a.printed for a in read_text(text).statements[0].amounts] == ["470.00", "470.00", ""]


def test_a_page_whose_line_ends_were_stripped_is_told() -> None:
    """Without the blanks that end cells the wraps are a guess, and the reading says so."""
    text = re.sub(r"[ ]+$", "", EXAMPLES["003"].read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert "R-WRAP-UNSURE" in [finding.code for finding in read_text(text).findings]
    assert "R-WRAP-UNSURE" not in [finding.code for finding in example("003").findings]


def test_money_is_no_year() -> None:
    """A year is named with 年 or a month, or begins a project's name; 2000元 is not one."""
    text = EXAMPLES["001"].read_text(encoding="utf-8").split("\n")[:84]
    dated = "\n".join(text).replace("2025冬季", "冬季").replace("2025年2月前", "发放2000元、2001元前")
    assert {statement.fiscal_year for statement in read_text(dated).statements} == {None}


def test_a_title_after_one_blank_line_still_begins_its_table() -> None:
    """004 line 948 prints a title without a bookmark; with one blank line above it nothing changes."""
    text = EXAMPLES["004"].read_text(encoding="utf-8").split("\n")
    assert text[947] == "机关运行保障等工作经费绩效目标表"
    closer = "\n".join([*text[:944], "", *text[947:1075]])
    expected = example("004").statements
    found = read_text(closer).statements
    assert [s.heading for s in found] == [s.heading for s in expected[: len(found)]]
    assert found[12].indicators[-1].target.printed == "≥95%"


def test_lines_between_title_and_table_belong_to_the_form() -> None:
    """A year and a unit line printed as paragraphs under the title are read as those of the form."""
    text = EXAMPLES["001"].read_text(encoding="utf-8").split("\n")[:84]
    moved = [
        "项目支出绩效目标表",
        "",
        "",
        "（2026年）",
        "",
        "",
        text[1].strip(),
        "",
        "",
        "单位：万元",
        "",
        *text[4:],
    ]
    reading = read_text("\n".join(moved))
    (statement,) = reading.statements
    assert statement.fiscal_year == Stated("2026", Basis.PRINTED, LinePlace(4, 4))
    assert statement.unit_code == Stated("301101", Basis.PRINTED, LinePlace(7, 7))
    assert statement.currency_unit == Stated("万元", Basis.PRINTED, LinePlace(10, 10))
    assert leftover(reading, "\n".join(moved)) == []


def test_one_table_of_another_kind_does_not_stop_the_others() -> None:
    """A self-evaluation between two target tables is refused by file and line; the targets are published."""
    text = EXAMPLES["001"].read_text(encoding="utf-8").split("\n")
    foreign = (ROOT / "cases/refused/self-evaluation/document.txt").read_text(encoding="utf-8").split("\n")
    reading = read_text("\n".join([*text[:84], "", *foreign, "", "", *text[86:172]]))
    assert [statement.sequence for statement in reading.statements] == [1, 2]
    (refused,) = [finding for finding in reading.findings if finding.code == "R-OTHER-KIND"]
    assert refused.message_en.startswith("made.txt line 86: this is a self-evaluation")
    assert not [finding for finding in reading.findings if finding.code == "R-LEFTOVER"]


def test_a_word_of_another_form_does_not_make_a_table_another() -> None:
    """A purpose that speaks of 偏差原因 leaves a target table a target table."""
    text = EXAMPLES["001"].read_text(encoding="utf-8").replace("2025冬季达沃斯年会项目经费", "偏差原因 分析")
    assert len(read_text(text).statements) == 12

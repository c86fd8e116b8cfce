"""Forms of grids: labels tell what a cell is, wherever it stands."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fiscalkg.loader.model import AmountSource, Scope, Statement, StatementKind
from fiscalkg.loader.places import CellPlace
from fiscalkg.loader.readers.assemble import Line
from fiscalkg.loader.reading import leftover
from grids import Written, boxes, read_parts

NATIONAL: list[list[Written]] = [
    [("项目名称", 1, 2), ("道路养护", 1, 6)],
    [("主管部门及代码", 1, 2), ("[173]交通局", 1, 2), ("实施单位", 1, 2), ("养护中心", 1, 2)],
    [("项目属性", 1, 2), ("延续项目", 1, 2), ("项目期", 1, 2), ("202101-202312", 1, 2)],
    [("项目资金\n（万元）", 3, 2), "中期资金总额：", "300.00", ("年度资金总额：", 1, 2), ("100.00", 1, 2)],
    ["其中：财政拨款", "260.00", ("其中：财政拨款", 1, 2), ("90.00", 1, 2)],
    ["其他资金", "40.00", ("其他资金", 1, 2), ("", 1, 2)],
    [("总体目标", 2, 1), ("中期目标（2021年—2023年）", 1, 3), ("年度目标", 1, 4)],
    [("养护好全部道路。", 1, 3), ("1.养护道路。\n2.修桥。", 1, 4)],
    [("绩\n效\n指\n标", 4, 1), "一级指标", "二级指标", "三级指标", "指标值", "二级指标", "三级指标", "指标值"],
    [("产出指标", 2, 1), ("数量指标", 2, 1), "养护里程", "≥300公里", ("数量指标", 2, 1), "养护里程", "≥100公里"],
    ["修桥", "≥9座", "修桥", "≥3座"],
    ["满意度指标", "满意度", "群众满意度", "≥90%", "满意度", "群众满意度", "≥92%"],
]
LIST_HEAD: list[Written] = [
    *("单位名称", "项目名称", "预算数（元）", "年度目标", "一级指标", "二级指标", "三级指标"),
    *("指标性质", "指标值", "度量单位", "权重", "指标方向性"),
]


def one(*parts: object) -> Statement:
    source, reading = read_parts(parts)  # type: ignore[arg-type]  # lines and lists of boxes
    assert leftover(reading, source.text) == []
    (statement,) = reading.statements
    return statement


def test_a_form_with_two_money_blocks_two_goals_and_two_indicator_blocks_is_read() -> None:
    """The national form: each block keeps its period, merged levels reach every row they span."""
    statement = one(Line("项目支出绩效目标申报表"), Line("（2022年度）"), boxes(NATIONAL))
    assert statement.kind is StatementKind.APPLICATION
    assert statement.fiscal_year is not None and statement.fiscal_year.value == "2022"
    assert statement.supervising_unit is not None and statement.supervising_unit.value == "交通局"
    assert statement.supervising_unit_code is not None and statement.supervising_unit_code.value == "173"
    assert (statement.planned_start, statement.planned_end) == ("202101", "202312")
    assert [(amount.scope, amount.source, amount.cny) for amount in statement.amounts] == [
        (Scope.TOTAL, AmountSource.ALL, Decimal(3000000)),
        (Scope.TOTAL, AmountSource.FISCAL, Decimal(2600000)),
        (Scope.TOTAL, AmountSource.OTHER, Decimal(400000)),
        (Scope.YEAR, AmountSource.ALL, Decimal(1000000)),
        (Scope.YEAR, AmountSource.FISCAL, Decimal(900000)),
        (Scope.YEAR, AmountSource.OTHER, None),
    ]
    assert statement.overall_goal == "养护好全部道路。"
    assert [goal.text for goal in statement.goals] == ["1.养护道路。", "2.修桥。"]
    assert [(row.scope, row.level1, row.level2, row.name, row.target.printed) for row in statement.indicators] == [
        (Scope.TOTAL, "产出指标", "数量指标", "养护里程", "≥300公里"),
        (Scope.TOTAL, "产出指标", "数量指标", "修桥", "≥9座"),
        (Scope.TOTAL, "满意度指标", "满意度", "群众满意度", "≥90%"),
        (Scope.YEAR, "产出指标", "数量指标", "养护里程", "≥100公里"),
        (Scope.YEAR, "产出指标", "数量指标", "修桥", "≥3座"),
        (Scope.YEAR, "满意度指标", "满意度", "群众满意度", "≥92%"),
    ]
    assert statement.indicators[4].place == CellPlace(1, 11, 7)


def test_a_flat_list_is_one_statement_a_project() -> None:
    """One indicator a row: project cells on the first, sign, value and unit joined, weight and direction kept."""
    rows = [
        LIST_HEAD,
        ["302101-水务局", "", "9000.00", *[""] * 9],
        [
            "302101-水务局",
            "水库加固",
            "5000.00",
            "加固。",
            "产出指标",
            "数量指标",
            "水库",
            "≥",
            "3",
            "座",
            "20",
            "正向指标",
        ],
        ["", "", "", "", "产出指标", "质量指标", "合格率", "=", "100", "%", "20", "正向指标"],
        ["", "河道清淤", "4000.00", "清淤。", "效益指标", "社会效益指标", "环境", "定性", "改善", "", "10", "正向指标"],
    ]
    source, reading = read_parts([Line("部门预算项目绩效目标表"), boxes(rows)])
    assert leftover(reading, source.text) == []
    first, second = reading.statements
    assert [first.project_name, second.project_name] != [None, None]
    assert [[row.target.printed for row in one.indicators] for one in (first, second)] == [
        ["≥3座", "=100%"],
        ["定性改善"],
    ]
    assert [one.amounts[0].cny for one in (first, second)] == [Decimal(5000), Decimal(4000)]
    assert second.implementing_unit is not None and second.implementing_unit.value == "水务局"
    assert (first.indicators[0].weight, first.indicators[0].direction) == ("20", "正向指标")


def test_labels_are_known_however_they_are_set() -> None:
    """Width, blanks, colons, numbering and notes in brackets do not change what a label names."""
    rows: list[list[Written]] = [
        ["一、项 目 名 称：", "绿化"],
        ["２．实施单位", "园林所"],
        ["年度资金总额(万元)", "12.5"],
        ["一级指标", "指标内容", "指 标 值（包含数字及文字描述）"],
        ["产出", "种树", "≥5棵"],
    ]
    statement = one(Line("项目绩效目标表"), boxes([[*row, *[""] * (3 - len(row))] for row in rows]))
    assert statement.project_name is not None and statement.project_name.value == "绿化"
    assert statement.implementing_unit is not None and statement.implementing_unit.value == "园林所"
    assert statement.amounts[0].cny == Decimal(125000)
    assert [(row.name, row.target.printed) for row in statement.indicators] == [("种树", "≥5棵")]


def test_a_table_split_by_a_page_goes_on() -> None:
    """The rest of a form on the next page, with its head again or without, is the same statement's."""
    head: list[Written] = ["一级指标", "二级指标", "三级指标", "指标值"]
    upper: list[list[Written]] = [["项目名称", ("绿化", 1, 3)], head, ["产出指标", "数量指标", "种树", "≥5棵"]]
    lower: list[Written] = ["", "质量指标", "成活率", "≥90%"]
    for rest in ([head, lower], [lower]):
        statement = one(Line("项目支出绩效目标表"), boxes(upper), Line("- 2 -"), boxes(rest, 2))
        rows = [(row.level1, row.level2, row.name, row.target.printed) for row in statement.indicators]
        assert rows == [("产出指标", "数量指标", "种树", "≥5棵"), ("产出指标", "质量指标", "成活率", "≥90%")]


def test_two_projects_in_one_table_are_two_statements() -> None:
    """Another 项目名称 in the same table begins another statement."""
    form: list[list[Written]] = [
        ["项目名称", "绿化", "", ""],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "种树", "≥5棵"],
    ]
    other = [["项目名称", "清洁", "", ""], *form[1:]]
    _, reading = read_parts([Line("项目绩效目标表"), boxes([*form, *other])])
    names = [statement.project_name.value for statement in reading.statements if statement.project_name]
    assert names == ["绿化", "清洁"]
    assert [len(statement.indicators) for statement in reading.statements] == [1, 1]


def test_what_no_label_names_is_told_with_its_place() -> None:
    """A form nobody has described is read as far as its labels go; the rest is listed, cell by cell."""
    rows: list[list[Written]] = [
        ["项目名称", "绿化", "本表新设栏目", "新内容"],
        ["一级指标", "三级指标", "指标值", "奇怪的列"],
        ["产出指标", "种树", "≥5棵", "奇怪的值"],
    ]
    source, reading = read_parts([Line("项目绩效目标表"), boxes(rows)])
    assert [text for _, text in leftover(reading, source.text)] == ["本表新设栏目", "新内容", "奇怪的列", "奇怪的值"]
    told = [finding.value for finding in reading.findings if finding.code == "R-LEFTOVER"]
    assert told == ["本表新设栏目", "新内容", "奇怪的列", "奇怪的值"]
    assert [row.name for row in reading.statements[0].indicators] == ["种树"]


def test_a_form_without_any_known_label_is_named_and_listed() -> None:
    """A table under the title of a form is one: where no label is known, a finding says so and all is left over."""
    rows: list[list[Written]] = [["事项", "绿化"], ["成果", "养护"], ["维度", "考核"], ["产出", "≥5棵"]]
    source, reading = read_parts([Line("项目支出绩效目标表"), Line("（2023年度）"), boxes(rows)])
    assert reading.statements == ()
    assert "R-FORM-UNKNOWN" in {finding.code for finding in reading.findings}
    assert {text for _, text in leftover(reading, source.text)} >= {"事项", "绿化", "成果", "≥5棵"}


def test_a_field_without_a_place_in_the_model_is_told_by_its_label() -> None:
    """立项依据 is known and not published: the finding names it, and it is not left over."""
    rows: list[list[Written]] = [
        ["项目名称", ("绿化", 1, 3)],
        ["立项依据", ("某办法", 1, 3)],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "种树", "≥5棵"],
    ]
    source, reading = read_parts([Line("项目绩效目标表"), boxes(rows)])
    assert leftover(reading, source.text) == []
    assert [finding.value for finding in reading.findings if finding.code == "R-FIELD-NOT-MODELLED"] == ["立项依据"]


def test_ordinary_tables_and_narrative_stay_outside() -> None:
    """Of a budget's tables only the target form becomes a statement; the rest is neither read nor left over."""
    budget = boxes([["科目编码", "科目名称", "预算数"], ["2010101", "行政运行", "12.00"]])
    projects = boxes([["项目名称", "预算数", "备注"], ["绿化", "5.00", ""], ["清洁", "7.00", ""]], 2)
    statement = one(
        Line("2024年部门预算"),
        Line("一、部门职责"),
        budget,
        projects,
        Line("项目支出绩效目标表"),
        boxes(NATIONAL, 3),
        Line("名词解释"),
    )
    assert statement.heading == "项目支出绩效目标表"


def test_a_title_in_a_grid_of_its_own_entitles_the_grid_below() -> None:
    """As where a form's title is a table of one cell; alone at the end it is a table that breaks off."""
    title, form = boxes([["项目支出绩效目标表"]]), boxes([["项目名称", "甲"], ["实施单位", "乙"]], 2)
    _, reading = read_parts([title, form])
    assert [(one.heading, one.project_name and one.project_name.value) for one in reading.statements] == [
        ("项目支出绩效目标表", "甲")
    ]
    _, alone = read_parts([Line("说明"), title])
    assert alone.statements == ()
    assert "R-FORM-UNKNOWN" in {finding.code for finding in alone.findings}


@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("项目支出绩效自评表", ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]),
        ("部门整体支出绩效目标表", ["一级指标", "二级指标", "三级指标", "指标值"]),
        ("转移支付区域绩效目标表", ["一级指标", "二级指标", "三级指标", "指标值"]),
    ],
)
def test_tables_of_another_kind_are_kept_apart(title: str, head: list[Written]) -> None:
    """Self-evaluations, whole-department and transfer tables are named and give no statement."""
    rows: list[list[Written]] = [
        ["项目名称", ("绿化", 1, len(head) - 1)],
        head,
        ["产出指标", "数量指标", "种树", *["1"] * (len(head) - 3)],
    ]
    source, reading = read_parts([Line(title), boxes(rows)])
    assert reading.statements == ()
    assert [finding.code for finding in reading.findings] == ["R-OTHER-KIND"]
    assert leftover(reading, source.text) == []

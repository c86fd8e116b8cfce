"""湖南 2023 申报表: 预算部门, 年度本级预算金额, 一级 / 二级 / 三级 / 指标值及单位 / 绩效标准, blank rows printed."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from renderers.form import (
    Block,
    Paragraph,
    Statement,
    Style,
    amount,
    assemble,
    choose,
    has_amount,
    label,
    levelled,
    row,
)

LABELS = {
    "name": "项目支出名称", "supervising": "预算部门", "implementing": "项目单位", "year": "年度本级预算金额（万元）",
    "upper-level": "上级资金（万元）", "overall": "实施期绩效目标", "goals": "本年度绩效目标", "value": "指标值及单位",
    "basis": "绩效标准", "persons": "填表人：周文秀    联系电话：0731-00005821",
}  # fmt: skip
LEVELS = (
    ("产出指标", ("数量指标", "质量指标", "时效指标", "成本指标")),
    ("效益指标", ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标")),
    ("满意度指标", ("服务对象满意度指标",)),
)
WIDTHS = (1, 1, 2, 1, 1)


def records(statement: Statement) -> list[list[str]]:
    """Return the rows of the form; a level 2 without indicators has a row of its own, blank behind it."""
    rows = []
    for level1, names in LEVELS:
        for level2 in names:
            found = [item for item in statement["indicators"] if (item["level1"], item["level2"]) == (level1, level2)]
            rows += [[level1, level2, item["name"], item["value"], item["basis"] or ""] for item in found]
            if not found:
                rows.append([level1, level2, "", "", ""])
    return rows


def form(
    statement: Statement, random: Random, style: Style | None = None, labels: Mapping[str, str] | None = None
) -> list[Block]:
    """Return the blocks of one statement; who filled it in stands below."""
    style = style or choose(random)
    names = {**LABELS, **(labels or {})}
    money = [(names["year"], 1), (amount(statement, "year", "all"), 5)]
    if has_amount(statement, "year", "upper-level"):
        money[1] = (amount(statement, "year", "all"), 2)
        money += [(names["upper-level"], 1), (amount(statement, "year", "upper-level"), 2)]
    top = [
        row((label(names["name"], style), 1), (statement["project_name"], 5)),
        row(
            (names["supervising"], 1), (statement["supervising_unit"], 2),
            (names["implementing"], 1), (statement["implementing_unit"], 2),
        ),
        row(*money),
        row((names["overall"], 1), (statement["overall_goal"], 5)),
        row((names["goals"], 1), ("\n".join(statement["goals"]), 5)),
    ]  # fmt: skip
    head = row(*zip(("一级指标", "二级指标", "三级指标", names["value"], names["basis"]), WIDTHS, strict=True))
    body = [head, *levelled(records(statement), WIDTHS, 2, style.merge)]
    before = (f"（{statement['fiscal_year']['value']}年度）",)
    return [*assemble(statement, top, body, style, before), Paragraph(names["persons"])]

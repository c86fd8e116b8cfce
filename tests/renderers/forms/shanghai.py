"""上海 填报表 / 申报表: eight columns, money as four by two, two goal cells side by side."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from renderers.form import Block, Row, Statement, Style, amount, assemble, choose, has_amount, label, levelled, row

LABELS = {
    "name": "项目名称", "supervising": "主管部门", "implementing": "实施单位", "start": "开始日期", "end": "完成日期",
    "money": "项目资金（元）", "all": "项目资金总额", "year": "年度资金申请总额", "total_fiscal": "其中：财政资金",
    "total_other": "其他资金", "fiscal": "其中：当年财政拨款", "carry-over": "上年结转资金", "other": "其他资金",
    "overall": "项目总目标", "goals": "年度总体目标", "value": "年度指标值",
}  # fmt: skip
WIDTHS = (1, 2, 3, 2)


def _money(statement: Statement, names: Mapping[str, str]) -> list[Row]:
    left = [("all", "all"), ("total_fiscal", "fiscal"), ("total_other", "other")]
    right = [("year", "all"), ("fiscal", "fiscal"), ("carry-over", "carry-over"), ("other", "other")]
    rows = []
    for number, (name, source) in enumerate(right):
        pair = left[number : number + 1]
        told = [(names[key], amount(statement, "total", which)) for key, which in pair] or [("", "")]
        cells = [(told[0][0], 2), (told[0][1], 1), (names[name], 2), (amount(statement, "year", source), 1)]
        rows.append(row(*([(names["money"], 2, len(right))] if number == 0 else []), *cells))
    return rows


def form(
    statement: Statement, random: Random, style: Style | None = None, labels: Mapping[str, str] | None = None
) -> list[Block]:
    """Return the blocks of one statement; the year stands under the title."""
    style = style or choose(random)
    names = {**LABELS, **(labels or {})}
    top = [
        row((label(names["name"], style), 2), (statement["project_name"], 6)),
        row(
            (names["supervising"], 2), (statement["supervising_unit"], 2),
            (names["implementing"], 2), (statement["implementing_unit"], 2),
        ),
    ]  # fmt: skip
    if "nature" in names:
        top.append(row(("项目性质", 2), (names["nature"], 6)))
    if statement["planned_start"] is not None:
        dates = (names["start"], 2), (statement["planned_start"], 2), (names["end"], 2), (statement["planned_end"], 2)
        top.append(row(*dates))
    if has_amount(statement, "total", "all"):
        top += _money(statement, names)
    top += [row((names["overall"], 4), (names["goals"], 4))]
    top += [row((statement["overall_goal"], 4), ("\n".join(statement["goals"]), 4))]
    head = row(*zip(("一级指标", "二级指标", "三级指标", names["value"]), WIDTHS, strict=True))
    records = [[item[key] for key in ("level1", "level2", "name", "value")] for item in statement["indicators"]]
    before = (f"（{statement['fiscal_year']['value']}年度）",)
    return assemble(statement, top, [head, *levelled(records, WIDTHS, 2, style.merge)], style, before)

"""Central departments: 主管部门及代码, 年度资金总额 with three sources, 总体目标, 一级 … 指标值 / 分值权重."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from renderers.form import Block, Cell, Statement, Style, amount, assemble, choose, label, levelled, row

LABELS = {
    "name": "项目名称", "supervising": "主管部门及代码", "implementing": "实施单位", "money": "项目资金（万元）",
    "all": "年度资金总额", "fiscal": "其中：财政拨款", "carry-over": "上年结转", "other": "其他资金",
    "goals": "年度总体目标", "value": "指标值", "weight": "分值权重",
}  # fmt: skip
SOURCES = ("all", "fiscal", "carry-over", "other")
WIDTHS = (1, 1, 1, 2, 1, 1)


def form(
    statement: Statement, random: Random, style: Style | None = None, labels: Mapping[str, str] | None = None
) -> list[Block]:
    """Return the blocks of one statement; 绩效指标 is merged down the left of the indicators."""
    style = style or choose(random)
    names = {**LABELS, **(labels or {})}
    code = f"[{statement['supervising_unit_code']}]" if statement["supervising_unit_code"] else ""
    money = [
        row((names[source].replace("：", style.colon), 3), (amount(statement, "year", source), 3)) for source in SOURCES
    ]
    top = [
        row((label(names["name"], style), 1), (statement["project_name"], 6)),
        row(
            (names["supervising"], 1), (f"{code}{statement['supervising_unit']}", 3),
            (names["implementing"], 1), (statement["implementing_unit"], 2),
        ),
        (Cell(names["money"], 1, len(money)), *money[0]),
        *money[1:],
        row((names["goals"], 1), ("\n".join(statement["goals"]), 6)),
    ]  # fmt: skip
    records = [
        [item[key] for key in ("level1", "level2", "name", "value", "weight")] for item in statement["indicators"]
    ]
    head = row(*zip(("一级指标", "二级指标", "三级指标", names["value"], names["weight"]), WIDTHS[1:], strict=True))
    first, *rest = [head, *levelled(records, WIDTHS[1:], 2, style.merge)]
    body = [(Cell("绩效指标", 1, 1 + len(rest)), *first), *rest]
    before = (f"（{statement['fiscal_year']['value']}年度）",)
    return assemble(statement, top, body, style, before)

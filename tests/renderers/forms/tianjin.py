"""天津: unit line, 项目名称, 预算规模及资金用途, 绩效目标, then 一级 / 二级 / 三级 / 绩效指标描述 / 指标值."""

from __future__ import annotations

from random import Random

from renderers.form import Block, Statement, Style, amount, assemble, choose, label, levelled, row

HEAD = ("一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值")
WIDTHS = (1, 1, 2, 2, 1)


def form(statement: Statement, random: Random, style: Style | None = None) -> list[Block]:
    """Return the blocks of one statement of the Tianjin form: seven columns."""
    style = style or choose(random)
    printed = statement["unit_basis"] == "printed"
    unit = f"{statement['unit_code']}{random.choice(('', '', ' '))}{statement['unit_name']}" if printed else ""
    money = "单位：万元" if statement["currency_unit_basis"] == "printed" else ""
    fiscal = random.choice(("其中：财政资金", "其中：财政    资金", "其中：财政\v资金"))
    top = [
        row((label("项目名称", style), 1), (statement["project_name"], 6)),
        row(
            ("预算规模及资金用途", 1, 2),
            ("预算数", 1),
            (amount(statement, "year", "all"), 1),
            (fiscal.replace("：", style.colon), 1),
            (amount(statement, "year", "fiscal"), 1),
            ("其他资金", 1),
            (amount(statement, "year", "other"), 1),
        ),
        row((statement["purpose"], 6)),
        row((label("绩效目标", style), 1), ("\n".join(statement["goals"]), 6)),
    ]
    if (unit or money) and style.unit == "row":
        top.insert(0, row((unit, 4), (money, 3)))
    before = [] if style.unit == "row" else [f"{unit}    {money}".strip()]
    records = [
        (item["level1"], item["level2"], item["name"], item["description"], item["value"])
        for item in statement["indicators"]
    ]
    body = [row(*zip(HEAD, WIDTHS, strict=True)), *levelled(records, WIDTHS, 2, style.merge)]
    return assemble(statement, top, body, style, before)

"""The Shenzhen form, 项目绩效目标表 of 2019, from the JSON of one statement."""

from __future__ import annotations

from random import Random

from renderers.form import Cell, Form, indicator_rows, label, split, wrapped

COLUMNS = (("level1", 2), ("level2", 2), ("name", 2), ("value", 2), ("basis", 2))
WIDTH = 10


def form(statement: dict, random: Random) -> Form:
    """Return a statement as this form; the currency unit is not printed, as this form does not."""
    amounts = {(amount["scope"], amount["source"]): amount["printed"] for amount in statement["amounts"]}
    rows = [
        _pair("项目名称", wrapped(statement["project_name"], random), random),
        _pair("项目类型", statement["project_type"], random),
        _pair("资金用途", statement["fund_use"], random),
        _two("计划开始日期", statement["planned_start"], "计划完成日期", statement["planned_end"]),
        _two("项目总金额", amounts["total", "all"], "本年度项目金额", amounts["year", "all"]),
        _two("财政拨款资金", amounts["year", "fiscal"], "其他资金", amounts["year", "other"]),
        (
            *(Cell("资产采购计划", 2), Cell("固定资产采购金额", 2), Cell(statement["asset_purchase_amount"] or "", 2)),
            *(Cell("采购品目", 2), Cell(statement["asset_items"] or "", 2)),
        ),
        _pair("项目概况", statement["overview"], random),
        _pair("项目用途", statement["use"], random),
        _pair("项目总(中期)\n目标", statement["overall_goal"], random),
        _pair("年度绩效目标", "\n".join(statement["goals"]), random),
    ]
    head = len(rows)
    names = ("目标内容", "二级指标", "绩效指标", "指标目标值", "目标值来源")
    rows.append(tuple(Cell(label(name, random), span) for name, (_, span) in zip(names, COLUMNS, strict=True)))
    rows += indicator_rows(statement["indicators"], COLUMNS, random)
    lines = [f"({statement['fiscal_year']['value']} 年)"]
    units = f"实施单位：{statement['implementing_unit']}", f"主管单位：{statement['supervising_unit']}"
    lines += ["    ".join(units)] if random.random() < 0.5 else list(units)
    return Form(statement["heading"], tuple(lines), split(rows, head, random))


def _pair(name: str, text: str | None, random: Random) -> tuple[Cell, ...]:
    return Cell(label(name, random), 2), Cell(text or "", WIDTH - 2)


def _two(left: str, one: str | None, right: str, other: str | None) -> tuple[Cell, ...]:
    return Cell(left, 2), Cell(one or "", 3), Cell(right, 2), Cell(other or "", 3)

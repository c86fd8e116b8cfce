"""深圳 2019: units above the form, ticked boxes, dates, money, goals, then 目标内容 … 目标值来源."""

from __future__ import annotations

from random import Random

from renderers.form import Block, Form, Paragraph, Row, Statement, Style, amount, choose, label, levelled, row

HEAD = ("目标内容", "二级指标", "绩效指标", "指标目标值", "目标值来源")
WIDTHS = (1, 1, 1, 1, 2)
TEXTS = (("项目概况", "overview"), ("项目用途", "use"), ("项目总(中期)目标", "overall_goal"))


def _top(statement: Statement, style: Style) -> list[Row]:
    rows = [row((label("项目名称", style), 1), (statement["project_name"], 5))]
    rows += [
        row((name, 1), (statement[key], 5)) for name, key in (("项目类型", "project_type"), ("资金用途", "fund_use"))
    ]
    pairs = (
        ("计划开始日期", statement["planned_start"], "计划完成日期", statement["planned_end"]),
        ("项目总金额", amount(statement, "total", "all"), "本年度项目金额", amount(statement, "year", "all")),
        ("财政拨款资金", amount(statement, "year", "fiscal"), "其他资金", amount(statement, "year", "other")),
    )
    rows += [row((first, 1), (one, 2), (second, 1), (two, 2)) for first, one, second, two in pairs]
    purchase, items = statement["asset_purchase_amount"], statement["asset_items"]
    rows.append(
        row(("资产采购计划", 1), ("固定资产采购金额", 1), (purchase, 1), ("采购品目", 1), (items, 2))
    )  # fmt: skip
    rows += [row((label(name, style), 1), (statement[key], 5)) for name, key in TEXTS]
    return rows


def form(statement: Statement, random: Random, style: Style | None = None) -> list[Block]:
    """Return the blocks of one statement of the Shenzhen form: six columns, title and year always printed."""
    style = style or choose(random)
    goals = random.choice(("\n", "\n", "")).join(statement["goals"])
    top = [*_top(statement, style), row(("年度绩效目标", 1), (goals, 5))]
    records = [
        (item["level1"], item["level2"], item["name"], item["value"], item["basis"]) for item in statement["indicators"]
    ]
    body = [row(*zip(HEAD, WIDTHS, strict=True)), *levelled(records, WIDTHS, 2, style.merge)]
    year = f"({statement['fiscal_year']['value']}年)"
    implementing = f"实施单位{style.colon}{statement['implementing_unit']}"
    supervising = f"主管单位{style.colon}{statement['supervising_unit']}"
    blocks: list[Block] = []
    if style.title == "row":
        top[:0] = [row((statement["heading"], 6)), row((year, 6))]
    else:
        blocks += [Paragraph(statement["heading"], title=True), Paragraph(year, title=True)]
    if style.unit == "row":
        top.insert(2 if style.title == "row" else 0, row((implementing, 3), (supervising, 3)))
    elif style.title != "row":
        blocks.append(Paragraph(f"{implementing}    {supervising}"))
    else:
        blocks.append(Paragraph(implementing))
        blocks.append(Paragraph(supervising))
    if style.split:
        parts = Form(tuple(top), (), style.whole_rows), Form(tuple(body), (0,) * style.repeats, style.whole_rows)
        return [*blocks, parts[0], Paragraph(""), parts[1]]
    return [*blocks, Form((*top, *body), (len(top),) * style.repeats, style.whole_rows)]

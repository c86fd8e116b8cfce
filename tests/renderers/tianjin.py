"""The Tianjin form, 项目支出绩效目标表, from the JSON of one statement."""

from __future__ import annotations

from random import Random

from renderers.form import Cell, Form, indicator_rows, label, split, wrapped

COLUMNS = (("level1", 1), ("level2", 1), ("name", 1), ("description", 2), ("value", 2))
WIDTH = 7


def form(statement: dict, random: Random) -> Form:
    """Return a statement as this form; what it took from elsewhere is not printed."""
    lines, rows = _head(statement, random)
    amounts = {amount["source"]: amount["printed"] for amount in statement["amounts"]}
    rows.append((Cell(label("项目名称", random)), Cell(wrapped(statement["project_name"], random), WIDTH - 1)))
    money = [("预算数", amounts["all"]), ("其中：财政资金", amounts["fiscal"]), ("其他资金", amounts["other"])]
    cells = [part for name, printed in money for part in (Cell(label(name, random)), Cell(printed))]
    rows.append((Cell("预算规模及\n资金用途", rows=2), *cells))
    rows.append((Cell("", rows=0), Cell(statement["purpose"] or "", WIDTH - 1)))
    rows.append((Cell(label("绩效目标", random)), Cell("\n".join(statement["goals"]), WIDTH - 1)))
    head = len(rows)
    names = ("一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值")
    rows.append(tuple(Cell(label(name, random), span) for name, (_, span) in zip(names, COLUMNS, strict=True)))
    rows += indicator_rows(statement["indicators"], COLUMNS, random)
    return Form(statement["heading"], tuple(lines), split(rows, head, random))


def _head(statement: dict, random: Random) -> tuple[list[str], list[tuple[Cell, ...]]]:
    """Return unit and currency as lines above the table, or as its first row."""
    unit = f"{statement['unit_code']}{random.choice(('', ' '))}{statement['unit_name']}"
    printed = [unit] if statement["unit_basis"] == "printed" else []
    money = ["单位：" + statement["currency_unit"]] if statement["currency_unit_basis"] == "printed" else []
    style = random.choice(("row", "line", "lines"))
    if not printed and not money:
        return [], []
    if style == "row":
        return [], [(Cell("".join(printed), WIDTH - 2), Cell("".join(money), 2))]
    return (["    ".join([*printed, *money])] if style == "line" else [*printed, *money]), []

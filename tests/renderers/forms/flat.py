"""Forms whose indicators have sign, value and unit apart: 四川, 云南 (flat lists of projects) and 重庆 (one level)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from renderers.form import Block, Form, Row, Statement, Style, amount, assemble, choose, has_amount, label, row

SICHUAN = {
    "implementing_unit": "单位名称", "project_name": "项目名称", "money": "预算数", "goals": "年度目标",
    "level1": "一级指标", "level2": "二级指标", "name": "三级指标", "sign": "指标性质", "number": "指标值",
    "unit": "度量单位", "weight": "权重", "direction": "指标方向性",
}  # fmt: skip
YUNNAN = {
    "project_name": "项目名称", "goals": "项目年度绩效目标", "level1": "一级指标", "level2": "二级指标",
    "name": "三级指标", "sign": "指标性质", "number": "指标值", "unit": "度量单位", "attribute": "指标属性",
    "description": "指标内容",
}  # fmt: skip
CHONGQING = {
    "level1": "指标类型", "name": "指标名称", "sign": "指标性质", "number": "指标值", "unit": "计量单位",
    "weight": "权重",
}  # fmt: skip
PROJECT = ("implementing_unit", "project_name", "money", "goals")
SIGNS = "≥≤＞＜=＝><"


def parts(value: str, unit: str) -> dict[str, str]:
    """Return a value taken apart: sign, number and unit; what has no sign is qualitative under the sign 定性."""
    if value.startswith("定性"):
        return {"sign": "定性", "number": value.removeprefix("定性"), "unit": "", "attribute": "定性指标"}
    assert value[0] in SIGNS and value.endswith(unit), f"{value} is not a sign, a number and {unit}"
    return {"sign": value[0], "number": value[1 : len(value) - len(unit)], "unit": unit, "attribute": "定量指标"}


def flat(
    statements: Sequence[Statement],
    units: Sequence[Sequence[str]],
    columns: Mapping[str, str],
    merged: bool,
    before: Sequence[str] = (),
    total: str | None = None,
) -> list[Block]:
    """Return one list of many projects, one indicator a row.

    ``units`` are the printed units of each statement's indicators, ``columns`` the head by key in printed order,
    ``merged`` whether a project's cells span its rows (else they stand on its first row and are blank below),
    ``total`` the money on a row for the department as a whole, right under the head.
    """  # fmt: skip
    rows: list[Row] = [row((line, len(columns))) for line in before]
    rows.append(row(*((text, 1) for text in columns.values())))
    if total is not None:
        named = {"project_name": "合计", "money": total}
        rows.append(row(*((named.get(key, ""), 1) for key in columns)))
    for statement, printed in zip(statements, units, strict=True):
        for number, (item, unit) in enumerate(zip(statement["indicators"], printed, strict=True)):
            told = {**item, **parts(item["value"], unit), **_project(statement)}
            cells: list[tuple[str, int] | tuple[str, int, int]] = []
            for key in columns:
                if key not in PROJECT:
                    cells.append((told[key] or "", 1))
                elif number == 0:
                    cells.append((told[key], 1, len(printed) if merged else 1))
                elif not merged:
                    cells.append(("", 1))
            rows.append(row(*cells))
    return [Form(tuple(rows))]


def _project(statement: Statement) -> dict[str, str]:
    money = amount(statement, "year", "all") if has_amount(statement, "year", "all") else ""
    names = {key: statement[key] or "" for key in ("implementing_unit", "project_name")}
    return {**names, "money": money, "goals": "\n".join(statement["goals"])}


def chongqing(
    statement: Statement,
    units: Sequence[str],
    random: Random,
    style: Style | None = None,
    labels: Mapping[str, str] | None = None,
) -> list[Block]:
    """Return the blocks of one statement of the Chongqing form: six columns, one level."""  # fmt: skip
    style = style or choose(random)
    names = {
        "unit": "编制单位", "project": "项目名称", "department": "主管部门", "year": "当年资金总额（万元）",
        "overview": "项目概况", "goals": "年度绩效目标", "implementing": "实施单位", **(labels or {}),
    }  # fmt: skip
    columns = {**CHONGQING, **{key: text for key, text in names.items() if key in CHONGQING and key != "unit"}}
    top = [
        row((label(names["project"], style), 1), (statement["project_name"], 5)),
        row(
            (names["department"], 1), (statement["supervising_unit"], 2),
            (names["implementing"], 1), (statement["implementing_unit"], 2),
        ),
        row((names["year"], 1), (amount(statement, "year", "all"), 5)),
        row((label(names["overview"], style), 1), (statement["overview"], 5)),
        row((names["goals"], 1), ("\n".join(statement["goals"]), 5)),
    ]  # fmt: skip
    body = [row(*((text, 1) for text in columns.values()))]
    for item, unit in zip(statement["indicators"], units, strict=True):
        told = {**item, **parts(item["value"], unit)}
        body.append(row(*((told[key], 1) for key in columns)))
    return assemble(statement, top, body, style, (f"（{statement['fiscal_year']['value']}年度）",))

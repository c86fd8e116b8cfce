"""武汉 2020: 中期 and 年度 side by side, in money, goals and indicators."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from random import Random

from renderers.form import Block, Row, Statement, Style, amount, assemble, choose, label, levelled, row

LABELS = {
    "name": "项目名称", "supervising": "主管部门及编码", "implementing": "项目实施单位", "period": "起止时间",
    "money": "项目资金", "all": "资金总额", "year": "当年资金总额", "fiscal": "其中：财政拨款", "other": "其他资金",
    "overall": "中期目标", "goals": "年度目标",
}  # fmt: skip


def _records(statement: Statement) -> list[list[str]]:
    """Return rows of level 1 and the two blocks; the shorter block of a level 1 ends in blank cells."""
    records = []
    for level1 in dict.fromkeys(item["level1"] for item in statement["indicators"]):
        sides = [
            [item for item in statement["indicators"] if item["level1"] == level1 and item["scope"] == scope]
            for scope in ("total", "year")
        ]
        for pair in zip_longest(*sides):
            cells = [[item[key] for key in ("level2", "name", "value")] if item else ["", "", ""] for item in pair]
            records.append([level1, *cells[0], *cells[1]])
    return records


def _money(statement: Statement, names: Mapping[str, str]) -> list[Row]:
    rows = []
    for source in ("all", "fiscal", "other"):
        name = names["year"] if source == "all" else names[source]
        cells = [(names[source], 2), (amount(statement, "total", source), 2)]
        rows.append(row(*cells, (name, 2), (amount(statement, "year", source), 2)))
    return [
        row((names["money"], 1, 3), *((cell.text, cell.columns) for cell in _narrow(rows[0]))),
        *map(_narrow, rows[1:]),
    ]


def _narrow(cells: Row) -> Row:
    """Return a row without the column that the label at its left takes."""
    first, *rest = cells
    return (type(first)(first.text, first.columns - 1), *rest)


def form(
    statement: Statement, random: Random, style: Style | None = None, labels: Mapping[str, str] | None = None
) -> list[Block]:
    """Return the blocks of one statement; the year stands under the title."""
    style = style or choose(random)
    names = {**LABELS, **(labels or {})}
    code = f"[{statement['supervising_unit_code']}]" if statement["supervising_unit_code"] else ""
    period = f"{statement['planned_start']}-{statement['planned_end']}"
    widths = (1, 1, 2, 1, 1, 1, 1)
    top = [
        row((label(names["name"], style), 1), (statement["project_name"], 7)),
        row(
            (names["supervising"], 1), (f"{code}{statement['supervising_unit']}", 3),
            (names["implementing"], 2), (statement["implementing_unit"], 2),
        ),
        row(("项目属性", 1), (names.get("nature", "延续性项目"), 3), (names["period"], 2), (period, 2)),
        *_money(statement, names),
        row(("总体目标", 1, 2), (names["overall"], 4), (names["goals"], 3)),
        row((statement["overall_goal"], 4), ("\n".join(statement["goals"]), 3)),
    ]  # fmt: skip
    side = ("二级指标", "三级指标", "指标值")
    head = row(*zip(("一级指标", *side, *side), widths, strict=True))
    body = [head, *levelled(_records(statement), widths, 1, style.merge)]
    before = (f"（{statement['fiscal_year']['value']}年度）",)
    return assemble(statement, top, body, style, before)

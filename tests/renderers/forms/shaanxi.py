"""陕西 财政支出项目绩效目标申报表: the longest form, five sources, 立项依据, 实施进度, two blocks of indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from renderers.form import Block, Cell, Row, Statement, Style, amount, assemble, choose, label, levelled, row

LABELS = {
    "name": "项目名称", "supervising": "主管部门", "implementing": "实施单位", "start": "计划开始时间",
    "end": "计划完成时间", "money": "项目资金申请（万元）", "all": "资金总额", "fiscal": "财政拨款",
    "upper-level": "上级资金", "carry-over": "上年结转", "other": "其他资金", "overview": "项目概况",
    "reason": "立项依据", "reason text": "本地区“十四五”规划纲要和部门职责。", "progress": "项目实施进度计划",
    "overall": "长期绩效目标", "goals": "年度绩效目标", "name of measure": "指标内容", "value": "指标值",
    "note": "备注", "persons": "项目负责人", "person": "赵明远", "telephone": "029-00003347",
}  # fmt: skip
SOURCES = ("fiscal", "upper-level", "carry-over", "other")
WIDTHS = (1, 1, 1, 2, 1, 1)
STEPS = (("制定实施方案", "3月", "4月"), ("组织实施", "5月", "10月"), ("检查验收", "11月", "12月"))


def _block(name: str, statement: Statement, scope: str, names: Mapping[str, str], style: Style) -> list[Row]:
    """Return head and rows of one block with its name merged down the left."""
    found = [item for item in statement["indicators"] if item["scope"] == scope]
    if not found:
        return []
    records = [
        [item["level1"], item["level2"], item["name"], item["value"], item["description"] or ""] for item in found
    ]
    head = row(
        *zip(("一级指标", "二级指标", names["name of measure"], names["value"], names["note"]), WIDTHS[1:], strict=True)
    )
    first, *rest = [head, *levelled(records, WIDTHS[1:], 2, style.merge)]
    return [(Cell(name, 1, 1 + len(rest)), *first), *rest]


def _progress(names: Mapping[str, str], steps: Sequence[tuple[str, str, str]]) -> list[Row]:
    rows = [row(("实施内容", 2), ("开始时间", 2), ("完成时间", 2))]
    rows += [row((text, 2), (start, 2), (end, 2)) for text, start, end in steps]
    return [(Cell(names["progress"], 1, len(rows)), *rows[0]), *rows[1:]]


def form(
    statement: Statement, random: Random, style: Style | None = None, labels: Mapping[str, str] | None = None
) -> list[Block]:
    """Return the blocks of one statement; the year stands under the title."""
    style = style or choose(random)
    names = {**LABELS, **(labels or {})}
    money = [row((names[source], 3), (amount(statement, "total", source), 3)) for source in ("all", *SOURCES)]
    top = [
        row((label(names["name"], style), 1), (statement["project_name"], 6)),
        row(
            (names["supervising"], 1), (statement["supervising_unit"], 2),
            (names["implementing"], 2), (statement["implementing_unit"], 2),
        ),
        row((names["persons"], 1), (names["person"], 2), ("联系电话", 2), (names["telephone"], 2)),
        row(
            (names["start"], 1), (statement["planned_start"], 2), (names["end"], 2), (statement["planned_end"], 2)
        ),
        (Cell(names["money"], 1, len(money)), *money[0]),
        *money[1:],
        row((names["overview"], 1), (statement["overview"], 6)),
        row((names["reason"], 1), (names["reason text"], 6)),
        *_progress(names, STEPS),
        row((names["overall"], 1), (statement["overall_goal"], 6)),
        row((names["goals"], 1), ("\n".join(statement["goals"]), 6)),
    ]  # fmt: skip
    body = _block("长期绩效指标", statement, "total", names, style) + _block(
        "年度绩效指标", statement, "year", names, style
    )
    before = (f"（{statement['fiscal_year']['value']}年度）",)
    return assemble(statement, top, body, style, before)

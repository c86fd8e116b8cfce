"""天津 项目支出绩效目标表, 2022–2025: budget code glued to the unit's name, 万元, five indicator columns."""

from __future__ import annotations

from fiscalkg.loader.layouts.layout import Layout
from fiscalkg.loader.model import AmountSource, Scope

__all__ = ["TIANJIN"]

TIANJIN = Layout(
    name="tianjin",
    marks=("项目名称", "预算数", "绩效指标描述"),
    order=("project_name", "purpose", "budget", "fiscal_amount", "other_amount", "goals"),
    groups={"purpose": ("budget", "fiscal_amount", "other_amount")},
    inline=frozenset({"budget", "fiscal_amount", "other_amount"}),
    columns=("level1", "level2", "name", "description", "value"),
    amounts={
        "budget": (Scope.YEAR, AmountSource.ALL),
        "fiscal_amount": (Scope.YEAR, AmountSource.FISCAL),
        "other_amount": (Scope.YEAR, AmountSource.OTHER),
    },
)

"""深圳 项目绩效目标表, 2019: 实施单位 and 主管单位, ticked boxes, asset plan, 元 without saying so."""

from __future__ import annotations

from fiscalkg.loader.layouts.layout import Layout
from fiscalkg.loader.model import AmountSource, Scope

__all__ = ["SHENZHEN"]

SHENZHEN = Layout(
    name="shenzhen",
    marks=("项目名称", "项目总金额", "实施单位"),
    order=(
        "project_name",
        "project_type",
        "fund_use",
        "planned_start",
        "planned_end",
        "total_amount",
        "year_amount",
        "fiscal_amount",
        "other_amount",
        "asset_plan",
        "asset_purchase_amount",
        "asset_items",
        "overview",
        "use",
        "overall_goal",
        "goals",
    ),
    groups={"asset_plan": ("asset_purchase_amount", "asset_items")},
    inline=frozenset({"planned_end", "year_amount", "other_amount", "asset_purchase_amount", "asset_items"}),
    columns=("level1", "level2", "name", "value", "basis"),
    amounts={
        "total_amount": (Scope.TOTAL, AmountSource.ALL),
        "year_amount": (Scope.YEAR, AmountSource.ALL),
        "fiscal_amount": (Scope.YEAR, AmountSource.FISCAL),
        "other_amount": (Scope.YEAR, AmountSource.OTHER),
    },
    default_unit="元",
)

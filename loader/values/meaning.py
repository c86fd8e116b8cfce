"""What a value means for an indicator: which way is better, and whether amounts may be added."""

from __future__ import annotations

import re
from enum import StrEnum

from fiscalkg.loader.model import Comparator, TargetKind, TargetValue

__all__ = ["Direction", "direction", "is_additive"]

# Better when less, whatever the sign: complaints, errors, accidents, delays.
_UNWANTED = re.compile(
    r"投诉|差错|错误|事故|故障|延误|延迟|逾期|违规|违纪|违法|缺陷|失误|流失|损耗|损坏|返工|超支|偏差|误差|伤亡|死亡|泄露"
)
# Better when more after all: what is done about them, and that there are fewer.
_REMEDY = re.compile(
    r"处理|处置|办结|办理|解决|修复|维修|响应|整改|纠正|纠错|排除|回复|答复|下降|降低|减少|零|无|防|预警|恢复|反馈|受理|查处|化解"
)
_COST = re.compile(r"成本|预算|经费|费用|支出|单价")
_EACH = re.compile(r"每|人均|户均|次均|年均|月均|日均|单价|单位成本|单次|单人|标准|/")
_CEILINGS = (Comparator.AT_MOST, Comparator.LESS_THAN, Comparator.EQUAL, None)


class Direction(StrEnum):
    """指标方向性: 正向, 反向, 定性."""

    POSITIVE = "positive"
    REVERSE = "reverse"
    QUALITATIVE = "qualitative"


def direction(target: TargetValue, name: str | None) -> Direction:
    """Return which way an indicator is better: more, less, or not to be counted.

    ＞ ≥ ＝ are 正向, ＜ ≤ 反向, all without a number or deadline 定性 (practice of the fiscal systems); names
    such as 投诉率 are 反向 whatever their sign, unless they speak of the remedy, as 投诉处理率.
    """
    if target.number is None and target.date is None:
        return Direction.QUALITATIVE
    named = name or ""
    if _UNWANTED.search(named) and not _REMEDY.search(named):
        return Direction.REVERSE
    if target.comparator in (Comparator.AT_MOST, Comparator.LESS_THAN):
        return Direction.REVERSE
    if target.comparator is None and target.normalized_unit == "CNY" and _COST.search(named):
        return Direction.REVERSE
    return Direction.POSITIVE


def is_additive(target: TargetValue, name: str | None) -> bool:
    """Say whether a value is an amount for the whole that may be added to others, as ≤50万元.

    Not additive: rates (元/人), names that say each (人均, 每期, 标准), floors (≥), anything not in money.
    """
    if target.normalized_unit != "CNY" or target.normalized is None:
        return False
    if target.kind not in (TargetKind.MONEY, TargetKind.MIXED) or target.comparator not in _CEILINGS:
        return False
    return not _EACH.search(f"{name or ''}{target.remark or ''}")

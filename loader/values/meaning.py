"""What a value means for an indicator: which way is better, and whether amounts may be added."""

from __future__ import annotations

import re
from enum import StrEnum

from fiscalkg.loader.model import Comparator, TargetKind, TargetValue
from fiscalkg.loader.values.folding import fold

__all__ = ["Direction", "direction", "is_additive"]


class Direction(StrEnum):
    """指标方向性: 正向, 反向, 定性."""

    POSITIVE = "positive"
    REVERSE = "reverse"
    QUALITATIVE = "qualitative"


# Better when less, whatever the sign: complaints, errors, accidents, delays.
_UNWANTED = re.compile(
    r"投诉|差错|错误|事故|故障|延误|延迟|逾期|违规|违纪|违法|缺陷|失误|流失|损耗|损坏|返工|超支|偏差|误差|伤亡|死亡|泄露"
)
# Better when more after all: what is done about them, and that there are fewer.
_REMEDY = re.compile(
    r"处理|处置|办结|办理|解决|修复|维修|响应|整改|纠正|纠错|排除|回复|答复|下降|降低|减少|零|无|防|预警|恢复|反馈|受理|查处|化解"
)
# Words that are unwanted as what is counted, and harmless elsewhere: 失业率, 失业保险覆盖率.
_UNWANTED_COUNT = re.compile(
    r"(?:失败|失业|发病|患病|感染|复发|辍学|返贫|空置|闲置|拖欠|欠费|超标|不合格|不达标|不良|污染物排放|排放|能耗|漏报|漏检|退货|破损)"
    r"(?:发生)?(?:率|数|数量|次数|件数|起数|人数|天数|量|强度|比例|占比)(?:\([^()]*\))?$"
)
_COST = re.compile(r"成本|预算|经费|费用|支出|单价")
_EACH = re.compile(
    r"每|人均|户均|次均|年均|月均|日均|平均|单价|单位成本|单位面积|单次|单人|单个|单项|单场|单户|单件|单台|单套|标准|/"
)
# What a 指标方向性 column prints, by its telling character.
_PRINTED = (
    (re.compile("定性"), Direction.QUALITATIVE), (re.compile("反|逆|负|越小|越低|越少"), Direction.REVERSE),
    (re.compile("正|越大|越高|越多"), Direction.POSITIVE),
)  # fmt: skip
_CEILINGS = (Comparator.AT_MOST, Comparator.LESS_THAN, Comparator.EQUAL, None)


def direction(target: TargetValue, name: str | None, printed: str | None = None) -> Direction:
    """Return which way an indicator is better: more, less, or not to be counted.

    What a 指标方向性 column prints goes before all else. ＞ ≥ ＝ are 正向, ＜ ≤ 反向, all without a number or deadline
    定性 (practice of the fiscal systems); names such as 投诉率 are 反向 whatever their sign, unless they speak of the
    remedy, as 投诉处理率.
    """
    for words, stated in _PRINTED:
        if printed and words.search(printed):
            return stated
    if target.number is None and target.date is None:
        return Direction.QUALITATIVE
    named = name or ""
    is_unwanted = _UNWANTED.search(named) or _UNWANTED_COUNT.search(fold(named).text)
    if is_unwanted and not _REMEDY.search(named):
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

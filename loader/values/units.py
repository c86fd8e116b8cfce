"""A printed unit into what is counted: its kind, factor and normalised name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from fiscalkg.loader.model import TargetKind
from fiscalkg.loader.values.numbers import CHINESE, chinese_number

__all__ = ["MAGNITUDE", "MONEY", "PERCENT", "UNIT", "Unit", "parts_of", "unit_of"]

# 量词 and units that stand alone after a number in target tables, longest first when matched.
_COUNTED_WORDS = """
人次 人天 人日 人月 人 名 位 个 項 项次 项 家次 家 户 场次 场 次 期 篇 件次 件 套 台套 台次 台 辆次 辆 份 条 部 册 本
栋 幢 座 处 间 块 批次 批 类 种 支 只 张 页 字 分 所 片 株 棵 轮 届 班次 班 趟 组 门 节 集 首 幅 起 宗 笔 根 盏 艘 架 列
枚 口 点 卷 对 双 副 段 层 级 车次 航班 航次 吨 公斤 千克 克 升 立方米 平方公里 平方米 平方 平米 公顷 亩 米 公里 千米
厘米 毫米 千瓦时 千瓦 度 倍 步 遍 例 单 团次 团组 团 队 桌 床位 床 座次 标段 课时 学时 个百分点 百分点
㎡ m² m2 M2 km KM kg KG m M G T GB TB MB Mbps M/s 兆
"""
_TIME_WORDS = """
个工作日 工作日 个自然日 自然日 个日历天 日历天 个小时 小时 个月 月 个季度 季度 个星期 星期 周 天 日 年度 年
分钟 秒钟 秒 min h H
"""
_COUNTED = tuple(_COUNTED_WORDS.split())
_TIME = tuple(_TIME_WORDS.split())
_PERCENT = ("%", "‰", "百分比")
_CURRENCY = ("元人民币", "人民币", "元", "圆")
# 千 and 百 need 元 after them: 3千人 is not how target tables count, 千克 and 千瓦时 are.
MAGNITUDE = {"万": Decimal(10_000), "亿": Decimal(100_000_000), "万亿": Decimal(10) ** 12}
_MONEY_MAGNITUDE = {
    "": Decimal(1), "十": Decimal(10), "百": Decimal(100), "千": Decimal(1000), "十万": Decimal(10) ** 5,
    "百万": Decimal(10) ** 6, "千万": Decimal(10) ** 7, **MAGNITUDE,
}  # fmt: skip
_SAME = {
    "平米": "平方米", "平方": "平方米", "㎡": "平方米", "m²": "平方米", "m2": "平方米", "M2": "平方米",
    "km": "公里", "KM": "公里", "千米": "公里", "kg": "公斤", "KG": "公斤", "千克": "公斤", "m": "米", "項": "项",
    "个工作日": "工作日", "个自然日": "天", "自然日": "天", "个日历天": "天", "日历天": "天", "日": "天",
    "个小时": "小时", "个月": "月", "个季度": "季度", "个星期": "周", "星期": "周", "年度": "年", "秒钟": "秒",
    "min": "分钟", "h": "小时", "H": "小时",
}  # fmt: skip


def _either(words: tuple[str, ...]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


_NOUN = _either((*_COUNTED, *_TIME))
_LARGE = "(?:万亿|万|亿)"
MONEY = rf"(?:人民币)?(?:[十百千]?万|万亿|亿|百|千)?{_either(_CURRENCY)}"
PERCENT = _either(_PERCENT)
_BASE = rf"(?:{MONEY}|{PERCENT}|{_LARGE}?{_NOUN})"
# A denominator: /人, /人/月, 每项. A rate counts its numerator once for each of these.
# 元/人·天 and 元/(人·天) are 元/人/天.
_PER = rf"(?:(?:/每?|每)(?:\({_NOUN}(?:[·*/]{_NOUN})*\)|(?:{_NOUN}|[\u4e00-\u9fff])(?:[·*]{_NOUN})*))"
# m is not metre in 30min, nor 分 a mark in 三分之二.
_ENDS = r"(?!(?<=[A-Za-z])[A-Za-z]|(?<=分)之(?![内前后]))"
UNIT = rf"(?:{_BASE}{_PER}*{_ENDS}|{_LARGE})"

_SHARE = re.compile(rf"(?P<parts>{CHINESE}|[1-9]\d{{0,3}})分之一")
_ROUND = {"百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000)}
_MOST_PARTS = 10_000

_SPLIT = re.compile(rf"(?P<base>{_BASE})(?P<per>{_PER}*)")
_MONEY_PARTS = re.compile(rf"(?:人民币)?(?P<large>(?:[十百千]?万|万亿|亿|百|千)?){_either(_CURRENCY)}")
_LARGE_PARTS = re.compile(rf"(?P<large>{_LARGE})(?P<rest>.*)")
_TIMES = frozenset(_TIME) | {_SAME.get(word, word) for word in _TIME}


@dataclass(frozen=True, slots=True)
class Unit:
    """``number * factor`` of the printed unit is in ``normalized``; ``is_known`` is false for a guess."""

    kind: TargetKind
    factor: Decimal
    normalized: str | None
    is_known: bool = True


@lru_cache(maxsize=4096)  # a document counts in few units, and asks for each several times
def unit_of(printed: str) -> Unit:
    """Return what a printed unit means; a unit nobody has listed is a quantity of itself.

    Time keeps its unit: 5 工作日 have no calendar length, and 1 月 none in days.

    >>> unit_of("万元").normalized, unit_of("元/人/月").normalized, unit_of("万人").factor
    ('CNY', 'CNY/人/月', Decimal('10000'))
    """
    share = _SHARE.fullmatch(printed)
    if share and (parts := parts_of(share["parts"])):
        return Unit(TargetKind.PERCENTAGE, 1 / parts, "1")
    if printed in MAGNITUDE:
        return Unit(TargetKind.NUMBER, MAGNITUDE[printed], None)
    split = _SPLIT.fullmatch(printed)
    if split is None:
        return _unlisted(printed)
    base = _base_of(split["base"])
    if not split["per"]:
        return base
    periods = [_SAME.get(word, word) for word in re.split("[/·*()每]+", split["per"]) if word]
    ordered = [
        *(word for word in periods if word not in _TIMES),
        *(word for word in periods if word in _TIMES),
    ]
    return Unit(TargetKind.RATE, base.factor, "/".join([base.normalized or "1", *ordered]))


def parts_of(text: str) -> Decimal | None:
    """Return how many parts 三 or 3 before 分之 make of the whole; ``None`` when they are no such number.

    >>> parts_of("三"), parts_of("10"), parts_of("一")
    (Decimal('3'), Decimal('10'), None)
    """
    parts = Decimal(text) if text[0].isdigit() else _ROUND.get(text) or chinese_number(text)
    return parts if parts and parts == int(parts) and 1 < parts <= _MOST_PARTS else None


def _base_of(base: str) -> Unit:
    if base in _PERCENT:
        return Unit(TargetKind.PERCENTAGE, Decimal("0.001" if base == "‰" else "0.01"), "1")
    if money := _MONEY_PARTS.fullmatch(base):
        return Unit(TargetKind.MONEY, _MONEY_MAGNITUDE[money["large"]], "CNY")
    if base in _TIME:
        return Unit(TargetKind.DURATION, Decimal(1), _SAME.get(base, base))
    if large := _LARGE_PARTS.fullmatch(base):
        return Unit(TargetKind.QUANTITY, MAGNITUDE[large["large"]], _SAME.get(large["rest"], large["rest"]))
    return Unit(TargetKind.QUANTITY, Decimal(1), _SAME.get(base, base))


def _unlisted(printed: str) -> Unit:
    large = _LARGE_PARTS.fullmatch(printed)
    if large and large["rest"]:
        return Unit(TargetKind.QUANTITY, MAGNITUDE[large["large"]], large["rest"], is_known=False)
    return Unit(TargetKind.QUANTITY, Decimal(1), printed, is_known=False)

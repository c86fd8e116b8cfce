"""Words and signs of comparison into comparators.

以上, 以下, 以内 include the number they follow, 超过, 不满 do not (民法典 第一千二百五十九条).
"""

from __future__ import annotations

import re

from fiscalkg.loader.model import Comparator

__all__ = ["AFTER", "BEFORE", "after", "before", "combined"]

_BEFORE = {
    Comparator.AT_LEAST: "≥ ≥= >= => 大于等于 大于或等于 高于等于 高于或等于 "
    "不少于 不低于 不小于 不得少于 不得低于 不得小于 "
    "应不低于 应不少于 至少 最少 最低 应达到 达到 达",
    Comparator.MORE_THAN: "> 大于 高于 多于 超过 超出 超 逾 突破",
    Comparator.AT_MOST: "≤ ≤= <= =< 小于等于 小于或等于 低于等于 低于或等于 "
    "不超过 不超出 不超 不高于 不多于 不大于 不得超过 "
    "不得高于 不得多于 不得大于 至多 最多 最高 控制在 限",
    Comparator.LESS_THAN: "< 小于 低于 少于 不足 不满 不到",
    Comparator.EQUAL: "= 等于",
    Comparator.ABOUT: "≈ ~ 约为 大约 约",
}
_AFTER = {
    Comparator.AT_LEAST: "及以上 或以上 (含)以上 以上",
    Comparator.AT_MOST: "及以下 或以下 (含)以下 以下 以内 之内 内",
    Comparator.ABOUT: "左右 上下",
}
# They lead up to a comparison that follows: 控制在5%以下, 达到95%以上.
_LEADING = frozenset(["应达到", "达到", "达", "控制在", "约", "约为", "大约"])
# (含) says that the number itself will do.
_INCLUDED = ("(含本数)", "(含)")
_WITH_IT = {Comparator.MORE_THAN: Comparator.AT_LEAST, Comparator.LESS_THAN: Comparator.AT_MOST}
_UP = (Comparator.AT_LEAST, Comparator.MORE_THAN)
_DOWN = (Comparator.AT_MOST, Comparator.LESS_THAN)


def _words(table: dict[Comparator, str]) -> dict[str, Comparator]:
    return {word: comparator for comparator, words in table.items() for word in words.split()}


_BEFORE_WORDS = _words(_BEFORE)
_AFTER_WORDS = _words(_AFTER)


def _either(words: dict[str, Comparator]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


BEFORE = _either(_BEFORE_WORDS)
AFTER = _either({**_AFTER_WORDS, **dict.fromkeys(_INCLUDED, Comparator.EQUAL)})


def before(word: str) -> Comparator:
    """Return the comparator of a sign or word that stands before a number; ``word`` matches ``BEFORE``."""
    return _BEFORE_WORDS[word]


def after(word: str) -> Comparator:
    """Return the comparator of a word that stands after a number; ``word`` matches ``AFTER``."""
    return _AFTER_WORDS[word]


def combined(first: str | None, last: str | None) -> Comparator | None:
    """Return the comparison that the words on both sides of a number make together.

    Raises ``ValueError`` when they contradict each other, as 不少于…以内.

    >>> combined("控制在", "以下"), combined("≥", None), combined("超过", "(含)"), combined(None, "(含)")
    (<Comparator.AT_MOST: '<='>, <Comparator.AT_LEAST: '>='>, <Comparator.AT_LEAST: '>='>, None)
    """
    if last in _INCLUDED:
        left = before(first) if first else None
        return _WITH_IT.get(left, left) if left else None
    if not first or not last:
        return before(first) if first else after(last) if last else None
    if first in _LEADING:
        return after(last)
    left, right = before(first), after(last)
    if left is right or {left, right} <= set(_UP) or {left, right} <= set(_DOWN):
        return left
    raise ValueError(f"{first}…{last}")

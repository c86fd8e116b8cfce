"""Figures as printed, Arabic or Chinese, into ``Decimal``; and the one way a decimal is written."""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = ["CHINESE", "FIGURES", "canonical", "chinese_number", "figure"]

# 1, 1.5, 12,000.50: groups of three or none, so that an enumeration 1,2 is not a number. Nineteen figures
# are more than any budget has; longer runs, and those that begin with a zero, are codes.
FIGURES = r"(?:[1-9]\d{0,2}(?:,\d{3}){1,5}|[1-9]\d{0,18}|0)(?:\.\d{1,9})?"
CHINESE = r"[〇零一二两三四五六七八九十百千万亿半壹贰叁肆伍陆柒捌玖拾佰仟]{1,15}"

_DIGITS = {"〇": 0, "零": 0, "两": 2, **{digit: value for value, digit in enumerate("一二三四五六七八九", 1)}}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}


def canonical(number: Decimal) -> str:
    """Return a decimal in the canonical form of XSD 1.1 as the store keeps it.

    No exponent, no zeros at the end, no point on an integer, no ``-0``.

    >>> canonical(Decimal("1200.00")), canonical(Decimal("0.950")), canonical(Decimal("1E+3"))
    ('1200', '0.95', '1000')
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def figure(text: str) -> Decimal:
    """Return printed figures as a number; ``text`` matches ``FIGURES``, with a sign or without.

    >>> figure("127,400.00")
    Decimal('127400.00')
    """
    return Decimal(text.replace(",", ""))


def chinese_number(text: str) -> Decimal | None:
    """Return a Chinese numeral as a number, ``None`` when the characters do not make one.

    >>> chinese_number("三十二"), chinese_number("一百二十万"), chinese_number("两"), chinese_number("千万")
    (Decimal('32'), Decimal('1200000'), Decimal('2'), None)
    """
    text = text.translate(_FORMAL)
    if text == "半":
        return Decimal("0.5")
    if "半" in text or not text or text[0] in "百千万亿":
        return None
    if len(text) > 1 and all(character in _DIGITS for character in text):
        return _digit_by_digit(text)
    return _by_places(text)


def _digit_by_digit(text: str) -> Decimal | None:
    """二〇二五 is a year or a code; 三五 is an approximate number and 一一 none at all."""
    return Decimal("".join(str(_DIGITS[character]) for character in text)) if len(text) == 4 else None


def _by_places(text: str) -> Decimal | None:
    total = section = 0
    digit: int | None = None
    ceiling = 10_000
    if re.search("[百千万亿][一二三四五六七八九]$", text):  # 一百二 is 120 to most who say it, and 102 to none
        return None
    for character in text:
        if character in _LARGE:
            large, part = _LARGE[character], section + (digit or 0)
            if total >= large:
                if not part:
                    return None
                total += part * large
            else:
                total = (total + part) * large
            section, digit, ceiling = 0, None, 10_000
        elif character in _SMALL:
            place = _SMALL[character]
            if place >= ceiling or (digit is None and section):
                return None
            section, digit, ceiling = section + (1 if digit is None else digit) * place, None, place
        elif digit:
            return None
        else:
            digit = _DIGITS[character]
    return Decimal(total + section + (digit or 0))

"""The value of a workbook's cell as a person sees it: 0.95 in the format 0% is 95%, a serial day is a date.

Only what budget sheets use: digits, thousands, percent, dates, text around them; any other format shows the value as
it is stored. No kept library shows numbers in Excel's formats for Python.
"""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

__all__ = ["shown"]

GENERAL = frozenset(("", "general", "@", "g/通用格式"))
QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
NUMBER = re.compile(r"[#0?,]*(?:\.[#0?]*)?[#0?,]*")
DATE_PART = re.compile(r"y+|m+|d+|h+|s+|a+", re.IGNORECASE)
SIGNIFICANT = 15  # digits that Excel keeps; more are the binary fraction's


def shown(value: object, number_format: str) -> str:
    """Return what a cell shows of its value; blank for ``None``, TRUE and FALSE for booleans.

    >>> shown(0.95, "0%"), shown(1234.5, "#,##0.00"), shown(0.1 + 0.2, "General")
    ('95%', '1,234.50', '0.3')
    """
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float() | Decimal():
            return _number(value, number_format)
        case datetime.datetime() | datetime.date() | datetime.time():
            return _date(value, number_format)
    return str(value)


def _number(value: float | Decimal, number_format: str) -> str:
    try:
        number = Decimal(f"{value:.{SIGNIFICANT}g}") if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return str(value)
    sections = number_format.split(";")
    section = sections[1] if number < 0 and len(sections) > 1 and sections[1] else sections[0]
    bare = QUOTED.sub("", section)
    if section.strip().lower() in GENERAL or not re.search("[0#?]", bare) or re.search("[EeyYdDhH/]", bare):
        return _plain(number)
    negative = number < 0 and section is not sections[0]
    return _formatted(abs(number) if negative else number, section)


def _plain(number: Decimal) -> str:
    text = format(number.normalize(), "f")
    return "0" if text in ("-0", "") else text


def _formatted(number: Decimal, section: str) -> str:
    marked = QUOTED.sub(lambda match: "\0" + (match[1] or match[2] or "") + "\0", section)
    digits = next((match for match in NUMBER.finditer(_blanked(marked)) if re.search("[0#?]", match[0])), None)
    if digits is None:
        return _plain(number)
    pattern = digits[0]
    number = number * 100 if "%" in _blanked(marked) else number
    while pattern.endswith(","):
        number, pattern = number / 1000, pattern[:-1]
    whole, _, fraction = pattern.partition(".")
    text = _rounded(number, fraction, "," in whole, whole.count("0"))
    around = marked[: digits.start()], marked[digits.end() :]
    return (around[0] + text + around[1]).replace("\0", "").strip()


def _blanked(marked: str) -> str:
    """Return a format with its quoted text blanked out, so that only codes are left to be found."""
    return re.sub("\0[^\0]*\0", lambda match: " " * len(match[0]), marked)


def _rounded(number: Decimal, fraction: str, grouped: bool, least: int) -> str:
    places = sum(character in "0#?" for character in fraction)
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = format(abs(rounded), ",f" if grouped else "f")
    whole, _, decimals = text.partition(".")
    optional = len(fraction) - len(fraction.rstrip("#?"))
    kept = decimals[: len(decimals) - optional] + decimals[len(decimals) - optional :].rstrip("0")
    sign = "-" if rounded < 0 else ""
    return sign + whole.rjust(least, "0") + (f".{kept}" if kept else "")


def _date(value: datetime.date | datetime.datetime | datetime.time, number_format: str) -> str:
    section = number_format.split(";")[0]
    bare = QUOTED.sub("", section)
    if not DATE_PART.search(bare) or isinstance(value, datetime.time):
        return value.isoformat(*(" ",) if isinstance(value, datetime.datetime) else ())
    is_minute = "h" in bare.lower()
    marked = QUOTED.sub(lambda match: "\0" + (match[1] or match[2] or "") + "\0", section)
    parts = re.split("(\0[^\0]*\0)", marked)
    return "".join(
        part.strip("\0")
        if part.startswith("\0")
        else DATE_PART.sub(lambda code: _code(value, code[0], is_minute), part)
        for part in parts
    ).strip()


def _code(value: datetime.date, code: str, has_hours: bool) -> str:
    kind, width = code[0].lower(), min(len(code), 4)
    if kind == "y":
        return f"{value.year:04d}" if width > 2 else f"{value.year % 100:02d}"
    time = value.time() if isinstance(value, datetime.datetime) else datetime.time()
    # m after hours are minutes; budget sheets print dates, so a month comes first where both stand.
    number = {"m": value.month, "d": value.day, "h": time.hour, "s": time.second}.get(kind)
    if number is None or (has_hours and kind == "a"):
        return ""
    return f"{number:02d}" if width >= 2 else str(number)

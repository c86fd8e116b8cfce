"""The value of a workbook's cell as a person sees it: 0.95 in the format 0% is 95%, a serial day is a date.

Only what budget sheets use: digits, thousands, percent, dates, text around them; any other format shows the value as
it is stored. No kept library shows numbers in Excel's formats for Python.
"""

from __future__ import annotations

import calendar
import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

__all__ = ["shown"]

GENERAL = frozenset(("", "general", "@", "g/通用格式", "常规"))
GENERAL_WORD = re.compile("general|g/通用格式|常规", re.IGNORECASE)
QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
CONDITION = re.compile(r"\[\s*[<>=]")
NUMBER = re.compile(r"[#0?,]*(?:\.[#0?]*)?[#0?,]*")
DIGIT = re.compile("[0#?]")
# Codes of dates, of powers of ten, of fractions and of text: not of a number with decimals.
NOT_DECIMAL = re.compile("[EeyYdDhH/@]")
DATE_PART = re.compile(r"am/pm|上午/下午|y+|m+|d+|h+|n+|s+|a+", re.IGNORECASE)
MINUTES = re.compile("h[^a-z]*m{1,2}(?!m)|(?<!m)m{1,2}[^a-z]*s", re.IGNORECASE)
WEEKDAYS = "一二三四五六日"
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
    if number_format.strip().lower() in GENERAL or CONDITION.search(number_format):
        return _plain(number)
    section, is_unsigned = _section(number, number_format)
    number = abs(number) if is_unsigned else number
    section = GENERAL_WORD.sub(f'"{_plain(number)}"', section)
    bare = QUOTED.sub("", section)
    if NOT_DECIMAL.search(bare) or (not DIGIT.search(bare) and re.search(r"\w", bare)):
        return _plain(number)
    return _formatted(number, section)


def _section(number: Decimal, number_format: str) -> tuple[str, bool]:
    """Return the part of a format for a number's sign, and whether the part itself prints the sign."""
    sections = number_format.split(";")
    if number < 0 and len(sections) > 1:
        return sections[1], True
    return sections[2 if number == 0 and len(sections) > 2 else 0], False


def _plain(number: Decimal) -> str:
    text = format(number.normalize(), "f")
    return "0" if text in ("-0", "") else text


def _formatted(number: Decimal, section: str) -> str:
    marked = _marked(section)
    digits = next((match for match in NUMBER.finditer(_blanked(marked)) if DIGIT.search(match[0])), None)
    if digits is None:  # words for a sign, or nothing: such a number is not shown
        return marked.replace("\0", "").strip()
    pattern = digits[0]
    number = number * 100 if "%" in _blanked(marked) else number
    while pattern.endswith(","):
        number, pattern = number / 1000, pattern[:-1]
    whole, _, fraction = pattern.partition(".")
    text = _rounded(number, fraction, "," in whole, whole.count("0"))
    around = marked[: digits.start()], marked[digits.end() :]
    return (around[0] + text + around[1]).replace("\0", "").strip()


def _marked(section: str) -> str:
    """Return a format with its quoted text between NULs, and without colours and room."""
    return QUOTED.sub(lambda match: f"\0{match[1] or match[2] or ''}\0", section)


def _blanked(marked: str) -> str:
    """Return a format with its quoted text blanked out, so that only codes are left to be found."""
    return re.sub("\0[^\0]*\0", lambda match: " " * len(match[0]), marked)


def _rounded(number: Decimal, fraction: str, grouped: bool, least: int) -> str:
    places = sum(character in "0#?" for character in fraction)
    try:
        rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:  # more digits than a decimal holds
        return _plain(number)
    text = format(abs(rounded), ",f" if grouped else "f")
    whole, _, decimals = text.partition(".")
    optional = len(fraction) - len(fraction.rstrip("#?"))
    kept = decimals[: len(decimals) - optional] + decimals[len(decimals) - optional :].rstrip("0")
    whole = whole.rjust(least, "0") if least or whole != "0" else ""
    return ("-" if rounded < 0 else "") + whole + (f".{kept}" if kept else "")


def _date(value: datetime.date | datetime.datetime | datetime.time, number_format: str) -> str:
    section = number_format.split(";")[0]
    if isinstance(value, datetime.time):
        return value.isoformat()
    if number_format.strip().lower() in GENERAL or not DATE_PART.search(QUOTED.sub("", section)):
        return value.isoformat().replace("T", " ").removesuffix(" 00:00:00")
    marked = _marked(section)
    # Only what stands beside hours or seconds tells minutes from months; n is no code of Excel's.
    codes = MINUTES.sub(lambda match: re.sub("[mM]", "n", match[0]), _blanked(marked))
    is_halved = "am/pm" in codes.lower() or "上午/下午" in codes
    shown: list[str] = []
    at = 0
    for code in DATE_PART.finditer(codes):
        shown += [marked[at : code.start()], _code(value, code[0].lower(), is_halved)]
        at = code.end()
    return "".join([*shown, marked[at:]]).replace("\0", "").strip()


def _code(value: datetime.date, code: str, is_halved: bool) -> str:
    """Return what one code shows; ``is_halved`` says that hours count to 12."""
    time = value.time() if isinstance(value, datetime.datetime) else datetime.time()
    if "/" in code:
        return code.split("/")[time.hour >= 12].upper()
    kind, width = code[0], len(code)
    if kind == "y":
        return f"{value.year:04d}" if width > 2 else f"{value.year % 100:02d}"
    if kind == "a":
        return ("星期" if width > 3 else "") + WEEKDAYS[value.weekday()]
    if width > 2 and kind in "md":
        name = calendar.month_name[value.month] if kind == "m" else calendar.day_name[value.weekday()]
        return name if width > 3 else name[:3]
    hour = (time.hour % 12 or 12) if is_halved else time.hour
    number = {"m": value.month, "d": value.day, "h": hour, "n": time.minute, "s": time.second}[kind]
    return f"{number:02d}" if width > 1 else str(number)

"""Printed sums of money into CNY."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from fiscalkg.loader.values.folding import fold
from fiscalkg.loader.values.numbers import FIGURES, figure
from fiscalkg.loader.values.units import MONEY, unit_of

__all__ = ["read_amount"]

_AMOUNT = re.compile(rf"[¥￥]?(?P<number>[-+]?{FIGURES})\(?(?P<unit>{MONEY}|万亿|[万亿])?\)?")


def read_amount(printed: str, unit: str | None) -> Decimal | None:
    """Return a printed amount in CNY, exactly; ``None`` when it is no amount or nothing says its unit.

    ``unit`` is the printed unit of the table (元, 万元, 亿元); a unit inside the cell goes before it. A blank
    is not 0.

    >>> read_amount("470.00", "万元"), read_amount("127,400.00", "元"), read_amount("", "万元")
    (Decimal('4700000.00'), Decimal('127400.00'), None)
    """
    matched = _AMOUNT.fullmatch(fold(printed).text)
    if matched is None:
        return None
    stated = matched["unit"]
    if stated in ("万", "亿", "万亿"):
        stated += "元"
    word = stated or fold(unit or "").text.removeprefix("人民币").strip("()")
    factor = _factor(word)
    return figure(matched["number"]) * factor if factor else None


@lru_cache(maxsize=256)
def _factor(unit: str) -> Decimal | None:
    return unit_of(unit).factor if re.fullmatch(MONEY, unit) else None

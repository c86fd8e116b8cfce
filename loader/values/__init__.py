"""Values as printed into what they say; text in, value out, no state and no errors."""

from __future__ import annotations

from fiscalkg.loader.values.amounts import read_amount
from fiscalkg.loader.values.dates import read_date
from fiscalkg.loader.values.meaning import Direction, direction, is_additive
from fiscalkg.loader.values.numbers import canonical
from fiscalkg.loader.values.rendering import render
from fiscalkg.loader.values.targets import read_target

__all__ = [
    "Direction", "canonical", "direction", "is_additive", "read_amount", "read_date", "read_target", "render",
]  # fmt: skip

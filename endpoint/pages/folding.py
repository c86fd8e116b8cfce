"""Texts as they are compared in a search: without regard to width, case, blanks, and traditional forms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from functools import cache

from opencc import OpenCC

__all__ = ["fold", "folds_of"]

HAN = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))
BLANK = re.compile(r"\s")


@cache
def _simplified() -> dict[int, int]:
    """Return the simplified character of each traditional one, by code point."""
    known = "\n".join(chr(code) for first, last in HAN for code in range(first, last + 1))
    pairs = zip(
        known.split("\n"), OpenCC("t2s").convert(known).split("\n"), strict=True
    )  # at once: a call each is slow
    return {ord(char): ord(other) for char, other in pairs if other != char and len(other) == 1}


def fold(text: str) -> str:
    """Return a text as it is compared: width, case, blanks and traditional characters make no difference.

    >>> fold("滿意度 ＡＢc"), fold("满意度abC")
    ('满意度abc', '满意度abc')
    """
    return BLANK.sub("", unicodedata.normalize("NFKC", text).lower().translate(_simplified()))


def folds_of(held: Set[str]) -> str:
    """Return what a script must know to fold: each traditional character before its own, of those that texts hold."""
    targets = set(fold("".join(sorted(held))))
    return "".join(chr(char) + chr(other) for char, other in sorted(_simplified().items()) if chr(other) in targets)

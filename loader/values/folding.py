"""Printed text into the form values are read in, with the way back to the printed characters.

One character stays one character (width, look-alike signs), and blanks go except between two Latin
letters or two figures; so every slice of the folded text is a slice of the printed text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Folded", "fold"]

_PLAIN = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # full width
        "≧": "≥", "⩾": "≥", "≦": "≤", "⩽": "≤", "﹥": ">", "﹤": "<", "〉": ">", "〈": "<", "﹦": "=", "﹪": "%",
        "〜": "~", "∼": "~", "﹣": "-", "−": "-", "‐": "-", "‑": "-", "–": "-", "—": "-", "―": "-", "─": "-",
        "﹢": "+", "✕": "×", "✖": "×", "○": "〇", "圆": "圆", "個": "个", "萬": "万", "億": "亿",
        "•": "·", "‧": "·", "∙": "·", "⋅": "·", "・": "·", "･": "·",
    }
)  # fmt: skip
_BLANK = re.compile(r"\s")
_KEPT = re.compile(r"(?<=[A-Za-z])\s(?=[A-Za-z])|(?<=\d)\s(?=\d)|\S")


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` is read; ``text[i]`` was printed at ``offsets[i]`` of ``printed``."""

    printed: str
    text: str
    offsets: Sequence[int]

    def slice(self, start: int, end: int) -> str:
        """Return the printed characters of ``text[start:end]``, blanks inside them included."""
        if start >= end:
            return ""
        return self.printed[self.offsets[start] : self.offsets[end - 1] + 1]


def fold(printed: str) -> Folded:
    """Return a printed text in folded form.

    >>> fold("＞９８ ％").text
    '>98%'
    """
    if not _BLANK.search(printed):
        return Folded(printed, printed.translate(_PLAIN), range(len(printed)))
    offsets = [match.start() for match in _KEPT.finditer(printed)]
    return Folded(printed, "".join([printed[offset] for offset in offsets]).translate(_PLAIN), offsets)

"""Printed text into the form values are read in, with the way back to the printed characters.

One character stays one character (width, look-alike signs), and blanks go except between two Latin
letters or two figures; so every slice of the folded text is a slice of the printed text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Folded", "fold"]

_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_ALIKE = str.maketrans(
    {
        "≧": "≥", "⩾": "≥", "≦": "≤", "⩽": "≤", "﹥": ">", "﹤": "<", "〉": ">", "〈": "<", "﹦": "=", "﹪": "%",
        "〜": "~", "∼": "~", "﹣": "-", "−": "-", "‐": "-", "‑": "-", "–": "-", "—": "-", "―": "-", "─": "-",
        "﹢": "+", "✕": "×", "✖": "×", "○": "〇", "圆": "圆", "個": "个", "萬": "万", "億": "亿",
        "•": "·", "‧": "·", "∙": "·", "⋅": "·", "・": "·", "･": "·",
    }
)  # fmt: skip
_BLANKS = re.compile(r"(?<=[A-Za-z])\s(?=[A-Za-z])|(?<=\d)\s(?=\d)|\S")


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` is read; ``text[i]`` was printed at ``offsets[i]`` of ``printed``."""

    printed: str
    text: str
    offsets: tuple[int, ...]

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
    kept = [(match.start(), match[0]) for match in _BLANKS.finditer(printed)]
    text = "".join(character for _, character in kept).translate(_WIDE).translate(_ALIKE)
    return Folded(printed, text, tuple(offset for offset, _ in kept))

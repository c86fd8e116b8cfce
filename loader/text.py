"""Text as printed into text as read: lines with their offsets, folded labels, rejoined wraps."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

__all__ = ["fold", "glue", "in_one_line", "join_lines", "line_number", "line_starts", "lines_of", "squeeze", "tokens"]

LONGEST_LABEL = 40  # characters; longer texts are no labels, and do not come again
LINE_END = re.compile(r"\r\n|\r|\n")
UNLIKE_HAN = re.compile(r"[^\x00-\x7f\u4e00-\u9fff]")  # the others are what they are in every normal form
# Marks that vary from printer to printer and carry nothing in a label.
LABEL_MARKS = re.compile(r"[\s:：()（）\[\]【】〔〕*＊、，,。．.·/\"'“”]+")


def line_starts(text: str) -> tuple[int, ...]:
    r"""Return the offset at which each line starts; lines end at LF, CRLF or CR only.

    >>> line_starts("a\r\nb\rc\x0cd\n")
    (0, 3, 5, 9)
    """
    if "\r" in text:
        return (0, *[match.end() for match in LINE_END.finditer(text)])
    return (0, *accumulate([len(line) + 1 for line in text.split("\n")[:-1]]))


def lines_of(text: str, starts: Sequence[int]) -> list[str]:
    """Return the lines of a text that start at ``starts``, without or with the mark that ends them."""
    if "\r" in text:
        return [text[start:end] for start, end in zip(starts, (*starts[1:], len(text)), strict=True)]
    return text.split("\n")


def line_number(starts: Sequence[int], offset: int) -> int:
    """Return the line, from 1, that holds an offset.

    >>> line_number((0, 3, 5), 4)
    2
    """
    return bisect_right(starts, offset)


def squeeze(text: str) -> str:
    """Return the non-blank characters, in order.

    >>> squeeze(" 财政    资金 ")
    '财政资金'
    """
    return "".join(text.split())


def fold(text: str) -> str:
    """Return a label in the form labels are compared in: width, blanks and punctuation do not count.

    >>> fold("其中：财政    资金") == fold("其中:财政资金")
    True
    """
    return _fold_label(text) if len(text) <= LONGEST_LABEL else _fold(text)


def _fold(text: str) -> str:
    bare = LABEL_MARKS.sub("", text)  # before all else: most of what a label holds besides words are marks
    plain = _normalized(bare)
    return (plain if plain == bare else LABEL_MARKS.sub("", plain)).lower()


def _normalized(text: str) -> str:
    """Return a text in NFKC: its few characters of another form replaced one by one first, which is faster."""
    if unicodedata.is_normalized("NFKC", text):
        return text
    for character in set(UNLIKE_HAN.findall(text)):
        if not unicodedata.is_normalized("NFKC", character):
            text = text.replace(character, unicodedata.normalize("NFKC", character))
    return unicodedata.normalize("NFKC", text)


_fold_label = lru_cache(maxsize=16384)(_fold)  # a table is asked for the same labels at every step


def glue(left: str, right: str) -> str:
    """Return what stands between two wrapped pieces: a blank between Latin words, otherwise nothing.

    >>> glue("APEC", "卡申请数"), glue("Belt and", "Road")
    ('', ' ')
    """
    if not left or not right:
        return ""
    latin = left[-1].isascii() and left[-1].isalpha() and right[0].isascii() and right[0].isalpha()
    return " " if latin else ""


def in_one_line(text: str) -> str:
    """Return a text, its lines joined as a reader reads them.

    >>> in_one_line("服务对象满\\n意度")
    '服务对象满意度'
    """
    return join_lines(text.split("\n")) if "\n" in text else text.strip()


def join_lines(pieces: Iterable[str]) -> str:
    """Return wrapped pieces as a reader reads them.

    >>> join_lines(["服务对象满", "意度"])
    '服务对象满意度'
    """
    joined = ""
    for piece in (piece.strip() for piece in pieces):
        joined += glue(joined, piece) + piece
    return joined


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each run of non-blank characters."""
    for match in re.finditer(r"\S+", text):
        yield match.span()

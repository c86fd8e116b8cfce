"""Glyphs into lines of text: by their baseline, then from left to right, with the blanks that their distance shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from fiscalkg.loader.readers.pdf_pages import Glyph

__all__ = ["TextLine", "leaves_no_room", "lines_of"]

SAME_LINE = 0.45  # of the glyphs' height: how far baselines of one line lie apart
WORD_GAP = 0.2  # of the height, between Latin letters and digits
WIDE_GAP = 0.8  # of the height, where Chinese stands on either side: justified text is no gap
SAME_SPOT = 0.2  # of the height: a glyph printed twice to look bold
LOOSE = 0.3  # of the em: the room that word processors leave between Chinese and Latin
# What may not begin a line: it takes the character before it along to the next one.
CLOSING = "、，。．；：？！）》〉」』】〕”’,.;:?!)]}%％…—"


UNBREAKABLE = re.compile(rf"(?:[A-Za-z0-9]+|[“‘（《〈「『【〔(]*\S)[{re.escape(CLOSING)}]*")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line and the box around it; ``size`` is the height of its glyphs."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float


def leaves_no_room(line: TextLine, following: str, width: float) -> bool:
    """Return whether what begins the following text would not have fitted behind a line in ``width`` points."""
    wide = sum(0.55 if character.isascii() else 1.0 for character in line.text)
    em = (line.right - line.left) / wide if wide >= 4 else 1.1 * line.size
    match = UNBREAKABLE.match(following)
    first = match.group() if match else following[:1]
    needed = sum(0.45 if character.isascii() else 0.95 for character in first) * em
    return line.right - line.left + needed + LOOSE * em > width


def lines_of(glyphs: Iterable[Glyph]) -> list[TextLine]:
    """Return the lines that glyphs stand in, from the top; text turned within its cell follows, read as turned."""
    by_turn: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        by_turn.setdefault(glyph.turn, []).append(glyph)
    lines: list[TextLine] = []
    for turn in sorted(by_turn):
        upright = [_uprighted(glyph) for glyph in by_turn[turn]]
        found = [_line_of(row) for row in _rows(upright) if any(not glyph.text.isspace() for glyph in row)]
        lines += [_turned_back(line, turn) for line in found]
    return lines


def _uprighted(glyph: Glyph) -> Glyph:
    """Return a glyph where it would stand if its text were upright; only how glyphs of one turn lie counts."""
    left, top, right, bottom = glyph.left, glyph.top, glyph.right, glyph.bottom
    match glyph.turn:
        case 1:  # reads upwards
            return replace(glyph, left=-bottom, right=-top, top=left, bottom=right, baseline=right)
        case 2:
            return replace(glyph, left=-right, right=-left, top=-bottom, bottom=-top, baseline=-top)
        case 3:  # reads downwards
            return replace(glyph, left=top, right=bottom, top=-right, bottom=-left, baseline=-left)
    return glyph


def _turned_back(line: TextLine, turn: int) -> TextLine:
    left, top, right, bottom = line.left, line.top, line.right, line.bottom
    match turn:
        case 1:
            return replace(line, left=top, right=bottom, top=-right, bottom=-left)
        case 2:
            return replace(line, left=-right, right=-left, top=-bottom, bottom=-top)
        case 3:
            return replace(line, left=-bottom, right=-top, top=left, bottom=right)
    return line


def _rows(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    rows: list[list[Glyph]] = []
    at = 0.0
    for glyph in sorted(glyphs, key=lambda glyph: glyph.baseline):
        if rows and glyph.baseline - at <= SAME_LINE * max(_height(glyph), _height(rows[-1][0])):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
        # The line is where its largest glyph stands: a small one above it is an exponent or a footnote mark.
        if len(rows[-1]) == 1 or _height(glyph) > _height(rows[-1][0]) * 1.2:
            at = glyph.baseline
    return rows


def _height(glyph: Glyph) -> float:
    return max(glyph.bottom - glyph.top, 1.0)


def _line_of(row: Sequence[Glyph]) -> TextLine:
    glyphs = sorted(row, key=lambda glyph: (glyph.left, glyph.right))
    size = median(_height(glyph) for glyph in glyphs)
    text = ""
    last: Glyph | None = None
    for glyph in glyphs:
        if last and glyph.text == last.text and not glyph.text.isspace() and _is_again(glyph, last, size):
            continue
        text += (_blank(last, glyph, size) if last else "") + glyph.text
        last = glyph
    printed = [glyph for glyph in glyphs if not glyph.text.isspace()]
    return TextLine(
        text.strip(),
        min(glyph.left for glyph in printed),
        min(glyph.top for glyph in printed),
        max(glyph.right for glyph in printed),
        max(glyph.bottom for glyph in printed),
        size,
    )


def _is_again(glyph: Glyph, last: Glyph, size: float) -> bool:
    """Return whether a glyph is printed over the last one; those of a ligature have one box, and are two."""
    return 0 < glyph.left - last.left <= SAME_SPOT * size and glyph.left < last.right - SAME_SPOT * size


def _blank(last: Glyph, glyph: Glyph, size: float) -> str:
    if last.text.isspace() or glyph.text.isspace():
        return ""
    gap = glyph.left - last.right
    are_words = last.text.isascii() and last.text.isalnum() and glyph.text.isascii() and glyph.text.isalnum()
    return " " if gap > (WORD_GAP if are_words else WIDE_GAP) * size else ""

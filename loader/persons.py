"""A source with the names and telephone numbers of persons masked: before anything is read, so that nothing can leak.

What stands behind 填表人, 联系电话 and the like is replaced by █, as long as it was, so that lines and places stay.
Mobile and identity numbers are masked wherever they stand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from fiscalkg.loader.layouts.labels import head_of, is_level, label_of
from fiscalkg.loader.layouts.lattice import Lattice
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.reading import Span
from fiscalkg.loader.tables import Area, Block, Cell, Grid, Paragraph, Source, Table
from fiscalkg.loader.text import fold, tokens

__all__ = ["MASK", "mask"]

MASK = "█"
ROLES = (
    "填表人|填报人|制表人|联系人|负责人|经办人|审核人|复核人|法定代表人|联系电话|电话|手机|手机号|手机号码|电话号码|联系方式"
    "|传真|邮箱|电子邮箱|身份证号|身份证号码"
)
LAST_CHARACTERS = frozenset(role[-1] for role in ROLES.split("|"))
OFFICES = "项目|单位|部门|财务|主管|业务|处室|科室|分管|具体|直接|技术|预算|绩效|办公"
PERSON = re.compile(rf"(?:{OFFICES})*(?:{ROLES})(?:[及和与](?:{ROLES}))?")
NOTE = re.compile(r"[（(][^（()）]{0,8}[)）]")
# What stands before a colon, back to a mark or wide blank: a label may hold blanks, 填 表 人, or a note, （签字）.
LONGEST_LABEL = 24
WORDS = rf"(?:(?! {{2}}|\u3000{{2}})[^\t\r\n|:：、，,；;。]){{2,{LONGEST_LABEL}}}"
BEFORE_COLON = re.compile(rf"({WORDS})[:：]")
COLON, LAST_WORDS = re.compile(r"[:：]"), re.compile(rf"{WORDS}\Z")
BLANK = re.compile(r"[ \u3000]*")
# A field goes on to the next label, to wide blanks, or to the end of its line.
END = re.compile(r"[ \u3000]{2,}|\t|[|\r\n]|[，,；;。](?=\s|$)")
NAME_OR_NUMBER = re.compile(r"[\u4e00-\u9fff·]{2,4}|[\d+()（）\-—转]{5,20}")
WIDE_FIGURE = re.compile("[０-９]")
FULL_WIDTH = {0xFF10 + digit: 0x30 + digit for digit in range(10)}
# What stands before is looked at after the first figure: so most of a text is passed over at once.
MOBILE = re.compile(r"1(?<![\d.]1)[3-9]\d(?:[ -]?\d{4}){2}(?![\d.]|\s*[万亿]?元)")
IDENTITY = re.compile(r"\d(?<!\d\d)\d{16}[\dXx](?![\dXx])")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
LONGEST = 60  # characters of a person's field; more is prose after a colon

Run = tuple[int, int]


def mask(source: Source) -> tuple[Source, int]:
    """Return the source with persons masked in text and cells, and how many names and numbers that were.

    Masked characters are spans of the role ``person``; one finding says how many there are, and never what.
    """
    loose = [run for part in _prose(source) for run in _behind_loose_labels(source.text, *part)]
    labels = list(_labelled(source.text))
    runs = _merged(
        [*_behind_labels(source.text, labels), *_numbers(source.text), *_beside_labels(source.blocks), *loose]
    )
    runs = [run for run in runs if source.text[slice(*run)].strip()]
    if not runs:
        return source, 0
    spans = [Span("person", start, stop) for start, stop in runs]
    spans += [Span("label", start, stop) for start, stop in labels]
    masked = replace(
        source,
        text=_masked(source.text, runs),
        blocks=tuple(_block(block, runs) for block in source.blocks),
        spans=(*source.spans, *spans),
        findings=(*source.findings, _told(source.name, len(runs))),
    )
    return masked, len(runs)


def _told(name: str, count: int) -> Finding:
    zh = f"略去个人姓名、电话等 {count} 处，不进入图谱和发布包"
    en = f"{count} names or telephone numbers of persons were left out of graph and release"
    return Finding("R-PERSONS-MASKED", Severity.INFO, zh, en, name)


def _is_person(text: str) -> bool:
    if text and "\u4e00" <= text[-1] <= "\u9fff" and text[-1] not in LAST_CHARACTERS:
        return False  # most words are told by their last character, which no folding changes
    return _names_person(text)


@lru_cache(maxsize=16384)  # the same labels stand in every table
def _names_person(text: str) -> bool:
    return len(text) <= LONGEST and PERSON.fullmatch(fold(NOTE.sub("", text))) is not None


def _is_known(text: str) -> bool:
    """Return whether a word is one of a form's own, and so no person's name."""
    return bool(label_of(text) or head_of(text) or is_level(text, "level1") or is_level(text, "level2"))


def _labelled(text: str) -> Iterator[Run]:
    """Yield the labels of persons that stand before a colon, with it: as many words back as make a label."""
    for colon in COLON.finditer(text):  # a text has few, so this is faster than to look from every character on
        before = text[colon.start() - 1 : colon.start()]
        if "\u4e00" <= before <= "\u9fff" and before not in LAST_CHARACTERS:
            continue
        first = max(colon.start() - LONGEST_LABEL, 0)
        words = LAST_WORDS.search(text[first : colon.start()])
        if words is None:
            continue
        starts = [0, *(blank.end() for blank in re.finditer(r"\s+", words[0]))]
        found = next((start for start in starts if _is_person(words[0][start:])), None)
        if found is not None:
            yield first + words.start() + found, colon.end()


def _behind_labels(text: str, labels: Sequence[Run]) -> Iterator[Run]:
    """Yield what follows a person's label and its colon, up to the next label."""
    for (_, colon), (following, _) in pairwise([*labels, (len(text), len(text))]):
        blank = BLANK.match(text, colon)
        start = blank.end() if blank else colon
        end = END.search(text, start, following)
        stop = min(end.start() if end else following, start + LONGEST)
        other = BEFORE_COLON.search(text, start, stop)  # a label of something else, 填表日期：
        yield start, other.start() + _last_word(other[1]) if other else stop


def _last_word(text: str) -> int:
    return max((blank.end() for blank in re.finditer(r"\s+", text.rstrip())), default=0)


def _prose(source: Source) -> list[Run]:
    """Return the parts of a text that are no cells of grids: there a label may have no colon."""
    if not any(isinstance(block, Grid) for block in source.blocks):
        return [(0, len(source.text))]
    return [run for block in source.blocks if isinstance(block, Paragraph) for run in _runs_of(block.cell)]


def _behind_loose_labels(text: str, first: int, last: int) -> Iterator[Run]:
    """Yield the word after a person's label where text prints no colon, beside it or on the next line."""
    part = text[first:last]
    words = part.split()
    named = [
        at
        for at, (label, word) in enumerate(pairwise(words), 1)
        if NAME_OR_NUMBER.fullmatch(word) and _is_person(label) and not _is_known(word)
    ]
    offsets = list(tokens(part)) if named else []  # few texts print such a label
    for at in named:
        yield first + offsets[at][0], first + offsets[at][1]


def _numbers(text: str) -> Iterator[Run]:
    if WIDE_FIGURE.search(text):
        text = text.translate(FULL_WIDTH)
    for match in MOBILE.finditer(text):
        yield match.span()
    for match in IDENTITY.finditer(text):
        digits = match[0].upper()
        total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=False))
        if CHECK_DIGITS[total % 11] == digits[-1]:
            yield match.span()


def _beside_labels(blocks: Sequence[Block]) -> Iterator[Run]:
    """Yield the cells behind a person's label: to its right, or below it where another label stands there."""
    for block in blocks:
        if isinstance(block, Grid):
            lattice = Lattice(block.areas)
            for area in block.areas:
                if _is_person(area.cell.text) and (value := _value(lattice, area)):
                    yield from _runs_of(value.cell)
        elif isinstance(block, Table):
            for row in block.rows:
                for label, following in pairwise(row):
                    if _is_person(label.text) and not _is_known(following.text):
                        yield from _runs_of(following)


def _value(lattice: Lattice, area: Area) -> Area | None:
    beside, below = lattice.next_to(area), lattice.below(area)
    if beside and beside.cell.text and not _is_known(beside.cell.text) and not _is_person(beside.cell.text):
        return beside
    if below is None or _is_known(below.cell.text) or _is_person(below.cell.text):
        return None
    # A blank cell beside the label is its value, unless a name stands below it.
    is_blank = beside is not None and not beside.cell.text
    return None if is_blank and not NAME_OR_NUMBER.fullmatch(below.cell.text) else below


def _runs_of(cell: Cell) -> Iterator[Run]:
    return ((piece.start, piece.end) for piece in cell.pieces if piece.start < piece.end)


def _merged(runs: Sequence[Run]) -> list[Run]:
    merged: list[Run] = []
    for start, stop in sorted(runs):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        elif start < stop:
            merged.append((start, stop))
    return merged


def _masked(text: str, runs: Sequence[Run]) -> str:
    parts: list[str] = []
    at = 0
    for start, stop in runs:
        parts += [text[at:start], re.sub(r"\S", MASK, text[start:stop])]
        at = stop
    return "".join([*parts, text[at:]])


def _block(block: Block, runs: Sequence[Run]) -> Block:
    if isinstance(block, Paragraph):
        return Paragraph(_cell(block.cell, runs))
    if isinstance(block, Table):
        return Table(tuple(tuple(_cell(cell, runs) for cell in row) for row in block.rows))
    return Grid(tuple(area._replace(cell=_cell(area.cell, runs)) for area in block.areas))


def _cell(cell: Cell, runs: Sequence[Run]) -> Cell:
    """Return a cell with the characters masked that were read from a run."""
    text = cell.text
    for piece in cell.pieces:
        shift = piece.at - piece.start
        for start, stop in runs[max(bisect_right(runs, (piece.start, 0)) - 1, 0) :]:
            if start >= piece.end:
                break
            low, high = max(start, piece.start) + shift, min(stop, piece.end) + shift
            text = text[:low] + re.sub(r"\S", MASK, text[low:high]) + text[high:] if low < high else text
    return cell._replace(text=text) if text != cell.text else cell

"""A source with the names and telephone numbers of persons masked: before anything is read, so that nothing can leak.

What stands behind 填表人, 联系电话 and the like is replaced by █, as long as it was, so that lines and places stay. The
words are those of ``layouts/labels.toml``; mobile and identity numbers are masked wherever they stand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from fiscalkg.loader.layouts.labels import Label, head_of, is_level, label_of
from fiscalkg.loader.layouts.lattice import Lattice
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.reading import Span
from fiscalkg.loader.tables import Area, Block, Cell, Grid, Paragraph, Source, Table
from fiscalkg.loader.text import tokens

__all__ = ["MASK", "mask"]

MASK = "█"
# A label and its colon inside a line or cell; what stands before is the line's start, a blank or another mark.
LABELLED = re.compile(
    r"(?:(?<=^)|(?<=[\s|（(、，,；;。]))([^\s:：|（(）)、，,；;。]{2,10})[ \u3000]*[:：]", re.MULTILINE
)
# A field goes on to the next label, to wide blanks, or to the end of its line.
NEXT = re.compile(r"[ \u3000]{2,}|\t|[|\r\n]|[，,；;。](?=\s|$)")
MOBILE = re.compile(r"(?<![\d.])1[3-9]\d(?:[ -]?\d{4}){2}(?![\d.]|\s*[万亿]?元)")
IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
NAME_OR_NUMBER = re.compile(r"[\u4e00-\u9fff·]{2,4}|[\d+()（）\-—转]{5,20}")
LONGEST = 60  # characters of a person's field; more is prose after a colon

Run = tuple[int, int]


def mask(source: Source) -> tuple[Source, int]:
    """Return the source with persons masked in text and cells, and how many names and numbers that were.

    Masked characters are spans of the role ``person``; one finding says how many there are, and never what.
    """
    has_grids = any(isinstance(block, Grid) for block in source.blocks)
    loose = [] if has_grids else _behind_loose_labels(source.text)
    runs = _merged([*_behind_labels(source.text), *_numbers(source.text), *_beside_labels(source.blocks), *loose])
    runs = [run for run in runs if source.text[slice(*run)].strip()]
    if not runs:
        return source, 0
    text = _masked(source.text, runs)
    blocks = tuple(_block(block, source.text, runs) for block in source.blocks)
    spans = tuple(Span("person", start, stop) for start, stop in runs) + tuple(_labels(source.text))
    finding = Finding(
        "R-PERSONS-MASKED",
        Severity.INFO,
        f"略去个人姓名、电话等 {len(runs)} 处，不进入图谱和发布包",
        f"{len(runs)} names or telephone numbers of persons were left out of graph and release",
        source.name,
    )
    masked = replace(
        source, text=text, blocks=blocks, spans=(*source.spans, *spans), findings=(*source.findings, finding)
    )
    return masked, len(runs)


def _labels(text: str) -> Iterator[Span]:
    """Yield the labels whose persons stand in the same line, with their colons."""
    return (Span("label", *match.span()) for match in LABELLED.finditer(text) if _is_person(match[1]))


def _is_person(text: str) -> bool:
    label = label_of(text)
    return label is not None and label.section == "persons"


def _behind_labels(text: str) -> Iterator[Run]:
    """Yield what follows a person's label and its colon, up to the next label."""
    labels = list(LABELLED.finditer(text))
    for number, match in enumerate(labels):
        if not _is_person(match[1]):
            continue
        stop = labels[number + 1].start() if number + 1 < len(labels) else len(text)
        start = match.end() + len(text[match.end() :][:80]) - len(text[match.end() :][:80].lstrip(" \u3000"))
        end = NEXT.search(text, start, stop)
        stop = end.start() if end else stop
        yield start, min(stop, start + LONGEST)


def _behind_loose_labels(text: str) -> Iterator[Run]:
    """Yield the word after a person's label where text prints no colon, beside it or on the next line."""
    words = [(start, stop, text[start:stop]) for start, stop in tokens(text)]
    for (_, _, label), (start, stop, word) in pairwise(words):
        known = label_of(word) or head_of(word) or is_level(word, "level1") or is_level(word, "level2")
        if _is_person(label) and NAME_OR_NUMBER.fullmatch(word) and not known:
            yield start, stop


def _numbers(text: str) -> Iterator[Run]:
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
                    if _is_person(label.text) and not label_of(following.text):
                        yield from _runs_of(following)


def _value(lattice: Lattice, area: Area) -> Area | None:
    beside = lattice.right_of(area)
    if beside and beside.cell.text and not label_of(beside.cell.text):
        return beside
    below = lattice.below(area)
    is_label = below is not None and label_of(below.cell.text) not in (None, Label("unmodelled", "unmodelled"))
    return None if is_label or (beside and not beside.cell.text) else below


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


def _block(block: Block, text: str, runs: Sequence[Run]) -> Block:
    if isinstance(block, Paragraph):
        return Paragraph(_cell(block.cell, runs))
    if isinstance(block, Table):
        return Table(tuple(tuple(_cell(cell, runs) for cell in row) for row in block.rows))
    return Grid(tuple(replace(area, cell=_cell(area.cell, runs)) for area in block.areas))


def _cell(cell: Cell, runs: Sequence[Run]) -> Cell:
    """Return a cell with the characters masked that were read from a run."""
    text = cell.text
    for piece in cell.pieces:
        first = max(bisect_right(runs, (piece.start, 0)) - 1, 0)
        for start, stop in runs[first:]:
            if start >= piece.end:
                break
            low, high = max(start, piece.start), min(stop, piece.end)
            if low < high:
                shift = piece.at - piece.start
                text = (
                    text[: low + shift] + re.sub(r"\S", MASK, text[low + shift : high + shift]) + text[high + shift :]
                )
    return replace(cell, text=text) if text != cell.text else cell

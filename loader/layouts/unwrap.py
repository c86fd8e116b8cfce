"""The rejoined lines of a page into the rows of cells of one form: labels tell where cells begin.

PDF extraction leaves the cells of a row on one line or on several, so a label is looked for token by token,
in the order the form prints them; a label may itself be broken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fiscalkg.loader.layouts.divide import indicator_rows
from fiscalkg.loader.layouts.labels import column_of, field_of, label_starts_with, split_labelled
from fiscalkg.loader.layouts.layout import Layout
from fiscalkg.loader.tables import Cell, Piece, Row, concat, cut
from fiscalkg.loader.text import fold, tokens

__all__ = ["unwrap"]

NUMBER = re.compile(r"-?\d[\d,]*(\.\d+)?")
SHORT_VALUES = ("_amount", "budget", "planned_")


@dataclass(frozen=True, slots=True)
class _Token:
    line: int
    first: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Label:
    concept: str
    cell: Cell
    next: int


class _Rows:
    """Rows as they grow: a label begins a row or goes on with its group's, text lines join the last cell."""

    def __init__(self, groups: dict[str, tuple[str, ...]]) -> None:
        self.groups = groups
        self.rows: list[list[Cell]] = []
        self.group: str | None = None
        self.concept: str | None = None
        self.lines: list[Cell] = []

    def label(self, label: _Label) -> None:
        self.flush()
        if label.concept not in self.groups.get(self.group or "", ()):
            self.group = label.concept
            self.rows.append([])
        self.rows[-1].append(label.cell)
        self.concept = label.concept

    def flush(self) -> None:
        if self.concept is None:
            self.rows += [[line] for line in self.lines]
        elif self.lines:
            self.rows[-1].append(concat(self.lines, "\n"))
        elif self.concept not in self.groups:
            self.rows[-1].append(_blank_after(self.rows[-1][-1]))
        self.lines = []

    def carry(self) -> None:
        """End a short value: what follows belongs to the label that heads the row."""
        self.flush()
        self.rows.append([_blank_after(self.rows[-1][-1])])
        self.concept = "carried"


def unwrap(lines: Sequence[Cell], layout: Layout) -> tuple[Row, ...]:
    """Return the rows of one form from the lines below its title."""
    flat = [
        _Token(number, index == 0, start, end)
        for number, line in enumerate(lines)
        for index, (start, end) in enumerate(tokens(line.text))
    ]
    begin = next((i for i, token in enumerate(flat) if _match(flat, i, lines, layout.order[:1])), len(flat))
    head = next((i for i in range(begin, len(flat)) if flat[i].first and len(_columns(flat, i, lines)) > 2), len(flat))
    header = _columns(flat, head, lines) if head < len(flat) else []
    rows = _Rows(dict(layout.groups))
    _read_head(rows, flat[:begin], lines)
    _read_fields(rows, flat[begin:head], lines, layout)
    rows.flush()
    fields = tuple(tuple(row) for row in rows.rows if row)
    if not header:
        return fields
    below = _lines_from(flat[header[-1].next :], lines)
    columns = tuple(label.concept for label in header)
    return (*fields, tuple(label.cell for label in header), *indicator_rows(below, columns))


def _match(flat: Sequence[_Token], at: int, lines: Sequence[Cell], accepted: Sequence[str]) -> _Label | None:
    """Return the label that starts at a token, however many tokens it was broken into."""
    folded = ""
    for end in range(at, min(at + 4, len(flat))):
        token = flat[end]
        folded += fold(lines[token.line].text[token.start : token.end])
        concept = field_of(folded) or column_of(folded)
        if concept is not None and concept in accepted:
            parts = [cut(lines[part.line], part.start, part.end) for part in flat[at : end + 1]]
            return _Label(concept, concat(parts), end + 1)
        if not folded or not label_starts_with(folded):
            return None
    return None


def _columns(flat: Sequence[_Token], at: int, lines: Sequence[Cell]) -> list[_Label]:
    """Return the labels of the table head that starts at a token."""
    wanted = ("level1", "level2", "name", "description", "value", "basis", "weight")
    labels: list[_Label] = []
    while at < len(flat) and (label := _match(flat, at, lines, wanted)):
        labels.append(label)
        at = label.next
    return labels if any(label.concept == "value" for label in labels) else []


def _read_head(rows: _Rows, flat: Sequence[_Token], lines: Sequence[Cell]) -> None:
    """Read what stands between title and project name: one cell per labelled or unlabelled run of a line."""
    runs: list[list[_Token]] = []
    for token in flat:
        cell = cut(lines[token.line], token.start, token.end)
        if token.first or split_labelled(cell):
            runs.append([])
        runs[-1].append(token)
    for run in runs:
        rows.rows.append([cut(lines[run[0].line], run[0].start, run[-1].end)])


def _read_fields(rows: _Rows, flat: Sequence[_Token], lines: Sequence[Cell], layout: Layout) -> None:
    at = 0
    reached = -1
    while at < len(flat):
        token = flat[at]
        ahead = layout.order[reached + 1 :]
        accepted = ahead if token.first else [concept for concept in ahead if concept in layout.inline]
        label = _match(flat, at, lines, accepted)
        if label:
            rows.label(label)
            reached = layout.order.index(label.concept)
            at = label.next
            continue
        stop = _end_of_text(flat, at, lines, [concept for concept in ahead if concept in layout.inline])
        cell = cut(lines[token.line], token.start, flat[stop - 1].end)
        _take_text(rows, cell, token.first)
        at = stop


def _end_of_text(flat: Sequence[_Token], at: int, lines: Sequence[Cell], inline: Sequence[str]) -> int:
    stop = at + 1
    while stop < len(flat) and flat[stop].line == flat[at].line and not _match(flat, stop, lines, inline):
        stop += 1
    return stop


def _take_text(rows: _Rows, cell: Cell, starts_line: bool) -> None:
    is_short = any(part in (rows.concept or "") for part in SHORT_VALUES)
    if is_short and (rows.lines or (starts_line and not NUMBER.fullmatch(cell.text))):
        rows.carry()
    rows.lines.append(cell)


def _lines_from(flat: Sequence[_Token], lines: Sequence[Cell]) -> list[Cell]:
    firsts = {token.line: token.start for token in reversed(flat)}
    return [cut(lines[line], start, len(lines[line].text)) for line, start in sorted(firsts.items())]


def _blank_after(cell: Cell) -> Cell:
    end = max((piece.end for piece in cell.pieces), default=0)
    at = max(end - 1, 0)
    return Cell("", (Piece(0, at, at),), cell.place)

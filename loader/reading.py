"""What a document became: statements, findings, and a role for every printed character."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from fiscalkg.loader.model import Document, Finding, Statement
from fiscalkg.loader.places import LinePlace
from fiscalkg.loader.text import line_number, line_starts, squeeze

__all__ = ["FURNITURE", "Reading", "Span", "complete", "counted", "furniture", "leftover"]

# Everything a page may print besides fields, labels and headings; what is not in this list is left over.
FURNITURE = (
    "bookmark",  # [bookmark: …] that text extraction leaves
    "attachment",  # 附件 1
    "cover-publisher",  # the unit's name on the cover
    "cover-title",  # the title on the cover
    "cover-year",  # (2024 年) on the cover
    "contents-title",  # 目录
    "contents-entry",  # one line of the table of contents
    "page-number",  # - 3 -, 第 3 页
    "separator",  # | between the cells of a text, and the rules drawn between its rows
)


class Span(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) of the source text and the role they play.

    ``role`` is ``label``, ``heading``, a name of ``FURNITURE``, ``refused`` (a table of another kind),
    ``rest``, or the field's name as in the
    interchange form; ``owner`` is the field's statement and item, as ``3`` or ``3/indicators/2``.
    """

    role: str
    start: int
    end: int
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One document, read: ``spans`` are in order, do not overlap, and hold every non-blank character."""

    document: Document
    statements: tuple[Statement, ...]
    findings: tuple[Finding, ...]
    spans: tuple[Span, ...]


def complete(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """Return the spans in order, without overlaps, with ``rest`` for each non-blank run outside them."""
    result: list[Span] = []
    reached = 0
    for span in sorted(spans, key=attrgetter("start", "end")):
        end = span.end
        if end <= reached or end <= span.start:
            continue
        if span.start > reached:
            if not text[reached : span.start].isspace():
                result += _rest(text, reached, span.start)
            result.append(span)
        else:
            result.append(span if span.start == reached else Span(span.role, reached, end, span.owner))
        reached = end
    return (*result, *_rest(text, reached, len(text)))


def _rest(text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    at = start
    for line in text[start:end].splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            first = at + line.index(stripped[0])
            spans.append(Span("rest", first, first + len(stripped)))
        at += len(line)
    return spans


def furniture(reading: Reading) -> dict[str, int]:
    """Return how often each named pattern of page furniture occurs."""
    counts = Counter(span.role for span in reading.spans)
    return {name: counts[name] for name in FURNITURE if counts[name]}


def counted(reading: Reading, text: str) -> tuple[int, int]:
    """Return how many non-blank characters a text has, and how many of them no field, label or furniture holds."""
    over = sum(not character.isspace() for _, rest in leftover(reading, text) for character in rest)
    return sum(not character.isspace() for character in text), over


def leftover(reading: Reading, text: str) -> list[tuple[LinePlace, str]]:
    """Return the place and text of what no field, label, heading or furniture accounts for."""
    rest = [span for span in reading.spans if span.role == "rest" and squeeze(text[span.start : span.end])]
    starts = line_starts(text) if rest else ()
    return [
        (
            LinePlace(line_number(starts, span.start), line_number(starts, span.end - 1)),
            text[span.start : span.end],
        )
        for span in rest
    ]

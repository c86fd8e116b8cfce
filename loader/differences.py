"""Two sorted streams of facts into what differs, one thing with its parts at a time, and into an RDF patch.

A thing is a statement with its amounts, goals, indicators and values, or any other subject by itself. Only one thing
is held in memory at a time, so two releases of any size are compared within what the largest table needs.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

__all__ = ["Difference", "compare", "patch"]

# The statement that a subject is, or is a part of.
STATEMENT = re.compile(r"<([^>]*/statement/[^/>]+/[^/>]+/[^/>]+/[^/>]+)(?:/[^>]*)?$")


@dataclass(slots=True)
class Difference:
    """One thing and all its lines on either side; no lines where it is not there."""

    iri: str
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


def compare(old: Iterable[str], new: Iterable[str]) -> Iterator[Difference]:
    """Yield every thing of two sorted streams with its lines, in order; what is alike has equal lists."""
    waiting: dict[str, Difference] = {}
    both = heapq.merge(((line, False) for line in old), ((line, True) for line in new))
    for subject, lines in groupby(both, key=_subject):
        for whole in [whole for whole in waiting if f"<{whole}>" < f"{subject}>" and f"<{whole}" != subject]:
            yield waiting.pop(whole)  # in sorted lines a whole stands behind its parts: this one has none of its own
        found = STATEMENT.match(subject)
        whole = found[1] if found else subject[1:]
        thing = waiting.pop(whole, None) or Difference(whole)
        for line, is_new in lines:
            (thing.new if is_new else thing.old).append(line)
        if found and f"<{whole}" != subject:
            waiting[whole] = thing
        else:
            yield thing
    yield from waiting.values()


def _subject(entry: tuple[str, bool]) -> str:
    return entry[0].partition(">")[0]


def patch(old: Iterable[str], new: Iterable[str], header: Iterable[str] = ()) -> Iterator[str]:
    """Yield an RDF patch, one transaction, that makes the new facts of the old: what goes first, then what comes.

    ``header`` are its ``H`` lines. Deletions and additions stand in the order of the lines, mixed.
    """
    yield from header
    yield "TX .\n"
    both = heapq.merge(((line, False) for line in old), ((line, True) for line in new))
    for line, sides in groupby(both, key=lambda entry: entry[0]):
        found = [is_new for _, is_new in sides]
        if found != [False, True]:
            yield f"{'A' if found[0] else 'D'} {line}"
    yield "TC .\n"

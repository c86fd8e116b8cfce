"""Two stores and a list of queries into the queries whose answers differ, each with both answers."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from fiscalkg.loader.dumps import write_sorted
from fiscalkg.loader.formats import Format
from fiscalkg.loader.lines import sort_lines
from fiscalkg.loader.stores import Store

__all__ = ["Answers", "compare_answers"]

Row = tuple[str, ...]
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}


@dataclass(frozen=True, slots=True)
class Answers:
    """A query whose answer changed: its columns, how many rows each answer has, and the rows only one has.

    ``alike`` rows stand in both. An answer is its own rows and those alike, so nothing of it is left out.
    """

    name: str
    columns: Row
    old: tuple[Row, ...]
    new: tuple[Row, ...]
    alike: int


def compare_answers(old: Store, new: Store, queries: Mapping[str, str], scratch: Path) -> Iterator[Answers]:
    """Yield the queries, by name, whose answers differ as sets of rows; rows are sorted in a folder, not in memory."""
    for name, text in queries.items():
        sides = [_rows(store, text, scratch / side / name) for side, store in (("old", old), ("new", new))]
        columns = sides[1][0] or sides[0][0]
        only: tuple[list[Row], list[Row]] = [], []
        alike = 0
        merged = heapq.merge(_marked(sides[0][1], 0), _marked(sides[1][1], 1))
        for line, of in groupby(merged, key=lambda entry: entry[0]):
            found = [at for _, at in of]
            if len(found) == 2:
                alike += 1
            else:
                only[found[0]].append(_cells(line))
        if only[0] or only[1]:
            yield Answers(name, columns, tuple(only[0]), tuple(only[1]), alike)


def _marked(lines: Iterable[str], side: int) -> Iterator[tuple[str, int]]:
    for line in lines:
        yield line, side


def _rows(store: Store, text: str, scratch: Path) -> tuple[Row, Iterable[str]]:
    """Return the columns of an answer and its rows, sorted, each a line of terms between tabs."""
    scratch.mkdir(parents=True, exist_ok=True)
    unsorted, path = scratch / "answer.tsv", scratch / "rows.tsv"
    with unsorted.open("wb") as out:
        store.query(text, Format.tsv, out)
    lines = _read(unsorted)
    columns = tuple(name.lstrip("?") for name in next(lines, "").rstrip("\n").split("\t"))
    write_sorted(sort_lines(lines, scratch), path)
    unsorted.unlink()
    return columns, _read(path)


def _read(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from file


def _cells(line: str) -> Row:
    return tuple(_text(term) for term in line.rstrip("\n").split("\t"))


def _text(term: str) -> str:
    """Return a term of SPARQL's TSV as people read it: an IRI without brackets, a literal's text alone.

    >>> _text('"12\\\\n月"@zh'), _text("<http://x/1>"), _text("3.5"), _text("")
    ('12\\n月', 'http://x/1', '3.5', '')
    """
    if term.startswith("<"):
        return term[1:-1]
    if not term.startswith('"'):
        return term
    inside = term[1 : term.rindex('"')]
    return ESCAPE.sub(lambda found: ESCAPES.get(found[1], found[1]), inside)

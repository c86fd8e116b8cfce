"""Two stores and a list of queries into the queries whose answers differ, each with both answers.

Each query runs in a worker with a limit of time and memory, so that what is compared may be of any size.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.dumps import write_sorted
from fiscalkg.loader.errors import FiscalkgError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.lines import sort_lines
from fiscalkg.loader.stores.embedded import open_store

__all__ = ["Answers", "compare_answers"]

Row = tuple[str, ...]
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}


@dataclass(frozen=True, slots=True)
class Answers:
    """A query whose answer changed: its columns, how many rows each answer has, and the rows only one has.

    ``alike`` rows stand in both. An answer is its own rows and those alike, so nothing of it is left out. ``fault``
    says why a query could not be asked of both sides; it has no rows then.
    """

    name: str
    columns: Row
    old: tuple[Row, ...]
    new: tuple[Row, ...]
    alike: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A query, the folder of the store it is asked of, and an empty folder for the answer's rows."""

    name: str
    text: str
    store: Path
    scratch: Path

    @property
    def rows(self) -> Path:
        """The file of the answer's rows, sorted."""
        return self.scratch / "rows.tsv"


def compare_answers(
    old: Path, new: Path, queries: Mapping[str, str], scratch: Path, bounds: Bounds
) -> Iterator[Answers]:
    """Yield the queries, by name, whose answers differ as sets of rows, or could not be had of both stores.

    ``old`` and ``new`` are folders of stores; rows are sorted in a folder, not in memory.
    """
    stores = (("old", old), ("new", new))
    questions = [
        Question(name, text, store, scratch / side / name) for name, text in queries.items() for side, store in stores
    ]
    answered = run_all(answer, questions, bounds)
    for (was, columns), (now, newer) in zip(answered, answered, strict=True):  # old and new in turn
        for fault in (columns, newer):
            if isinstance(fault, FiscalkgError):
                yield Answers(now.name, (), (), (), 0, str(fault))
                break
        else:
            found = _differing(now.name, newer or columns, was.rows, now.rows)  # type: ignore[arg-type]  # no faults here
            if found.old or found.new:
                yield found
        was.rows.unlink(missing_ok=True)
        now.rows.unlink(missing_ok=True)


def _differing(name: str, columns: Row, old: Path, new: Path) -> Answers:
    only: tuple[list[Row], list[Row]] = [], []
    alike = 0
    merged = heapq.merge(_marked(_read(old), 0), _marked(_read(new), 1))
    for line, of in groupby(merged, key=lambda entry: entry[0]):
        found = [at for _, at in of]
        if len(found) == 2:
            alike += 1
        else:
            only[found[0]].append(_cells(line))
    return Answers(name, columns, tuple(only[0]), tuple(only[1]), alike)


def _marked(lines: Iterable[str], side: int) -> Iterator[tuple[str, int]]:
    for line in lines:
        yield line, side


def answer(question: Question) -> Row:
    """Write the rows of an answer, sorted, each a line of terms between tabs, and return its columns; for a worker."""
    question.scratch.mkdir(parents=True, exist_ok=True)
    unsorted = question.scratch / "answer.tsv"
    store = open_store(question.store)
    try:
        with unsorted.open("wb") as out:
            store.query(question.text, Format.tsv, out)
    finally:
        store.close()
    lines = _read(unsorted)
    columns = tuple(name.lstrip("?") for name in next(lines, "").rstrip("\n").split("\t"))
    write_sorted(sort_lines(lines, question.scratch), question.rows)
    unsorted.unlink()
    return columns


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

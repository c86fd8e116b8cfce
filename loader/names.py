"""Names of indicators into what is counted of them in the whole release: data sets of the derived cube, by name.

There are nearly as many names as indicators, so the rows of all batches are parted by their name into files on disk,
and the names of one part at a time are held in memory. Of a class the names used most are kept, and what all of them
come to; beside these, the names that two units or more use: see ``shared_names``.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest
from pathlib import Path
from typing import IO
from zlib import crc32

import pyoxigraph as ox

from fiscalkg.loader.cube import data_set, observation
from fiscalkg.loader.data_sets import (
    CLASS_NAMES,
    CLASS_TOTALS,
    DIMENSIONS,
    UNCLASSIFIED_NAMES,
    UNCLASSIFIED_TOTAL,
)
from fiscalkg.loader.shared_names import SharedNames, Told, Use, quoted, unquoted

__all__ = ["MOST_NAMES", "name_rows", "sum_names"]

QUERY = Path(__file__).parent / "derived" / "names.rq"
MOST_NAMES = 300  # of a class: a query gives those of all classes within a second
PARTS = 32  # of 100,000 statements one holds some 20,000 names


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted of one name in a class."""

    name: str
    units: int
    indicators: int
    quantified: int
    first: str


def name_rows(store: ox.Store) -> Iterator[str]:
    """Yield what a batch adds to the names: name, class, unit, place, year, two counts, first target, text, share.

    They are parted by tabs. The name and the text, which may hold anything, are written as JSON.
    """
    found = store.query(QUERY.read_text(encoding="utf-8"))
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101  # the query is a SELECT
    for row in found:
        kind, name, *cells, text, share = (value.value if (value := row[at]) else "" for at in range(10))
        yield "\t".join((quoted(name), kind, *cells, quoted(text), share)) + "\n"


def sum_names(rows: Iterable[str], base: str) -> Iterator[str]:
    """Yield what is counted of names as N-Triples, and the data sets it is in."""
    written: set[str] = set()
    for known, values, counts in _told(rows):
        if known.name not in written:
            written.add(known.name)
            yield from data_set(known, base)
        ends = [DIMENSIONS[name].end(value, base) for name, value in zip(known.dimensions, values, strict=True)]
        measured = tuple(Decimal(count) if isinstance(count, int) else count for count in counts)
        name = "/".join((f"{base}cube", known.name, *(ends or ("all",))))
        yield from observation(name, known, values, measured, base)


def _told(rows: Iterable[str]) -> Iterator[Told]:
    """Yield all observations: a name that others outdo as soon as that is known, so that few wait in memory."""
    best: dict[str, list[_Counted]] = defaultdict(list)
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    shared = SharedNames()
    for file in _parts(rows):
        part = _read(file)
        for kind, names in _by_class(part).items():
            totals[kind] = [a + b for a, b in zip(totals[kind], _total(names), strict=True)]
            best[kind] = nsmallest(MOST_NAMES, [*best[kind], *names], lambda one: (-one.indicators, one.name))
        file.seek(0)
        yield from shared.add(part, file)
    yield from (_of_class(kind, one) for kind, names in best.items() for one in names)
    yield from (_total_of(kind, counts) for kind, counts in totals.items())
    yield from shared.most()


def _of_class(kind: str, one: _Counted) -> Told:
    counts: list[int | str] = [one.units, one.indicators, one.quantified, one.first]
    return (CLASS_NAMES, (kind, one.name), counts) if kind else (UNCLASSIFIED_NAMES, (one.name,), counts)


def _total_of(kind: str, counts: Sequence[int]) -> Told:
    return (CLASS_TOTALS, (kind,), counts) if kind else (UNCLASSIFIED_TOTAL, (), counts)


def _parts(rows: Iterable[str]) -> Iterator[IO[str]]:
    """Yield one part after another: all rows of some names."""
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(PARTS)]
        for row in rows:
            files[crc32(row.partition("\t")[0].encode()) % PARTS].write(row)
        for file in files:
            file.seek(0)
            yield file


def _read(rows: Iterable[str]) -> dict[str, dict[str, Use]]:
    """Return the names of a part, each with how it is used in its classes."""
    found: dict[str, dict[str, Use]] = {}
    once: dict[str, str] = {}  # the same units stand in many rows
    for row in rows:
        name, kind, unit, _, _, indicators, quantified, first, _ = row.split("\t", 8)
        use = found.setdefault(unquoted(name), {}).setdefault(once.setdefault(kind, kind), Use())
        use.units.add(once.setdefault(unit, unit))
        use.indicators += int(indicators)
        use.quantified += int(quantified)
        use.first = min(use.first or first, first)
    return found


def _by_class(part: Mapping[str, Mapping[str, Use]]) -> dict[str, list[_Counted]]:
    found: dict[str, list[_Counted]] = defaultdict(list)
    for name, uses in part.items():
        for kind, use in uses.items():
            first = use.first.partition(" ")[2]
            found[kind].append(_Counted(name, len(use.units), use.indicators, use.quantified, first))
    return found


def _total(names: Sequence[_Counted]) -> tuple[int, int, int]:
    return len(names), sum(one.indicators for one in names), sum(one.quantified for one in names)

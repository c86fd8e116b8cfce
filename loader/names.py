"""Names of indicators into what is counted of them in the whole release: data sets of the derived cube, by name.

There are nearly as many names as indicators, so the rows of all batches are parted by their name into files on disk,
and the names of one part at a time are held in memory. Of a class the names used most are kept, and what all of them
come to; beside these, each name that two units or more use, with what is printed for it by place and year.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import nsmallest
from pathlib import Path
from zlib import crc32

import pyoxigraph as ox

from fiscalkg.loader.cube import data_set, observation
from fiscalkg.loader.data_sets import (
    CLASS_NAMES,
    CLASS_TOTALS,
    DIMENSIONS,
    SHARED_NAMES,
    SHARED_VALUES,
    UNCLASSIFIED_NAMES,
    UNCLASSIFIED_TOTAL,
    DataSet,
)

__all__ = ["MOST_NAMES", "name_rows", "sum_names"]

QUERY = Path(__file__).parent / "derived" / "names.rq"
MOST_NAMES = 300  # of a class: a query gives those of all classes within a second
PARTS = 32  # of 100,000 statements one holds some 20,000 names

_Told = tuple[DataSet, tuple[str, ...], Sequence[int | str]]  # an observation: its data set, dimensions, measures


@dataclass(frozen=True, slots=True)
class _Values:
    """What is printed for indicators: how many they are, the least and the greatest text by code points.

    Where these two are one, the indicators all say the same; that is known without keeping all texts.
    """

    indicators: int
    least: str
    greatest: str

    def __add__(self, other: _Values) -> _Values:
        """Return what is printed for both."""
        indicators = self.indicators + other.indicators
        return _Values(indicators, min(self.least, other.least), max(self.greatest, other.greatest))


@dataclass(slots=True)
class _Use:
    """How a name is used in a class: by which units, in how many indicators, how many quantified, where first.

    ``values`` is what is printed for it by place and year.
    """

    units: set[str] = field(default_factory=set)
    indicators: int = 0
    quantified: int = 0
    first: str = ""
    values: dict[tuple[str, str], _Values] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted of one name in a class."""

    name: str
    units: int
    indicators: int
    quantified: int
    first: str


def name_rows(store: ox.Store) -> Iterator[str]:
    """Yield what a batch adds to the names, by tabs: name, class, unit, place, year, two counts, first target, texts.

    The name and the two texts, which may hold anything, are written as JSON.
    """
    found = store.query(QUERY.read_text(encoding="utf-8"))
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101  # the query is a SELECT
    for row in found:
        kind, name, *cells, least, greatest = (value.value if (value := row[at]) else "" for at in range(10))
        name, least, greatest = (json.dumps(text, ensure_ascii=False) for text in (name, least, greatest))
        yield "\t".join((name, kind, *cells, least, greatest)) + "\n"


def sum_names(rows: Iterable[str], base: str) -> Iterator[str]:
    """Yield what is counted of names as N-Triples, and the data sets it is in."""
    best: dict[str, list[_Counted]] = defaultdict(list)
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    shared = list[_Told]()
    for part in _parts(rows):
        for kind, names in _by_class(part).items():
            totals[kind] = [a + b for a, b in zip(totals[kind], _total(names), strict=True)]
            best[kind] = nsmallest(MOST_NAMES, [*best[kind], *names], lambda one: (-one.indicators, one.name))
        shared += _shared(part)
    told = [
        *(_of_class(kind, one) for kind, names in best.items() for one in names),
        *(_total_of(kind, counts) for kind, counts in totals.items()),
        *shared,
    ]
    for known in sorted({known for known, _, _ in told}, key=lambda known: known.name):
        yield from data_set(known, base)
    for known, values, counts in told:
        ends = [DIMENSIONS[name].end(value, base) for name, value in zip(known.dimensions, values, strict=True)]
        measured = tuple(Decimal(count) if isinstance(count, int) else count for count in counts)
        name = "/".join((f"{base}cube", known.name, *(ends or ("all",))))
        yield from observation(name, known, values, measured, base)


def _of_class(kind: str, one: _Counted) -> _Told:
    counts: list[int | str] = [one.units, one.indicators, one.quantified, one.first]
    return (CLASS_NAMES, (kind, one.name), counts) if kind else (UNCLASSIFIED_NAMES, (one.name,), counts)


def _total_of(kind: str, counts: Sequence[int]) -> _Told:
    return (CLASS_TOTALS, (kind,), counts) if kind else (UNCLASSIFIED_TOTAL, (), counts)


def _parts(rows: Iterable[str]) -> Iterator[dict[str, dict[str, _Use]]]:
    """Yield the names of one part after another, each with how it is used in its classes."""
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(PARTS)]
        for row in rows:
            files[crc32(row.partition("\t")[0].encode()) % PARTS].write(row)
        for file in files:
            file.seek(0)
            yield _read(file)


def _read(rows: Iterable[str]) -> dict[str, dict[str, _Use]]:
    found: dict[str, dict[str, _Use]] = {}
    once: dict[str, str] = {}  # the same units stand in many rows
    for row in rows:
        name, kind, unit, place, year, indicators, quantified, first, least, greatest = row.rstrip("\n").split("\t")
        use = found.setdefault(_unquoted(name), {}).setdefault(once.setdefault(kind, kind), _Use())
        use.units.add(once.setdefault(unit, unit))
        use.indicators += int(indicators)
        use.quantified += int(quantified)
        use.first = min(use.first or first, first)
        at, added = (place, year), _Values(int(indicators), _unquoted(least), _unquoted(greatest))
        use.values[at] = use.values[at] + added if at in use.values else added
    return found


def _unquoted(text: str) -> str:
    """Return the string that a JSON text is; most hold no escape, and to parse them takes several times as long."""
    read: str = json.loads(text) if "\\" in text else text[1:-1]
    return read


def _by_class(part: Mapping[str, Mapping[str, _Use]]) -> dict[str, list[_Counted]]:
    found: dict[str, list[_Counted]] = defaultdict(list)
    for name, uses in part.items():
        for kind, use in uses.items():
            first = use.first.partition(" ")[2]
            found[kind].append(_Counted(name, len(use.units), use.indicators, use.quantified, first))
    return found


def _total(names: Sequence[_Counted]) -> tuple[int, int, int]:
    return len(names), sum(one.indicators for one in names), sum(one.quantified for one in names)


def _shared(part: Mapping[str, Mapping[str, _Use]]) -> Iterator[_Told]:
    """Yield what is counted of each name that two units or more use, in any class: of all, and by place and year."""
    for name, uses in part.items():
        units = len(set[str]().union(*(use.units for use in uses.values())))
        if not name or units < 2:
            continue
        yield SHARED_NAMES, (name,), (units, sum(use.indicators for use in uses.values()))
        values: dict[tuple[str, str], _Values] = {}
        for at, added in (each for use in uses.values() for each in use.values.items()):
            values[at] = values[at] + added if at in values else added
        for (place, year), own in values.items():
            stated = tuple(text for text in (place, year) if text)
            known = SHARED_VALUES[bool(place), bool(year)]
            yield known, (*stated, name), (own.indicators, own.least, own.greatest)

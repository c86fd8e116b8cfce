"""Names that two units or more use into what is counted of them, and of the most shared what is printed for them.

Such names are more than ten times as many where there are ten times the tables, so only those that most units of the
whole release use are told with their values: one and the same choice for every place and year.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from fiscalkg.loader.data_sets import (
    OTHER_SHARED_NAMES,
    SHARED_NAMES,
    SHARED_TEXTS,
    SHARED_TOTAL,
    SHARED_VALUES,
    DataSet,
)

__all__ = ["MOST_SHARED", "MOST_TEXTS", "SharedNames", "Told", "Use", "quoted", "unquoted"]

MOST_SHARED = 300  # names, of the whole release
MOST_TEXTS = 10  # of a name, place and year, beside all shares: free texts are nearly as many as indicators

Told = tuple[DataSet, tuple[str, ...], Sequence[int | str]]  # an observation: its data set, dimensions, measures
Texts = dict[tuple[str, str], tuple[int, str]]  # by text and the share it is read as: indicators, the first target


@dataclass(slots=True)
class Use:
    """How a name is used in a class: by which units, in how many indicators, how many quantified, where first."""

    units: set[str] = field(default_factory=set)
    indicators: int = 0
    quantified: int = 0
    first: str = ""


@dataclass(frozen=True, slots=True)
class _Shared:
    """A name with how many units use it, in how many indicators."""

    name: str
    units: int
    indicators: int

    @property
    def rank(self) -> tuple[int, str]:
        """What orders names, those of most units first."""
        return -self.units, self.name


class SharedNames:
    """The most shared names so far with what is printed for them, and how many names are shared in all."""

    def __init__(self) -> None:
        """Begin without a name."""
        self._most: list[_Shared] = []
        self._printed: dict[str, list[Told]] = {}
        self._names = self._indicators = 0

    def add(self, part: Mapping[str, Mapping[str, Use]], rows: Iterable[str]) -> Iterator[Told]:
        """Take all uses of some names, and the rows they were read from; yield the names known not to be of the most.

        The rows are read a second time for the few names only that may be.
        """
        own = list(_shared(part))
        self._names += len(own)
        self._indicators += sum(one.indicators for one in own)
        before, self._most = self._most, nsmallest(MOST_SHARED, [*self._most, *own], lambda one: one.rank)
        kept = {one.name for one in self._most}
        for one in (*before, *own):
            if one.name not in kept:
                self._printed.pop(one.name, None)
                yield OTHER_SHARED_NAMES, (one.name,), (one.units, one.indicators)
        for name, values in _printed(rows, {one.name for one in own} & kept).items():
            self._printed[name] = [told for at, texts in values.items() for told in _told(name, at, texts)]

    def most(self) -> Iterator[Told]:
        """Yield what is counted of the most shared names, and how many are shared in all."""
        for one in self._most:
            yield SHARED_NAMES, (one.name,), (one.units, one.indicators)
            yield from self._printed[one.name]
        if self._names:
            yield SHARED_TOTAL, (), (self._names, self._indicators)


def _shared(part: Mapping[str, Mapping[str, Use]]) -> Iterator[_Shared]:
    """Yield each name that two units or more use, in any class."""
    for name, uses in part.items():
        units = len(set[str]().union(*(use.units for use in uses.values())))
        if name and units > 1:
            yield _Shared(name, units, sum(use.indicators for use in uses.values()))


def _printed(rows: Iterable[str], names: Iterable[str]) -> dict[str, dict[tuple[str, str], Texts]]:
    """Return what rows hold of some names, by place and year."""
    wanted: dict[str, dict[tuple[str, str], Texts]] = {quoted(name): {} for name in names}
    for row in rows if wanted else ():
        found = wanted.get(row.partition("\t")[0])
        if found is None:
            continue
        _, _, _, place, year, indicators, _, first, text, share = row.rstrip("\n").split("\t")
        texts = found.setdefault((place, year), {})
        counted, before = texts.get((text, share), (0, first))
        texts[text, share] = counted + int(indicators), min(before, first)
    return {unquoted(name): values for name, values in wanted.items()}


def _told(name: str, at: tuple[str, str], texts: Texts) -> Iterator[Told]:
    """Yield what is printed for a name in a place and year: how many, the least and greatest text, the usual ones."""
    stated, side = tuple(cell for cell in at if cell), (bool(at[0]), bool(at[1]))
    plain = {(unquoted(text), share): counted for (text, share), counted in texts.items()}
    printed = sorted(text for text, _ in plain)
    yield SHARED_VALUES[side], (*stated, name), (sum(count for count, _ in plain.values()), printed[0], printed[-1])
    words = nsmallest(MOST_TEXTS, [key for key in plain if not key[1]], lambda key: (-plain[key][0], key))
    for text, share in (*words, *(key for key in plain if key[1])):
        indicators, first = plain[text, share]
        yield SHARED_TEXTS[side], (*stated, name, text, share), (indicators, first)


def quoted(text: str) -> str:
    """Return a text, which may hold anything, as JSON on a line."""
    return json.dumps(text, ensure_ascii=False)


def unquoted(text: str) -> str:
    """Return the string that a JSON text is; most hold no escape, and to parse them takes several times as long."""
    read: str = json.loads(text) if "\\" in text else text[1:-1]
    return read

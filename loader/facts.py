"""Shards into the sorted facts of a release, as one file: what one document alone states of a unit is copied as it is.

Facts of a statement begin with its place, year and unit, and stand in a shard by these. So few lines are compared with
those of other documents: of projects, units and sources, and of units that several documents speak of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

from fiscalkg.loader.collisions import Renames, renamed
from fiscalkg.loader.dumps import merge
from fiscalkg.loader.shards import Cut, Shard, lines_of_cut, text_of

__all__ = ["write_facts"]

GROUP = 10_000  # lines written at once
END = "\U0010ffff"  # stands after every line

Named = tuple[Shard, Renames]  # a shard and the new IRIs of its statements in a release
Block = tuple[int, bytes]  # how many lines, and their text


def write_facts(
    shards: Sequence[Shard], renames: Mapping[int, Renames], others: Sequence[Iterable[str]], path: Path
) -> tuple[int, str]:
    """Write the facts of shards and other sorted lines; return how many there are and the SHA-256 of the whole text.

    ``renames`` are by the position of a shard. Memory is bounded by what is stated of one unit and year; beside the
    file, parts of it wait in its folder.
    """
    units: defaultdict[str, list[tuple[Named, Cut]]] = defaultdict(list)
    shared: list[Iterable[str]] = list(others)
    for position, shard in enumerate(shards):
        named = shard, renames.get(position, {})
        shared.append(_lines(named, [cut for cut in shard.cuts if not cut.unit]))
        for cut in shard.cuts:
            if cut.unit:
                units[cut.unit].append((named, cut))
    digest, count = sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=1 << 20) as file:
        for lines, text in _laid(merge(shared, path.parent), units):
            digest.update(text)
            count += lines
            file.write(text)
    return count, digest.hexdigest()


def _laid(shared: Iterator[str], units: Mapping[str, Sequence[tuple[Named, Cut]]]) -> Iterator[Block]:
    """Yield all lines in order: those of a unit stand together, since no other line begins as they do."""
    line = next(shared, END)
    for unit in [*sorted(units), END]:
        own: list[str] = []
        while line < unit:
            own.append(line)
            line = next(shared, END)
            if len(own) == GROUP:
                yield _block(own)
                own = []
        yield _block(own)
        yield from _of_unit(units.get(unit, ()))


def _of_unit(pieces: Sequence[tuple[Named, Cut]]) -> Iterator[Block]:
    if len(pieces) == 1 and not pieces[0][0][1]:
        (shard, _), cut = pieces[0]
        yield cut.lines, text_of(shard, cut)
        return
    lines = iter(sorted(set(chain.from_iterable(_lines(named, [cut]) for named, cut in pieces))))
    while group := list(islice(lines, GROUP)):
        yield _block(group)


def _block(lines: Sequence[str]) -> Block:
    return len(lines), "".join(lines).encode()


def _lines(named: Named, cuts: Iterable[Cut]) -> Iterator[str]:
    """Yield the sorted lines of some cuts of a shard, under their names in this release."""
    shard, names = named
    lines = chain.from_iterable(lines_of_cut(shard, cut) for cut in cuts)
    yield from sorted(renamed(lines, names)) if names else lines

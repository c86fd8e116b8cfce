"""What shapes complain of in each document into the SHACL report of a release, and into what differs from another's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from fiscalkg.loader.collisions import Renames, renamed
from fiscalkg.loader.dumps import gzip_member, turtle_head, turtle_of, write_sorted
from fiscalkg.loader.results import report_head
from fiscalkg.loader.shards import Shard, lines_of, member_of

__all__ = ["Named", "report_changes", "write_report"]

Named = tuple[Shard, Renames]  # a shard and the new IRIs of its statements in a release


def write_report(shards: Sequence[Shard], renames: Mapping[int, Renames], base: str, lines: Path, turtle: Path) -> None:
    """Write the report of shards, as N-Triples and as Turtle: by document, after what it says of all.

    ``renames`` are by the position of the shard.
    """
    named = [(shard, renames.get(position, {})) for position, shard in enumerate(shards)]
    head = _head(shards, base)
    write_sorted(chain(head, chain.from_iterable(map(_lines, named))), lines)
    with turtle.open("wb") as file:
        file.write(gzip_member(turtle_head(base) + turtle_of(head, base).encode()))
        for shard, names in named:
            if names:
                file.write(gzip_member(turtle_of(sorted(_lines((shard, names))), base).encode()))
            elif shard.lines["report"]:
                file.write(member_of(shard, "turtle"))


def _head(shards: Iterable[Shard], base: str) -> list[str]:
    return sorted(report_head(not any(shard.lines["report"] for shard in shards), base))


def _lines(named: Named) -> Iterator[str]:
    shard, names = named
    lines = lines_of(shard, "report")
    return renamed(lines, names) if names else lines


def report_changes(
    gone: Sequence[Named], kept: Sequence[Named], come: Sequence[Named], base: str
) -> tuple[Iterator[str], Iterator[str]]:
    """Return the lines to take out of a report, then those to put in, when some documents went and some came.

    A line may be put in that is there already: shards whose statements once had one IRI can share a line.
    """
    names = {iri for shard, _ in gone for iri in shard.statements}
    shared = [one for one in kept if not names.isdisjoint(one[0].statements)]
    heads = [_head([shard for shard, _ in side], base) for side in ((*gone, *kept), (*come, *kept))]
    out = chain(heads[0], chain.from_iterable(map(_lines, gone)))
    return out, chain(heads[1], chain.from_iterable(map(_lines, [*shared, *come])))

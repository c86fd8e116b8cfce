"""The store of the release before into that of the next: a copy that shares its files takes what went and what came.

That is done where the same code made both, for a share of the facts. Whatever does not add up, from a damaged slice to
another count of facts, leads to a store built anew: the two hold the same either way.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

from fiscalkg.loader.collisions import Renames
from fiscalkg.loader.differences import patch
from fiscalkg.loader.differing import differing, lines_in
from fiscalkg.loader.dumps import sha256_of
from fiscalkg.loader.errors import ReleaseError, StoreError
from fiscalkg.loader.iris import graph_iri
from fiscalkg.loader.release import SUMS, Release, Staging
from fiscalkg.loader.report_files import report_changes
from fiscalkg.loader.shards import Shard, code_version, read_shard
from fiscalkg.loader.stores.embedded import renew_store

__all__ = ["remember", "renewed"]

LARGEST_SHARE = 0.2  # of the facts that may differ: above, building anew is as fast
CATALOGUE = Path("catalogue") / "catalogue.nt"
MADE = "made.json"  # which shards the current release was made of


def remember(cache: Path, release: Release, shards: Sequence[Shard], renames: Mapping[int, Renames]) -> None:
    """Note what the release that has just become current was made of; ``renames`` are by the position of a shard."""
    content = {"sums": sha256_of(release.path / SUMS), "parts": _parts(cache, shards, renames)}
    path = cache / code_version() / MADE
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


def _parts(cache: Path, shards: Sequence[Shard], renames: Mapping[int, Renames]) -> list[list[Any]]:
    """Return each shard's path below the cache with its new names."""
    root = cache.resolve()
    return [
        [shard.path.resolve().relative_to(root).as_posix(), dict(renames.get(position, {}))]
        for position, shard in enumerate(shards)
    ]


def renewed(stage: Staging, release: Release, shards: Sequence[Shard], renames: Mapping[int, Renames]) -> bool:
    """Make a staged release's store from that of the current one; ``False``, and no store, where that cannot be.

    Its dumps and catalogue must stand. ``renames`` are by the position of a shard.
    """
    before, facts = (stage.out / "current").resolve(), release.info["counts"]["triples"]
    files = stage.scratch / "gone.nq", stage.scratch / "come.nq"
    try:
        report = _report(stage.cache, before, shards, renames, release.base)
        lines = chain(_changes(before, release.path), report)
        if not _write(lines, files, release.base, LARGEST_SHARE * facts):
            return False
        renew_store(release.store, before / "store", *files, facts)
    except (ReleaseError, StoreError, OSError, ValueError, KeyError, TypeError):
        shutil.rmtree(release.store, ignore_errors=True)
        return False
    return True


Line = tuple[bool, str, str]  # whether it came, the name of its graph ("" is the default graph), the line


def _changes(before: Path, path: Path) -> Iterator[Line]:
    """Yield what differs between the facts and between the catalogues of two releases."""
    old, new = differing(before / "dumps", path / "dumps")
    yield from _patched("", lines_in(old), lines_in(new))
    with (before / CATALOGUE).open(encoding="utf-8") as was, (path / CATALOGUE).open(encoding="utf-8") as now:
        yield from _patched("catalogue", was, now)


def _patched(graph: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Line]:
    for row in patch(old, new):
        sign, _, line = row.partition(" ")
        if sign in {"A", "D"}:
            yield sign == "A", graph, line


def _report(
    cache: Path, before: Path, shards: Sequence[Shard], renames: Mapping[int, Renames], base: str
) -> Iterator[Line]:
    made = json.loads((cache / code_version() / MADE).read_text(encoding="utf-8"))
    if made["sums"] != sha256_of(before / SUMS):
        raise ReleaseError(f"{cache}: knows another release")
    old = {json.dumps(part): part for part in made["parts"]}
    new = {json.dumps(part): at for at, part in enumerate(_parts(cache, shards, renames))}
    gone = [(_read(cache / path), names) for key, (path, names) in old.items() if key not in new]
    kept, come = (
        [(shards[at], renames.get(at, {})) for key, at in new.items() if (key in old) is known]
        for known in (True, False)
    )
    out, into = report_changes(gone, kept, come, base)
    yield from ((False, "report", line) for line in out)
    yield from ((True, "report", line) for line in into)


def _read(path: Path) -> Shard:
    if shard := read_shard(path):
        return shard
    raise ReleaseError(f"{path}: is not there")


def _write(lines: Iterable[Line], files: Sequence[Path], base: str, most: float) -> bool:
    """Write what went and what came as N-Quads; whether that is no more than ``most`` lines."""
    with ExitStack() as stack:
        gone, come = (stack.enter_context(path.open("w", encoding="utf-8", newline="\n")) for path in files)
        for number, (came, graph, line) in enumerate(lines, 1):
            if number > most:
                return False
            (come if came else gone).write(f"{line[:-2]}<{graph_iri(base, graph)}> .\n" if graph else line)
    return True

"""A new release and the one before into an entry of the folder's history: counts, and tombstones for what went.

The history stands beside the releases, in ``DIR/changes/``, since a release itself knows neither the time nor what was
before it. An entry names what went by its IRI alone: a table may have been withdrawn for what it says.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Literal

from fiscalkg.loader.changes import Change, changes, counts
from fiscalkg.loader.differences import Difference, compare
from fiscalkg.loader.differing import differing, lines_in
from fiscalkg.loader.iris import ONTOLOGY
from fiscalkg.loader.release import Release
from fiscalkg.loader.withdrawals import Withdrawal, reason_of

__all__ = ["FOLDER", "Entry", "Reason", "entries", "entry_of", "record"]

FOLDER = "changes"
MOST_NAMED = 100  # tables of an entry
Reason = Literal["document", "table"]
SOURCE = f" <{ONTOLOGY}sourceDocument> "


@dataclass(frozen=True, slots=True)
class Entry:
    """One release of a folder: ``release`` is its folder's name, ``before`` that of the one it followed, if any.

    ``published`` is a UTC time. ``counts`` are by kind and state, empty for a first release. ``withdrawn`` are paths of
    tables below the base, with why they went: their document did, or the table left it (or changed its name).
    ``reasons`` are the reasons that were stated for some of them, in both languages. ``tables`` are the paths of the
    first ``MOST_NAMED`` tables that came or changed, with which of both.
    """

    release: str
    before: str | None
    published: str
    counts: Mapping[str, Mapping[str, int]]
    withdrawn: Mapping[str, Reason]
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)


def entry_of(
    out: Path, before: Release | None, release: Release, name: str, stated: Sequence[Withdrawal] = ()
) -> Entry | None:
    """Return the entry of a release that is about to stand under a name; ``None`` where the folder had it already."""
    if _place(out, name).exists() or (before and before.path.name == name):
        return None
    published = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    entry = Entry(name, before.path.name if before else None, published, {}, {})
    return _compared(entry, before, release, stated) if before else entry


def record(out: Path, entry: Entry) -> None:
    """Write the entry of a release that has just become current."""
    path = _place(out, entry.release)
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(asdict(entry), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def _place(out: Path, name: str) -> Path:
    return out / FOLDER / f"{name}.json"


def _compared(entry: Entry, before: Release, release: Release, stated: Sequence[Withdrawal]) -> Entry:
    old, new = differing(before.path / "dumps", release.path / "dumps")
    went: dict[str, str] = {}
    found = list(changes(_watched(compare(lines_in(old), lines_in(new)), went), release.base))
    lost = set(_lost(found))
    withdrawn: dict[str, Reason] = {
        iri.removeprefix(before.base): "document" if document.rpartition("/")[2] in lost else "table"
        for iri, document in sorted(went.items())
    }
    counted = {str(kind): {str(state): count for state, count in own.items()} for kind, own in counts(found).items()}
    names = {document["sha256"][:12]: document["name"] for document in before.info["documents"]}
    found_for = {
        table: reason
        for iri, document in sorted(went.items())
        if (reason := reason_of(stated, table := iri.removeprefix(before.base), names.get(document.rpartition("/")[2])))
    }
    return replace(entry, counts=counted, withdrawn=withdrawn, reasons=found_for, tables=dict(_named(found, release)))


def _named(found: Iterable[Change], release: Release) -> Iterator[tuple[str, str]]:
    """Yield the first tables that came or changed, by their path below the base."""
    own = (each for each in found if each.kind == "statement" and each.state in {"added", "changed"})
    for each in islice(own, MOST_NAMED):
        yield each.iri.removeprefix(release.base), each.state


def _watched(things: Iterable[Difference], went: dict[str, str]) -> Iterator[Difference]:
    """Yield things, and note the tables that went with the document each stood in."""
    for thing in things:
        if thing.old and not thing.new and "/statement/" in thing.iri:
            lines = (line for line in thing.old if line.startswith(f"<{thing.iri}>{SOURCE}"))
            went[thing.iri] = next((line.split(" ")[2].strip("<>") for line in lines), "")
        yield thing


def _lost(found: Iterable[Change]) -> Iterator[str]:
    """Yield the ends of the IRIs of documents that went and have no other of their name."""
    for change in found:
        if change.kind == "document" and change.state == "removed":
            yield change.iri.rpartition("/")[2]


def entries(out: Path) -> list[Entry]:
    """Return the history of a folder, newest first; an entry that cannot be read is passed over."""
    found: list[Entry] = []
    for path in (out / FOLDER).glob("[!.]*.json"):
        try:
            found.append(Entry(**json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):
            continue
    return sorted(found, key=lambda entry: (entry.published, entry.release), reverse=True)

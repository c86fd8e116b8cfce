"""Sorted facts into slices that people can open: by unit and year, by place and year, in four formats each.

The slices of ``units/`` and ``rest/`` are cut from the sorted facts where these change from one unit, year or kind of
thing to the next; laid end to end they are the whole dumps, and those of one place and year its slice of ``places/``.
A slice that the release before had too is linked, not written again.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.jsonld import context
from fiscalkg.loader.shards import code_version
from fiscalkg.loader.slice_files import ENDINGS, Task, body_of, endings_of, join, write_slice

__all__ = ["INDEX", "LARGEST", "write_slices"]

LARGEST = 300_000  # triples of a slice
INDEX = "slices.json"
WHOLE = "fiscalkg"
FEW = 4  # slices: written here, before another process would have begun
SECONDS = 600.0  # that one slice may take
SAFE = re.compile(r"[^0-9A-Za-z_-]")

Entry = dict[str, Any]  # of the index


@dataclass(frozen=True, slots=True)
class Folders:
    """Where slices go, where those of the release before stand with their entries by name, and their base IRI."""

    new: Path
    old: Path
    known: Mapping[str, Entry]
    base: str

    def endings(self, name: str, sha256: str) -> Sequence[str]:
        """Return the formats in which the release before had a slice of the same bytes, none where it had it not."""
        known = self.known.get(name, {})
        return known["formats"] if known.get("sha256") == sha256 else ()

    def link(self, entry: Entry) -> bool:
        """Take the files of a slice from the release before; whether it had the very same."""
        if self.known.get(entry["name"]) != entry:
            return False
        for ending in entry["formats"]:
            _link(self.old / (entry["name"] + ending), self.new / (entry["name"] + ending))
        return True


def write_slices(facts: Path, dumps: Path, base: str, before: Path | None = None, jobs: int = 1) -> None:
    """Write the whole dumps, all slices, their index and the context; each of ``jobs`` processes holds one slice.

    ``facts`` is the sorted N-Triples, ``before`` the dumps folder of the release before.
    """
    old = (before or Path()) / "slices"
    folders = Folders(dumps / "slices", old, _known(old) if before else {}, base)
    own: list[Entry] = []
    fresh: list[Task] = []
    places = _Places()
    dumps.mkdir(parents=True, exist_ok=True)
    start = 0
    for name, lines in _cut(facts, base):
        text = b"".join(lines)
        sha256 = hashlib.sha256(text).hexdigest()
        endings = folders.endings(name, sha256) or endings_of(lines, text)
        own.append(_entry(name, len(lines), sha256, endings, folders))
        if not folders.link(own[-1]):
            fresh.append(Task(facts, start, len(text), folders.new / name, tuple(own[-1]["formats"]), base))
        start += len(text)
        places.add(own[-1], text)
    _write_fresh(fresh, jobs)
    by_place = [_joined(name, parts, sha256, folders) for name, parts, sha256 in places.all()]
    for ending in (".nt.gz", ".ttl.gz"):
        with (dumps / f"{WHOLE}{ending}").open("wb") as file:
            _write_joined(own, ending, folders, file)
    _write_json(folders.new / INDEX, {"code": code_version(), "base": base, "slices": [*own, *by_place]})
    _write_json(dumps / "context.jsonld", {"@context": context()})


def _write_fresh(tasks: Sequence[Task], jobs: int) -> None:
    if jobs == 1 or len(tasks) < FEW:
        for task in tasks:
            write_slice(task)
        return
    for task, error in run_all(write_slice, tasks, Bounds(jobs, SECONDS)):
        if error is not None:
            raise ReleaseError(f"{task.stem.name}: {error}")


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _known(old: Path) -> Mapping[str, Entry]:
    """Return what the release before holds, by name; nothing where other code wrote it."""
    try:
        content = json.loads((old / INDEX).read_text(encoding="utf-8"))
        return {entry["name"]: entry for entry in content["slices"]} if content["code"] == code_version() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _cut(facts: Path, base: str) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the names of slices and their lines, in the order of the facts."""
    taken: Counter[str] = Counter()
    for name, lines in _named(facts, base):
        for part in _bounded(lines):
            yield _next_name(name, taken), part


def _named(facts: Path, base: str) -> Iterator[tuple[str, list[bytes]]]:
    """Yield what is to have one name, where it stands together."""
    name, start, lines = "", b"\n", list[bytes]()
    with facts.open("rb") as file:
        for line in file:
            if not line.startswith(start):  # most lines are of the unit or kind of thing that the line before was of
                own, start = _name(line[1 : line.index(b">")].decode(), base)
                if own != name and lines:
                    yield name, lines
                    lines = []
                name = own
            lines.append(line)
    if lines:
        yield name, lines


def _next_name(name: str, taken: Counter[str]) -> str:
    taken[name] += 1
    return name if taken[name] == 1 else f"{name}-{taken[name]}"


def _name(subject: str, base: str) -> tuple[str, bytes]:
    """Return the name of the slice of a subject, and how all lines begin that are surely in it too."""
    if not subject.startswith(base):
        return "rest/terms", f"<{subject}>".encode()
    parts = subject.removeprefix(base).split("/")
    if parts[0] == "statement" and len(parts) > 4:
        start = "/".join(parts[:4])
        return "units/" + "/".join(SAFE.sub("_", part) for part in parts[1:4]), f"<{base}{start}/".encode()
    start = f"{parts[0]}/" if len(parts) > 1 and parts[0] != "statement" else f"{'/'.join(parts)}>"
    return f"rest/{SAFE.sub('_', parts[0])}", f"<{base}{start}".encode()


def _bounded(lines: list[bytes]) -> Iterator[list[bytes]]:
    """Yield lists of at most ``LARGEST`` lines that break where a subject does, or within one where it is larger."""
    if len(lines) <= LARGEST:
        yield lines
        return
    batch: list[bytes] = []
    for _, of_subject in groupby(lines, key=lambda line: line[: line.index(b">")]):
        own = list(of_subject)
        if batch and len(batch) + len(own) > LARGEST:
            yield batch
            batch = []
        while len(own) > LARGEST:
            yield own[:LARGEST]
            own = own[LARGEST:]
        batch += own
    if batch:
        yield batch


def _entry(name: str, triples: int, sha256: str, endings: Sequence[str], folders: Folders) -> Entry:
    (folders.new / name).parent.mkdir(parents=True, exist_ok=True)
    return {"name": name, "triples": triples, "sha256": sha256, "formats": list(endings), "base": folders.base}


class _Places:
    """Slices by unit, as they come, into slices by place; what belongs to no table is left out."""

    def __init__(self) -> None:
        self._found: list[tuple[str, list[Entry], str]] = []
        self._taken: Counter[str] = Counter()
        self._name = ""
        self._parts: list[Entry] = []
        self._digest = hashlib.sha256()

    def add(self, entry: Entry, text: bytes) -> None:
        """Put a slice by unit to its place and year."""
        kind, *where = entry["name"].split("/")
        name = "/".join(("places", *where[:2])) if kind == "units" else ""
        if name != self._name or _size(self._parts) + entry["triples"] > LARGEST:
            self._end()
            self._name = name
        if name:
            self._parts.append(entry)
            self._digest.update(text)

    def _end(self) -> None:
        if self._parts:
            self._found.append((_next_name(self._name, self._taken), self._parts, self._digest.hexdigest()))
        self._parts = []
        self._digest = hashlib.sha256()

    def all(self) -> list[tuple[str, list[Entry], str]]:
        """Return the name of each slice by place, the slices it is made of, and the SHA-256 of its N-Triples."""
        self._end()
        return self._found


def _size(parts: Iterable[Entry]) -> int:
    return sum(part["triples"] for part in parts)


def _joined(name: str, parts: Sequence[Entry], sha256: str, folders: Folders) -> Entry:
    """Write a slice of slices, or link it; return its entry of the index."""
    endings = [ending for ending in ENDINGS if all(ending in part["formats"] for part in parts)]
    entry = _entry(name, _size(parts), sha256, endings, folders)
    if not folders.link(entry):
        for ending in endings:
            with (folders.new / (name + ending)).open("wb") as file:
                _write_joined(parts, ending, folders, file)
    return entry


def _write_joined(parts: Iterable[Entry], ending: str, folders: Folders, file: IO[bytes]) -> None:
    bodies = (body_of(folders.new / part["name"], ending, folders.base) for part in parts)
    file.writelines(join(bodies, ending, folders.base))


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)

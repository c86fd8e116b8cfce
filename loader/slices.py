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

from fiscalkg.loader.jsonld import context
from fiscalkg.loader.shards import code_version
from fiscalkg.loader.slice_files import ENDINGS, Run, body_of, endings_of, join, write_files

__all__ = ["INDEX", "LARGEST", "write_slices"]

LARGEST = 300_000  # triples of a slice
INDEX = "slices.json"
WHOLE = "fiscalkg"
SAFE = re.compile(r"[^0-9A-Za-z_-]")

Entry = dict[str, Any]  # of the index


@dataclass(frozen=True, slots=True)
class Slice:
    """Some facts, sorted: ``name`` is the path of its files without their endings."""

    name: str
    runs: Sequence[Run]

    def text(self) -> bytes:
        """Return its N-Triples."""
        return b"".join(line for _, lines in self.runs for line in lines)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where slices go, where those of the release before stand with their entries by name, and their base IRI."""

    new: Path
    old: Path
    known: Mapping[str, Entry]
    base: str

    def link(self, entry: Entry) -> bool:
        """Take the files of a slice from the release before; whether it had the very same."""
        if self.known.get(entry["name"]) != entry:
            return False
        for ending in entry["formats"]:
            _link(self.old / (entry["name"] + ending), self.new / (entry["name"] + ending))
        return True


def write_slices(facts: Path, dumps: Path, base: str, before: Path | None = None) -> None:
    """Write the whole dumps, all slices, their index and the context; one slice is in memory at a time.

    ``facts`` is the sorted N-Triples, ``before`` the dumps folder of the release before.
    """
    old = (before or Path()) / "slices"
    folders = Folders(dumps / "slices", old, _known(old) if before else {}, base)
    own: list[Entry] = []
    places = _Places(folders)
    dumps.mkdir(parents=True, exist_ok=True)
    for one in _cut(_runs(facts), base):
        text = one.text()
        own.append(_write(one, text, folders))
        places.add(own[-1], text)
    places.end()
    for ending in (".nt.gz", ".ttl.gz"):
        with (dumps / f"{WHOLE}{ending}").open("wb") as file:
            _write_joined(own, ending, folders, file)
    index = {"code": code_version(), "base": base, "slices": [*own, *places.entries]}
    _write_json(folders.new / INDEX, index)
    _write_json(dumps / "context.jsonld", {"@context": context()})


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _runs(path: Path) -> Iterator[Run]:
    """Yield each subject with its lines."""
    with path.open("rb") as file:
        for subject, lines in groupby(file, key=lambda line: line[: line.index(b">")]):
            yield subject[1:].decode(), list(lines)


def _known(old: Path) -> Mapping[str, Entry]:
    """Return what the release before holds, by name; nothing where other code wrote it."""
    try:
        content = json.loads((old / INDEX).read_text(encoding="utf-8"))
        return {entry["name"]: entry for entry in content["slices"]} if content["code"] == code_version() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _cut(runs: Iterable[Run], base: str) -> Iterator[Slice]:
    """Yield slices in the order of the facts."""
    taken: Counter[str] = Counter()
    for name, of_name in groupby(runs, key=lambda run: _name(run[0], base)):
        for part in _bounded(of_name):
            yield Slice(_next_name(name, taken), part)


def _next_name(name: str, taken: Counter[str]) -> str:
    taken[name] += 1
    return name if taken[name] == 1 else f"{name}-{taken[name]}"


def _name(subject: str, base: str) -> str:
    parts = subject.removeprefix(base).split("/") if subject.startswith(base) else ["terms"]
    if parts[0] == "statement" and len(parts) > 4:
        return "units/" + "/".join(SAFE.sub("_", part) for part in parts[1:4])
    return f"rest/{SAFE.sub('_', parts[0])}"


def _bounded(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Yield lists of at most ``LARGEST`` lines that break where a subject does, or within one where it is larger."""
    batch: list[Run] = []
    size = 0
    for subject, lines in runs:
        if batch and size + len(lines) > LARGEST:
            yield batch
            batch, size = [], 0
        while len(lines) > LARGEST:
            yield [(subject, lines[:LARGEST])]
            lines = lines[LARGEST:]
        batch.append((subject, lines))
        size += len(lines)
    if batch:
        yield batch


def _write(one: Slice, text: bytes, folders: Folders) -> Entry:
    """Write a slice in every format, or link what the release before has of it; return its entry of the index."""
    size = sum(len(lines) for _, lines in one.runs)
    entry = _entry(one.name, size, hashlib.sha256(text).hexdigest(), endings_of(one.runs, text), folders)
    if not folders.link(entry):
        write_files(one.runs, text, entry["formats"], folders.new / one.name, folders.base)
    return entry


def _entry(name: str, triples: int, sha256: str, endings: Sequence[str], folders: Folders) -> Entry:
    (folders.new / name).parent.mkdir(parents=True, exist_ok=True)
    return {"name": name, "triples": triples, "sha256": sha256, "formats": list(endings), "base": folders.base}


class _Places:
    """Slices by unit, as they come, into slices by place; what belongs to no table is left out."""

    def __init__(self, folders: Folders) -> None:
        self.entries: list[Entry] = []
        self._folders = folders
        self._taken: Counter[str] = Counter()
        self._name = ""
        self._parts: list[Entry] = []
        self._digest = hashlib.sha256()

    def add(self, entry: Entry, text: bytes) -> None:
        """Put a slice by unit to its place and year."""
        kind, *where = entry["name"].split("/")
        name = "/".join(("places", *where[:2])) if kind == "units" else ""
        if name != self._name or self._size() + entry["triples"] > LARGEST:
            self.end()
            self._name = name
        if name:
            self._parts.append(entry)
            self._digest.update(text)

    def _size(self) -> int:
        return sum(part["triples"] for part in self._parts)

    def end(self) -> None:
        """Write what was put together so far, or link it."""
        if self._parts:
            endings = [ending for ending in ENDINGS if all(ending in part["formats"] for part in self._parts)]
            name = _next_name(self._name, self._taken)
            entry = _entry(name, self._size(), self._digest.hexdigest(), endings, self._folders)
            if not self._folders.link(entry):
                for ending in endings:
                    with (self._folders.new / (name + ending)).open("wb") as file:
                        _write_joined(self._parts, ending, self._folders, file)
            self.entries.append(entry)
        self._parts = []
        self._digest = hashlib.sha256()


def _write_joined(parts: Iterable[Entry], ending: str, folders: Folders, file: IO[bytes]) -> None:
    bodies = (body_of(folders.new / part["name"], ending, folders.base) for part in parts)
    file.writelines(join(bodies, ending, folders.base))


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)

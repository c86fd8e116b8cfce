"""Paths and addresses into the documents to read, each with what the ``manifest.toml`` beside it says of its origin.

A manifest is optional, and what it leaves out stays unknown. A folder stands for all files in it, at any
depth, and a zip archive for all files in it, besides manifests, hidden files and Office's lock files: a file of
another kind is named as such, never passed over.
"""

from __future__ import annotations

import datetime
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from fiscalkg.loader.archives import is_archive, members_of, read_member
from fiscalkg.loader.corrections import FILE as CORRECTIONS
from fiscalkg.loader.corrections import Proposed, read_corrections
from fiscalkg.loader.errors import DocumentError, ManifestError
from fiscalkg.loader.locations import Address, Location, exists, files_below, read_location
from fiscalkg.loader.model import Document

__all__ = ["Entry", "describe", "find_documents", "read_manifest"]

MANIFEST = "manifest.toml"
LARGEST_MANIFEST = 16 << 20
# What Office and systems leave beside documents is none.
FURNITURE = (".", "~$")
SYSTEM_FILES = frozenset(("thumbs.db", "desktop.ini"))
FORMS = {
    "place": (re.compile(r"\d{6}"), "six digits of GB/T 2260, such as 120000"),
    "year": (re.compile(r"(19|20)\d{2}"), "a year, such as 2025"),
    "date": (re.compile(r"\d{4}(-\d{2}(-\d{2})?)?"), "an ISO 8601 date, such as 2025-03-01"),
    "address": (re.compile(r"https?://\S+"), "a web address"),
    "layout": (re.compile(r"[a-z][a-z0-9-]*"), "a layout's name, such as tianjin"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One document to read; ``None`` is what nobody stated. ``described``: a manifest speaks of it.

    ``inside`` are the names that lead to a document in a zip archive, ``path`` is then the archive.
    """

    path: Location
    title: str | None = None
    publisher: str | None = None
    place: str | None = None
    layout: str | None = None
    year: str | None = None
    date: str | None = None
    address: str | None = None
    licence: str | None = None
    described: bool = False
    inside: tuple[str, ...] = ()
    corrections: tuple[Proposed, ...] = ()

    @property
    def name(self) -> str:
        """The document's name for people: its file name, in an archive with the way to it, ``目标.zip/一.docx``."""
        return "/".join((self.path.name, *self.inside))

    def read_bytes(self) -> bytes:
        """Return the document's bytes; raises ``DocumentError`` naming it when they cannot be had."""
        if self.inside:
            return read_member(self.path, self.inside)
        return read_location(self.path)


KEYS = tuple(field.name for field in fields(Entry) if field.name not in {"path", "described", "inside", "corrections"})


def describe(entry: Entry, sha256: str, media_type: str) -> Document:
    """Return a document as the model knows it."""
    return Document(
        entry.name, sha256, media_type, entry.title, entry.publisher, entry.place, entry.year, entry.date,
        entry.address, entry.licence,
    )  # fmt: skip


def read_manifest(path: Location) -> Mapping[Location, Entry]:
    """Return what a manifest says, by the document's path.

    Raises ``ManifestError`` naming the file, the table and the key that is unknown, missing or ill-formed.
    """
    try:
        content = tomllib.loads(read_location(path, LARGEST_MANIFEST).decode("utf-8"))
    except (DocumentError, UnicodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestError(f"{path}: cannot be read as TOML ({error}); correct or remove it") from error
    if strange := sorted(set(content) - {"document"}):
        raise ManifestError(f"{path}: unknown table {strange[0]!r}; a manifest holds [[document]] tables")
    tables = content.get("document", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ManifestError(f"{path}: write [[document]] with two brackets, one table a document")
    entries: dict[Location, Entry] = {}
    for number, table in enumerate(tables, 1):
        entry = _entry(table, path, f"{path}: document {number}")
        if entry.path in entries:
            raise ManifestError(f"{path}: document {number}: {table['file']} is described twice; keep one")
        entries[entry.path] = entry
    return entries


def _entry(table: Mapping[str, object], manifest: Location, where: str) -> Entry:
    file = table.get("file")
    if not isinstance(file, str) or not file:
        raise ManifestError(f'{where}: no file is named; add file = "…"')
    if Path(file).is_absolute() or ".." in Path(file).parts:
        raise ManifestError(f"{where}: {file} lies outside the manifest's folder; name files below it")
    if strange := sorted(set(table) - {"file", *KEYS}):
        raise ManifestError(f"{where} ({file}): unknown key {strange[0]!r}; known are {', '.join(KEYS)}")
    values: dict[str, Any] = {key: _value(table[key], key, f"{where} ({file})") for key in KEYS if key in table}
    return Entry(manifest.parent.joinpath(file), **values, described=True)


def _value(value: object, key: str, where: str) -> str:
    if isinstance(value, datetime.date):
        text = value.isoformat()[:10]
    elif isinstance(value, int) and not isinstance(value, bool) and key in {"year", "place"}:
        text = str(value)
    elif isinstance(value, str) and value.strip():
        text = value.strip()
    else:
        raise ManifestError(f"{where}: {key} = {value!r} is no text; leave out what is unknown")
    form, meaning = FORMS.get(key, (None, ""))
    if form and not form.fullmatch(text):
        raise ManifestError(f"{where}: {key} = {text!r} is not {meaning}")
    return text


def find_documents(locations: Iterable[Location]) -> list[Entry]:
    """Return every document the paths and addresses name, once each, ordered by name and path.

    A file that a manifest names and that is missing is returned too: reading it says so. What is read from the web
    is known by its address. Raises ``ManifestError``.
    """
    found: dict[tuple[Location, tuple[str, ...]], Entry] = {}
    for location in locations:
        files = files_below(location)
        entries = _alone(location) if files is None else list(_below(files))
        for entry in _corrected(_opened(entries), location, files):
            path = entry.path
            known = Path(os.path.realpath(path)) if isinstance(path, Path) else path
            address = entry.address or (str(path) if isinstance(path, Address) and path.is_web else None)
            found.setdefault((known, entry.inside), replace(entry, address=address))
    return sorted(found.values(), key=lambda entry: (entry.name, entry.path.parts))


def _corrected(entries: Iterable[Entry], location: Location, files: Sequence[Location] | None) -> Iterator[Entry]:
    """Yield documents with their corrections, and after them what a correction names and nobody has found."""
    beside = [location.parent.joinpath(CORRECTIONS)] if files is None else []
    proposed: dict[Location, tuple[Proposed, ...]] = {}
    for file in (*filter(exists, beside), *(file for file in files or () if file.name == CORRECTIONS)):
        for document, own in read_corrections(file).items():
            proposed[document] = (*proposed.get(document, ()), *own)
    for entry in entries:
        yield replace(entry, corrections=proposed.pop(entry.path.joinpath(*entry.inside), ()))
    if files is not None:
        yield from (Entry(document, corrections=own) for document, own in proposed.items())


def _alone(path: Location) -> list[Entry]:
    """Return a file, with what the manifest beside it says of it and of the documents inside it."""
    manifest = path.parent.joinpath(MANIFEST)
    described = read_manifest(manifest) if exists(manifest) else {}
    inside = [entry for known, entry in described.items() if path in known.parents]
    return [described.get(path, Entry(path)), *inside]


def _opened(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the documents, those of an archive instead of it; a manifest names them by ``archive.zip/name``."""
    listed = list(entries)
    described = {entry.path: entry for entry in listed if entry.described}
    archives = {entry.path for entry in listed if is_archive(entry.path)}
    for entry in listed:
        if entry.path in archives:
            yield from _members(entry, described)
        elif not any(parent in archives for parent in entry.path.parents):
            yield entry
    for path, entry in described.items():
        if archive := next((parent for parent in path.parents if parent in archives), None):
            inside = "/".join(path.parts[len(archive.parts) :])
            yield replace(entry, path=archive, inside=(inside,))


def _members(archive: Entry, described: Mapping[Location, Entry]) -> Iterator[Entry]:
    """Yield what an archive holds besides what a manifest names; itself where it cannot be opened."""
    try:
        members = members_of(archive.path)
    except DocumentError:
        yield archive
        return
    for inside in members:
        if archive.path.joinpath(*inside) not in described:
            yield replace(archive, inside=inside, title=None)


def _below(files: Sequence[Location]) -> Iterator[Entry]:
    """Yield the documents among the files of a folder, and after them what a manifest names that is not there."""
    described: dict[Location, Entry] = {}
    for manifest in (file for file in files if file.name == MANIFEST):
        described |= read_manifest(manifest)
    for file in files:
        name = file.name
        if name not in {MANIFEST, CORRECTIONS} and not name.startswith(FURNITURE) and name.lower() not in SYSTEM_FILES:
            yield described.pop(file, Entry(file))
    yield from described.values()

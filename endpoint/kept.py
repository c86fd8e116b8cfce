"""Notes on the pages of a release, by which the next one keeps those that stay: key, checksum and holes of each.

They stand in the release, ``pages.jsonl``, so that a page and what is known of it come and go together.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fiscalkg.endpoint.pages.holes import Hole, refilled
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.loader.release import Release

__all__ = ["NAME", "Known", "Note", "keep", "known_notes", "note_of", "write_notes", "write_page"]

NAME = "pages.jsonl"
SITE = "site"

Note = tuple[str, str, str, list[Hole]]  # path, key, SHA-256 of the file, where its holes are


@dataclass(frozen=True, slots=True)
class Known:
    """A page of the release before: its file, the note on it."""

    file: Path
    note: Note


def note_of(path: str, key: str, body: bytes, holes: list[Hole]) -> Note:
    """Return the note on a page."""
    return path, key, hashlib.sha256(body).hexdigest(), holes


def write_notes(release: Release, notes: Iterable[Note]) -> None:
    """Write the notes on a release's pages, in order."""
    with (release.path / NAME).open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(note) + "\n" for note in sorted(notes))


def known_notes(before: Path | None) -> Mapping[tuple[str, str | None], Known]:
    """Return what is known of the pages of a release, by path and key; nothing where there is none to read."""
    if before is None:
        return {}
    try:
        lines = (before / NAME).read_text(encoding="utf-8").splitlines()
        notes = [
            (path, key, sha256, [tuple(hole) for hole in holes]) for path, key, sha256, holes in map(json.loads, lines)
        ]
    except (OSError, ValueError, TypeError):
        return {}
    return {(note[0], note[1]): Known(before / SITE / note[0], note) for note in notes}


def keep(edition: Edition, out: Path, path: str, known: Known) -> Note | None:
    """Put a page of the release before into a site, its holes filled anew; ``None`` where its file is not as noted.

    Where that leaves it as it was, it is a second name of the same file if the file system has such.
    """
    _, key, sha256, holes = known.note
    try:
        old = known.file.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(old).hexdigest() != sha256:
        return None
    body, own = refilled(edition, old, holes)
    if body != old:
        write_page(out / path, body)
        return note_of(path, key, body, own)
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    try:
        (out / path).hardlink_to(known.file)
    except OSError:
        shutil.copyfile(known.file, out / path)
    return known.note


def write_page(file: Path, body: bytes) -> None:
    """Write a page into a folder that may be there already."""
    try:
        file.write_bytes(body)
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)

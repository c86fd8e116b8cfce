"""A folder of files into a release that readers meet whole: built aside, then switched by one rename.

``DIR/releases/<id>/`` holds releases, ``DIR/current`` is a symbolic link to the one that counts, ``DIR/site``
leads to ``current/site``. A build lives in ``DIR/releases/.staging-*`` until it is complete, so a build that
fails or is killed leaves nothing but that folder, which the next build removes.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from fiscalkg.loader.dumps import sha256_of
from fiscalkg.loader.errors import ReleaseError

__all__ = ["INFO", "SUMS", "Release", "Staging", "open_release", "place_for", "staging", "switch"]

STAGING = ".staging-"
INFO = "release.json"
SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Release:
    """One release on disk; ``info`` is its release.json, ``base`` the base IRI of its data."""

    path: Path
    id: str
    base: str
    info: Mapping[str, Any]

    @property
    def store(self) -> Path:
        """The folder of the embedded store."""
        return self.path / "store"

    @property
    def site(self) -> Path:
        """The folder of the frozen pages."""
        return self.path / "site"


@dataclass(frozen=True, slots=True)
class Staging:
    """A release being built: ``path`` is its folder, ``scratch`` is thrown away, ``cache`` outlives it."""

    out: Path
    path: Path
    scratch: Path
    cache: Path


def open_release(folder: Path) -> Release:
    """Return the current release of a published folder, or the release whose own folder is given.

    Raises ``ReleaseError`` when there is none.
    """
    path = folder / "current" if (folder / "current").is_symlink() else folder
    try:
        path = path.resolve(strict=True)  # what is read from here on is one release, whatever is switched meanwhile
        info = json.loads((path / INFO).read_text(encoding="utf-8"))
        return Release(path, info["id"], info["base_iri"], info)
    except FileNotFoundError as error:
        advice = f"make one with: fiscalkg publish PATH… --out {folder}"
        raise ReleaseError(f"{folder}: holds no release; {advice}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{path}: its {INFO} cannot be read ({error}); publish again") from error


@contextmanager
def staging(out: Path) -> Iterator[Staging]:
    """Give a new folder to build a release in; ``switch`` inside the block makes it the current one.

    One build at a time. Whatever ends the block, the old release stays until ``switch`` and nothing half-made
    is left. Raises ``ReleaseError`` when the folder is in use, cannot be written or runs full.
    """
    lock = None
    try:
        lock = _locked(out)
        _clean(out)
        name = f"{STAGING}{os.getpid()}-{uuid4().hex[:8]}"  # never that of another build: what is read is remembered
        path = out / "releases" / name
        scratch = out / "releases" / f"{name}-scratch"
        for folder in (path, scratch, out / "cache"):
            folder.mkdir(exist_ok=True)
        yield Staging(out, path, scratch, out / "cache")
    except OSError as error:
        raise ReleaseError(_explained(out, error)) from error
    finally:
        if lock is not None:
            _clean(out)
            os.close(lock)


def _locked(out: Path) -> int:
    for name in ("current", "site"):
        if (out / name).exists() and not (out / name).is_symlink():
            raise ReleaseError(f"{out / name}: stands where a link of the release must; choose another --out")
    (out / "releases").mkdir(parents=True, exist_ok=True)
    lock = os.open(out / "releases" / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise ReleaseError(f"{out}: another publish is at work here; wait for it to end") from error
    return lock


def _clean(out: Path) -> None:
    for path in (out / "releases").glob(f"{STAGING}*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in out.glob(f"{STAGING}*"):
        path.unlink(missing_ok=True)


def _explained(out: Path, error: OSError) -> str:
    where = error.filename or out
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"{where}: no space left; free some and publish again, the old release stands"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{where}: cannot be written ({error.strerror}); check permissions, the old release stands"
        case _:
            return f"{where}: {error.strerror or error}; the old release stands"


def switch(stage: Staging, identifier: str) -> Path:
    """Make the staged folder the current release and return where it stands: see ``place_for``."""
    place = place_for(stage, identifier)
    if not place.exists():
        stage.path.replace(place)
    _link(stage.out / "current", Path("releases") / place.name)
    _link(stage.out / "site", Path("current") / "site")
    return place


def place_for(stage: Staging, identifier: str) -> Path:
    """Return the folder that a staged release will stand in.

    A release of the same files stands already: it is kept, and made current. A release of the same data but
    other files (pages of newer code) gets a folder of its own, since readers may hold the old one.
    """
    sums = sha256_of(stage.path / SUMS)
    number = 1
    while True:
        place = stage.out / "releases" / (identifier if number == 1 else f"{identifier}-{number}")
        if not place.exists() or ((place / SUMS).exists() and sha256_of(place / SUMS) == sums):
            return place
        number += 1


def _link(link: Path, target: Path) -> None:
    """Point a symbolic link elsewhere in one step."""
    draft = link.parent / f"{STAGING}{link.name}-{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)

"""Where documents lie, as a path of this machine or an address that fsspec reads (s3://…), into names and bytes.

What stands at an address is fetched by whoever needs it, a worker of a cluster too, and bounded while it comes: sizes,
names and their number. The web (http, https) has no folders: an address there is one document or archive.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from fiscalkg.loader.errors import DocumentError, FiscalkgError, ManifestError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["LARGEST", "Address", "Location", "exists", "files_below", "location_of", "read_location"]

LARGEST = 256 * 1024 * 1024  # bytes; a document that is larger than this is none
LONGEST = 2000  # characters of an address
LONGEST_REASON = 200
MOST_FOUND = 1_000_000
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?=[^/])")
SECRET = re.compile(r"://[^/@]*:[^/@]*@|[?&](x-amz-signature|x-goog-signature|signature|sig|token|password)=", re.I)


@dataclass(frozen=True, slots=True)
class Address:
    """A document or folder elsewhere, with as much of a path's algebra as manifests need; nothing is read by it."""

    text: str

    def __str__(self) -> str:
        """Return the address as it was given."""
        return self.text

    @property
    def is_web(self) -> bool:
        """Whether it is an address of the web, which has no folders and which readers can follow."""
        return self.text.startswith(("http://", "https://"))

    @property
    def name(self) -> str:
        """The last part, for people: an address of the web without its query, and decoded where that is a name."""
        last = self.text.rstrip("/").rpartition("/")[2]
        if not self.is_web:
            return last
        bare = last.partition("?")[0] or last
        decoded = unquote(bare)
        return decoded if decoded.isprintable() and "/" not in decoded else bare

    @property
    def parent(self) -> Address:
        """The folder it lies in; the host or bucket lies in itself."""
        head, _, last = self.text.rstrip("/").rpartition("/")
        return self if not last or head.endswith("/") else Address(head)

    @property
    def parents(self) -> tuple[Address, ...]:
        """The folders it lies in, the nearest first."""
        return () if self.parent == self else (self.parent, *self.parent.parents)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names that lead to it."""
        return tuple(self.text.split("/"))

    def joinpath(self, *names: str) -> Address:
        """Return what lies below."""
        return Address("/".join((self.text.rstrip("/"), *(part for name in names for part in Path(name).parts))))


Location = Path | Address


def location_of(text: str) -> Location:
    """Return a path, or an address where a scheme leads the text: file:///srv/a is the path /srv/a.

    Raises ``ManifestError`` for an address that cannot be read here, or carries a secret that would be published.
    """
    if text.lower().startswith("file:///"):
        return Path(text[len("file://") :])
    if not (scheme := SCHEME.match(text)):
        return Path(text)
    if len(text) > LONGEST or not text.isprintable() or re.search(r"\s|#|::", text):
        raise ManifestError(f"{text[:100]}: no address of a document; write it without blanks, # and ::")
    if SECRET.search(text):
        raise ManifestError(
            f"{text.partition('?')[0].rpartition('@')[2]}: an address with a password or signature would be published; "
            "give the key in the environment instead"
        )
    try:
        import fsspec

        fsspec.get_filesystem_class(scheme[1].lower())
    except ImportError as error:
        advice = "install fiscalkg[cluster], or what fsspec names"
        raise ManifestError(f"{text}: cannot be read here ({_line(error)}); {advice}") from error
    except ValueError as error:
        raise ManifestError(f"{text}: no address that can be read ({_line(error)}); correct it") from error
    return Address(scheme[0].lower() + text[scheme.end() :])


def files_below(location: Location) -> list[Location] | None:
    """Return every file below a folder, hidden folders left out, ordered; ``None`` where it is no folder.

    Raises ``ManifestError`` where an address does not answer or holds more than a million files.
    """
    if isinstance(location, Path):
        return list(_walk(location)) if location.is_dir() else None
    if location.is_web:
        return None
    with _explained(location, ManifestError) as (system, path):
        system.invalidate_cache()
        if not system.isdir(path):
            return None
        found = [str(name) for name in system.find(path)]
    if len(found) > MOST_FOUND:
        raise ManifestError(f"{location}: holds more than {MOST_FOUND:,} files; name folders below it one by one")
    below = (name.removeprefix(path).lstrip("/") for name in found if not name.endswith("/"))
    return [
        Address(f"{location.text.rstrip('/')}/{name}")
        for name in sorted(below, key=lambda name: name.split("/"))
        if not any(folder.startswith(".") for folder in name.split("/")[:-1])
    ]


def _walk(folder: Path) -> Iterator[Path]:
    for directory, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            yield Path(directory) / name


def exists(location: Location) -> bool:
    """Return whether an ordinary file stands there; what may lie beside an address of the web is not asked for."""
    if isinstance(location, Path):
        return location.is_file()
    if location.is_web:  # many servers answer any name with a page
        return False
    with _explained(location, ManifestError) as (system, path):
        return bool(system.isfile(path))


def read_location(location: Location, most: int = LARGEST) -> bytes:
    """Return the bytes of a file; raises ``DocumentError`` naming it when they cannot be had, or are too many."""
    if isinstance(location, Path):
        return _read_path(location, most)
    # in one request: a size that is given is not asked for, and without blocks the answer is read as it comes
    streamed: dict[str, Any] = {"block_size": 0, "size": most} if location.is_web else {}
    data = bytearray()
    with _explained(location, DocumentError) as (system, path), system.open(path, "rb", **streamed) as file:
        while len(data) <= most and (piece := file.read(most + 1 - len(data))):
            data += piece
    if len(data) > most:
        raise DocumentError(f"{location}: larger than {most >> 20} MiB; split it")
    return bytes(data)


def _read_path(path: Path, most: int) -> bytes:
    try:
        if not path.is_file():
            state = "is no ordinary file" if path.exists() else "does not exist"
            raise DocumentError(f"{path}: {state}; check the path")
        if path.stat().st_size > most:
            raise DocumentError(f"{path}: larger than {most >> 20} MiB; split it")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError(f"{path}: cannot be read ({reason}); check its permissions") from error


@contextmanager
def _explained(address: Address, kind: type[FiscalkgError]) -> Iterator[tuple[AbstractFileSystem, str]]:
    """Give the file system of an address and the path in it; whatever goes wrong in the block is told in one line."""
    try:
        import fsspec

        yield fsspec.core.url_to_fs(address.text)
    except (FiscalkgError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise kind(f"{address}: does not exist; check the address") from error
    except Exception as error:  # each back end raises what its own library does
        told = f"{address}: cannot be read ({_line(error)}); check the address, the network and the key to it"
        raise kind(told) from error


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST_REASON]

"""A zip archive into the documents inside it, read from the archive itself: nothing is ever unpacked to disk."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.locations import Address, Location, read_location
from fiscalkg.loader.readers.recognise import ZIP, recognise

__all__ = ["MOST_DEPTH", "is_archive", "members_of", "read_member"]

MOST_MEMBERS = 10_000
LARGEST_MEMBER = 256 * 1024 * 1024
LARGEST_ARCHIVE = 4 * 1024 * 1024 * 1024  # unpacked
HIGHEST_RATIO = 1_000  # text of many like rows packs a hundredfold, a bomb more than a thousandfold
RATIO_FROM = 4 * 1024 * 1024
MOST_DEPTH = 2  # an archive in an archive is opened, one in that is not
UTF8_NAME = 0x800
LOCKED = 0x1


def is_archive(path: Location) -> bool:
    """Return whether a file is a zip archive that is no Office file; ``False`` where it cannot be opened.

    At an address only what is named .zip is looked into: nothing else is fetched before its turn.
    """
    if not isinstance(path, Path):
        return path.name.lower().endswith(".zip") and _is_archive(path)
    try:
        if not path.is_file():  # a pipe would wait for its other end
            return False
        with path.open("rb") as file:
            if file.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
                return False
        return _is_archive(path)
    except OSError:
        return False


def _is_archive(path: Location) -> bool:
    try:
        with _open(path, ()) as archive:
            return "[Content_Types].xml" not in archive.namelist() and "mimetype" not in archive.namelist()
    except DocumentError:
        return False


def members_of(archive_path: Location, inside: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Return the names of the documents inside an archive, each as the archive and its inner archives name it.

    Hidden files, Office's lock files and folders are no documents. Raises ``DocumentError`` where the archive is
    damaged, or larger than any that is honest.
    """
    with _open(archive_path, inside) as archive:
        names = [_name(info) for info in _bounded(archive, _told(archive_path, inside)) if not _is_furniture(info)]
        inner = {name for name in names if _is_inner(archive, name)}
    found: list[tuple[str, ...]] = []
    for name in sorted(names):
        if name in inner and len(inside) + 1 < MOST_DEPTH:
            found += members_of(archive_path, (*inside, name))
        else:
            found.append((*inside, name))
    return found


def read_member(archive_path: Location, inside: Sequence[str]) -> bytes:
    """Return the bytes of a document inside an archive.

    Raises ``DocumentError`` naming it when it is locked, damaged, too large, a link, or named outside the archive.
    """
    *outer, last = inside
    told = _told(archive_path, inside)
    archive, members = _kept(archive_path, tuple(outer), _state(archive_path, told))
    if last not in members:
        raise DocumentError(f"{told}: is not in the archive; correct the manifest")
    return _read(archive, members[last], told)


def _state(archive_path: Location, told: str) -> tuple[int, int]:
    """Return what changes with an archive's bytes; at an address it stays what it was when it was fetched."""
    if not isinstance(archive_path, Path):
        return 0, 0
    try:
        status = archive_path.stat()
    except OSError as error:
        raise DocumentError(f"{told}: its archive cannot be read ({error.strerror}); check the path") from error
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=1)
def _fetched(address: Address) -> bytes:
    """Return an archive from elsewhere, whole: its members come one after another."""
    return read_location(address)


@lru_cache(maxsize=MOST_DEPTH)  # members come one after another: to list an archive anew for each takes its square
def _kept(
    archive_path: Location, outer: tuple[str, ...], _state: tuple[int, int]
) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    """Return an open archive and its members by name; of those with one name the first."""
    archive = _open(archive_path, outer)
    return archive, {_name(info): info for info in reversed(archive.infolist())}


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, told: str) -> bytes:
    _refuse(info, told)
    try:
        with archive.open(info) as file:
            data = file.read(LARGEST_MEMBER + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise DocumentError(f"{told}: damaged inside its archive ({error}); get the archive again") from error
    if len(data) > LARGEST_MEMBER:
        raise DocumentError(f"{told}: larger than {LARGEST_MEMBER >> 20} MiB; split it")
    return data


def _refuse(info: zipfile.ZipInfo, told: str) -> None:
    path = PurePosixPath(_name(info))
    if path.is_absolute() or ".." in path.parts:
        raise DocumentError(f"{told}: is named outside its archive; pack it again")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise DocumentError(f"{told}: is a link, not a document; pack what it points to")
    if info.flag_bits & LOCKED:
        raise DocumentError(f"{told}: is locked with a password; pack it without one")
    if info.file_size > LARGEST_MEMBER:
        raise DocumentError(f"{told}: larger than {LARGEST_MEMBER >> 20} MiB; split it")
    if info.file_size > RATIO_FROM and info.file_size > HIGHEST_RATIO * max(info.compress_size, 1):
        raise DocumentError(f"{told}: packs more than {HIGHEST_RATIO}-fold, as a zip bomb does; pack it again")


def _open(archive_path: Location, inside: Sequence[str]) -> zipfile.ZipFile:
    told = _told(archive_path, inside)
    try:
        if inside:
            return zipfile.ZipFile(io.BytesIO(read_member(archive_path, inside)))
        if isinstance(archive_path, Path):
            return zipfile.ZipFile(archive_path)
        return zipfile.ZipFile(io.BytesIO(_fetched(archive_path)))
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DocumentError(f"{told}: an archive that cannot be opened ({error}); get it again") from error


def _bounded(archive: zipfile.ZipFile, told: str) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise DocumentError(f"{told}: holds more than {MOST_MEMBERS} files; split it")
    if sum(member.file_size for member in members) > LARGEST_ARCHIVE:
        raise DocumentError(f"{told}: would unpack to more than {LARGEST_ARCHIVE >> 30} GiB; split it")
    return members


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name: in GB18030 where the archive does not say UTF-8, as Windows in China packs."""
    if info.flag_bits & UTF8_NAME or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _is_furniture(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(_name(info))
    hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts if part != "..")
    return info.is_dir() or hidden or path.name.lower() in ("thumbs.db", "desktop.ini")


def _is_inner(archive: zipfile.ZipFile, name: str) -> bool:
    """Return whether a member is an archive itself; what cannot be read is told when it is its turn."""
    if not name.lower().endswith(".zip"):
        return False
    try:
        info = next(one for one in archive.infolist() if _name(one) == name)
        return recognise(_read(archive, info, name), name) == ZIP
    except DocumentError:
        return False


def _told(archive_path: Location, inside: Sequence[str]) -> str:
    return "/".join((archive_path.name, *inside))

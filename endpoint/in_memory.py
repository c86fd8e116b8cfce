"""A release that is small enough into a store in memory: it answers four to six times as fast as the one on disk."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from fiscalkg.loader.iris import graph_iri
from fiscalkg.loader.release import Release
from fiscalkg.loader.stores.embedded import EmbeddedStore, load_store

__all__ = ["free_memory", "has_room", "in_memory"]

MOST = 5_000_000  # triples
BYTES = 430 * 13 // 10  # of a triple: as measured, and a third more while it is read
BESIDES = 512 * 1024 * 1024  # bytes for what the processes that ask it hold
MEMINFO, GROUPS = Path("/proc/meminfo"), Path("/sys/fs/cgroup")


def in_memory(release: Release) -> EmbeddedStore | None:
    """Return the quads of a release's store, read from its files; ``None`` where they would need too much.

    Raises ``StoreError`` where a file is damaged.
    """
    if not has_room(release.info["counts"]["triples"], free_memory()):
        return None
    dumps = release.path / "dumps"
    files = [(name, path) for name in ("ontology", "shapes") for path in sorted((dumps / name).rglob("*.ttl"))]
    files += [("report", release.path / "reports" / "report.ttl.gz")]
    files += [("catalogue", release.path / "catalogue" / "catalogue.nt")]
    return load_store(dumps / "fiscalkg.nt.gz", [(graph_iri(release.base, name), path) for name, path in files])


def has_room(triples: int, free: int | None) -> bool:
    """Return whether so many triples are to be held in memory, where so many bytes are free, if that is known.

    >>> has_room(3_000_000, 4 << 30), has_room(3_000_000, 2 << 30)
    (True, False)
    """
    return triples <= MOST and (free is None or triples * BYTES + BESIDES <= free)


def free_memory() -> int | None:
    """Return how many bytes this process may still take: of the machine's, and of its control groups' (version 2)."""
    sizes = [_of_machine(), *map(_of_group, _groups())]
    return min((size for size in sizes if size is not None), default=None)


def _of_machine() -> int | None:
    available = _fields(MEMINFO).get("MemAvailable:")
    return None if available is None else available * 1024


def _groups() -> list[Path]:
    """Return the folders of the control groups that this process is in; in a container their paths begin there."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    names = [line.removeprefix("0::/") for line in lines if line.startswith("0::/")]
    return [GROUPS / group for name in names for group in (PurePosixPath(name), *PurePosixPath(name).parents)]


def _of_group(group: Path) -> int | None:
    """Return the bytes left below a group's limit; files it has read, and does not use, make room at need."""
    try:
        most = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
    except (OSError, ValueError):  # not there, or "max"
        return None
    return max(0, most - used + _fields(group / "memory.stat").get("inactive_file", 0))


def _fields(path: Path) -> dict[str, int]:
    """Return the numbers of a file of the system by the names that stand before them."""
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {fields[0]: int(fields[1]) for fields in lines if len(fields) > 1 and fields[1].isdigit()}

"""A folder of releases into the one that is current: looked up at each request, opened once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores.embedded import EmbeddedStore, open_store

__all__ = ["Served", "current"]


@dataclass(frozen=True, slots=True)
class Served:
    """A release and its open store."""

    release: Release
    store: EmbeddedStore


def current(directory: Path) -> Served:
    """Return the release that ``current`` leads to; raises ``ReleaseError`` when there is none.

    A switch of the link is seen by the next request; requests under way end on the release they began with.
    """
    return _open((directory / "current").resolve() if (directory / "current").exists() else directory)


@lru_cache(maxsize=2)
def _open(path: Path) -> Served:
    release = open_release(path)
    return Served(release, open_store(release.store))

"""A folder of releases into the one that is current: looked up at each request, opened once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.stores.embedded import EmbeddedStore, open_store

__all__ = ["Served", "current"]


@dataclass(frozen=True, slots=True)
class Served:
    """A release as it is served; ``base`` is the base IRI of its data."""

    path: Path
    identifier: str
    base: str
    store: EmbeddedStore


def current(directory: Path) -> Served:
    """Return the release that ``current`` leads to; raises ``ReleaseError`` when there is none.

    A switch of the link is seen by the next request; requests under way end on the release they began with.
    """
    try:
        return _open((directory / "current").resolve(strict=True))
    except OSError as error:
        raise ReleaseError(f"{directory}: holds no release; run fiscalkg publish PATH… --out {directory}") from error


@lru_cache(maxsize=2)
def _open(path: Path) -> Served:
    try:
        known = json.loads((path / "release.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{path}: release.json cannot be read ({error}); publish again") from error
    return Served(path, str(known["id"]), str(known["base_iri"]), open_store(path / "store"))

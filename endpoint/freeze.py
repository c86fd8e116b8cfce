"""Every page of an edition into a folder that any static host can carry: the pages the endpoint would serve."""

from __future__ import annotations

from pathlib import Path

from fiscalkg.endpoint.pages import all_paths, edition_of, render
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.release import Release
from fiscalkg.loader.stores import Store

__all__ = ["freeze"]


def freeze(store: Store, release: Release, out: Path) -> int:
    """Write every page below a folder and return how many there are.

    Raises ``ReleaseError`` naming the page when a path that a page family lists has no page.
    """
    edition = edition_of(store, release)
    count = 0
    for path in all_paths(edition):
        page = render(edition, path, {})
        if page is None:
            raise ReleaseError(f"{path}: is listed but cannot be made; please report it")
        file = out / page.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(page.body)
        count += 1
    return count

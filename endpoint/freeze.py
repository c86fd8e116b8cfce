"""Every page of an edition into a folder that any static host can carry: the pages the endpoint would serve."""

from __future__ import annotations

import shutil
from pathlib import Path

from fiscalkg.endpoint.pages import all_paths, edition_of, render
from fiscalkg.endpoint.pages.downloads import offered
from fiscalkg.endpoint.pages.found import entries_of
from fiscalkg.endpoint.pages.search import in_shards
from fiscalkg.endpoint.pages.search_index import write_index
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
    if in_shards(edition):
        count += write_index(entries_of(edition), out / "search")
    _put_files(release, out)
    return count


def _put_files(release: Release, out: Path) -> None:
    """Put what the pages offer for download below the site too, so that it is whole on any host.

    A second name of the same file where the file system has such, else a copy.
    """
    slices = (release.path / "dumps" / "slices").rglob("*.gz")
    for name in (*(offer.path for offer in offered(release.path)), *(str(p.relative_to(release.path)) for p in slices)):
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        try:
            file.hardlink_to(release.path / name)
        except OSError:
            shutil.copyfile(release.path / name, file)

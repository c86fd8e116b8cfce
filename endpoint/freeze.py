"""Every page of an edition into a folder that any static host can carry: the pages the endpoint would serve.

Pages are made by as many processes as there are processors, by the bundle: what a question's pages read is read once in
the process that makes them, and what pages of tables, projects and units ask is asked for many at once.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from fiscalkg.endpoint.pages import Edition, all_paths, edition_of, render
from fiscalkg.endpoint.pages.ahead import asked_ahead
from fiscalkg.endpoint.pages.downloads import offered
from fiscalkg.endpoint.pages.found import entries_of
from fiscalkg.endpoint.pages.search import in_shards
from fiscalkg.endpoint.pages.search_index import write_index
from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.errors import FiscalkgError, ReleaseError
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores import Store
from fiscalkg.loader.stores.embedded import open_store

__all__ = ["freeze", "write_pages"]

FEW = 5_000  # pages: made here, before other processes would have read what they need
LARGEST = 2_000  # pages of a bundle
AT_ONCE = 50  # entities that are asked for together
BOUNDS = Bounds(seconds=1800.0, memory=4096)
ENTITY = re.compile(r"(statement|project|unit)/")
# What pages have in common besides their first folder: the question that they answer.
QUESTION = re.compile(r"(?:en/)?(?:embed/)?(q/[a-z-]+|[^/]+)")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Pages that one process makes: the release they are of, the folder and form of the site, their paths below it."""

    release: Path
    site: Path
    sections: bool
    paths: tuple[str, ...]


def freeze(store: Store, release: Release, out: Path, jobs: int = 1) -> int:
    """Write every page below a folder by ``jobs`` processes and return how many there are.

    Where pages and downloads would be more than the portal's ``most_files``, tables and projects become sections.
    Raises ``ReleaseError`` naming the page when a path that a page family lists has no page.
    """
    edition = edition_of(store, release, sections=False)
    paths = list(all_paths(edition))
    if len(paths) + len(_files(release)) > edition.portal.most_files:
        edition = edition_of(store, release, sections=True)
        paths = list(all_paths(edition))
    if jobs == 1 or len(paths) < FEW:
        write_pages(edition, out, paths)
    else:
        _write_by_all(edition, release, out, paths, jobs)
    count = len(paths)
    if in_shards(edition):
        count += write_index(entries_of(edition), out / "search")
    _put_files(release, out)
    return count


def _write_by_all(edition: Edition, release: Release, out: Path, paths: Sequence[str], jobs: int) -> None:
    bundles = [Bundle(release.path, out, edition.sections, own) for own in _bundled(paths)]
    for _, result in run_all(write_bundle, bundles, Bounds(jobs, BOUNDS.seconds, BOUNDS.memory)):
        if isinstance(result, FiscalkgError):
            raise ReleaseError(f"pages cannot be made: {result}") from result


def _bundled(paths: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield the paths by what their pages read, the largest bundles first, so that none is waited for at the end."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        found = QUESTION.match(path)
        groups.setdefault(found[1] if found else "", []).append(path)
    bundles = [tuple(own[at : at + LARGEST]) for own in groups.values() for at in range(0, len(own), LARGEST)]
    yield from sorted(bundles, key=len, reverse=True)


def write_bundle(bundle: Bundle) -> int:
    """Write the pages of a bundle, in a process of its own, and return how many there are."""
    write_pages(_edition(bundle.release, bundle.sections), bundle.site, bundle.paths)
    return len(bundle.paths)


@cache
def _edition(path: Path, sections: bool) -> Edition:
    release = open_release(path)
    return edition_of(open_store(release.store), release, sections)


def write_pages(edition: Edition, out: Path, paths: Iterable[str]) -> None:
    """Write pages; those of tables and projects that are sections ask for what they hold at once as it is."""
    alone = re.compile("unit/") if edition.sections else ENTITY
    rest = iter(paths)
    while some := list(islice(rest, AT_ONCE)):
        entities = [edition.base + path.removesuffix(".html") for path in some if alone.match(path)]
        with asked_ahead(edition, entities):
            for path in some:
                _write_page(edition, out, path)


def _write_page(edition: Edition, out: Path, path: str) -> None:
    page = render(edition, path, {})
    if page is None:
        raise ReleaseError(f"{path}: is listed but cannot be made; please report it")
    file = out / page.path
    try:
        file.write_bytes(page.body)
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(page.body)


def _files(release: Release) -> list[str]:
    """Return what is offered for download, by its path in the release and below the site."""
    slices = (release.path / "dumps" / "slices").rglob("*.gz")
    return [*(offer.path for offer in offered(release.path)), *(str(path.relative_to(release.path)) for path in slices)]


def _put_files(release: Release, out: Path) -> None:
    """Put what the pages offer for download below the site too, so that it is whole on any host.

    A second name of the same file where the file system has such, else a copy.
    """
    for name in _files(release):
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        try:
            file.hardlink_to(release.path / name)
        except OSError:
            shutil.copyfile(release.path / name, file)

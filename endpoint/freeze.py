"""Every page of an edition into a folder that any static host can carry: the pages the endpoint would serve.

Pages are made by as many processes as there are processors, by the bundle: what a question's pages read is read once in
the process that makes them, and what pages of tables, projects and units ask is asked for many at once. Where the
release is small enough it is read into a store in memory, and the processes are copies of the one that holds it. Of a
page that the release before has, and whose basis is the same, only what differs from release to release is put in anew.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path

from fiscalkg.endpoint.copies import CopyError, in_copies
from fiscalkg.endpoint.in_memory import in_memory
from fiscalkg.endpoint.kept import Known, Note, keep, known_notes, note_of, write_notes, write_page
from fiscalkg.endpoint.pages import Edition, all_paths, edition_of, render
from fiscalkg.endpoint.pages.ahead import asked_ahead
from fiscalkg.endpoint.pages.basis import Basis, basis_of, key_of
from fiscalkg.endpoint.pages.downloads import offered
from fiscalkg.endpoint.pages.found import entries_of
from fiscalkg.endpoint.pages.history import PATHS
from fiscalkg.endpoint.pages.holes import filled, left_open
from fiscalkg.endpoint.pages.search import in_shards
from fiscalkg.endpoint.pages.search_index import write_index
from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.errors import FiscalkgError, ReleaseError
from fiscalkg.loader.origins import Origins
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores import Store
from fiscalkg.loader.stores.embedded import open_store

__all__ = ["Frozen", "freeze", "write_pages"]

FEW = 5_000  # pages: made here, before other processes would have read what they need
LARGEST = 2_000  # pages of a bundle
AT_ONCE = 50  # entities that are asked for together
BOUNDS = Bounds(seconds=1800.0, memory=4096)
ENTITY = re.compile(r"(statement|project|unit)/")
OF_RULE = re.compile(r"^quality/[^/]+/(unit-)")
# What pages have in common besides their first folder: the question that they answer.
QUESTION = re.compile(r"(?:en/)?(?:embed/)?(q/[a-z-]+|[^/]+)")
Written = tuple[list[Note], int]  # what is to be known of pages that may stay, and how many pages were made


@dataclass(frozen=True, slots=True)
class Frozen:
    """How many files a site has, and how many of its pages were made, not kept."""

    files: int
    made: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A page to write, with the key of what it is made from, and what is known of the same in the release before."""

    path: str
    key: str | None = None
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What tells whether a page stays: of what pages are made, and what is known of those of the release before."""

    basis: Basis
    known: Mapping[tuple[str, str | None], Known]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Pages that a process of its own makes: the release they are of, the folder and form of the site, their paths.

    ``basis`` is a file with the digests of what pages are made from, if it is known, ``before`` the release before.
    """

    release: Path
    site: Path
    sections: bool
    paths: tuple[str, ...]
    basis: Path | None
    before: Path | None


def freeze(store: Store, release: Release, out: Path, origins: Origins | None = None, jobs: int = 1) -> Frozen:
    """Write every page below a folder by ``jobs`` processes and return how many there are.

    Where pages and downloads would be more than the portal's ``most_files``, tables and projects become sections.
    By ``origins`` a page of the release before is kept where what it was made from is the same. Raises
    ``ReleaseError`` naming the page when a path that a page family lists has no page.
    """
    asked = in_memory(release) or store
    edition = edition_of(asked, release, sections=False)
    paths = list(all_paths(edition))
    if len(paths) + len(_files(release)) + len(PATHS) > edition.portal.most_files:
        edition = edition_of(asked, release, sections=True)
        paths = list(all_paths(edition))
    paths.sort(key=_together)
    ground = _ground_of(edition, origins or Origins())
    edition.forget()
    if jobs == 1 or len(paths) < FEW:
        notes, made = write_pages(edition, out, paths, ground)
    elif asked is not store and (written := _write_by_copies(edition, out, paths, ground, jobs)):
        notes, made = written
    else:
        asked = store  # and what was held makes room, where copies had too little
        edition = edition_of(store, release, edition.sections)
        before = origins.before if origins else None
        notes, made = _write_by_all(release, out, edition.sections, paths, ground, before, jobs)
    if origins:
        write_notes(release, notes)
    count = len(paths)
    if in_shards(edition):
        count += write_index(entries_of(edition), out / "search")
    _put_files(release, out)
    return Frozen(count, made)


def _ground_of(edition: Edition, origins: Origins) -> Ground | None:
    """Return what tells which pages stay; ``None`` without origins: then all are made, and nothing is noted."""
    if not origins.digests:
        return None
    return Ground(basis_of(edition, origins.digests), known_notes(origins.before))


def _write_by_all(
    release: Release, out: Path, sections: bool, paths: Sequence[str], ground: Ground | None, before: Path | None,
    jobs: int,
) -> Written:  # fmt: skip
    """Make pages in processes of their own, each of which opens the store on disk."""
    notes, made = list[Note](), 0
    with tempfile.TemporaryDirectory() as folder:
        basis = Path(folder) / "basis.json" if ground else None
        if basis and ground:
            basis.write_text(json.dumps(asdict(ground.basis)), encoding="utf-8")
        bundles = [Bundle(release.path, out, sections, own, basis, before) for own in _bundled(paths)]
        for _, result in run_all(write_bundle, bundles, Bounds(jobs, BOUNDS.seconds, BOUNDS.memory)):
            if isinstance(result, FiscalkgError):
                raise ReleaseError(f"pages cannot be made: {result}") from result
            notes += result[0]
            made += result[1]
    return notes, made


def _write_by_copies(
    edition: Edition, out: Path, paths: Sequence[str], ground: Ground | None, jobs: int
) -> Written | None:
    """Make pages in copies of this process: a store in memory is theirs too. ``None`` where a copy is ended."""
    notes, made = list[Note](), 0
    try:
        write = partial(_write_held, edition, out, ground)
        for own, count in in_copies(write, _bundled(paths), jobs, BOUNDS.seconds):
            notes += own
            made += count
    except CopyError:  # as too little memory can do: pages half made are made again from the store on disk
        return None
    return notes, made


def _write_held(edition: Edition, out: Path, ground: Ground | None, paths: Sequence[str]) -> Written:
    """Write the pages of a bundle, and forget what they read."""
    try:
        return write_pages(edition, out, paths, ground)
    finally:
        edition.forget()


def _together(path: str) -> tuple[str, str]:
    """Return a sort key by which the pages that read the same rows stand together: both languages and the table.

    Of the quality pages those of a unit: all rules read its findings.
    """
    read = path.removeprefix("en/").rpartition(".")[0]
    return OF_RULE.sub(r"quality/\1", read), path


def _bundled(paths: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield the paths by what their pages read, the largest bundles first, so that none is waited for at the end."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        found = QUESTION.match(path)
        groups.setdefault(found[1] if found else "", []).append(path)
    bundles = [tuple(own[at : at + LARGEST]) for own in groups.values() for at in range(0, len(own), LARGEST)]
    yield from sorted(bundles, key=len, reverse=True)


def write_bundle(bundle: Bundle) -> Written:
    """Write the pages of a bundle in a process of its own."""
    ground = _ground(bundle.basis, bundle.before) if bundle.basis else None
    return _write_held(_edition(bundle.release, bundle.sections), bundle.site, ground, bundle.paths)


@cache
def _ground(basis: Path, before: Path | None) -> Ground:
    return Ground(Basis(**json.loads(basis.read_bytes())), known_notes(before))


@cache
def _edition(path: Path, sections: bool) -> Edition:
    release = open_release(path)
    return edition_of(open_store(release.store), release, sections)


def write_pages(edition: Edition, out: Path, paths: Iterable[str], ground: Ground | None = None) -> Written:
    """Write pages, or keep those that stay; tables and projects that are sections ask at once for all they hold.

    Some are planned at a time, right before they are made: what tells whether a page stays is what it shows.
    """
    alone = re.compile("unit/") if edition.sections else ENTITY
    notes, made = list[Note](), 0
    rest = iter(paths)
    while some := list(islice(rest, AT_ONCE)):
        plans = [_plan(edition, path, ground) for path in some]
        kept = {plan.path: note for plan in plans if plan.known and (note := keep(edition, out, plan.path, plan.known))}
        fresh = [plan for plan in plans if plan.path not in kept]
        entities = [edition.base + plan.path.removesuffix(".html") for plan in fresh if alone.match(plan.path)]
        with asked_ahead(edition, entities):
            own = [_made(edition, out, plan) for plan in fresh]
        notes += [*kept.values(), *(note for note in own if note)]
        made += len(own)
    return notes, made


def _plan(edition: Edition, path: str, ground: Ground | None) -> Plan:
    key = key_of(edition, ground.basis, path) if ground else None
    return Plan(path, key, ground.known.get((path, key)) if ground and key else None)


def _made(edition: Edition, out: Path, plan: Plan) -> Note | None:
    """Make a page and write it; return what is to be known of it, where it may stay in the next release."""
    page = render(left_open(edition, plan.key) if plan.key else edition, plan.path, {})
    if page is None:
        raise ReleaseError(f"{plan.path}: is listed but cannot be made; please report it")
    if not plan.key:
        write_page(out / page.path, page.body)
        return None
    body, holes = filled(edition, page.body, plan.key)
    write_page(out / page.path, body)
    return note_of(plan.path, plan.key, body, holes)


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

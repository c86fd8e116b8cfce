"""Documents into a release: read in parallel, merged, written, loaded, frozen into pages, and switched.

The same documents, code and settings give the same bytes, whatever the clock, the machine, the order of paths
or the number of processes. What differs from build to build goes to ``DIR/build.log.json``.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.cluster import run_on_cluster
from fiscalkg.loader.collisions import collisions
from fiscalkg.loader.contents import Contents, write_contents
from fiscalkg.loader.dumps import write_checksums
from fiscalkg.loader.errors import ClusterError, FiscalkgError, ManifestError, ReleaseError
from fiscalkg.loader.history import Entry as Told
from fiscalkg.loader.history import entries, entry_of, record
from fiscalkg.loader.locations import Address, Location
from fiscalkg.loader.manifest import Entry, find_documents
from fiscalkg.loader.model import Finding
from fiscalkg.loader.origins import Origins, origins_of
from fiscalkg.loader.pipeline import UNREADABLE, Job, absolute, fingerprint, fingerprints, jobs_of, process, unreadable
from fiscalkg.loader.portal import Portal, place_documents
from fiscalkg.loader.release import Release, Staging, open_release, place_for, staging, switch
from fiscalkg.loader.renewal import remember
from fiscalkg.loader.shards import Shard, forget_others
from fiscalkg.loader.signing import sign
from fiscalkg.loader.stores import Store
from fiscalkg.loader.stores.embedded import open_store
from fiscalkg.loader.void import Example
from fiscalkg.loader.withdrawals import read_withdrawals

__all__ = ["Chronicle", "Freeze", "Settings", "Summary", "Tell", "gather", "publish"]

# A document that cannot be opened, holds no table of targets, or breaks off: the exit status speaks of it.
NOT_WHOLE = frozenset({UNREADABLE, "R-NO-TABLE", "R-OTHER-KIND", "R-TRUNCATED", "R-FORM-UNKNOWN"})

Freeze = Callable[[Store, Release, Path, Origins], object]
Chronicle = Callable[[Store, Release, Path, Sequence[Told]], object]


class Tell(Protocol):
    """Hears how far a stage is: its name, how much is done, of how much, and how many tables were found so far."""

    def __call__(self, stage: str, done: int, total: int, statements: int = 0, /) -> None:
        """Show it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a release is made with: ``profile`` ``None`` checks each table by the rules of its own kind.

    ``examples`` are the queries its catalogue shows. ``executor`` is the address of a cluster's scheduler,
    dask://host:8786; ``None`` reads on this machine. ``key`` is minisign's that signs the checksums.
    """

    portal: Portal = field(default_factory=Portal)
    profile: str | None = None
    bounds: Bounds = field(default_factory=Bounds)
    keep_persons: bool = False
    examples: tuple[Example, ...] = ()
    executor: str | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a publish did, for people; ``failed`` are the findings of documents that were not wholly read."""

    release: Release
    documents: int
    failed: tuple[Finding, ...]
    statements: int
    indicators: int
    triples: int
    findings: dict[str, int]
    seconds: float


def publish(
    paths: Sequence[Location],
    out: Path,
    settings: Settings,
    freeze: Freeze,
    tell: Tell,
    chronicle: Chronicle | None = None,
) -> Summary:
    """Read documents and make their release the current one of a folder.

    ``freeze`` writes the pages from store and release into a folder; it is told what statements were made from, and
    where the release before stands, to do only what has changed. ``chronicle`` writes the history of the folder into
    the site, beside what the checksums are of: a release has the same bytes whatever was before it. Raises
    ``ManifestError``, ``PortalError`` and ``ReleaseError``; whatever is raised, the folder still holds the release it
    held.
    """
    watch = _Watch()
    _keep_kinds_apart(out, settings)
    withdrawals = read_withdrawals(out)
    with staging(out) as stage:
        contents = gather(paths, stage.cache, settings, tell)
        failed = tuple(contents.findings_of(NOT_WHOLE))
        watch.lap("read")
        release = write_contents(stage, contents, tell, settings.bounds.workers())
        watch.lap("write")
        before = open_release(out) if (out / "current").exists() else None
        origins = origins_of(contents.shards, contents.renames, contents.base, before.path if before else None)
        _freeze(release, freeze, origins, tell)
        watch.lap("pages")
        write_checksums(stage.path, left_out=frozenset({"store"}))
        if settings.key:
            sign(stage.path / "SHA256SUMS", settings.key, f"fiscalkg release {release.id}")
        place = place_for(stage, release.id)
        entry = entry_of(out, before, release, place.name, withdrawals)
        if chronicle:
            _tell_history(chronicle, release, place, [*([entry] if entry else []), *entries(out)])
        switch(stage, release.id)
        if entry:
            record(out, entry)
        remember(stage.cache, open_release(out), contents.shards, contents.renames)
        forget_others(stage.cache)
        _log(stage, release, watch, settings)
    return _summary(open_release(out), failed, watch.total())


def _keep_kinds_apart(out: Path, settings: Settings) -> None:
    """Refuse to put a release with persons where one without may be open to the world, and the other way round."""
    if not (out / "current").exists():
        return
    kept = open_release(out).info.get("persons", "masked") == "kept"
    if kept is not settings.keep_persons:
        state = "holds releases with persons" if kept else "holds releases without persons"
        raise ReleaseError(f"{out}: {state}; give the other kind (--keep-persons) a folder of its own")


def gather(paths: Iterable[Location], cache: Path, settings: Settings, tell: Tell) -> Contents:
    """Return every document's shard, ordered by name, with findings for the files that gave none.

    Raises ``ManifestError`` when the paths name no file, ``ReleaseError`` when none can be read.
    """
    entries = place_documents(find_documents(paths), settings.portal)
    if not entries:
        raise ManifestError("the paths hold no document; name files, or folders with files in them")
    hashed = partial(_hashed, settings)
    jobs, findings = jobs_of(entries, cache, settings.portal.base, settings.profile, settings.keep_persons, hashed)
    shards: list[Shard] = []
    statements = 0
    tell("read", 0, len(jobs))
    for done, (job, result) in enumerate(_processed(jobs, settings), 1):
        if isinstance(result, FiscalkgError):
            findings.append(unreadable(job.entry, result))
        else:
            shards.append(result)
            statements += len(result.statements)
        tell("read", done, len(jobs), statements)
    if not shards:
        raise ReleaseError(f"no document could be read, of {len(entries)} tried; {findings[0].message_en}")
    renames, repeated = collisions(shards)
    notes = (*findings, *repeated)
    return Contents(
        tuple(shards), renames, notes, settings.portal, settings.profile, settings.keep_persons, settings.examples
    )


def _processed(jobs: Sequence[Job], settings: Settings) -> Iterator[tuple[Job, Shard | FiscalkgError]]:
    """Yield each job with its shard; those of a cluster must stand where this machine finds them."""
    if not settings.executor:
        yield from run_all(process, jobs, settings.bounds)
        return
    for job, result in run_on_cluster(process, [absolute(job) for job in jobs], settings.bounds, settings.executor):
        if isinstance(result, Shard) and not result.path.exists():
            raise ClusterError(
                f"{settings.executor}: its workers write to a folder {job.shard.parents[2]} of their own; "
                "let --out be a folder that all machines share"
            )
        yield job, result


def _hashed(settings: Settings, entries: Sequence[Entry]) -> Iterator[tuple[Entry, str | FiscalkgError]]:
    """Yield documents with their checksums: what lies elsewhere is fetched by those who will read it, many at once."""
    far = [entry for entry in entries if isinstance(entry.path, Address)]
    if settings.executor and far:
        fetched = iter(run_on_cluster(fingerprint, far, settings.bounds, settings.executor))
    else:
        fetched = iter(run_all(fingerprint, far, settings.bounds) if far else ())
    for entry in entries:  # the far ones come back in the same order
        yield next(fetched) if isinstance(entry.path, Address) else next(fingerprints([entry]))


def _freeze(release: Release, freeze: Freeze, origins: Origins, tell: Tell) -> None:
    tell("pages", 0, 1)
    release.site.mkdir(exist_ok=True)
    store = open_store(release.store)
    try:
        freeze(store, release, release.site, origins)
    finally:
        store.close()
    tell("pages", 1, 1)


def _tell_history(chronicle: Chronicle, release: Release, place: Path, known: Sequence[Told]) -> None:
    """Write the history into the site of a release, staged or, where the same stands already, in its place."""
    store = open_store(release.store)
    try:
        chronicle(store, release, place / release.site.name if place.exists() else release.site, known)
    finally:
        store.close()


class _Watch:
    """Seconds since the start, lap by lap."""

    def __init__(self) -> None:
        self.started = time.time()
        self.laps: dict[str, float] = {}
        self._last = self._first = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name] = round(now - self._last, 3)
        self._last = now

    def total(self) -> float:
        return round(time.monotonic() - self._first, 3)


def _log(stage: Staging, release: Release, watch: _Watch, settings: Settings) -> None:
    content = {
        "release": release.id,
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(watch.started)),
        "host": platform.node(),
        "python": platform.python_version(),
        "jobs": settings.bounds.workers(),
        "seconds": {**watch.laps, "total": watch.total()},
    }
    draft = stage.scratch / "build.log.json"
    draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    draft.replace(stage.out / "build.log.json")


def _summary(release: Release, failed: tuple[Finding, ...], seconds: float) -> Summary:
    counts = release.info["counts"]
    return Summary(
        release,
        counts["documents"],
        failed,
        counts["statements"],
        counts["indicators"],
        counts["triples"],
        dict(counts["findings"]),
        seconds,
    )

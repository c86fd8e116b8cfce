"""The history of a folder of releases into its page and feed, asked for or written, and into why something is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fiscalkg.endpoint.pages import edition_of
from fiscalkg.endpoint.pages.history import PATHS, Told, history_page
from fiscalkg.endpoint.pages.markup import words
from fiscalkg.endpoint.pages.page import Page
from fiscalkg.endpoint.work import edition
from fiscalkg.loader.history import Entry, entries
from fiscalkg.loader.release import Release
from fiscalkg.loader.stores import Store

__all__ = ["Chapters", "changes_path", "chapters", "made", "told", "why_gone", "write_changes"]

MOST = 200  # releases told, newest first


@dataclass(frozen=True, slots=True)
class Chapters:
    """The page of changes as it travels to a worker: its path, and what it tells."""

    path: str
    told: tuple[Told, ...]


def changes_path(path: str) -> str:
    """Return the path of the page of changes that an address means, with or without its last part.

    >>> changes_path("en/changes/"), changes_path("changes/feed.atom")
    ('en/changes/index.html', 'changes/feed.atom')
    """
    return f"{path}index.html" if path.endswith("/") else path


def told(known: Sequence[Entry], address: Callable[[str], str | None], gone: Callable[[str], bool]) -> tuple[Told, ...]:
    """Return what is told of each release; ``address`` is the folder of its site, ``gone`` says that it is no more."""
    return tuple(
        Told(
            entry.release, entry.published, address(entry.release), gone(entry.release), entry.before is None,
            entry.counts, tuple(_withdrawn(entry)), tuple(entry.tables.items()),
        )
        for entry in known[:MOST]
    )  # fmt: skip


def chapters(directory: Path, path: str) -> Chapters:
    """Return the page of changes of a folder that is served: each release that is kept has its own address."""
    known = entries(directory)
    kept = {entry.release for entry in known[:MOST] if (directory / "releases" / entry.release).is_dir()}
    own = told(known, lambda name: f"v/{name}/" if name in kept else None, lambda name: name not in kept)
    return Chapters(path, own)


def made(asked: Chapters) -> Iterator[Page]:
    """Yield the page, in a worker; nothing where the path is none of the changes'."""
    if page := history_page(edition(), asked.path, asked.told):
        yield page


def write_changes(store: Store, release: Release, site: Path, known: Sequence[Entry]) -> None:
    """Write page and feed into a frozen site, which may be in use: there only the newest release is at hand."""
    newest = known[0].release if known else ""
    own = told(known, lambda name: "" if name == newest else None, lambda _: False)
    of = edition_of(store, release)
    for path in PATHS:
        page = history_page(of, path, own)
        file = site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}")
        draft.write_bytes(page.body if page else b"")
        draft.replace(file)


def _why(entry: Entry, path: str) -> tuple[str, str]:
    """Return why a table was withdrawn, in Chinese and in English: as stated, else by what became of its document."""
    reason: Mapping[str, str] = entry.reasons.get(path) or words()[f"changes-{entry.withdrawn[path]}"]
    return reason["zh"], reason["en"]


def _withdrawn(entry: Entry) -> Iterator[tuple[str, str, int]]:
    """Yield the reasons of withdrawn tables, in Chinese and in English, each with how many tables it is of."""
    for (zh, en), count in Counter(_why(entry, path) for path in entry.withdrawn).most_common():
        yield zh, en, count


def why_gone(directory: Path, path: str) -> str | None:
    """Return why a table, or a part of one, is no longer in the data, and since when; ``None`` where it never was.

    ``path`` is below the base, without an ending.
    """
    whole = "/".join(path.split("/")[:5])
    for entry in entries(directory):
        if whole in entry.withdrawn:
            had = f"; release {entry.before} had it" if entry.before else ""
            zh, en = _why(entry, whole)
            return f"withdrawn with release {entry.release}: {en} ({zh}){had}"
    return None

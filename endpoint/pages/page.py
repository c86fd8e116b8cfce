"""What every page function takes and gives: an edition of the data in, a page of bytes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from re import Pattern
from typing import Any, Literal

from markupsafe import Markup

from fiscalkg.loader.portal import Portal
from fiscalkg.loader.stores import Store

__all__ = ["LANGUAGES", "Edition", "Language", "Page", "Parameters", "Route"]

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """One file of the site: ``path`` relative to the site's root, without a leading slash."""

    path: str
    media_type: str
    body: bytes
    language: Language


@dataclass(frozen=True, slots=True)
class Edition:
    """One release as the pages see it.

    ``base`` is the base IRI of the data; ``folder`` the release on disk, absent when a page is made from a
    store alone; ``labels`` the zh and en labels of every concept and term; ``portal`` what the release's portal says
    of itself; with ``sections`` tables and projects are sections of pages by unit.

    An edition never changes, so it remembers: ``answered`` the rows of queries, ``recent`` those of the last few that
    few pages read, ``grouped`` rows by what one of their columns holds, ``choices`` what pages of a question can be
    narrowed to, ``nodes`` the properties of entities that were asked ahead, ``wholes`` what is drawn of all units for
    each question, ``tops`` the heads of pages, ``filled`` what fills their holes. With a ``key`` pages have holes.
    """

    store: Store
    base: str
    identifier: str
    folder: Path | None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    portal: Portal = field(default_factory=Portal)
    sections: bool = False
    answered: dict[str, list[dict[str, str]]] = field(default_factory=dict, compare=False)
    grouped: dict[tuple[str, str], dict[str, list[dict[str, str]]]] = field(default_factory=dict, compare=False)

    choices: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict, compare=False)

    nodes: dict[str, dict[str, list[str]]] = field(default_factory=dict, compare=False)

    recent: dict[str, list[dict[str, str]]] = field(default_factory=dict, compare=False)

    wholes: dict[str, object] = field(default_factory=dict, compare=False)

    tops: dict[tuple[str, Language, object], Markup] = field(default_factory=dict, compare=False)

    filled: dict[str, bytes] = field(default_factory=dict, compare=False)
    key: str = ""

    def forget(self) -> None:
        """Let go of all that is remembered, as before pages of other questions."""
        for known in (
            self.answered, self.recent, self.grouped, self.choices, self.nodes, self.wholes, self.tops, self.filled,
        ):  # fmt: skip
            known.clear()

    def path_of(self, iri: str, part: str = "") -> str:
        """Return the path of the page of an entity's IRI, or of a part of it, such as indicator-3, on that page.

        The IRI's own fragment is left out. The anchor of a section is the end of its IRI, which its parts begin with.
        """
        whole = iri.removeprefix(self.base).partition("#")[0]
        if self.sections and whole.startswith(("statement/", "project/")):
            page, _, anchor = whole.rpartition("/")
            return f"{page}.html#{anchor}" + (f"-{part}" if part else "")
        return f"{whole}.html" + (f"#{part}" if part else "")

    def sign(self, iri: str) -> str:
        """Return the sign of a comparator, such as ≥."""
        return self.signs.get(iri, "")

    def label(self, iri: str, language: Language) -> str:
        """Return a concept's label in the language asked for, else in Chinese, else the end of its IRI."""
        texts = self.labels.get(iri, {})
        return texts.get(language) or texts.get("zh") or iri.rstrip("/").rpartition("/")[2].rpartition("#")[2]


@dataclass(frozen=True, slots=True)
class Route:
    """A family of pages: which paths it answers, how a page is made, and all paths it has in an edition.

    ``pattern`` matches a path without the language prefix; its named groups are handed on as parameters.
    ``languages`` are those the family exists in: entity pages are Chinese with small English field names.
    """

    name: str
    pattern: Pattern[str]
    make: Callable[[Edition, str, Language, Parameters], Page | None]
    paths: Callable[[Edition], Iterator[str]]
    languages: tuple[Language, ...] = LANGUAGES

"""Page functions: an edition of the data and a path in, a page out. The app serves them, the freezer writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from fiscalkg.endpoint.pages import (
    by_unit,
    classes,
    codelists,
    entities,
    fixed,
    lost,
    quality,
    querying,
    questions,
    rulebook,
    search,
    serialised,
    sources,
    speed,
    tables,
    terms,
)
from fiscalkg.endpoint.pages.asking import base_of, labels_of, signs_of
from fiscalkg.endpoint.pages.by_unit import has_sections
from fiscalkg.endpoint.pages.markup import site_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.portal import portal_from_json
from fiscalkg.loader.release import Release
from fiscalkg.loader.stores import Store

__all__ = ["ROUTES", "Edition", "Page", "Parameters", "all_paths", "edition_of", "render"]

ROUTES: tuple[Route, ...] = (
    *fixed.ROUTES,
    questions.PAGE,
    questions.PICTURE,
    questions.EMBEDDED,
    questions.BUNDLE,
    tables.ROUTE,
    tables.QUALITY,
    classes.INDEX,
    classes.CLASS,
    querying.PAGE,
    querying.VOCABULARY,
    querying.PARTS,
    querying.BUNDLE,
    search.PAGE,
    search.INDEX,
    quality.INDEX,
    quality.RULE,
    entities.UNIT,
    entities.PROJECT,
    entities.STATEMENT,
    by_unit.STATEMENTS,
    by_unit.PROJECTS,
    by_unit.FORM,
    sources.ROUTE,
    speed.ROUTE,
    lost.ROUTE,
    terms.ROUTE,
    codelists.LISTS,
    codelists.LIST,
    rulebook.ROUTE,
    serialised.ROUTE,
)


def edition_of(store: Store, release: Release | None = None, sections: bool | None = None) -> Edition:
    """Return the edition that pages are made from: a store, and its release's folder where there is one.

    ``sections`` says whether tables are sections of pages by unit; ``None``: as the release's frozen site has them.
    """
    base = release.base if release else base_of(store)
    identifier, folder = (release.id, release.path) if release else ("", None)
    portal = portal_from_json(release.info.get("portal") if release else None)
    if sections is None:
        sections = release is not None and has_sections(release.site)
    return Edition(store, base, identifier, folder, labels_of(store), signs_of(store), portal, sections)


def render(edition: Edition, path: str, parameters: Parameters) -> Page | None:
    """Return the page at a path relative to the site's root, or ``None`` for no such page."""
    language: Language = "en" if path.startswith("en/") else "zh"
    own = path.removeprefix("en/")
    for route in ROUTES:
        found = route.pattern.fullmatch(own)
        if found and language in route.languages:
            return route.make(edition, path, language, {**parameters, **found.groupdict()})
    return None


def all_paths(edition: Edition) -> Iterator[str]:
    """Yield the path of every page, in both languages where it has both."""
    for route in ROUTES:
        for path in route.paths(edition):
            for language in get_args(Language):
                if language in route.languages:
                    yield site_path(path, language)

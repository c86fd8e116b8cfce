"""The search page and its index: any part of a name is found, in the browser or at the endpoint.

The page searches in the browser with ``assets/site.js`` and what stands beside it: a flat list, above ``FLAT`` tables
an index in shards. Where an endpoint serves the page, the same answer is made here, so that it needs no script.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from fiscalkg.endpoint.pages.asking import PREFIXES, remembered
from fiscalkg.endpoint.pages.folding import fold, folds_of
from fiscalkg.endpoint.pages.found import ORDER, Entry, entries_of
from fiscalkg.endpoint.pages.markup import html, twin_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.search_shards import index_in

__all__ = ["FLAT", "INDEX", "PAGE", "first_found", "in_shards", "search"]

FLAT = 5_000  # tables: a list of more is too long to be fetched whole
MOST_SHOWN = 50
LONGEST_QUERY = 200
COUNTED = PREFIXES + "SELECT (COUNT(?statement) AS ?tables) WHERE { ?statement a fp:Statement }"


def in_shards(edition: Edition) -> bool:
    """Say whether the index of an edition stands in shards, which ``freeze`` writes."""
    return int(remembered(edition, COUNTED)[0]["tables"]) > FLAT


def search(entries: Iterable[Entry], query: str) -> list[Entry]:
    """Return the entries whose title or note holds every word of a query, those with it early in the title first."""
    words = words_of(query)
    if not words:
        return []
    found = [
        (ORDER.index(entry.kind), (at := title.find(words[0])) < 0, at, entry)
        for entry in entries
        if all(word in (title := fold(entry.title)) or word in fold(entry.note) for word in words)
    ]
    return [entry for *_, entry in sorted(found, key=lambda one: one[:3])]


def words_of(query: str) -> list[str]:
    """Return the words of a query as they are compared."""
    return [folded for word in query[:LONGEST_QUERY].split() if (folded := fold(word))]


def first_found(edition: Edition, query: str) -> tuple[Sequence[Entry], int]:
    """Return the first results of a query and how many there are, from whichever index the release holds."""
    index = index_in(edition.folder / "site" / "search") if edition.folder else None
    if index is not None:
        words = words_of(query)
        return index.find(words, MOST_SHOWN) if words else ([], 0)
    found = search(entries_of(edition), query) if query else []
    return found[:MOST_SHOWN], len(found)


def page(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the search page, with the results of parameter ``q`` where an endpoint hands one on."""
    query = parameters.get("q", "")[:LONGEST_QUERY]
    found, count = first_found(edition, query) if query else ([], 0)
    return html(
        edition, path, language, "search.html", twin_path("search/index.html", language), query=query,
        found=found, count=count,
    )  # fmt: skip


def index(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return what the script searches: entries as rows, notes once each, and the characters that fold.

    ``None`` where the index stands in shards.
    """
    if in_shards(edition):
        return None
    entries = list(entries_of(edition))
    notes = sorted({entry.note for entry in entries})
    place = {note: at for at, note in enumerate(notes)}
    held = set("".join(entry.title + entry.note for entry in entries))
    rows = [[ORDER.index(entry.kind), entry.title, entry.path, place[entry.note]] for entry in entries]
    content = {"fold": folds_of(held), "notes": notes, "entries": rows}
    return Page(
        path, "application/json", json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), language
    )


def _page_paths(_: Edition) -> Iterator[str]:
    yield "search/index.html"


def _index_paths(edition: Edition) -> Iterator[str]:
    if not in_shards(edition):
        yield "search/index.json"


PAGE = Route("search", re.compile(r"search/index\.html"), page, _page_paths)
INDEX = Route("search index", re.compile(r"search/index\.json"), index, _index_paths, ("zh",))

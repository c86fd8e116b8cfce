"""Names of units, projects, indicators and questions into the search page and its index.

Substrings are found as people type them: without regard to width, case, blanks, and whether a character is simplified
or traditional. The page searches in the browser with ``assets/site.js`` and the index beside it; where an endpoint
serves it, the same answer is made here, so that it needs no script.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from opencc import OpenCC

from fiscalkg.endpoint.pages.asked import QUESTIONS
from fiscalkg.endpoint.pages.asking import PREFIXES, remembered
from fiscalkg.endpoint.pages.markup import html, site_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route

__all__ = ["INDEX", "PAGE", "Entry", "entries_of", "fold", "search"]

MOST_SHOWN = 50
LONGEST_QUERY = 200
HAN = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))
NAMES = f"""{PREFIXES}SELECT ?kind ?title ?note ?iri ?ordinal WHERE {{
  {{
    ?iri a fp:BudgetUnit ; rdfs:label ?title . BIND("unit" AS ?kind)
  }} UNION {{
    ?iri a fp:Statement ; rdfs:label ?title ; fp:unit/rdfs:label ?unit . BIND("statement" AS ?kind)
    OPTIONAL {{ ?iri fp:fiscalYear ?year }}
    BIND(CONCAT(?unit, " ", COALESCE(STR(?year), "")) AS ?note)
  }} UNION {{
    ?iri fp:indicator ?indicator ; rdfs:label ?note . ?indicator fp:name ?title ; fp:ordinal ?ordinal .
    BIND("indicator" AS ?kind)
  }}
}} ORDER BY DESC(?kind) ?title ?iri ?ordinal"""
ORDER = ("question", "unit", "statement", "indicator")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: ``path`` leads to it from the root of the site, ``note`` tells it from others."""

    kind: str
    title: str
    path: str
    note: str


@cache
def simplified() -> dict[int, int]:
    """Return the simplified character of each traditional one, by code point."""
    known = "\n".join(chr(code) for first, last in HAN for code in range(first, last + 1))
    pairs = zip(
        known.split("\n"), OpenCC("t2s").convert(known).split("\n"), strict=True
    )  # at once: a call each is slow
    return {ord(char): ord(other) for char, other in pairs if other != char and len(other) == 1}


def fold(text: str) -> str:
    """Return a text as it is compared: width, case, blanks and traditional characters make no difference.

    >>> fold("滿意度 ＡＢc"), fold("满意度abC")
    ('满意度abc', '满意度abc')
    """
    folded = unicodedata.normalize("NFKC", text).lower().translate(simplified())
    return re.sub(r"\s", "", folded)


def entries_of(edition: Edition) -> list[Entry]:
    """Return everything that can be found, questions and units first."""
    questions = (
        Entry("question", question.query.question(language), site_path(f"q/{question.name}.html", language), "")
        for question in QUESTIONS.values()
        for language in ("zh", "en")
    )  # fmt: skip
    found = (
        Entry(
            row["kind"], row["title"],
            edition.path_of(row["iri"]) + (f"#indicator-{row['ordinal']}" if "ordinal" in row else ""),
            row.get("note", "").strip(),
        )
        for row in remembered(edition, NAMES)
    )  # fmt: skip
    return sorted((*questions, *found), key=lambda entry: ORDER.index(entry.kind))


def search(entries: Iterable[Entry], query: str) -> list[Entry]:
    """Return the entries whose title or note holds every word of a query, those with it early in the title first."""
    words = [folded for word in query[:LONGEST_QUERY].split() if (folded := fold(word))]
    if not words:
        return []
    found = [
        (ORDER.index(entry.kind), at if (at := title.find(words[0])) >= 0 else len(title), entry)
        for entry in entries
        if all(word in (title := fold(entry.title)) or word in fold(entry.note) for word in words)
    ]
    return [entry for _, _, entry in sorted(found, key=lambda one: one[:2])]


def page(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the search page, with the results of parameter ``q`` where an endpoint hands one on."""
    query = parameters.get("q", "")[:LONGEST_QUERY]
    found = search(entries_of(edition), query) if query else []
    other: Language = "en" if language == "zh" else "zh"
    return html(
        edition, path, language, "search.html", site_path("search/index.html", other), query=query,
        found=found[:MOST_SHOWN], count=len(found),
    )  # fmt: skip


def index(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return what the script searches: entries as rows, notes once each, and the characters that fold."""
    entries = entries_of(edition)
    notes = sorted({entry.note for entry in entries})
    place = {note: at for at, note in enumerate(notes)}
    held = set("".join(entry.title + entry.note for entry in entries))
    targets = set(fold("".join(held)))
    folds = "".join(
        chr(char) + chr(other) for char, other in sorted(simplified().items()) if chr(other) in targets
    )  # fmt: skip
    rows = [[ORDER.index(entry.kind), entry.title, entry.path, place[entry.note]] for entry in entries]
    content = {"fold": folds, "notes": notes, "entries": rows}
    return Page(
        path, "application/json", json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), language
    )


def _page_paths(_: Edition) -> Iterator[str]:
    yield "search/index.html"


def _index_paths(_: Edition) -> Iterator[str]:
    yield "search/index.json"


PAGE = Route("search", re.compile(r"search/index\.html"), page, _page_paths)
INDEX = Route("search index", re.compile(r"search/index\.json"), index, _index_paths, ("zh",))

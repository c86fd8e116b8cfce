"""What is told of each release of a folder into the page of changes, in both languages, and an Atom feed.

These pages stand beside a release's own: they name the day of a build and what was before it, which a release, made of
its documents alone, does not know. The endpoint makes them when they are asked for; with a site they are written anew
at each publish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from fiscalkg.endpoint.pages.asking import PREFIXES, Row, ask
from fiscalkg.endpoint.pages.markup import html, twin_path, words
from fiscalkg.endpoint.pages.page import LANGUAGES, Edition, Language, Page
from fiscalkg.loader.change_report import KIND_WORDS, STATE_WORDS

__all__ = ["PATHS", "Told", "history_page"]

PAGE, FEED = "changes/index.html", "changes/feed.atom"
PATHS = (PAGE, f"en/{PAGE}", FEED)
FEW = 10  # releases, the newest, whose tables are named
MOST_NAMED = 30  # of a release
TABLE = re.compile(r"statement/[\w/.%-]+")
TITLES = """SELECT ?iri ?title ?unit WHERE {{
  VALUES ?iri {{ {iris} }}
  ?iri rdfs:label ?title ; fp:unit/rdfs:label ?unit
}}"""


@dataclass(frozen=True, slots=True)
class Told:
    """One release as the page tells of it: ``address`` is the folder of its site, ``None`` where that is not at hand.

    ``gone`` says that it is kept no more. ``counts`` are by kind and state; ``withdrawn`` how many tables went for each
    reason (zh, en); ``tables`` the paths below the base of those that came or changed, with their state.
    """

    release: str
    published: str
    address: str | None
    gone: bool
    first: bool
    counts: Mapping[str, Mapping[str, int]]
    withdrawn: Sequence[tuple[str, str, int]]
    tables: Sequence[tuple[str, str]]


def history_page(edition: Edition, path: str, told: Sequence[Told]) -> Page | None:
    """Return the page or the feed at one of ``PATHS``, the releases in the order given; else ``None``."""
    if path == FEED:
        return Page(path, "application/atom+xml; charset=utf-8", _feed(edition, told).encode(), "zh")
    if path not in PATHS:
        return None
    language: Language = "en" if path.startswith("en/") else "zh"
    titles = _titles(edition, told)
    shown = [
        {
            "told": one, "summary": _summary(one, language), "reasons": _reasons(one, language),
            "tables": list(_named(one, titles, language)) if at < FEW else [],
        }
        for at, one in enumerate(told)
    ]  # fmt: skip
    return html(edition, path, language, "changes.html", twin_path(PAGE, language), shown=shown, feed=FEED)


def _reasons(told: Told, language: Language) -> list[str]:
    """Return a line for each reason for which tables were withdrawn."""
    place, gone = 0 if language == "zh" else 1, words()["changes-withdrawn"][language]
    return [gone.format(count=reason[2], reason=reason[place]) for reason in told.withdrawn]


def _summary(told: Told, language: Language) -> str:
    if told.first:
        return words()["changes-first"][language]
    colon, comma, semicolon = ("：", "，", "；") if language == "zh" else (": ", ", ", "; ")
    parts = []
    for kind, names in KIND_WORDS.items():
        states = {state: told.counts.get(kind, {}).get(state, 0) for state in STATE_WORDS}
        own = [f"{STATE_WORDS[state][language]} {count}" for state, count in states.items() if count]
        parts += [names[language] + colon + comma.join(own)] if own else []
    return semicolon.join(parts) or words()["changes-none"][language]


def _titles(edition: Edition, told: Sequence[Told]) -> Mapping[str, Row]:
    """Return title and unit of the tables that are named, as the release at hand prints them, by path."""
    paths = {path for one in told[:FEW] for path, _ in one.tables[:MOST_NAMED] if TABLE.fullmatch(path)}
    if not paths:
        return {}
    text = PREFIXES + TITLES.format(iris=" ".join(f"<{edition.base}{path}>" for path in sorted(paths)))
    return {row["iri"].removeprefix(edition.base): row for row in ask(edition.store, text)}


def _named(told: Told, titles: Mapping[str, Row], language: Language) -> Iterator[Mapping[str, str]]:
    """Yield the tables of a release that are still in the data: what a later one withdrew is not named again."""
    for path, state in told.tables[:MOST_NAMED]:
        if path in titles:
            said = next((names[language] for key, names in STATE_WORDS.items() if key == state), state)
            yield {**titles[path], "state": said}


def _feed(edition: Edition, told: Sequence[Told]) -> str:
    portal, own = edition.portal, f"{edition.base}release/"
    author = portal.publisher or portal.name
    updated = told[0].published if told else "1970-01-01T00:00:00Z"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-Hans">\n'
        f"<id>{escape(own)}</id><title>{escape(portal.name['zh'])}</title>\n"
        f"<updated>{updated}</updated><author><name>{escape(author['zh'])}</name></author>\n"
        '<link rel="self" type="application/atom+xml" href="feed.atom"/><link rel="alternate" href="./"/>\n'
        f"{''.join(_items(told, own))}</feed>\n"
    )


def _items(told: Sequence[Told], own: str) -> Iterator[str]:
    for one in told:
        zh, en = ([_summary(one, each), *_reasons(one, each)] for each in LANGUAGES)
        text = " / ".join(("；".join(zh), "; ".join(en)))
        name = escape(one.release)
        yield (
            f"<entry><id>{escape(own)}{name}</id><title>{name}</title><updated>{escape(one.published)}</updated>"
            f'<link href="./#{name}"/><summary>{escape(text)}</summary></entry>\n'
        )

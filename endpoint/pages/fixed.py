"""The pages every site has once: home, units, downloads, about, llms.txt, and the style sheets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fiscalkg.endpoint.canned_queries import canned_queries, canned_query
from fiscalkg.endpoint.pages.asked import QUESTIONS
from fiscalkg.endpoint.pages.asking import ask
from fiscalkg.endpoint.pages.downloads import offered, slices_of, triples_of
from fiscalkg.endpoint.pages.marks import wan
from fiscalkg.endpoint.pages.markup import SITE, html, plain, twin_path, words
from fiscalkg.endpoint.pages.page import LANGUAGES, Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.questions import answer_of
from fiscalkg.endpoint.pages.schema import data_block, of_site
from fiscalkg.endpoint.pages.shown import inferred_years
from fiscalkg.loader.described import about_file

__all__ = ["ROUTES"]

Make = Callable[[Edition, str, Language, Parameters], Page | None]


def home(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the first page: what the release holds, and each question with its answer."""
    questions = [_asked(edition, name, language) for name in QUESTIONS]
    (total,) = ask(edition.store, canned_query("totals").text)
    twin = twin_path("index.html", language)
    about = words()["home-answer"][language].format(**total)
    data = of_site(edition, edition.portal.name[language], about, offered(edition.folder))
    return html(
        edition, path, language, "home.html", twin, total=total, questions=questions, data=data_block(data),
        query=canned_query("totals").text,
    )  # fmt: skip


def _asked(edition: Edition, name: str, language: Language) -> dict[str, object]:
    answer = answer_of(edition, name, language)
    drawn = answer.tables[0] if answer.tables and answer.tables[0].total else None
    return {
        "name": name, "question": canned_query(name).question(language), "answer": answer.sentence, "table": drawn,
    }  # fmt: skip


def units(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the list of units by their budget of the year."""
    query = canned_query("budgets")
    found = [{**row, "budget": wan(row["budget"])} for row in ask(edition.store, query.text)]
    return html(
        edition, path, language, "units.html", twin_path("units/index.html", language), units=found, query=query,
        inferred=inferred_years(edition),
    )  # fmt: skip


def downloads(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return what can be downloaded and which to take, how to verify and open it, with sizes and checksums."""
    (total,) = ask(edition.store, canned_query("totals").text)
    slices = slices_of(edition.folder)
    named = [each for each in slices if each.name.startswith("units/")] or slices
    return html(
        edition, path, language, "downloads.html", twin_path("downloads/index.html", language), total=total,
        files=offered(edition.folder), slices=slices, about=lambda name: about_file(name)[language],
        triples=triples_of(edition.folder), sample=named[0].turtle if named else "dumps/fiscalkg.ttl.gz",
    )  # fmt: skip


def checksums(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the checksums of the offered files as ``sha256sum -c`` reads them at the site's root."""
    lines = (f"{file.sha256}  {file.path}\n" for file in offered(edition.folder))
    return Page(path, "text/plain; charset=utf-8", "".join(lines).encode(), language)


def about(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return what the site is, how it reads and checks, and what it cannot tell."""
    text = (SITE / "pages" / f"about.{language}.html").read_text(encoding="utf-8")
    return html(edition, path, language, "about.html", twin_path("about/index.html", language), text=text)


def assistants(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return ``llms.txt``: what assistants find here, in Markdown, and how they cite it."""
    (total,) = ask(edition.store, canned_query("totals").text)
    text = plain(
        "llms.txt", edition=edition, total=total, questions=[canned_query(name) for name in QUESTIONS],
        queries=[query for query in canned_queries() if query.name not in QUESTIONS],
    )  # fmt: skip
    return Page(path, "text/plain; charset=utf-8", text.encode(), language)


def style(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return a style sheet: that of every page, or that of the query page alone."""
    return Page(path, "text/css; charset=utf-8", (SITE / path).read_bytes(), language)


def script(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the script of the search page: no other page but the query page has one."""
    return Page(path, "text/javascript; charset=utf-8", (SITE / "assets" / "site.js").read_bytes(), language)


def _single(name: str, path: str, make: Make, languages: tuple[Language, ...] = LANGUAGES) -> Route:
    def paths(_: Edition) -> Iterator[str]:
        yield path

    return Route(name, re.compile(re.escape(path)), make, paths, languages)


ROUTES = (
    _single("home", "index.html", home),
    _single("units", "units/index.html", units),
    _single("downloads", "downloads/index.html", downloads),
    _single("checksums", "downloads/SHA256SUMS", checksums, ("zh",)),
    _single("about", "about/index.html", about),
    _single("assistants", "llms.txt", assistants, ("zh",)),
    _single("style", "assets/site.css", style, ("zh",)),
    _single("query style", "assets/sparql.css", style, ("zh",)),
    _single("script", "assets/site.js", script, ("zh",)),
)

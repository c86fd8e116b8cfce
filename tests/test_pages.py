"""The site: live pages are the frozen ones, links and anchors resolve, and figures are what their query says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from lxml import html

from fiscalkg.endpoint.canned_queries import canned_queries
from fiscalkg.endpoint.pages import all_paths, render
from fiscalkg.endpoint.pages.asked import QUESTIONS
from fiscalkg.endpoint.pages.downloads import offered
from fiscalkg.endpoint.pages.history import PATHS
from fiscalkg.endpoint.pages.markup import words
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.loader.dumps import sha256_of
from fiscalkg.loader.portal import DEFAULT

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Reader(HTMLParser):
    """Collects addresses and ids, and holds that every element is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.links += [value for key in ("href", "src", "action") if (value := values.get(key))]
        self.ids += [value] if (value := values.get("id")) else []
        self.inline += [key for key in values if key == "style" or key.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_live_pages_are_the_frozen_ones(edition: Edition, site: Path) -> None:
    """What a page function makes now is byte for byte the file of the release; beside pages stand the downloads."""
    paths = set(all_paths(edition))
    files = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}
    slices = {path for path in files if path.startswith("dumps/slices/") and path.endswith(".gz")}
    assert files - slices == {*paths, *PATHS} | {offer.path for offer in offered(edition.folder)}
    assert slices
    for path in sorted(paths):
        page = render(edition, path, {})
        assert page is not None
        assert page.body == (site / path).read_bytes(), path


def test_downloads_are_whole_on_any_host(site: Path) -> None:
    """Below the site's root stands each file with the checksum that its list gives, and with the size on the page."""
    lines = (site / "downloads" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    text = (site / "downloads" / "index.html").read_text(encoding="utf-8")
    assert len(lines) > 10
    for line in lines:
        digest, _, name = line.partition("  ")
        assert sha256_of(site / name) == digest
        assert digest in text
        assert f'href="../{name}"' in text


def test_every_link_and_anchor_resolves(site: Path) -> None:
    """Each address leads to a file, to what the endpoint answers, or to the licence; each fragment to an id on it."""
    pages = {file: parsed(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}
    assert len(pages) > 300
    for file, reader in pages.items():
        assert len(reader.ids) == len(set(reader.ids)), file
        for address in reader.links:
            if address.startswith("data:") or address == DEFAULT.licence.address:
                continue
            if file == site / "404.html":  # shown at any address, so its own begin at the root
                assert re.match("/[^/]|/$", address), address
                address = address.removeprefix("/")
            assert not re.match(r"[a-z]+:|/", address), (file, address)
            path, _, fragment = address.partition("#")
            target = (file.parent / unquote(path.partition("?")[0])).resolve() if path else file
            if target == site / "sparql" or target.parent == site / "queries":
                continue  # answered by the endpoint
            if target.suffix in {".ttl", ".nt", ".jsonld", ".rdf"}:
                continue  # answered by the endpoint
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), (file, address)
            if fragment:
                assert fragment in pages[target].ids, (file, address)


def test_nothing_inline_and_small_pages(site: Path) -> None:
    """No style or code stands in a page; question pages are within 60 kB, style sheet and script within 10 kB."""
    for file in sorted(site.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        assert parsed(text).inline == []
        scripts = re.findall(r"<script[^>]*>", text)
        data = ('type="application/ld+json"', 'type="application/json"')  # which no browser runs
        assert all("src=" in script or any(kind in script for kind in data) for script in scripts), file
        if "/q/" in file.as_posix():
            assert len(text.encode()) <= 60 * 1024, file
    for name in ("site.css", "site.js"):
        assert len((site / "assets" / name).read_bytes()) <= 10 * 1024


def test_every_text_is_there_in_both_languages() -> None:
    """Each text of the site exists in Chinese and English with the same blanks to fill in."""
    for name, texts in words().items():
        assert set(texts) == {"zh", "en"}, name
        assert set(re.findall(r"\{\w+\}", texts["zh"])) == set(re.findall(r"\{\w+\}", texts["en"])), name


def test_assistants_are_told_what_there_is(site: Path, edition: Edition) -> None:
    """llms.txt is Markdown with a title and a summary, names release and questions; its links lead to files."""
    text = (site / "llms.txt").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.splitlines()[2].startswith("> 134 ")
    assert f"Release {edition.identifier}" in text
    assert all(query.question_zh in text for query in canned_queries() if query.name in QUESTIONS)
    assert all(f"(`{query.name}`)" in text for query in canned_queries() if query.name not in QUESTIONS)
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) > 30
    assert [address for address in links if address != DEFAULT.licence.address and not (site / address).is_file()] == []


def test_hostile_paths_have_no_page(edition: Edition) -> None:
    """A path no page family lists gives no page, whatever it looks like."""
    for path in (
        "",
        "q/nothing.html",
        "unit/1/2.html",
        "../release.json",
        "en/unit/120000/301101.html",
        "source/x.html",
    ):
        assert render(edition, path, {}) is None, path


def test_home_begins_with_three_figures_and_answers_eight_questions(site: Path) -> None:
    """Units, tables and indicators, each a link; then each question with its answer."""
    for language in ("", "en/"):
        page = html.document_fromstring((site / f"{language}index.html").read_bytes())
        figures = page.xpath("//dl[@class='figures']//dd/a")
        assert [each.text for each in figures] == ["28", "134", "1103"]
        questions = page.xpath("//h3[a[starts-with(@href, 'q/')]]")
        assert len(questions) == 8
        assert all(each.xpath("string(following-sibling::p[1])").strip() for each in questions)

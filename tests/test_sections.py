"""Above the cap of files tables are sections of pages by unit: whatever holds for pages holds for these."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import ROOT, fiscalkg
from lxml import html
from playwright.sync_api import Browser
from servers import Server, serving
from test_accessibility import AXE, RUN
from test_browser import hosted
from test_linked_data import minted, test_a_part_of_a_statement_leads_to_its_row, test_every_minted_iri_dereferences
from test_pages import (
    test_every_link_and_anchor_resolves,
    test_nothing_inline_and_small_pages,
)
from test_walk import ask, test_a_hundred_numbers_lead_to_their_line

from fiscalkg.endpoint.pages import all_paths, edition_of, render
from fiscalkg.endpoint.pages.history import PATHS
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.settings import Settings
from fiscalkg.loader.release import open_release
from fiscalkg.loader.stores.embedded import open_store

# Held for this form too: by the fixtures below, of which all but ``published`` are as everywhere.
__all__ = [
    "ask", "minted", "test_a_hundred_numbers_lead_to_their_line", "test_a_part_of_a_statement_leads_to_its_row",
    "test_every_link_and_anchor_resolves", "test_every_minted_iri_dereferences",
    "test_nothing_inline_and_small_pages",
]  # fmt: skip
PAGES = ("statement/*/*/*.html", "project/*/*.html")


@pytest.fixture(scope="module")
def whole(published: Path) -> Path:
    """The site in which every table has a page."""
    return (published / "site").resolve()


@pytest.fixture(scope="module")
def sectioned(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples published by a portal that may have 500 files."""
    out = tmp_path_factory.mktemp("sections") / "out"
    out.mkdir()
    (out / "portal.toml").write_text("most_files = 500\n", encoding="utf-8")
    shutil.copytree(published / "cache", out / "cache")  # read already
    done = fiscalkg("publish", ROOT / "examples", "--out", out)
    assert (out / "current").exists(), done.stderr
    return out


@pytest.fixture(scope="module")
def site(sectioned: Path) -> Path:
    return (sectioned / "site").resolve()


@pytest.fixture(scope="module")
def edition(sectioned: Path) -> Edition:
    release = open_release(sectioned)
    return edition_of(open_store(release.store), release)


@pytest.fixture(scope="module")
def server(sectioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(Settings(sectioned), tmp_path_factory.mktemp("server") / "log") as server:
        yield server


def test_live_sections_are_the_frozen_ones(edition: Edition, site: Path) -> None:
    """Each path of the edition has its file, and what page functions make of units, tables, projects is in it."""
    paths = set(all_paths(edition))
    files = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}
    assert paths <= files
    assert not {file for file in files - paths - {*PATHS} if file.endswith(".html")}
    for path in sorted(path for path in paths if path.startswith(("statement/", "project/", "unit/"))):
        page = render(edition, path, {})
        assert page is not None
        assert page.body == (site / path).read_bytes(), path


def test_each_table_is_a_section_that_tells_the_same(site: Path, whole: Path) -> None:
    """The section of a table, at the end of its IRI, holds every row that its page would hold, with the same links."""
    tables = sorted(whole.glob("statement/*/*/*/*.html"))
    assert len(tables) > 100
    assert json.loads((site / "site.json").read_text(encoding="utf-8")) == {"tables": "sections"}
    assert not list(site.glob("statement/*/*/*/*.html"))
    for table in tables:
        page = html.document_fromstring((site / f"{table.parent.relative_to(whole)}.html").read_bytes())
        (section,) = page.xpath("//section[@id=$id]", id=table.stem)
        own = html.document_fromstring(table.read_bytes())
        rows = [[cell.text_content() for cell in row] for row in own.xpath("//main//tbody/tr")]
        assert [[cell.text_content() for cell in row] for row in section.xpath(".//tbody/tr")] == rows
        assert len(section.xpath(".//a[contains(@href, 'source/')]")) == len(
            own.xpath("//main//a[contains(@href, 'source/')]")
        )
        finds = "//div[contains(@class, 'finding')]/p"
        assert [each.text_content() for each in section.xpath(f".{finds}")] == [
            each.text_content() for each in own.xpath(finds)
        ]


def test_each_project_is_a_section(site: Path, whole: Path) -> None:
    """The page of a unit's projects has each at the end of its IRI, with its tables."""
    projects = sorted(whole.glob("project/*/*/*.html"))
    assert len(projects) > 100
    for project in projects:
        page = html.document_fromstring((site / f"{project.parent.relative_to(whole)}.html").read_bytes())
        (section,) = page.xpath("//tbody[@id=$id]", id=project.stem)
        own = html.document_fromstring(project.read_bytes())
        rows = [[cell.text_content() for cell in row] for row in own.xpath("//main//tbody/tr")]
        assert [[cell.text_content() for cell in row] for row in section.xpath("./tr[td]")] == rows


def test_few_files_are_left(site: Path, whole: Path) -> None:
    """There is no file for each table and project any more."""
    assert len(list(site.rglob("*.html"))) < len(list(whole.rglob("*.html"))) - 200


def test_an_address_of_a_table_leads_to_its_section(server: Server, whole: Path) -> None:
    """With its ending, without, and as an IRI: 303 to the section; what is no table is 404."""
    table = min(whole.glob("statement/*/*/*/*.html")).relative_to(whole).with_suffix("").as_posix()
    page, _, anchor = table.rpartition("/")
    for path in (table, f"{table}.html", f"id/{table}"):
        sent = httpx.get(f"{server.address}/{path}", headers={"Accept": "text/html"})
        assert (sent.status_code, sent.headers.get("location")) == (303, f"/{page}.html#{anchor}"), path
    assert f'id="{anchor}"' in httpx.get(f"{server.address}/{page}.html").text
    assert httpx.get(f"{server.address}/{table}.ttl").headers["content-type"].startswith("text/turtle")
    for path in (f"{page}/none", f"{page}/none.html", f"{table}/indicator/999", f"{page}/none/indicator/1"):
        assert httpx.get(f"{server.address}/{path}", headers={"Accept": "text/html"}).status_code == 404, path


@pytest.mark.needs("chromium", "libatomic.so.1")
def test_axe_finds_nothing_on_sections(browser: Browser, site: Path) -> None:
    """No violation, wide and light, narrow and dark, without a request elsewhere and no wider than the screen."""
    paths = [sorted(site.glob(kind), key=lambda page: page.stat().st_size)[3].relative_to(site) for kind in PAGES]
    with hosted(site) as address:
        for scheme, width in (("light", 1180), ("dark", 390)):
            context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
            page = context.new_page()
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            for path in paths:
                page.goto(f"{address}{path.as_posix()}")
                page.add_script_tag(path=AXE)
                assert page.evaluate(RUN) == [], path
                assert page.evaluate("document.documentElement.scrollWidth") <= width
            context.close()

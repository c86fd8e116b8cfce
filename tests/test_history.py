"""Older releases, what changed between them, and what was withdrawn: served under addresses that last."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import fiscalkg
from servers import Server, serving

from fiscalkg.endpoint.settings import Settings
from fiscalkg.loader.history import entries
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores import rows
from fiscalkg.loader.stores.embedded import open_store

EXAMPLES = Path(__file__).parent.parent / "examples"
GOES, STAYS = "000_a0eefc0601dc6091.txt", "001_6faa1905088193ec.txt"
ATOM = "{http://www.w3.org/2005/Atom}"
TABLES = """PREFIX fp: <https://w3id.org/fiscalkg/ontology#> SELECT ?s ?file WHERE {
    ?s a fp:Statement ; fp:sourceDocument/fp:fileName ?file } ORDER BY ?s"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two releases: the second lacks a document of the first, and a table of the other is renamed."""
    home = tmp_path_factory.mktemp("history")
    (home / "in").mkdir()
    for name in (GOES, STAYS):
        shutil.copy(EXAMPLES / name, home / "in")
    assert fiscalkg("publish", home / "in", "--out", home / "out").returncode == 0
    (home / "in" / GOES).unlink()
    text = (home / "in" / STAYS).read_text(encoding="utf-8")
    changed = text.replace("2025冬季达沃斯年会项目", "2025冬季达沃斯会议项目")
    (home / "in" / STAYS).write_text(changed, encoding="utf-8")
    assert fiscalkg("publish", home / "in", "--out", home / "out").returncode == 0
    return home / "out"


@pytest.fixture(scope="module")
def releases(out: Path) -> tuple[Release, Release]:
    new = open_release(out)
    (old,) = [path for path in (out / "releases").glob("[!.]*") if path != new.path]
    return open_release(old), new


@pytest.fixture(scope="module")
def site(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(Settings(out), tmp_path_factory.mktemp("history-log") / "log") as server:
        yield server


def tables(release: Release) -> dict[str, str]:
    """The path below the base of each table, with the file it stands in."""
    found = rows(open_store(release.store), TABLES)
    return {row["s"].value.removeprefix(release.base): row["file"].value for row in found}


def test_the_history_counts_and_names_what_went(out: Path, releases: tuple[Release, Release]) -> None:
    """Two entries, newest first; what went is named by its path alone, with the reason: document gone, or table."""
    newest, first = entries(out)
    assert (first.release, first.before, first.counts) == (releases[0].path.name, None, {})
    assert (newest.release, newest.before) == (releases[1].path.name, releases[0].path.name)
    old, new = tables(releases[0]), tables(releases[1])
    gone = {path: "document" if file == GOES else "table" for path, file in old.items() if path not in new}
    assert newest.withdrawn == gone
    assert set(gone.values()) == {"document", "table"}
    assert newest.counts["statement"]["removed"] == len(gone)
    assert newest.counts["document"] == {"added": 0, "removed": 1, "changed": 1, "moved": 0}


def test_a_withdrawn_table_is_410_with_the_reason(site: Server, releases: tuple[Release, Release]) -> None:
    """Its IRI, its page, its descriptions and its parts say why it went; what never was is 404."""
    old, new = tables(releases[0]), tables(releases[1])
    for path, file in old.items():
        if path in new:
            continue
        why = "no longer among those published" if file == GOES else "has it no longer"
        for address in (f"/id/{path}", f"/{path}.html", f"/{path}.ttl", f"/id/{path}/indicator/1"):
            answer = httpx.get(site.address + address)
            assert (answer.status_code, why in answer.text) == (410, True), (address, answer.text)
    assert httpx.get(f"{site.address}/id/{next(iter(new))}").status_code == 303
    assert httpx.get(f"{site.address}/id/statement/120000/2025/301101/000000000000").status_code == 404


def test_older_releases_stay_under_their_address(site: Server, releases: tuple[Release, Release]) -> None:
    """/v/<release>/ is the site of that release with its files; latest leads to the current one."""
    old = releases[0]
    path = next(path for path, file in tables(old).items() if file == GOES)
    page = httpx.get(f"{site.address}/v/{old.id}/{path}.html")
    assert (page.status_code, page.content) == (200, (old.site / f"{path}.html").read_bytes())
    sums = httpx.get(f"{site.address}/v/{old.id}/dumps/fiscalkg.nt.gz")
    assert sums.content == (old.path / "dumps" / "fiscalkg.nt.gz").read_bytes()
    assert old.id in httpx.get(f"{site.address}/v/{old.id}", follow_redirects=True).text
    latest = httpx.get(f"{site.address}/v/latest/downloads/")
    assert (latest.status_code, latest.headers["location"]) == (302, f"/v/{releases[1].id}/downloads/")
    assert httpx.get(f"{site.address}/v/0.0.0-00000000/").status_code == 410
    assert httpx.get(f"{site.address}/v/..%2f..%2fetc/").status_code in {400, 404, 410}


def test_the_iri_of_a_release_leads_to_its_files(site: Server, releases: tuple[Release, Release]) -> None:
    """What the catalogue calls a release, and a file of it, is reached by its IRI."""
    for release in releases:
        landed = httpx.get(f"{site.address}/id/release/{release.id}", follow_redirects=True)
        assert (landed.status_code, release.id in landed.text) == (200, True)
        file = httpx.get(f"{site.address}/id/release/{release.id}/tables/amounts.csv", follow_redirects=True)
        assert file.content == (release.path / "tables" / "amounts.csv").read_bytes()


def test_the_changelog_is_a_page_and_a_feed(site: Server, releases: tuple[Release, Release]) -> None:
    """Both name both releases, newest first, and what changed in both languages; the page leads to each."""
    page = httpx.get(f"{site.address}/changes/")
    assert page.headers["content-type"].startswith("text/html")
    assert page.text.index(f'id="{releases[1].id}"') < page.text.index(f'id="{releases[0].id}"')
    assert "文件：删除 1，改变 1" in page.text
    assert "documents: removed 1, changed 1" in page.text
    for release in releases:
        assert httpx.get(f"{site.address}/changes/../v/{release.id}/").status_code == 200
    feed = httpx.get(f"{site.address}/changes/feed.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(feed.text)
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == [releases[1].id, releases[0].id]
    for needed in ("id", "title", "updated"):
        assert all(entry.findtext(f"{ATOM}{needed}") for entry in (root, *root.iter(f"{ATOM}entry")))
    assert httpx.get(f"{site.address}/changes/other").status_code == 404


def test_a_damaged_entry_is_passed_over(out: Path, tmp_path: Path) -> None:
    """What is no entry costs only itself."""
    copy = tmp_path / "changes"
    shutil.copytree(out / "changes", copy)
    (copy / "broken.json").write_text("{", encoding="utf-8")
    (copy / "strange.json").write_text("[]", encoding="utf-8")
    assert entries(tmp_path) == entries(out)

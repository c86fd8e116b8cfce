"""Older releases, what changed between them, and what was withdrawn: served under addresses that last."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import httpx
import pytest
from conftest import fiscalkg
from lxml import html
from servers import Server, serving

from fiscalkg.endpoint.changelog import told, why_gone
from fiscalkg.endpoint.pages.history import history_page
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.settings import Settings
from fiscalkg.loader.described import describe_release
from fiscalkg.loader.errors import PortalError
from fiscalkg.loader.history import entries
from fiscalkg.loader.portal import Texts
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores import rows
from fiscalkg.loader.stores.embedded import open_store
from fiscalkg.loader.withdrawals import Withdrawal, read_withdrawals, reason_of

EXAMPLES = Path(__file__).parent.parent / "examples"
GOES, STAYS = "000_a0eefc0601dc6091.txt", "001_6faa1905088193ec.txt"
ATOM = "{http://www.w3.org/2005/Atom}"
TABLES = """PREFIX fp: <https://w3id.org/fiscalkg/ontology#> SELECT ?s ?file WHERE {
    ?s a fp:Statement ; fp:sourceDocument/fp:fileName ?file } ORDER BY ?s"""


STATED = f"""[[withdrawn]]
document = "{GOES}"
reason = {{ zh = "单位撤回，另行公开", en = "taken back by the unit, to be published anew" }}
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two releases: the second lacks a document of the first, and a table of the other is renamed."""
    home = tmp_path_factory.mktemp("history")
    (home / "in").mkdir()
    for name in (GOES, STAYS):
        shutil.copy(EXAMPLES / name, home / "in")
    assert fiscalkg("publish", home / "in", "--out", home / "out").returncode == 0
    (home / "in" / GOES).unlink()
    (home / "out" / "withdrawals.toml").write_text(STATED, encoding="utf-8")
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
    assert set(newest.reasons) == {path for path, reason in gone.items() if reason == "document"}
    assert newest.counts["statement"]["removed"] == len(gone)
    assert newest.counts["document"] == {"added": 0, "removed": 1, "changed": 1, "moved": 0}


def test_a_withdrawn_table_is_410_with_the_reason(site: Server, releases: tuple[Release, Release]) -> None:
    """Its IRI, its page, its descriptions and its parts say why it went; what never was is 404."""
    old, new = tables(releases[0]), tables(releases[1])
    for path, file in old.items():
        if path in new:
            continue
        why = "taken back by the unit, to be published anew (单位撤回" if file == GOES else "has it no longer"
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
        known = describe_release(release)
        for address, of in ((known.landing_page, release), (known.homepage, releases[1])):
            path = "/id/" + address.removeprefix(release.base)
            assert of.id in httpx.get(f"{site.address}{path}", follow_redirects=True).text


def test_the_changelog_is_a_page_and_a_feed(site: Server, releases: tuple[Release, Release], out: Path) -> None:
    """Both name both releases, newest first, what changed and why tables went; the page leads to each release."""
    page, english = (httpx.get(f"{site.address}/{language}changes/") for language in ("", "en/"))
    for each in (page, english):
        assert each.headers["content-type"].startswith("text/html")
        assert each.text.index(f'id="{releases[1].id}"') < each.text.index(f'id="{releases[0].id}"')
    assert "文件：删除 1，改变 1" in page.text
    assert "documents: removed 1, changed 1" in english.text
    assert "张目标表：单位撤回，另行公开" in page.text
    assert "tables withdrawn: taken back by the unit" in english.text
    for release in releases:
        assert httpx.get(f"{site.address}/changes/../v/{release.id}/").status_code == 200
    feed = httpx.get(f"{site.address}/changes/feed.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(feed.text)
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == [releases[1].id, releases[0].id]
    told = root.findall(f"{ATOM}entry")[0].findtext(f"{ATOM}summary") or ""
    for reason in ("单位撤回，另行公开", "taken back by the unit", "来源文件中已没有这张表", "has it no longer"):
        assert (reason in page.text + english.text, reason in told) == (True, True), reason
    gone = entries(out)[0].withdrawn
    counted = Counter(gone.values())
    assert f"撤下 {counted['table']} 张目标表：来源文件中已没有" in told
    assert f"{counted['document']} tables withdrawn: taken back by the unit" in told
    for needed in ("id", "title", "updated"):
        assert all(entry.findtext(f"{ATOM}{needed}") for entry in (root, *root.iter(f"{ATOM}entry")))
    assert httpx.get(f"{site.address}/changes/other").status_code == 404


def resolved(file: Path, site: Path) -> list[str]:
    """The addresses on a frozen page that stay in the site, each of which must lead to a file of it, and its anchor."""
    found = [link.get("href") for link in html.fromstring(file.read_bytes()).xpath("//*[@href]")]
    own = [address for address in found if not re.match("[a-z]+:", address)]
    for address in own:
        path, _, anchor = address.partition("#")
        target = (file.parent / path).resolve() if path else file
        target = target / "index.html" if target.is_dir() else target
        assert target.is_relative_to(site), address
        assert target.is_file(), address
        assert not anchor or f'id="{anchor}"' in target.read_text(encoding="utf-8"), address
    return own


def test_files_alone_tell_what_changed(site: Server, releases: tuple[Release, Release], out: Path) -> None:
    """DIR/site holds page and feed, which name the tables that came and lead to them; every link is one of a file.

    They are what the endpoint answers, besides the addresses of releases, which files alone do not have.
    """
    frozen, new = (out / "site").resolve(), releases[1]
    renamed = [path for path in tables(new) if path not in tables(releases[0])]
    assert len(renamed) == 1
    for name in ("changes/index.html", "en/changes/index.html"):
        text = (frozen / name).read_text(encoding="utf-8")
        links = resolved(frozen / name, frozen)
        assert any(link.endswith(f"{renamed[0]}.html") for link in links)
        assert "2025冬季达沃斯会议项目" in text
        live = httpx.get(f"{site.address}/{name}").text
        language = name.removesuffix("changes/index.html")
        root = "../../" if language else "../"
        linked = f'<a href="{root}v/{releases[0].id}/{language}">{releases[0].id}</a>'
        assert linked in live
        assert live.replace(linked, releases[0].id).replace(f"{root}v/{new.id}/{language}", "../") == text
    feed = (frozen / "changes" / "feed.atom").read_bytes()
    assert feed == httpx.get(f"{site.address}/changes/feed.atom").content
    for link in ElementTree.fromstring(feed.decode()).iter(f"{ATOM}link"):
        path, _, anchor = link.attrib["href"].partition("#")
        target = frozen / "changes" / path
        target = target / "index.html" if target.is_dir() else target
        assert not anchor or f'id="{anchor}"' in target.read_text(encoding="utf-8")
        assert target.is_file()
    first = (releases[0].site / "changes" / "index.html").read_text(encoding="utf-8")
    assert "第一个版本" in first
    assert new.id not in first


def test_a_release_has_the_bytes_of_one_from_nothing(
    out: Path, releases: tuple[Release, Release], tmp_path: Path
) -> None:
    """What was before it is told beside its files: their checksums are those of a build that nothing was before."""
    assert fiscalkg("publish", out.parent / "in", "--out", tmp_path).returncode == 0
    fresh = open_release(tmp_path)
    assert (fresh.path / "SHA256SUMS").read_bytes() == (releases[1].path / "SHA256SUMS").read_bytes()
    pages = [(release.site / "changes" / "index.html").read_bytes() for release in (fresh, releases[1])]
    assert pages[0] != pages[1]


def test_publishing_the_same_again_mends_the_history(out: Path, tmp_path: Path) -> None:
    """A page of changes that was lost is written again, with no entry more; an older address leads to the newest."""
    copy = tmp_path / "out"
    shutil.copytree(out, copy, symlinks=True)
    page = (copy / "site").resolve() / "changes" / "index.html"
    before, known = page.read_bytes(), entries(copy)
    page.unlink()
    assert fiscalkg("publish", out.parent / "in", "--out", copy).returncode == 0
    assert page.read_bytes() == before
    assert entries(copy) == known


def test_an_older_release_leads_to_the_whole_history(site: Server, releases: tuple[Release, Release]) -> None:
    """What changed is told of all releases, so under an older one's address the same page is meant."""
    for path in ("changes/", "en/changes/index.html", "changes/feed.atom"):
        answer = httpx.get(f"{site.address}/v/{releases[0].id}/{path}")
        assert (answer.status_code, answer.headers["location"]) == (302, f"/{path}")


def test_what_was_withdrawn_is_not_named_again(out: Path, edition: Edition) -> None:
    """A table that an entry names and the release no longer has is left out of the page, whatever its path holds."""
    entry = replace(entries(out)[0], tables={"statement/1/2/3/4": "added", 'statement/"> }': "changed"})
    page = history_page(edition, "changes/index.html", told([entry], lambda _: None, lambda _: True))
    assert page is not None
    assert "不再保留" in page.body.decode()
    assert "statement/1/2/3/4" not in page.body.decode()


def test_without_a_stated_reason_the_kind_of_change_is_told(out: Path, tmp_path: Path) -> None:
    """An entry without reasons, as older ones are, says that the document went, or that it has the table no longer."""
    newest = entries(out)[0]
    plain = {**asdict(newest), "reasons": {}}
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / f"{newest.release}.json").write_text(json.dumps(plain), encoding="utf-8")
    for path, reason in newest.withdrawn.items():
        told = "no longer among those published" if reason == "document" else "has it no longer"
        assert told in (why_gone(tmp_path, path) or "")


def test_a_table_is_named_before_its_document() -> None:
    """A reason stated for one table stands before that of its document; another table has that of the document."""
    stated = [Withdrawal("a.txt", "", Texts("甲", "a")), Withdrawal("", "statement/1/2/3/4", Texts("乙", "b"))]
    assert reason_of(stated, "statement/1/2/3/4", "a.txt") == {"zh": "乙", "en": "b"}
    assert reason_of(stated, "statement/1/2/3/5", "a.txt") == {"zh": "甲", "en": "a"}
    assert reason_of(stated, "statement/1/2/3/5", "b.txt") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[withdrawn", "cannot be read as TOML"),
        ("[other]", "holds more than"),
        ("[[withdrawn]]", "write \\[\\[withdrawn"),
        ('[[withdrawn]]\ndocument = "a"\ntable = "statement/1"\nreason = { zh = "甲", en = "a" }', "write"),
        ('[[withdrawn]]\ndocument = "a"\nreason = { zh = "甲" }', "write"),
        ('[[withdrawn]]\ndocument = "a"\nreason = { zh = "甲", en = " " }', "in both languages"),
        ('[[withdrawn]]\ntable = "unit/1"\nreason = { zh = "甲", en = "a" }', "no address below the base"),
    ],
)
def test_what_is_ill_formed_is_named(text: str, says: str, tmp_path: Path) -> None:
    """Each mistake of the file is told with file and what to write; no file is no withdrawal."""
    assert read_withdrawals(tmp_path) == ()
    (tmp_path / "withdrawals.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PortalError, match=says) as told:
        read_withdrawals(tmp_path)
    assert str(tmp_path / "withdrawals.toml") in str(told.value)


def test_a_damaged_entry_is_passed_over(out: Path, tmp_path: Path) -> None:
    """What is no entry costs only itself."""
    copy = tmp_path / "changes"
    shutil.copytree(out / "changes", copy)
    (copy / "broken.json").write_text("{", encoding="utf-8")
    (copy / "strange.json").write_text("[]", encoding="utf-8")
    assert entries(tmp_path) == entries(out)

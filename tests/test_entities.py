"""Entity pages: what others write of a table, the letter about a misreading, and the data inside the page."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import ROOT, fiscalkg
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from fiscalkg.endpoint.pages.citing import cite
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.pages.schema import data_block
from fiscalkg.loader.release import open_release
from fiscalkg.loader.stores.embedded import open_store

CONTACT = "mailto:data@example.org"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of one document, published by a portal with a contact and a publisher."""
    out = tmp_path_factory.mktemp("portal")
    names = 'publisher = { zh = "某市财政局", en = "Finance Bureau" }'
    (out / "portal.toml").write_text(f'contact = "{CONTACT}"\n{names}\n', encoding="utf-8")
    folder = tmp_path_factory.mktemp("documents")
    for name in ("000_a0eefc0601dc6091.txt", "manifest.toml"):
        shutil.copyfile(ROOT / "examples" / name, folder / name)
    fiscalkg("publish", folder / "000_a0eefc0601dc6091.txt", "--out", out)
    return (out / "site").resolve()


def opened(path: Path) -> Any:
    return html.document_fromstring(path.read_bytes())


def data_of(page: Any) -> dict[str, Any]:
    (block,) = page.xpath("//script[@type='application/ld+json']")
    found: dict[str, Any] = json.loads(block.text)
    return found


def test_each_value_can_be_reported(site: Path) -> None:
    """A letter to the contact is filled in with the table, the place, what is printed and what was read."""
    for file in site.glob("statement/*/*/*/*.html"):
        page = opened(file)
        rows = page.xpath("//tr[starts-with(@id, 'indicator-')]")
        assert len(rows) > 3
        for row in rows:
            address = urlsplit(row.xpath("string(.//a[@class='misread']/@href)"))
            assert f"{address.scheme}:{address.path}" == CONTACT
            body = parse_qs(address.query)["body"][0]
            assert page.xpath("string(//h1)") in body
            for told in (row.xpath("string(th)"), row.xpath("string(td[4])"), row.xpath("string(td[6]/a[1])")):
                assert told.strip() in body
            assert f"/indicator/{row.get('id').removeprefix('indicator-')}\n" in body


def test_references_name_unit_title_year_and_release(site: Path) -> None:
    """GB/T 7714 and BibTeX say the same, and leave the day of the visit open."""
    file = next(site.glob("statement/*/*/*/*.html"))
    page = opened(file)
    printed = page.xpath("string(//code[@class='gbt7714'])")
    bibtex = page.xpath("string(//code[@class='bibtex'])")
    title = page.xpath("string(//h1)")
    release = page.xpath("string(//footer)")
    assert re.fullmatch(
        r"天津市人民政府外事办公室\. .+\[DS/OL\]\. 某市财政局, 2024，版本 \S+\[引用日期\]\. https://\S+\.", printed
    )
    assert title in printed
    assert title in bibtex
    for value in ("author = {{天津市人民政府外事办公室}}", "year = {2024}", "publisher = {某市财政局}"):
        assert value in bibtex
    assert re.search(r"版本 (\S+)\[", printed)[1] in release  # type: ignore[index]  # matched above
    assert bibtex.count("{") == bibtex.count("}")


def test_the_data_inside_pages_are_what_the_pages_show(site: Path) -> None:
    """JSON-LD of schema.org: a table with each printed value, a unit, a project, and the release with its files."""
    file = next(site.glob("statement/*/*/*/*.html"))
    page = opened(file)
    data = data_of(page)
    assert (data["@context"], data["@type"], data["name"]) == (
        "https://schema.org",
        "Dataset",
        page.xpath("string(//h1)"),
    )
    rows = page.xpath("//tr[starts-with(@id, 'indicator-')]")
    assert [each["value"] for each in data["variableMeasured"]] == [row.xpath("string(td[4])") for row in rows]
    assert data["creator"]["@type"] == "GovernmentOrganization"
    assert data_of(opened(next(site.glob("unit/*/*.html"))))["areaServed"]["name"] == "天津市"
    assert data_of(opened(next(site.glob("project/*/*/*.html"))))["@type"] == "Project"
    home = data_of(opened(site / "index.html"))
    sums = dict(line.split("  ")[::-1] for line in (site / "downloads/SHA256SUMS").read_text().splitlines())
    assert {each["name"]: each["sha256"] for each in home["distribution"]} == sums


def test_a_unit_page_answers_each_question_for_it(site: Path) -> None:
    """The unit's page says for each question what it says for the unit, and leads to the rows behind it."""
    page = opened(next(site.glob("unit/*/*.html")))
    asked = page.xpath("//dl[@class='asked']/dt/a")
    assert len(asked) >= 6
    for link, sentence in zip(asked, page.xpath("//dl[@class='asked']/dd"), strict=True):
        own = opened((next(site.glob("unit/*/*.html")).parent / link.get("href")).resolve())
        assert own.xpath("string(//p[@class='lead'])") == sentence.text


@given(st.text(max_size=200))
def test_no_text_ends_the_data_block(text: str) -> None:
    """Whatever a source prints, the element holds it whole and ends where it should."""
    block = str(data_block({"@type": "Thing", "name": text}))
    assert block.count("<") == 2
    inner = re.fullmatch(r'<script type="application/ld\+json">(.*)</script>', block, re.DOTALL)
    assert inner is not None
    assert json.loads(inner[1]).get("name", "") == text


@given(st.text(alphabet="a\\{}%$#_^~&"))
def test_no_title_breaks_bibtex(published: Path, text: str) -> None:
    """Braces of a title come in pairs or are escaped, so that the entry ends where it should."""
    release = open_release(published)
    edition = Edition(open_store(release.store), release.base, release.id, release.path)
    entry = cite(edition, f"{release.base}unit/1/2", text, text, None).bibtex
    bare = re.sub(r"\\[{}]", "", entry)
    assert bare.count("{") == bare.count("}")
    assert re.search(r"^  title = \{\{.*\}\},$", entry, re.MULTILINE)

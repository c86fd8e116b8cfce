"""Entity pages: what others write of a table, the letter about a misreading, and the data inside the page."""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import ROOT, fiscalkg
from hypothesis import given, settings
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
            for told in (row.xpath("string(th)"), row.xpath("string(td[4])"), row.xpath("string(td[last()]/a[1])")):
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
        assert own.xpath("string(//p[@class='lead'])") == sentence.text.strip()


def counted(site: Path, name: str) -> dict[str, Counter[str]]:
    """What each unit has of each value that a question draws, from the question's CSV."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    with (site / "q" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            match name:
                case "satisfaction" if row["reading"] == "counted":
                    found[row["unit"]][f"{Decimal(row['percent']):f}"] += int(row["indicators"])
                case "deadlines" if row["reading"] == "month":
                    found[row["unit"]][str(int(row["month"]))] += int(row["indicators"])
                case "quantified":
                    sums[row["unit"]].update(part=int(row["quantified"]), whole=int(row["indicators"]))
                case "copy-paste":
                    sums[row["unit"]].update(part=int(row["repeatedDescriptions"]), whole=int(row["descriptions"]))
    for unit, both in sums.items():
        if both["whole"]:
            found[unit][str(round(100 * both["part"] / both["whole"]))] += 1
    return found


@pytest.mark.parametrize("name", ["satisfaction", "quantified", "deadlines", "copy-paste"])
def test_a_unit_stands_among_all(published: Path, name: str) -> None:
    """A unit's dots are its values, drawn upon those of all units at the same place: of as many, as large a part."""
    site = (published / "site").resolve()
    values = counted(site, name)
    every = sum(values.values(), Counter())
    seen = 0
    for unit, own in values.items():
        page = opened(site / f"unit/{unit.rpartition('/unit/')[2]}.html")
        (answer,) = page.xpath("//dl[@class='asked']/dd[a[@class='all'][contains(@href, $name)]]", name=f"{name}.html")
        circles = answer.xpath(".//circle[@class='every']")
        radii = {circle.get("cx"): Decimal(circle.get("r")) for circle in circles}
        assert len(radii) == len(every)
        dots = answer.xpath(".//circle[not(@class)]")
        told = dict(dot.xpath("string(title)").replace(",", "").split(" × ") for dot in dots)
        assert {value: int(count) for value, count in told.items()} == own, unit
        for dot, value in zip(dots, told, strict=True):
            radius, whole = Decimal(dot.get("r")), radii[dot.get("cx")]
            assert radius == 3 or abs(radius**2 / whole**2 - Decimal(own[value]) / every[value]) < Decimal("0.05")
            seen += 1
    assert seen > 20


def test_a_share_stands_among_all_of_its_class_and_direction(published: Path) -> None:
    """Stricter, as strict and laxer shares are what plain Python counts in the JSON Lines, class and direction kept."""
    with gzip.open(open_release(published).path / "tables" / "statements.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [row for line in file for row in json.loads(line)["indicators"]]
    satisfied = [row for row in rows if row["level2"] in {"服务对象满意度指标", "满意度指标", "满意度"}]
    shares = [
        Decimal(row["target"]["normalized"]["value"])
        for row in satisfied
        if (row["target"]["normalized"] or {}).get("unit") == "1"
        and "投诉" not in row["name"]
        and row["target"]["comparator"] not in {"<=", "<"}
    ]
    found = set()
    for file in (published / "site").resolve().glob("statement/*/*/*/*.html"):
        for row in opened(file).xpath("//tr[starts-with(@id, 'indicator-')]"):
            told = row.xpath("string(td[6])")
            share = re.fullmatch(r"百分比：(≥|>|)([\d.]+)%", row.xpath("string(td[5])"))
            if told and share and row.xpath("string(td[2])") == "服务对象满意度指标" and "投诉" not in told:
                found.add((Decimal(share[2]) / 100, *map(int, re.findall(r"(\d+) 条", told))))
    assert len(found) > 3
    for value, count, stricter, equal, laxer in found:
        assert count == len(shares)
        assert stricter == sum(share > value for share in shares)
        assert equal == shares.count(value) - 1
        assert laxer == sum(share < value for share in shares)


def test_what_is_inferred_is_called_so_wherever_it_is_shown(published: Path) -> None:
    """Every year, unit and currency that a table does not print bears the mark, and no printed one does."""
    site = (published / "site").resolve()
    with gzip.open(open_release(published).path / "tables" / "statements.jsonl.gz", "rt", encoding="utf-8") as file:
        statements = {(line["document"], line["lines"][0]): line for line in map(json.loads, file)}
    units = {page: opened(page) for page in (site / "unit").glob("*/*.html")}
    years = set()
    for file in site.glob("statement/*/*/*/*.html"):
        page = opened(file)
        (lead,) = page.xpath("//p[@class='lead']")
        document = re.search(r"原文 (\S+)", lead.text_content())[1]  # type: ignore[index]  # every page names it
        own = statements.pop((document, int(re.findall(r"\d+", lead.xpath("string(a[last()])"))[0])))
        bases = (own["unit_basis"], own["fiscal_year"]["basis"])
        expected = sum(basis not in {None, "printed", "cover"} for basis in bases)
        assert len(lead.xpath("small[@class='inferred']")) == expected, file
        money = bool(page.xpath("//p[@class='muted']/small[@class='inferred']"))
        assert money == (own["currency_unit_basis"] not in {None, "printed", "cover"}), file
        ((_, of_unit),) = [
            each for each in units.items() if lead.xpath("string(a[1]/@href)").endswith("/".join(each[0].parts[-3:]))
        ]
        row = of_unit.xpath("//tr[th/a[contains(@href, $name)]]", name=file.name)[0]
        assert ("推断" in row.xpath("td[1]/small/text()")) == (bases[1] not in {"printed", "cover"})
        years |= {(of_unit.xpath("string(//h1)"), own["fiscal_year"]["value"])} if bases[1] == "values" else set()
    assert statements == {}
    for row in opened(site / "units/index.html").xpath("//tbody/tr"):
        key = row.xpath("string(th)"), row.xpath("string(td[1]/text())").strip()
        assert bool(row.xpath("td[1]/small[@class='inferred']")) == (key in years)
    for language in ("", "en"):
        assert opened(site / language / "q/years.html").xpath("//p[contains(@class, 'inferred')]")


@given(st.text(max_size=200))
def test_no_text_ends_the_data_block(text: str) -> None:
    """Whatever a source prints, the element holds it whole and ends where it should."""
    block = str(data_block({"@type": "Thing", "name": text}))
    assert block.count("<") == 2
    inner = re.fullmatch(r'<script type="application/ld\+json">(.*)</script>', block, re.DOTALL)
    assert inner is not None
    assert json.loads(inner[1]).get("name", "") == text


@settings(deadline=None)  # the first pays for what is opened
@given(st.text(alphabet="a\\{}%$#_^~&"))
def test_no_title_breaks_bibtex(published: Path, text: str) -> None:
    """Braces of a title come in pairs or are escaped, so that the entry ends where it should."""
    release = open_release(published)
    edition = Edition(open_store(release.store), release.base, release.id, release.path)
    entry = cite(edition, f"{release.base}unit/1/2", text, text, None).bibtex
    bare = re.sub(r"\\[{}]", "", entry)
    assert bare.count("{") == bare.count("}")
    assert re.search(r"^  title = \{\{.*\}\},$", entry, re.MULTILINE)

"""Source pages: every place that the graph names, in a file of any format, is an anchor of the page it leads to."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from playwright.sync_api import Browser
from test_accessibility import AXE, RUN
from test_browser import hosted
from test_markup import complaints

ROOT = Path(__file__).parent.parent
FORMS = ROOT / "tests" / "cases" / "forms"
DERIVED = re.compile(r"<http://www\.w3\.org/ns/prov#wasDerivedFrom> <([^>#]+)#([^>]+)>")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of one file of each format, published once."""
    folder = tmp_path_factory.mktemp("formats")
    for ending in (".docx", ".xlsx", ".xls", ".html", ".pdf", ".txt"):
        known = sorted(FORMS.glob(f"*/*/document{ending}"))
        path = [each for each in known if (each.parent / "expected.jsonl").stat().st_size][-1]
        shutil.copyfile(path, folder / f"{path.parent.parent.name}{ending}")
    out = folder / "out"
    command = [Path(sys.executable).parent / "fiscalkg", "publish", *folder.glob("*.*"), "--out", out]
    subprocess.run(command, check=False, capture_output=True, timeout=100)
    return (out / "current").resolve()


def anchor_of(fragment: str) -> str:
    from fiscalkg.loader.places import anchor, place_of

    place = place_of(fragment)
    assert place is not None, fragment
    return anchor(place)


def test_every_place_of_the_graph_is_an_anchor_of_its_page(release: Path) -> None:
    """Lines, cells, sheet cells and boxes on pages: the reader lands on the line that holds the value."""
    facts = gzip.decompress((release / "dumps" / "fiscalkg.nt.gz").read_bytes()).decode()
    found = {(source, fragment) for source, fragment in DERIVED.findall(facts) if "=" in fragment}
    kinds = {fragment.partition("=")[0] for _, fragment in found}
    assert kinds == {"line", "table", "sheet", "page"}
    pages: dict[str, set[str]] = {}
    for source, fragment in found:
        name = source.rpartition("/")[2]
        page = release / "site" / "source" / f"{name}.html"
        ids = pages.setdefault(name, set(re.findall(r'id="([^"]+)"', page.read_text(encoding="utf-8"))))
        assert anchor_of(fragment) in ids, (name, fragment)


def test_a_release_holds_the_text_with_both_checksums(release: Path) -> None:
    """sources/ holds what was read, not the file; release.json names the checksum of each."""
    for document in json.loads((release / "release.json").read_text(encoding="utf-8"))["documents"]:
        text = (release / document["source"]).read_bytes()
        assert hashlib.sha256(text).hexdigest() == document["text_sha256"]
        assert document["sha256"].startswith(Path(document["source"]).stem)
        page = (release / "site" / document["source"].replace("sources", "source").replace(".txt", ".html")).read_text(
            encoding="utf-8"
        )
        assert document["sha256"] in page
        assert document["text_sha256"] in page


def opened(path: Path) -> Any:
    return html.document_fromstring(path.read_bytes())


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_tables_stand_on_the_page_as_printed(release: Path) -> None:
    """Each line of the text stands once, in order within its table; tables of all formats keep rows and columns."""
    for document in json.loads((release / "release.json").read_text(encoding="utf-8"))["documents"]:
        page = opened(release / "site" / document["source"].replace("sources", "source").replace(".txt", ".html"))
        ids = page.xpath("//main//@id")
        assert len(ids) == len(set(ids)), document["name"]
        text = (release / document["source"]).read_bytes().decode()
        told = "".join(page.xpath("//ol[@class='lines']/li/span//text() | //table[@class='printed']//p//text()"))
        assert Counter(squeezed(told)) == Counter(squeezed(text)), document["name"]
        if document["media_type"] != "text/plain":
            for table in page.xpath("//table[@class='printed']"):
                widths = covered(table)
                assert len(set(widths)) == 1, (document["name"], widths)
                assert len(widths) > 3


def covered(table: Any) -> list[int]:
    """How many columns each row of a table covers, spans from above included."""
    widths, hanging = [], Counter[int]()
    for number, row in enumerate(table.xpath(".//tr")):
        widths.append(hanging[number])
        for cell in row.xpath("td"):
            columns, rows = int(cell.get("colspan", "1")), int(cell.get("rowspan", "1"))
            widths[-1] += columns
            hanging.update({number + below: columns for below in range(1, rows)})
    return widths


def test_each_indicator_leads_to_its_own_cell(release: Path) -> None:
    """The cell, line or, in a PDF, row of boxes that a table's page links to holds the name of the indicator."""
    seen: set[str] = set()
    pages: dict[Path, Any] = {}
    for file in (release / "site" / "statement").rglob("*.html"):
        for row in opened(file).xpath("//tr[starts-with(@id, 'indicator-')]"):
            address, _, fragment = row.xpath("string(td[last()]/a[1]/@href)").partition("#")
            own = (file.parent / address).resolve()
            page = pages[own] if own in pages else pages.setdefault(own, opened(own))
            target = page.xpath("//*[@id=$id]", id=fragment)[0]
            near = target.xpath("ancestor-or-self::*[self::td or self::li or self::g][1]")[0]
            after = near.xpath("following-sibling::*[position() < 4]")
            name = squeezed(row.xpath("string(th)"))
            assert name in squeezed("".join(each.text_content() for each in (near, *after))), (file, name)
            seen.add(fragment[0])
    assert seen >= {"L", "T", "S", "P"}


def test_a_page_of_a_pdf_is_drawn_with_its_text_in_boxes(release: Path) -> None:
    """Every line of the text stands in a box that the page's reader gave, and in no other box of the page."""
    (document,) = pdfs(release)
    page = opened(release / "site" / document["source"].replace("sources", "source").replace(".txt", ".html"))
    anchors = json.loads((release / document["source"]).with_suffix(".anchors.json").read_text(encoding="utf-8"))
    lines = (release / document["source"]).read_bytes().decode().split("\n")
    known = Counter(
        (
            *map(float, box[1:]),
            squeezed("".join(lines[at - 1] for first, last in spans for at in range(first, last + 1))),
        )
        for _, spans, *_, box in anchors
    )
    drawn = Counter(
        (*(float(box.get(name)) for name in ("x", "y", "width", "height")), squeezed(box.text_content()))
        for box in page.xpath("//svg[@class='sheet']//foreignobject")
    )
    assert drawn == known
    assert squeezed("".join(sorted(text for *_, text in drawn.elements()))) != ""
    assert sum(len(text) for *_, text in drawn.elements()) == len(squeezed("".join(lines)))


@pytest.mark.needs("java", "vnu.jar")
def test_the_page_of_a_pdf_is_valid_html(release: Path) -> None:
    """The Nu checker has nothing to say of drawn pages."""
    (document,) = pdfs(release)
    assert complaints([release / "site" / "source" / f"{Path(document['source']).stem}.html"]) == []


def pdfs(release: Path) -> list[dict[str, Any]]:
    documents = json.loads((release / "release.json").read_text(encoding="utf-8"))["documents"]
    return [each for each in documents if each["media_type"] == "application/pdf"]


@pytest.mark.needs("chromium", "libatomic.so.1")
def test_each_figure_of_a_pdf_leads_to_its_box(browser: Browser, release: Path) -> None:
    """Clicked without scripts, each place of a PDF's table is in sight and marked, and holds what is printed."""
    (document,) = pdfs(release)
    name = Path(document["source"]).stem
    with hosted(release / "site") as address:
        context = browser.new_context(viewport={"width": 390, "height": 800}, bypass_csp=True)
        tab = context.new_page()
        seen = 0
        for file in (release / "site" / "statement").rglob("*.html"):
            for link in opened(file).xpath("//main//a[contains(@href, $name)]", name=f"{name}.html#"):
                tab.goto(address + file.relative_to(release / "site").as_posix())
                tab.locator(f"main a[href='{link.get('href')}']").first.click()
                marked = tab.locator("svg.sheet g:target")
                assert tab.locator("script").count() == 0
                assert marked.locator("rect").first.evaluate("(box) => getComputedStyle(box).fill") != "none"
                box = marked.bounding_box()
                assert box is not None
                assert 0 <= box["y"] < 800
                row = link.xpath("ancestor::tr[1]")
                printed = row[0].xpath("string(td[4] | td[@class='n'][1])") if row else ""
                assert re.sub(r"（空白）|万元", "", squeezed(printed)) in squeezed(marked.text_content() or "")
                seen += bool(printed)
        assert seen > 10
        for scheme, width in (("light", 1180), ("dark", 390)):
            tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            tab.set_viewport_size({"width": width, "height": 800})
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            tab.add_script_tag(path=AXE)
            assert tab.evaluate(RUN) == []
        context.close()

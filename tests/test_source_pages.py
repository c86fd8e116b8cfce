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
    """The cell, line or, in a PDF, row that a table's page links to holds the name of the indicator."""
    seen: set[str] = set()
    pages: dict[Path, Any] = {}
    for file in (release / "site" / "statement").rglob("*.html"):
        for row in opened(file).xpath("//tr[starts-with(@id, 'indicator-')]"):
            address, _, fragment = row.xpath("string(td[last()]/a[1]/@href)").partition("#")
            own = (file.parent / address).resolve()
            page = pages[own] if own in pages else pages.setdefault(own, opened(own))
            target = page.xpath("//*[@id=$id]", id=fragment)[0]
            nearest = (
                "ancestor-or-self::tr[1]"
                if fragment.startswith("P")
                else "ancestor-or-self::*[self::td or self::li][1]"
            )
            near = target.xpath(nearest)[0]
            after = near.xpath("following-sibling::*[position() < 4]")
            name = squeezed(row.xpath("string(th)"))
            assert name in squeezed("".join(each.text_content() for each in (near, *after))), (file, name)
            seen.add(fragment[0])
    assert seen >= {"L", "T", "S", "P"}

"""Source pages: every place that the graph names, in a file of any format, is an anchor of the page it leads to."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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

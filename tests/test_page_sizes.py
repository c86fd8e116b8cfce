"""Question pages of releases with many units and long tables stay as small as those of the examples."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from math import ceil
from pathlib import Path

import pytest
from lxml import html

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from _documents import documents  # noqa: E402  # benchmarks are scripts beside each other, not a package

from fiscalkg.endpoint.pages import ROUTES, all_paths, edition_of, render  # noqa: E402  # beside the imports above
from fiscalkg.endpoint.pages.page import Edition  # noqa: E402  # as above
from fiscalkg.endpoint.pages.questions import FEWER, LARGEST, MOST_EVIDENCE, MOST_LINES  # noqa: E402  # as above
from fiscalkg.loader.publish import Settings, publish  # noqa: E402  # as above
from fiscalkg.loader.release import open_release  # noqa: E402  # as above
from fiscalkg.loader.stores.embedded import open_store  # noqa: E402  # as above

UNITS, EACH, LONGEST = 56, 8, 60  # units more than a table lists, and one with more indicators than a page does
MANY = 10_000
FAMILIES = {"question", "embedded"}


def released(folder: Path, seeds: dict[int, int]) -> Edition:
    """Publish documents of one unit each, with as many statements for each seed, and return the edition of them."""
    written = folder / "in"
    written.mkdir()
    for seed, statements in seeds.items():
        for made in documents(statements, "text", seed):
            (written / f"{seed}-{made.name}").write_bytes(made.content)
    publish([written], folder / "out", Settings(), lambda *_: None, lambda *_: None)
    release = open_release(folder / "out")
    return edition_of(open_store(release.store), release, sections=True)


def question_pages(edition: Edition) -> Iterator[str]:
    """Yield the paths of pages of questions, and of those for others' frames."""
    for path in all_paths(edition):
        own = path.removeprefix("en/")
        if any(route.name in FAMILIES and route.pattern.fullmatch(own) for route in ROUTES):
            yield path


def lines_and_evidence(body: bytes) -> tuple[int, int]:
    """Return how many lines the longest table of a page has, and how many rows stand behind its figures."""
    page = html.document_fromstring(body)
    tables = [len(table.xpath("tbody/tr")) for table in page.xpath("//main//table[caption]")]
    return max(tables, default=0), len(page.xpath("//h2[@id='evidence']/following-sibling::div[1]//tbody/tr"))


@pytest.mark.timeout(600)
def test_question_pages_of_many_units_are_small(tmp_path: Path) -> None:
    """Each is within 60 kB: lists as much as a page does where that is short, less where it is long, and says so."""
    edition = released(tmp_path, {0: LONGEST, **dict.fromkeys(range(1, UNITS + 1), EACH)})
    lines, rows, first = set[int](), set[int](), set[int]()
    for path in question_pages(edition):
        if ("/name-" in path or "/unit-" in path) and not path.endswith("3.html"):
            continue  # some of them are enough, that of the unit with the most among them
        page = render(edition, path, {})
        assert page is not None
        assert len(page.body) <= LARGEST, path
        listed, behind = lines_and_evidence(page.body)
        lines.add(listed)
        rows.add(behind)
        if said := re.search(rb"The first (\d+) of \d+ rows; the CSV holds all, and the f", page.body):
            assert listed - int(said[1]) in {0, 1}, path  # that of all units stands above them
            first.add(int(said[1]))
    assert max(lines) in {MOST_LINES, MOST_LINES + 1}
    assert max(rows) == MOST_EVIDENCE
    assert {MOST_LINES, ceil(FEWER * MOST_LINES)} <= first


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_question_pages_of_ten_thousand_statements_are_small(tmp_path: Path) -> None:
    """Every page of a question, a choice and for a frame is within 60 kB."""
    edition = released(tmp_path, {1: MANY})
    sizes = {path: len(page.body) for path in question_pages(edition) if (page := render(edition, path, {}))}
    assert len(sizes) > MANY / 2
    assert {path: size for path, size in sizes.items() if size > LARGEST} == {}

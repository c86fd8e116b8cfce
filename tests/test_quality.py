"""Quality pages: denominators are what plain Python counts in the findings, and each failure leads to its rows."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from fiscalkg.loader.manifest import find_documents
from fiscalkg.loader.pipeline import extract
from fiscalkg.loader.reading import leftover
from fiscalkg.loader.release import open_release
from fiscalkg.loader.rules import rules

ROOT = Path(__file__).parent.parent
STATEMENT = re.compile(r"(.*/statement/[^/]+/[^/]+/[^/]+/[^/]+)")


@pytest.fixture(scope="module")
def release(published: Path) -> Path:
    return open_release(published).path


@pytest.fixture(scope="module")
def findings(release: Path) -> list[dict[str, Any]]:
    with (release / "reports" / "findings.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def opened(path: Path) -> Any:
    return html.document_fromstring(path.read_bytes())


def failing(findings: list[dict[str, Any]]) -> dict[str, set[tuple[str, int]]]:
    """The tables that fail each rule, by document and sequence."""
    found: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for finding in findings:
        if finding["code"].startswith("C"):
            found[finding["code"]].add((finding["document"], finding["statement"]))
    return found


def test_each_rule_counts_every_table_once(release: Path, findings: list[dict[str, Any]]) -> None:
    """Passed, failed and not applicable add up to all tables; failed are those with a finding of the rule."""
    rows = opened(release / "site" / "quality" / "index.html").xpath("(//table)[1]/tbody/tr")
    expected = failing(findings)
    assert len(rows) == len({rule.code for rule in rules()})
    for row in rows:
        code = row.xpath("string(th)").strip()[:3]
        checked, passed, failed, absent = (int(cell.text) for cell in row.xpath("td[@class='n']"))
        assert (checked, checked + absent) == (passed + failed, 134), code
        assert failed == len(expected[code]), code


def test_denominators_follow_from_the_tables(release: Path) -> None:
    """By hand: C06 speaks of the five Shenzhen tables with a total beside the year, C21 of none; C23 of Shenzhen's."""
    cells = {
        row.xpath("string(th)").strip()[:3]: [int(cell.text) for cell in row.xpath("td[@class='n']")]
        for row in opened(release / "site" / "quality" / "index.html").xpath("(//table)[1]/tbody/tr")
    }
    assert cells["C06"][3] == 129
    assert cells["C21"] == [0, 0, 0, 134]
    assert cells["C23"][3] == 129


@pytest.mark.parametrize("language", ["", "en"])
def test_each_cell_leads_to_the_rows_that_fail(release: Path, language: str) -> None:
    """A number of the grid opens a page on which that many tables stand, each finding with its place in the source."""
    page = release / "site" / language / "quality" / "index.html"
    cells = opened(page).xpath("//table[@class='dense']//td/a")
    assert len(cells) > 50
    for cell in cells:
        rows = opened((page.parent / cell.get("href")).resolve()).xpath(
            "//h2[@id='evidence']/following-sibling::div//tbody/tr"
        )
        assert len({row.xpath("string(td[1]/a/@href)") for row in rows}) == int(cell.text)
        assert all("/source/" in row.xpath("string(td[last()]/a/@href)") for row in rows)


def test_the_rows_are_the_findings(release: Path, findings: list[dict[str, Any]]) -> None:
    """The files of all units hold each finding of a rule once, with the message that the report gives."""
    rows = []
    for path in (release / "site" / "quality" / "quality-rows").glob("unit-*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            own = list(csv.DictReader(file))
        assert len({row["unit"] for row in own}) == 1, path
        rows += [(row["rule"].rpartition("/")[2], row["zh"], row["en"]) for row in own]
    expected = sorted((f["code"], f["message_zh"], f["message_en"]) for f in findings if f["code"].startswith("C"))
    assert sorted(rows) == expected


def test_our_reading_is_counted_as_it_was(release: Path, findings: list[dict[str, Any]]) -> None:
    """Characters, those left over and guessed values of each document, counted again from the text and the findings."""
    with (release / "site" / "quality" / "reading.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["fileName"]: row for row in csv.DictReader(file)}
    with gzip.open(release / "tables" / "statements.jsonl.gz", "rt", encoding="utf-8") as file:
        statements = [json.loads(line) for line in file]
    for entry in find_documents([ROOT / "examples"]):
        source, reading = extract(entry)
        row = rows[entry.name]
        assert int(row["characters"]) == len(re.sub(r"\s", "", source.text))
        assert int(row["unread"]) == sum(len(re.sub(r"\s", "", text)) for _, text in leftover(reading, source.text))
        own = [statement for statement in statements if statement["document"] == entry.name]
        assert int(row["indicators"]) == sum(len(statement["indicators"]) for statement in own)
        guessed = [f for f in findings if (f["code"], f["document"]) == ("R-VALUE-GUESSED", entry.name)]
        assert int(row["guessed"]) == len(guessed)
        inferred = sum(statement["fiscal_year"]["basis"] not in {"printed", "cover"} for statement in own)
        assert int(row["yearInferred"]) == inferred

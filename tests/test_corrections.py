"""Corrections: another reading of what is printed, with who and why; the print and the machine's reading stay."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import fiscalkg

from fiscalkg.loader.corrections import read_corrections
from fiscalkg.loader.errors import ManifestError
from fiscalkg.loader.interchange import from_json, to_json
from fiscalkg.loader.release import open_release
from fiscalkg.loader.stores import rows
from fiscalkg.loader.stores.embedded import open_store

ROOT = Path(__file__).parent.parent
NAME = "001_6faa1905088193ec.txt"
PREFIX = "PREFIX fp: <https://w3id.org/fiscalkg/ontology#> "


def extracted(path: Path) -> list[dict[str, Any]]:
    done = fiscalkg("extract", path)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def entry(lines: list[int], printed: str, read: str, file: str = NAME) -> str:
    return (
        f'[[correction]]\nfile = "{file}"\nlines = {lines}\nprinted = "{printed}"\nread = "{read}"\n'
        'by = "预算绩效处"\nreason = "单位印作百分比"\n\n'
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document with a correction of a value, one of an amount, and one that fits nothing."""
    folder = tmp_path_factory.mktemp("corrected") / "in"
    folder.mkdir()
    shutil.copy(ROOT / "examples" / NAME, folder)
    statement = extracted(folder / NAME)[0]
    row = next(row for row in statement["indicators"] if row["value"] == "≥1000人")
    amount = statement["amounts"][0]
    text = entry(row["lines"], "≥1000人", "≥1200场")
    text += entry(amount["lines"], amount["printed"], "123.40")
    text += entry([1, 2], "≥9999人", "≥1人")
    (folder / "corrections.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def out(folder: Path) -> Path:
    done = fiscalkg("publish", folder, "--out", folder.parent / "out")
    assert done.returncode == 0, done.stderr
    return folder.parent / "out"


def test_the_reading_changes_and_the_print_stays(out: Path) -> None:
    """Number and unit are the corrected ones, printed text is as printed, and the machine's reading stands apart."""
    query = (
        PREFIX
        + """SELECT ?printed ?number ?unit ?read ?superseded ?by ?reason WHERE {
        ?target fp:correction ?c ; fp:printedText ?printed ; fp:number ?number ; fp:printedUnit ?unit .
        ?c a fp:Correction ; fp:correctedReading ?read ; fp:supersededReading ?superseded ; fp:correctedBy ?by ;
        fp:correctionReason ?reason }"""
    )
    (found,) = rows(open_store(open_release(out).store), query)
    assert {name: term.value for name, term in found.items()} == {
        "printed": "≥1000人",
        "number": "1200",
        "unit": "场",
        "read": "≥1200场",
        "superseded": "quantity: ≥1000人",
        "by": "预算绩效处",
        "reason": "单位印作百分比",
    }


def test_an_amount_is_read_in_its_printed_unit(folder: Path, out: Path) -> None:
    """123.40 in 万元 is 1,234,000 CNY; what is printed stays."""
    query = PREFIX + "SELECT ?printed ?cny WHERE { ?amount fp:correction ?c ; fp:printedText ?printed ; fp:cny ?cny }"
    (found,) = rows(open_store(open_release(out).store), query)
    plain = extracted(ROOT / "examples" / NAME)[0]["amounts"][0]["printed"]
    assert (found["printed"].value, found["cny"].value) == (plain, "1234000")


def test_findings_tell_what_was_corrected_and_what_does_not_fit(out: Path) -> None:
    """Each correction made is noted, and the one that fits nothing is a warning with its place."""
    with (open_release(out).path / "reports" / "findings.jsonl").open(encoding="utf-8") as file:
        findings = [finding for finding in map(json.loads, file) if finding["code"].startswith("R-CORRECT")]
    assert [(each["code"], each["severity"], each["value"]) for each in findings if each["statement"] is None] == [
        ("R-CORRECTION-UNMATCHED", "warning", "≥9999人")
    ]
    assert [each["code"] for each in findings if each["statement"]] == ["R-CORRECTED", "R-CORRECTED"]
    assert next(each for each in findings if each["severity"] == "warning")["place"] == {"lines": [1, 2]}


def test_the_structure_of_a_release_with_corrections_conforms(out: Path) -> None:
    """The shapes of every class hold for corrections too."""
    done = fiscalkg("check", "--structural", open_release(out).path / "dumps" / "fiscalkg.nt.gz")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_corrected_statement_goes_through_json(folder: Path) -> None:
    """What extract writes validates, holds the correction, and comes back the same."""
    schema = json.loads((ROOT / "ontology" / "statement.schema.json").read_text(encoding="utf-8"))
    statement = extracted(folder)[0]
    jsonschema.validate(statement, schema)
    row = next(row for row in statement["indicators"] if "correction" in row["target"])
    assert (row["value"], row["target"]["correction"]["read"]) == ("≥1000人", "≥1200场")
    assert to_json(from_json(statement)) == statement


def test_pages_show_both_readings(out: Path) -> None:
    """The table's page shows the print, the corrected reading, the machine's, who and why."""
    pages = [path for path in open_release(out).site.rglob("*.html") if "机器原读" in path.read_text(encoding="utf-8")]
    (page,) = [path for path in pages if "statement" in path.parts]
    text = page.read_text(encoding="utf-8")
    assert all(word in text for word in ("≥1000人", "1,200 场", "quantity: ≥1000人", "预算绩效处", "单位印作百分比"))


def test_a_changed_correction_is_read_anew_and_a_dropped_one_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    """The cache knows corrections: without the file the release is that of the plain document."""
    work = Path(shutil.copytree(folder, tmp_path / "in"))
    ids = []
    for text in ((work / "corrections.toml").read_text(encoding="utf-8"), None):
        if text is None:
            (work / "corrections.toml").unlink()
        assert fiscalkg("publish", work, "--out", tmp_path / "out").returncode == 0
        ids.append(open_release(tmp_path / "out"))
    assert ids[0].id != ids[1].id
    assert rows(open_store(ids[1].store), PREFIX + "SELECT ?c WHERE { ?c a fp:Correction }") == []


def test_a_document_that_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    """A correction of a file nobody has is told as a file that cannot be read, as one of a manifest is."""
    work = Path(shutil.copytree(folder, tmp_path / "in"))
    with (work / "corrections.toml").open("a", encoding="utf-8") as file:
        file.write(entry([1, 2], "a", "b", "gone.txt"))
    done = fiscalkg("publish", work, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "gone.txt" in done.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[correction", "cannot be read as TOML"),
        ("[other]\n", "more than"),
        ("[[correction]]\n", "file is no text"),
        (entry([1, 2], "a", "b").replace("lines = [1, 2]\n", ""), "no one place"),
        (entry([1, 2], "a", "b").replace("[1, 2]", "[1, 2, 3]"), "no one place"),
        (entry([1, 2], "a", "b").replace("[1, 2]", '["1", 2]'), "no one place"),
        (entry([1, 2], "a", "b").replace("lines", "cell = [1, 1, 1]\nlines"), "no one place"),
        (entry([1, 2], "a", "b", "../a.txt"), "outside"),
        (entry([1, 2], "a", "b").replace("by", "author"), "by is no text"),
        (entry([1, 2], "a", "b").replace("reason", "x = 1\nreason"), "unknown key 'x'"),
        (entry([1, 2], "a" * 3000, "b"), "printed is no text"),
    ],
)
def test_what_is_ill_formed_is_named(text: str, says: str, tmp_path: Path) -> None:
    """Each mistake of the file is told with file, entry and what to write."""
    path = tmp_path / "corrections.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError, match=says) as told:
        read_corrections(path)
    assert str(path) in str(told.value)

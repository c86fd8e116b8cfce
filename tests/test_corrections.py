"""Corrections: another reading of what is printed, with who and why; the print and the machine's reading stay."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import fiscalkg

from fiscalkg.endpoint.pages.corrections import FIELDS as ON_PAGES
from fiscalkg.loader.corrected import apply_corrections
from fiscalkg.loader.corrections import ROW_FIELDS, STATEMENT_FIELDS, Proposed, read_corrections
from fiscalkg.loader.errors import ManifestError
from fiscalkg.loader.interchange import from_json, to_json
from fiscalkg.loader.layouts import parse
from fiscalkg.loader.manifest import describe, find_documents
from fiscalkg.loader.model import Finding, Statement
from fiscalkg.loader.readers import read
from fiscalkg.loader.release import open_release
from fiscalkg.loader.stores import rows
from fiscalkg.loader.stores.embedded import open_store

ROOT = Path(__file__).parent.parent
COVERED = "000_a0eefc0601dc6091.txt"
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
    """A document with corrections of a value, an amount, names, a unit and a year, and one that fits nothing."""
    folder = tmp_path_factory.mktemp("corrected") / "in"
    folder.mkdir()
    shutil.copy(ROOT / "examples" / NAME, folder)
    statement = extracted(folder / NAME)[0]
    row = next(row for row in statement["indicators"] if row["value"] == "≥1000人")
    amount = statement["amounts"][0]
    text = entry(row["lines"], "≥1000人", "≥1200场")
    text += entry(amount["lines"], amount["printed"], "123.40")
    text += entry([1, 2], "≥9999人", "≥1人")
    for field, reading in (("project_name", "2025夏季达沃斯"), ("fiscal_year", "2026"), ("currency_unit", "元")):
        text += of_field(statement, row, field, reading)
    text += of_field(statement, row, "name", "参会人次")
    (folder / "corrections.toml").write_text(text, encoding="utf-8")
    return folder


def of_field(table: dict[str, Any], row: dict[str, Any], field: str, read: str) -> str:
    """An entry for a field of the table, or of a row of it, as extract gives it."""
    found = row if field in row else table
    printed = found[field]["value"] if isinstance(found[field], dict) else found[field]
    return entry(found["lines"], printed, read).replace("\n\n", f'\nfield = "{field}"\n\n')


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
    """123.40 is 123.4 CNY now that the table's unit is read as 元; what is printed stays."""
    query = PREFIX + "SELECT ?printed ?cny WHERE { ?amount fp:correction ?c ; fp:printedText ?printed ; fp:cny ?cny }"
    (found,) = rows(open_store(open_release(out).store), query)
    plain = extracted(ROOT / "examples" / NAME)[0]["amounts"][0]["printed"]
    assert (found["printed"].value, found["cny"].value) == (plain, "123.4")


def test_findings_tell_what_was_corrected_and_what_does_not_fit(out: Path) -> None:
    """Each correction made is noted, and the one that fits nothing is a warning with its place."""
    with (open_release(out).path / "reports" / "findings.jsonl").open(encoding="utf-8") as file:
        findings = [finding for finding in map(json.loads, file) if finding["code"].startswith("R-CORRECT")]
    assert [(each["code"], each["severity"], each["value"]) for each in findings if each["statement"] is None] == [
        ("R-CORRECTION-UNMATCHED", "warning", "≥9999人")
    ]
    assert [each["code"] for each in findings if each["statement"]] == ["R-CORRECTED"] * 6
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
    assert set(statement["corrections"]) == {"project_name", "fiscal_year", "currency_unit"}
    assert row["corrections"]["name"]["superseded"] != row["name"] == "参会人次"
    assert (row["value"], row["target"]["correction"]["read"]) == ("≥1000人", "≥1200场")
    assert to_json(from_json(statement)) == statement


@pytest.mark.parametrize(
    ("case", "places"),
    [
        ("central/1/document.docx", ["cell"]),
        ("shaanxi/2/document.pdf", ["page", "box"]),
        ("yunnan/2/document.xls", ["sheet"]),
    ],
)
def test_a_place_of_any_kind_is_named_as_extract_gives_it(case: str, places: list[str], tmp_path: Path) -> None:
    """A value in a cell, on a page or on a sheet is read anew by the place and print that extract writes."""
    source = shutil.copy(ROOT / "tests" / "cases" / "forms" / case, tmp_path)
    row = next(row for row in extracted(tmp_path / source)[0]["indicators"] if row["value"])
    place = "".join(f"{key} = {json.dumps(row[key], ensure_ascii=False)}\n" for key in places)
    text = entry([1, 1], row["value"], "≤7场", Path(source).name).replace("lines = [1, 1]\n", place)
    (tmp_path / "corrections.toml").write_text(text, encoding="utf-8")
    read_anew = extracted(tmp_path)[0]["indicators"]
    (target,) = [each["target"] for each in read_anew if "correction" in each["target"]]
    assert (target["comparator"], target["number"], target["unit"]) == ("<=", "7", "场")
    assert target["correction"]["superseded"].endswith(row["value"])
    assert row["value"] in [each["value"] for each in read_anew if each["target"] == target]


def test_pages_show_both_readings(out: Path) -> None:
    """The table's page shows the print, the corrected reading, the machine's, who and why."""
    pages = [path for path in open_release(out).site.rglob("*.html") if "机器原读" in path.read_text(encoding="utf-8")]
    (page,) = [path for path in pages if "statement" in path.parts]
    text = page.read_text(encoding="utf-8")
    assert all(word in text for word in ("≥1000人", "1,200 场", "quantity: ≥1000人", "预算绩效处", "单位印作百分比"))
    assert all(
        f"更正“{ON_PAGES[field][0]}”" in text for field in ("project_name", "fiscal_year", "currency_unit", "name")
    )
    assert {*STATEMENT_FIELDS, *ROW_FIELDS} == set(ON_PAGES)


def test_names_and_years_are_read_anew_and_the_table_keeps_its_name(folder: Path, out: Path) -> None:
    """Labels, project, year and level 3 are the corrected ones; the table's own key is that of the name as printed."""
    before, after = extracted(ROOT / "examples" / NAME)[0], extracted(folder / NAME)[0]
    query = (
        PREFIX
        + """SELECT ?s ?name ?year ?label ?field ?superseded WHERE { ?s fp:correction ?c ; fp:projectName ?name ;
        fp:fiscalYear ?year ; fp:project/<http://www.w3.org/2000/01/rdf-schema#label> ?label .
        ?c fp:correctedField ?field ; fp:supersededReading ?superseded } ORDER BY ?field"""
    )
    found = rows(open_store(open_release(out).store), query)
    assert {row["name"].value for row in found} == {row["label"].value for row in found} == {"2025夏季达沃斯"}
    assert {row["field"].value: row["superseded"].value for row in found} == {
        "currency_unit": "万元", "fiscal_year": "2025", "project_name": before["project_name"],
    }  # fmt: skip
    (iri,) = {row["s"].value for row in found}
    key = hashlib.sha256(before["project_name"].encode()).hexdigest()[:12]
    assert iri.split("/")[-3:] == ["2026", before["unit_code"], key]
    assert after["amounts"][1]["cny"] == str(Decimal(before["amounts"][1]["cny"]) / 10000)
    name = PREFIX + 'SELECT ?s WHERE { ?i fp:name "参会人次" ; fp:correction/fp:supersededReading ?s }'
    assert len(rows(open_store(open_release(out).store), name)) == 1


def correct(file: str, *proposed: Proposed) -> tuple[tuple[Statement, ...], list[Finding]]:
    (found,) = find_documents([ROOT / "examples" / file])
    source = read(found.path)
    reading = parse(source, describe(found, source.sha256, source.media_type), None)
    return apply_corrections(reading.statements, proposed, file)


def test_what_is_printed_once_for_many_tables_is_corrected_in_each() -> None:
    """The year of a cover is read anew in every table it was carried to, and once where a table is named."""
    (plain, _) = correct(COVERED)
    year = plain[0].fiscal_year
    assert year and year.place and len(plain) > 1
    assert all(one.fiscal_year == year for one in plain), "the example's year stands on its cover"
    shared = Proposed(year.place, year.value, "2018", "预算绩效处", "封面认错", "fiscal_year")
    changed, findings = correct(COVERED, shared)
    assert {one.fiscal_year.value for one in changed if one.fiscal_year} == {"2018"}
    assert [each.code for each in findings] == ["R-CORRECTED"] * len(plain)
    changed, _ = correct(COVERED, replace(shared, place=plain[1].place))
    assert [one.fiscal_year.value for one in changed if one.fiscal_year].count("2018") == 1


@pytest.mark.parametrize(
    ("field", "read", "says"),
    [
        ("fiscal_year", "明年", "cannot stand in that field"),
        ("currency_unit", "千克", "cannot stand in that field"),
        ("unit_code", "三〇一", "cannot stand in that field"),
        ("level1", "x", "nothing printed so stands there as level1"),
    ],
)
def test_what_cannot_be_read_so_is_not_made(field: str, read: str, says: str) -> None:
    """A year that is none, a unit that measures no money, a field that stands elsewhere: a finding, nothing changed."""
    plain, _ = correct(NAME)
    stated = getattr(plain[0], field, None)
    proposed = Proposed(plain[0].place, stated.value if stated else "数量指标", read, "预算绩效处", "试", field)
    changed, (finding,) = correct(NAME, proposed)
    assert (finding.code, changed) == ("R-CORRECTION-UNMATCHED", plain)
    assert says in finding.message_en


def test_several_fields_printed_alike_need_their_name() -> None:
    """Where two things are printed so at one place nothing is changed, and the finding asks which is meant."""
    plain, _ = correct(NAME)
    row = plain[0].indicators[0]
    alike = replace(plain[0], indicators=(replace(row, name=row.level2),))
    proposed = Proposed(row.place, row.level2 or "", "别的", "预算绩效处", "试")
    changed, (finding,) = apply_corrections([alike], [proposed], NAME)
    assert changed == (alike,)
    assert "2 things printed so stand there; name one by field" in finding.message_en
    (changed,), _ = apply_corrections([alike], [replace(proposed, field="name")], NAME)
    assert (changed.indicators[0].name, changed.indicators[0].level2) == ("别的", row.level2)


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
        (entry([1, 2], "a", "b").replace("reason", 'field = "heading"\nreason'), "field = 'heading' is none of"),
    ],
)
def test_what_is_ill_formed_is_named(text: str, says: str, tmp_path: Path) -> None:
    """Each mistake of the file is told with file, entry and what to write."""
    path = tmp_path / "corrections.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError, match=says) as told:
        read_corrections(path)
    assert str(path) in str(told.value)

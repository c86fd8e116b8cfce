"""The tables of a release: every form holds the same cells, and the same IRIs and numbers as the graph."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sqlite3
import xml.etree.ElementTree as ElementTree
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
from lxml import etree

from fiscalkg.loader.columns import TABLES, Table
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores import rows
from fiscalkg.loader.stores.embedded import open_store
from fiscalkg.loader.table_files import write_tables
from fiscalkg.loader.table_rows import Values, row_of

ONTOLOGY = Path(__file__).parent.parent / "ontology" / "core.ttl"


@pytest.fixture(scope="module")
def release(published: Path) -> Release:
    return open_release(published)


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


GRAPH = {
    "statements": """SELECT ?statement ?project_name ?unit ?project ?sequence ?source WHERE {
        ?statement a fp:Statement ; fp:unit ?unit ; fp:project ?project ; fp:sequence ?sequence ;
        prov:wasDerivedFrom ?source . OPTIONAL { ?statement fp:projectName ?project_name } }""",
    "amounts": """SELECT ?amount ?statement ?printed ?printed_unit ?cny ?source WHERE {
        ?statement fp:amount ?amount . ?amount fp:printedText ?printed ; prov:wasDerivedFrom ?source .
        OPTIONAL { ?amount fp:printedUnit ?printed_unit } OPTIONAL { ?amount fp:cny ?cny } }""",
    "indicators": """SELECT ?indicator ?statement ?name ?class ?printed ?number ?upper_number ?normalized ?date ?source
        WHERE {
        ?statement fp:indicator ?indicator . ?indicator fp:target ?target ; prov:wasDerivedFrom ?source .
        ?target fp:printedText ?printed .
        OPTIONAL { ?indicator fp:name ?name } OPTIONAL { ?indicator fp:indicatorClass ?class }
        OPTIONAL { ?target fp:number ?number } OPTIONAL { ?target fp:upperNumber ?upper_number }
        OPTIONAL { ?target fp:normalizedNumber ?normalized } OPTIONAL { ?target fp:date ?date } }""",
}


@pytest.mark.parametrize("name", sorted(GRAPH))
def test_rows_are_those_of_the_graph(release: Release, name: str) -> None:
    """Each thing of the graph is one row of the CSV, with its IRI, its text and its numbers, and there is no other."""
    prefixes = "PREFIX fp: <https://w3id.org/fiscalkg/ontology#> PREFIX prov: <http://www.w3.org/ns/prov#> "
    found = rows(open_store(release.store), prefixes + GRAPH[name])
    columns = [word.strip("?{") for word in GRAPH[name].split() if word.startswith("?")]
    columns = columns[: columns.index("source") + 1]
    graph = sorted(tuple(row[key].value if key in row else "" for key in columns) for row in found)
    assert graph == sorted(tuple(row[key] for key in columns) for row in cells(release.path / "tables" / f"{name}.csv"))
    assert len(graph) > 100


def test_findings_are_those_of_the_report(release: Release) -> None:
    """Every finding is a row, in the order of findings.jsonl."""
    with (release.path / "reports" / "findings.jsonl").open(encoding="utf-8") as file:
        findings = [json.loads(line) for line in file]
    found = cells(release.path / "tables" / "findings.csv")
    keys = ("code", "severity", "message_zh", "message_en", "document", "focus", "value")
    assert [[row[key] for key in keys] for row in found] == [[each[key] or "" for key in keys] for each in findings]


def shown(cell: object) -> str:
    if isinstance(cell, Decimal):
        text = format(cell, "f").rstrip("0").rstrip(".")
        return "0" if text == "" else text
    return "" if cell is None else str(cell)


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_parquet_and_sqlite_hold_what_csv_holds(release: Release, table: Table) -> None:
    """Cell by cell the same, in the same order; SQLite's numbers are numbers, Parquet's exact decimals."""
    folder = release.path / "tables"
    expected = [[row[name] for name in table.names] for row in cells(folder / f"{table.name}.csv")]
    parquet = pq.read_table(folder / f"{table.name}.parquet")
    assert parquet.column_names == list(table.names)
    assert [[shown(row[name]) for name in table.names] for row in parquet.to_pylist()] == expected
    with closing(sqlite3.connect(f"file:{folder}/fiscalkg.sqlite?mode=ro", uri=True)) as base:
        stored = base.execute(f"SELECT * FROM {table.name}").fetchall()
    kinds = [column.kind for column in table.columns]
    for row, cells_ in zip(stored, expected, strict=True):
        for kind, value, text in zip(kinds, row, cells_, strict=True):
            if kind == "decimal" and value is not None:
                assert isinstance(value, int | float)
                assert abs(Decimal(repr(value)) - Decimal(text)) <= abs(Decimal(text)) * Decimal("1e-15")
            else:
                assert shown(value) == text


def test_the_sqlite_file_is_whole(release: Release) -> None:
    """Its own checks find nothing, keys lead to rows that are there, and nothing of its making stands in it."""
    path = release.path / "tables" / "fiscalkg.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        total = "SELECT SUM(cny) FROM amounts WHERE scope = 'year' AND fund_source = 'all'"
        assert base.execute(total).fetchone()[0] > 0
    assert path.read_bytes()[96:100] == bytes(4)


def test_the_descriptions_speak_of_the_files_there_are(release: Release) -> None:
    """CSVW and data package name every table, its columns in order, its true size and sum; keys exist."""
    folder = release.path / "tables"
    csvw = json.loads((folder / "csv-metadata.json").read_text(encoding="utf-8"))
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert [each["url"] for each in csvw["tables"]] == [each["path"] for each in package["resources"]]
    headers = {each["url"]: [column["name"] for column in each["tableSchema"]["columns"]] for each in csvw["tables"]}
    for resource in package["resources"]:
        path = folder / resource["path"]
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file))
        assert header == headers[path.name] == [field["name"] for field in resource["schema"]["fields"]]
        assert resource["bytes"] == path.stat().st_size
        assert resource["hash"] == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        key = resource["schema"].get("primaryKey")
        found = [row[key] for row in cells(path)] if key else []
        assert len(set(found)) == len(found)


def test_columns_name_properties_of_the_ontology() -> None:
    """A property that a column is said to state is declared, so that CSVW makes triples that are in the graph."""
    subjects = {quad.subject.value for quad in ox.parse(path=str(ONTOLOGY), format=ox.RdfFormat.TURTLE)
                if isinstance(quad.subject, ox.NamedNode)}  # fmt: skip
    named = [column.property for table in TABLES for column in table.columns if column.property]
    assert len(named) > 30
    assert set(named) - subjects - {"http://www.w3.org/ns/prov#wasDerivedFrom"} == set()


def test_strange_cells_survive(tmp_path: Path) -> None:
    """Line feeds, quotes, a lone surrogate and a number too long for Parquet: nothing stops, the text stays."""
    long = Decimal("9" * 30)
    amount: Values = {"amount": "http://x/1", "statement": "http://x", "printed": 'a\n"b",\ud800', "cny": long}
    rows_of = [("statements", row_of("statements", {"statement": "http://x"})), ("amounts", row_of("amounts", amount))]
    write_tables(rows_of, tmp_path)
    (found,) = cells(tmp_path / "amounts.csv")
    assert (found["printed"], found["cny"]) == ('a\n"b",\N{REPLACEMENT CHARACTER}', "9" * 30)
    (parquet,) = pq.read_table(tmp_path / "amounts.parquet").to_pylist()
    assert (parquet["printed"], parquet["cny"]) == (found["printed"], None)


def test_no_rows_are_tables_too(tmp_path: Path) -> None:
    """Without a row every file is there, with its header alone."""
    write_tables([], tmp_path)
    for table in TABLES:
        assert cells(tmp_path / f"{table.name}.csv") == []
        parquet: Any = pq.read_table(tmp_path / f"{table.name}.parquet")
        assert parquet.column_names == list(table.names)


def test_iati_conforms_to_its_schema(release: Release) -> None:
    """The results are well-formed XML, and valid where IATI_SCHEMA names the standard's iati-activities-schema.xsd."""
    found = etree.parse(release.path / "tables" / "iati-results.xml")
    assert found.getroot().tag == "iati-activities"
    if schema := os.environ.get("IATI_SCHEMA"):
        etree.XMLSchema(etree.parse(schema)).assertValid(found)


def test_iati_holds_every_indicator_with_its_target(release: Release) -> None:
    """One activity a table, one result an indicator; numbers and prints are those of the other tables."""
    root = ElementTree.parse(release.path / "tables" / "iati-results.xml").getroot()
    activities = root.findall("iati-activity")
    names = [activity.findtext("iati-identifier") for activity in activities]
    counts = release.info["counts"]
    assert (root.get("version"), len(set(names)), len(names)) == ("2.03", counts["statements"], counts["statements"])
    expected = cells(release.path / "tables" / "indicators.csv")
    results = [result for activity in activities for result in activity.findall("result")]
    for result, row in zip(results, expected, strict=True):
        indicator = result.find("indicator")
        assert indicator is not None
        assert indicator.findtext("title/narrative") == (row["name"] or row["level2"] or row["level1"])
        target = indicator.find("period/target")
        if target is None:
            assert row["fiscal_year"] == ""
            continue
        assert target.findtext("comment/narrative") == row["printed"]
        number = row["normalized"] or row["number"]
        share = row["kind"] == "percentage"
        shown = Decimal(number) * (100 if share else 1) if number else None
        assert (Decimal(target.attrib["value"]) if "value" in target.attrib else None) == shown
        assert indicator.get("measure") == ("5" if shown is None else "2" if share else "1")
    budgets = sum(Decimal(value.text or "0") for value in root.iter("value"))
    whole = [
        row
        for row in cells(release.path / "tables" / "amounts.csv")
        if (row["scope"], row["fund_source"]) == ("year", "all")
    ]
    assert budgets == sum(Decimal(row["cny"]) for row in whole if row["cny"] and row["fiscal_year"])

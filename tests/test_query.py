"""fiscalkg query: every format, from a file and from standard input, as tables with Chinese in line."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results
from rich.cells import cell_len

SELECT = """PREFIX fp: <https://w3id.org/fiscalkg/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?name (COUNT(*) AS ?tables) WHERE { ?s a fp:Statement ; fp:unit ?u . ?u rdfs:label ?name }
GROUP BY ?name ORDER BY ?name"""
CONSTRUCT = "CONSTRUCT WHERE { ?s a <https://w3id.org/fiscalkg/ontology#SourceDocument> }"
GRAPHS = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "jsonld": RdfFormat.JSON_LD, "xml": RdfFormat.RDF_XML}


def query(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "fiscalkg", "query", folder, "-", *options]
    return subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("form", ["json", "xml", "tsv"])
def test_rows_in_every_format(published: Path, form: str) -> None:
    """Each format of results holds the same rows: 134 tables over all units."""
    done = query(published, SELECT, "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    known = {"json": QueryResultsFormat.JSON, "xml": QueryResultsFormat.XML, "tsv": QueryResultsFormat.TSV}
    found = list(parse_query_results(done.stdout.encode(), known[form]))
    assert sum(int(row["tables"].value) for row in found) == 134


def test_csv_is_what_other_programs_get(published: Path) -> None:
    """Without a terminal and without --format a SELECT answers as CSV."""
    done = query(published, SELECT)
    assert done.stdout == query(published, SELECT, "--format", "csv").stdout
    found = list(csv.DictReader(io.StringIO(done.stdout)))
    assert sum(int(row["tables"]) for row in found) == 134


def test_a_table_stands_in_columns(published: Path) -> None:
    """Chinese takes two cells a character: the numbers of all rows end in the same cell."""
    found = query(published, SELECT, "--format", "table").stdout.splitlines()
    assert found[0].split() == ["name", "tables"]
    assert len({cell_len(line.rstrip()) for line in found}) == 1
    assert any("天津市" in line for line in found)


@pytest.mark.parametrize("form", GRAPHS)
def test_triples_in_every_format(published: Path, form: str) -> None:
    """CONSTRUCT gives the five documents in each format of graphs; ttl is the default."""
    done = query(published, CONSTRUCT, "--format", form)
    assert done.returncode == 0, done.stderr
    assert len(list(parse(done.stdout.encode(), GRAPHS[form]))) == 5
    assert query(published, CONSTRUCT).stdout.count("SourceDocument") == 5


def test_yes_or_no(published: Path) -> None:
    """ASK answers true or false, in JSON as the protocol says."""
    assert query(published, "ASK { ?s ?p ?o }").stdout == "true\n"
    assert json.loads(query(published, "ASK { ?s ?s ?s }", "--format", "json").stdout)["boolean"] is False


def test_a_query_comes_from_a_file(published: Path, tmp_path: Path) -> None:
    """A file with a byte order mark is read as one without."""
    (tmp_path / "q.rq").write_text(SELECT, encoding="utf-8-sig")
    command = [Path(sys.executable).parent / "fiscalkg", "query", published, tmp_path / "q.rq"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout == query(published, SELECT).stdout != ""


@pytest.mark.parametrize(
    ("text", "form", "says"),
    [
        ("SELECT * {", "csv", "not a SPARQL query"),
        ("DELETE WHERE { ?s ?p ?o }", "csv", "fiscalkg: "),
        (SELECT, "ttl", "answers with rows"),
        (CONSTRUCT, "csv", "answers with triples"),
        ("SELECT * { " + "{" * 3000 + "}" * 3000 + " }", "csv", "nests"),
        ("", "csv", "fiscalkg: "),
    ],
)
def test_what_is_no_query_is_refused_in_one_line(published: Path, text: str, form: str, says: str) -> None:
    """Exit code 2 and one line; no query ends the process any other way."""
    done = query(published, text, "--format", form)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1

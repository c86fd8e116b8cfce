"""Clients that others wrote: Python libraries, curl, Comunica, and schemathesis on what OpenAPI promises."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
from servers import COUNT, Server
from SPARQLWrapper import CSV, JSON, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

ROOT = Path(__file__).parent.parent
COMUNICA = "@comunica/query-sparql@4.2.0"
UNIT = "https://w3id.org/fiscalkg/id/unit/120000/301101"


def test_sparqlwrapper(server: Server) -> None:
    """By GET and by direct POST, in the formats it knows; a syntax error is its own exception with the place."""
    wrapper = SPARQLWrapper(f"{server.address}/sparql")
    for query, kind in ((COUNT, JSON), (COUNT, XML), (COUNT, CSV), (f"DESCRIBE <{UNIT}>", TURTLE)):
        wrapper.setQuery(query)
        wrapper.setReturnFormat(kind)
        assert wrapper.query().convert(), kind
    wrapper.setMethod("POST")
    wrapper.setRequestMethod(POSTDIRECTLY)
    wrapper.setQuery(COUNT)
    wrapper.setReturnFormat(JSON)
    assert wrapper.query().convert()["results"]["bindings"][0]["n"]["value"] == "134"
    wrapper.setQuery("SELECT * {")
    with pytest.raises(QueryBadFormed, match="is not closed"):
        wrapper.query()


def test_rdflib_as_a_store_and_as_a_reader(server: Server) -> None:
    """rdflib queries the endpoint as a store, and loads an IRI's description by negotiation alone."""
    graph = rdflib.Graph("SPARQLStore")
    graph.open(f"{server.address}/sparql")
    assert [str(row[0]) for row in graph.query(COUNT)] == ["134"]
    assert (rdflib.URIRef(UNIT), rdflib.RDF.type, None) in graph
    described = rdflib.Graph().parse(f"{server.address}/id/unit/120000/301101")
    assert len(set(described.predicate_objects(rdflib.URIRef(UNIT)))) == 5


@pytest.mark.needs("curl")
def test_curl(server: Server) -> None:
    """The README's curl line answers each canned query with CSV, and by its own address with the same."""
    for path in sorted((ROOT / "endpoint" / "canned").glob("*.rq")):
        command = ["curl", "-sf", "-H", "Accept: text/csv", "--data-urlencode", f"query@{path}"]
        posted = subprocess.run([*command, f"{server.address}/sparql"], capture_output=True, check=True, timeout=60)
        assert len(list(csv.reader(io.StringIO(posted.stdout.decode())))) > 1, path.name
        address = f"{server.address}/queries/{path.stem}?format=csv"
        named = subprocess.run(["curl", "-sf", "--compressed", address], capture_output=True, check=True, timeout=60)
        assert named.stdout == posted.stdout


@pytest.mark.parametrize(
    "effort",
    [
        ["--phases", "fuzzing", "--max-examples", "3"],
        pytest.param(["--max-examples", "100"], marks=[pytest.mark.soak, pytest.mark.timeout(600)]),
    ],
    ids=["short", "long"],
)
def test_schemathesis_finds_no_server_error(server: Server, effort: list[str], tmp_path: Path) -> None:
    """What OpenAPI promises is kept for generated requests: no 5xx fault, no status or type it does not name."""
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{server.address}/openapi.json"]
    options = [*effort, "--checks", checks, "--generation-deterministic"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=500, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.soak
@pytest.mark.needs("npm")
@pytest.mark.timeout(300)
def test_comunica(server: Server, tmp_path: Path) -> None:
    """Comunica queries the endpoint, and follows an IRI to its description."""
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", COMUNICA], cwd=tmp_path, check=True, timeout=250)
    for source, query, expected in (
        ("sparql", COUNT, '"134"^^http://www.w3.org/2001/XMLSchema#integer'),
        ("id/unit/120000/301101", f"SELECT ?n {{ <{UNIT}> <https://w3id.org/fiscalkg/ontology#code> ?n }}", '"301101"'),
    ):
        command = [tmp_path / "node_modules/.bin/comunica-sparql", f"{server.address}/{source}", query]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert json.loads(done.stdout) == [{"n": expected}]

"""The endpoint as clients meet it: a real server on loopback, its protocol, its formats, its pages."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import rdflib
from SPARQLWrapper import JSON, SPARQLWrapper

from fiscalkg.endpoint.limits import inspect
from fiscalkg.loader.errors import QueryError

ROOT = Path(__file__).parent.parent
COUNT = "SELECT (COUNT(?s) AS ?n) WHERE { ?s a <https://w3id.org/fiscalkg/ontology#Statement> }"
UNIT = "unit/120000/301101"


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(folder: Path, workers: int = 1) -> Iterator[str]:
    """Run `fiscalkg serve` on loopback until the block ends, and end that process alone."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "fiscalkg"), "serve", str(folder), "--port", str(port)]
    server = subprocess.Popen([*command, "--workers", str(workers)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{address}/health", timeout=2).raise_for_status()
                break
            assert server.poll() is None, server.stderr.read().decode() if server.stderr else ""
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def address(published: Path) -> Iterator[str]:
    with serving(published) as found:
        yield found


def ask(address: str, query: str, accept: str | None = None, **options: str) -> httpx.Response:
    headers = {"Accept": accept} if accept else {}
    return httpx.get(f"{address}/sparql", params={"query": query, **options}, headers=headers, timeout=30)


@pytest.mark.parametrize(
    ("accept", "media_type", "holds"),
    [
        (None, "application/sparql-results+json", '"134"'),
        ("application/sparql-results+json", "application/sparql-results+json", '"134"'),
        ("application/json", "application/sparql-results+json", '"134"'),
        ("application/sparql-results+xml", "application/sparql-results+xml", ">134<"),
        ("text/csv", "text/csv; charset=utf-8", "n\r\n134"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", "?n\n134"),
        ("text/csv;q=0.2, application/sparql-results+xml;q=0.9", "application/sparql-results+xml", ">134<"),
        ("text/csv, */*;q=0.1", "text/csv; charset=utf-8", "134"),
    ],
)
def test_select_by_get_in_the_format_accepted(address: str, accept: str | None, media_type: str, holds: str) -> None:
    """A SELECT is answered in the result format the client likes most, with the right figure."""
    answer = ask(address, COUNT, accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert holds in answer.text
    assert "accept" in answer.headers["vary"].lower()


def test_query_by_form_and_by_direct_post(address: str) -> None:
    """Both kinds of POST give the answer that GET gives."""
    by_form = httpx.post(f"{address}/sparql", data={"query": COUNT}, headers={"Accept": "text/csv"})
    direct = httpx.post(
        f"{address}/sparql",
        content=COUNT.encode(),
        headers={"Accept": "text/csv", "Content-Type": "application/sparql-query; charset=utf-8"},
    )
    assert by_form.text == direct.text == ask(address, COUNT, "text/csv").text


@pytest.mark.parametrize(
    ("extension", "parser"), [("ttl", "turtle"), ("nt", "nt"), ("rdf", "xml"), ("jsonld", "json-ld")]
)
def test_construct_in_every_graph_format(address: str, extension: str, parser: str) -> None:
    """CONSTRUCT comes as Turtle, N-Triples, RDF/XML and JSON-LD, each the same triples to another library."""
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s a <https://w3id.org/fiscalkg/ontology#Goal> ; ?p ?o }"
    answer = ask(address, query, format=extension)
    graph = rdflib.Graph().parse(data=answer.content, format=parser)
    expected = rdflib.Graph().parse(data=ask(address, query, "application/n-triples").content, format="nt")
    assert len(graph) == len(expected) > 500


def test_ask_and_describe(address: str) -> None:
    """ASK answers yes or no, DESCRIBE a graph."""
    yes = ask(address, "ASK { ?s a <https://w3id.org/fiscalkg/ontology#Project> }")
    assert json.loads(yes.text)["boolean"] is True
    described = ask(address, f"DESCRIBE <https://w3id.org/fiscalkg/id/{UNIT}>", "text/turtle")
    assert "天津市人民政府办公厅" in described.text


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("SELECT * WHERE { ?s ?p ", 400, "1"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", 400, "updates are refused"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 400, "SERVICE is refused"),
        ("SELECT * { ser\\u0076ice <http://127.0.0.1/> { ?s ?p ?o } }", 400, "SERVICE is refused"),
        ("SELECT * WHERE " + "{" * 200 + "}" * 200, 400, "nests"),
        ("SELECT * WHERE { ?s ?p ?o " + "OPTIONAL { ?s ?p ?o } " * 1000 + "}", 400, "joins"),
        ("nothing", 400, "no query"),
    ],
)
def test_bad_queries_are_told_what_is_wrong(address: str, query: str, status: int, says: str) -> None:
    """A query that cannot be run is refused in one line, and the server goes on."""
    answer = httpx.post(f"{address}/sparql", data={"query": query})
    assert (answer.status_code, answer.text.count("\n")) == (status, 1)
    assert says in answer.text
    assert ask(address, COUNT).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX : <e:> SELECT * { ?a ?b :.SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "PREFIX e: <e:> SELECT * { ?a ?b e:a\\' . SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } #'\n}",
        "PREFIX SERVICE: <http://127.0.0.1:9/> SELECT * { SERVICESERVICE:x { ?s ?p ?o } }",
        "SELECT * { sErViCeSILENT<http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { \\U00000053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { ?a ?b 1 FILTER(?a<?b)SERVICE#>\n<http://127.0.0.1:9/>{ ?s ?p ?o } }",
    ],
)
def test_service_is_refused_however_it_is_spelled(text: str) -> None:
    """No spelling that the engine might take for SERVICE gets past the gate."""
    with pytest.raises(QueryError, match="SERVICE is refused"):
        inspect(text)


def test_syntax_errors_know_line_and_column(address: str) -> None:
    """JSON clients get application/problem+json with the line of the mistake."""
    answer = ask(address, "SELECT *\nWHERE { ?s ?p }", "application/json")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["line"] == 2


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [
        ("PUT", {}, b"", 405),
        ("DELETE", {}, b"", 405),
        ("POST", {"Content-Type": "text/plain"}, COUNT.encode(), 415),
        ("POST", {"Content-Type": "application/sparql-query"}, b"\xff\xfe", 400),
        ("POST", {"Content-Type": "application/x-www-form-urlencoded"}, b"query=a&query=b", 400),
        ("POST", {"Content-Type": "application/x-www-form-urlencoded"}, b"update=x", 400),
        ("POST", {"Content-Type": "application/sparql-query"}, b"#" * (2 << 20), 413),
        ("POST", {"Content-Type": "application/sparql-query", "Accept": "image/png"}, COUNT.encode(), 406),
        ("OPTIONS", {}, b"", 204),
    ],
)
def test_what_the_protocol_forbids(
    address: str, method: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    """Wrong methods, media types, encodings and parameters get the status the protocol names."""
    answer = httpx.request(method, f"{address}/sparql", headers=headers, content=body)
    assert answer.status_code == status
    if status == 405:
        assert "POST" in answer.headers["allow"]


def test_an_answer_is_not_sent_twice(address: str) -> None:
    """The ETag of an answer brings 304; another format has another ETag."""
    first = ask(address, COUNT, "text/csv")
    headers = {"Accept": "text/csv", "If-None-Match": first.headers["etag"]}
    again = httpx.get(f"{address}/sparql", params={"query": COUNT}, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert ask(address, COUNT, "application/json").headers["etag"] != first.headers["etag"]


def test_clients_of_others(address: str) -> None:
    """SPARQLWrapper and rdflib's SPARQLStore get the same figure."""
    wrapper = SPARQLWrapper(f"{address}/sparql")
    wrapper.setQuery(COUNT)
    wrapper.setReturnFormat(JSON)
    found = wrapper.query().convert()
    assert found["results"]["bindings"][0]["n"]["value"] == "134"
    graph = rdflib.Graph("SPARQLStore")
    graph.open(f"{address}/sparql")
    assert [str(row[0]) for row in graph.query(COUNT)] == ["134"]


@pytest.mark.needs("curl")
def test_canned_queries_by_curl(address: str) -> None:
    """The README's curl line answers with CSV for each canned query."""
    for path in sorted((ROOT / "endpoint" / "canned").glob("*.rq")):
        command = ["curl", "-sf", "-H", "Accept: text/csv", "--data-urlencode", f"query@{path}", f"{address}/sparql"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        assert len(list(csv.reader(io.StringIO(done.stdout)))) > 1, path.name


def test_an_iri_leads_to_its_page_or_its_description(address: str) -> None:
    """/id/… sends people to the page and programs to the format they accept; both exist."""
    page = httpx.get(f"{address}/id/{UNIT}", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, f"/{UNIT}.html")
    assert httpx.get(f"{address}/{UNIT}.html").status_code == 200
    for media_type, extension in (("text/turtle", "ttl"), ("application/ld+json", "jsonld")):
        sent = httpx.get(f"{address}/id/{UNIT}", headers={"Accept": media_type})
        assert (sent.status_code, sent.headers["location"]) == (303, f"/{UNIT}.{extension}")
        assert "天津市人民政府办公厅" in httpx.get(f"{address}/{UNIT}.{extension}").text
    assert httpx.get(f"{address}/unit/120000/999999.ttl").status_code == 404


@pytest.mark.parametrize(
    "path", ["/../release.json", "/%2e%2e/release.json", "/dumps/../release.json", "/dumps/%00", "/x" * 3000]
)
def test_no_path_leads_outside(address: str, path: str) -> None:
    """Nothing above the site and the dumps is served, whatever the path looks like."""
    assert httpx.get(address + path).status_code == 404


def test_pages_say_what_a_browser_may_do(address: str) -> None:
    """Every answer carries a strict content security policy and forbids sniffing."""
    for path in ("/", "/sparql?query=ASK%20%7B%7D", "/nothing"):
        headers = httpx.get(address + path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_new_release_is_served_without_a_restart(published: Path, tmp_path: Path) -> None:
    """When `current` is switched the next request is answered from the new release, and none fails."""
    folder = tmp_path / "dir"
    shutil.copytree(published, folder, symlinks=True)
    fiscalkg = str(Path(sys.executable).parent / "fiscalkg")
    with serving(folder) as address:
        before = ask(address, COUNT)
        command = [fiscalkg, "publish", str(ROOT / "examples/000_a0eefc0601dc6091.txt"), "--out", str(folder)]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
        after = ask(address, COUNT)
    assert '"134"' in before.text
    assert '"4"' in after.text
    assert before.headers["etag"] != after.headers["etag"]


def test_two_processes_answer_alike(published: Path) -> None:
    """`serve --workers 2` answers every request with the same figure."""
    with serving(published, workers=2) as address:
        assert {ask(address, COUNT, "text/csv").text for _ in range(20)} == {"n\r\n134\r\n"}


def test_serve_without_a_release_says_what_to_do(tmp_path: Path) -> None:
    """A folder without a release is refused at once with the command that makes one."""
    fiscalkg = str(Path(sys.executable).parent / "fiscalkg")
    done = subprocess.run([fiscalkg, "serve", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "fiscalkg publish" in done.stderr
    assert done.stderr.strip().count("\n") == 0

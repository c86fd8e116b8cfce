"""A remote store: the same answers from any server, and nothing but an error from one that fails or cuts."""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from fiscalkg.endpoint.canned_queries import canned_queries
from fiscalkg.endpoint.pages import edition_of, render
from fiscalkg.loader.errors import FiscalkgError, QueryError, StoreError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.iris import BASE, graph_iri
from fiscalkg.loader.portal import StoreSettings
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores import Store, Term, answer_of, rows
from fiscalkg.loader.stores.binding import has_dataset, with_values
from fiscalkg.loader.stores.embedded import open_store
from fiscalkg.loader.stores.opening import open_store_of
from fiscalkg.loader.stores.remote import RemoteStore
from sparql_servers import free_port, oxigraph, running, virtuoso

UNIT = ox.NamedNode(f"{BASE}unit/120000/301101")
NAME = ox.Literal("服务对象满意度")
YEAR = ox.Literal("2025", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#gYear"))
TRUE = {"1": "true", "0": "false"}
FACTS = "https://example.org/release/{release}"


@pytest.fixture(scope="module")
def release(published: Path) -> Release:
    return open_release(published)


@pytest.fixture(scope="module")
def files(release: Release, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a server is filled with, by the name of its graph: the facts without a name."""
    home = tmp_path_factory.mktemp("dumps")
    (home / "facts.nt").write_bytes(gzip.decompress((release.path / "dumps/fiscalkg.nt.gz").read_bytes()))
    shutil.copy(release.path / "catalogue/catalogue.nt", home)
    (home / "report.ttl").write_bytes(gzip.decompress((release.path / "reports/report.ttl.gz").read_bytes()))
    for name in ("ontology", "shapes"):
        parsed = [ox.parse(path=str(path)) for path in sorted((release.path / "dumps" / name).rglob("*.ttl"))]
        triples = (quad.triple for each in parsed for quad in each)
        ox.serialize(triples, str(home / f"{name}.nt"), ox.RdfFormat.N_TRIPLES)
    named = {graph_iri(release.base, file.stem): file for file in home.iterdir() if file.stem != "facts"}
    return {"": home / "facts.nt", **named}


@pytest.fixture(scope="module")
def open_by(
    request: pytest.FixtureRequest, release: Release, files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Store]]:
    """How ``[store]`` of portal.toml opens the release from a server that holds it."""
    named = {graph: file for graph, file in files.items() if graph}
    home = tmp_path_factory.mktemp(request.param)
    with contextlib.ExitStack() as stack:
        match request.param:
            case "rdflib":
                settings = StoreSettings("rdflib")
            case "oxigraph":
                settings = StoreSettings("remote", stack.enter_context(oxigraph(home, files[""], named)))
            case _:
                filled = {FACTS.replace("{release}", release.id): files[""], **named}
                settings = StoreSettings("remote", stack.enter_context(virtuoso(home, filled)), FACTS)
        yield lambda: open_store_of(settings, release.store, release.id, release.base)


OTHERS = pytest.mark.parametrize(
    "open_by",
    ["rdflib", "oxigraph", pytest.param("virtuoso", marks=pytest.mark.needs("virtuoso-t", "isql-vt"))],
    indirect=True,
    scope="module",
)


def comparable(found: list[dict[str, Term]]) -> list[str]:
    """Rows as text in an order of their own; Virtuoso writes truth as 1 and keeps fewer digits of a quotient."""
    return sorted(json.dumps({name: _comparable(term) for name, term in sorted(row.items())}) for row in found)


def _comparable(term: Term) -> str:
    kind = term.datatype.value.rpartition("#")[2] if isinstance(term, ox.Literal) else ""
    if kind == "boolean":
        return TRUE.get(term.value, term.value)
    if kind in {"decimal", "double", "integer"}:
        return f"{float(term.value):.9g}"
    return str(term)


@OTHERS
def test_every_canned_query_answers_like_the_embedded_store(release: Release, open_by: Callable[[], Store]) -> None:
    """All rows of all canned queries, unbound and bound to a unit and a year, are those of the embedded store.

    Those cut off by names are bound to one: servers order Chinese texts in their own ways, and so cut off others.
    """
    here, there = open_store(release.store), open_by()
    tried = 0
    for query in canned_queries():
        known = {parameter.name for parameter in query.parameters}
        whole: dict[str, Term] = {"name": NAME} if query.first_names else {}
        every: list[dict[str, Term]] = [whole, {"unit": UNIT}, {"unit": UNIT, "year": YEAR}]
        for bindings in every:
            if bindings.keys() <= known:
                expected = comparable(rows(here, query.text, bindings))
                assert comparable(rows(there, query.text, bindings)) == expected, (query.name, bindings)
                tried += len(expected) > 0
    assert tried > 12


@OTHERS
def test_a_page_is_the_same_from_another_store(release: Release, open_by: Callable[[], Store]) -> None:
    """A question page and a unit's page made from the other store are byte for byte the frozen ones."""
    edition = edition_of(open_by(), release)
    for path in ("q/satisfaction.html", "en/q/quantified.html", "unit/120000/301101.html"):
        page = render(edition, path, {})
        assert page is not None
        assert page.body == (release.site / path).read_bytes(), path


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?n ?v { ?n <a:p> ?v }",
        "select $n where { { select ?n (max(?v) as ?m) { ?n <a:p> ?v } group by ?n } }",
        "SELECT * WHERE { { SELECT ?n ?v { ?n <a:p> ?v } ORDER BY DESC(?n) LIMIT 1 } }",
        "SELECT ?n (COUNT(*) AS ?c) { ?n <a:p> ?v FILTER(?n != <a:b>) } GROUP BY ?n",
        "SELECT ?n { ?n <a:p> ?v . { SELECT ?w { ?n <a:p> ?w } } }",
        "SELECT (EXISTS { SELECT ?n { ?n <a:q> ?v } } AS ?e) ?n { ?n <a:p> ?v }",
        "PREFIX select: <a:> SELECT ?n # { SELECT\n{ ?n select:p ?v FILTER(STR(?v) != '{ SELECT ?n') }",
        "CONSTRUCT { ?n <a:r> ?v } WHERE { ?n <a:p> ?v }",
        "CONSTRUCT WHERE { ?n <a:p> ?v } # the end",
        "ASK { ?n <a:p> ?v FILTER(?v < 2) }",
        "DESCRIBE ?n WHERE { ?n <a:p> ?v }",
        "SELECT ?n { ?x <a:p> ?n OPTIONAL { ?n <a:q> ?y FILTER(?n = <a:c>) } MINUS { ?n <a:p> 3 } }",
        'SELECT ?n ("x"@select AS ?l) { { ?n <a:p> 1 } UNION { ?n <a:p> 2 } }',
    ],
)
@pytest.mark.parametrize("term", [ox.NamedNode("a:a"), ox.NamedNode("a:none"), ox.Literal('{ } " SELECT ?n # \\ \n')])
def test_values_say_what_a_substitution_says(text: str, term: Term) -> None:
    """A query with VALUES written into it answers like the query with the engine's own substitution."""
    engine = ox.Store()
    engine.load(b"<a:a> <a:p> 1, <a:c> . <a:b> <a:p> 2 . <a:c> <a:p> 3 ; <a:q> <a:a> .", format=ox.RdfFormat.TURTLE)

    def answer(text: str, terms: Mapping[ox.Variable, Term]) -> object:
        found = engine.query(text, substitutions=dict(terms))
        return bool(found) if isinstance(found, ox.QueryBoolean) else sorted(str(row) for row in found)

    assert answer(with_values(text, {"n": term}), {}) == answer(text, {ox.Variable("n"): term})


def test_terms_that_no_query_can_name_are_refused() -> None:
    """A blank node has no name, and engines differ on a backslash before u: both are refused, naming the variable."""
    for term in (ox.BlankNode("x"), ox.Literal("\\u0022")):
        with pytest.raises(QueryError, match=r"^n: "):
            with_values("SELECT ?n { ?n ?p ?o }", {"n": term})
    assert has_dataset("select * from<a:b> { }")
    assert not has_dataset("SELECT ?from { ?from <a:FROM> 'FROM' } # FROM")


@contextlib.contextmanager
def replying(*replies: bytes) -> Iterator[str]:
    """A server that sends each connection the next reply and closes it."""
    left = list(replies)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(left.pop(0))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def reply(body: bytes, *headers: str, kind: str = "application/sparql-results+json", status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers, "", ""]).encode() + body


ROW = b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"1"}}]}}'
TRIPLE = b'<a:a> <a:p> "1" .\n'


@pytest.mark.parametrize(
    ("text", "answer", "error", "says"),
    [
        ("SELECT", reply(ROW[:-10], "Content-Length: 65"), StoreError, "breaks off"),
        ("SELECT", reply(ROW[:-10]), StoreError, "damaged or breaks off"),
        ("SELECT", reply(b"20\r\n" + ROW[:20], "Transfer-Encoding: chunked"), StoreError, "breaks off"),
        ("CONSTRUCT", reply(TRIPLE, "Content-Length: 99", kind="application/n-triples"), StoreError, "are missing"),
        ("CONSTRUCT", reply(TRIPLE, kind="application/n-triples"), StoreError, "does not say where its answer ends"),
        ("SELECT", reply(ROW, "X-SPARQL-MaxRows: 1"), StoreError, "leaves rows out"),
        ("SELECT", reply(ROW, "X-SQL-State: S1TAT"), StoreError, "leaves rows out"),
        ("SELECT", reply(b"<html>hello</html>", kind="text/html"), StoreError, "answers as text/html"),
        ("SELECT", reply(b"{}", "Content-Length: 2"), StoreError, "cannot be read|damaged"),
        ("SELECT", reply(b"a fault\nin your query", "Content-Length: 21", status="400 Bad"), QueryError, "refuses"),
        ("SELECT", reply(b"", "Content-Length: 0", status="503 Busy"), StoreError, "too busy"),
        ("SELECT", reply(b"", "Content-Length: 0", status="404 No"), StoreError, "does not answer"),
        ("SELECT", reply(b"", "Content-Length: 0", status="500 No"), StoreError, "does not answer"),
        ("SELECT", b"", StoreError, "does not answer"),
    ],
)
def test_a_server_that_fails_or_cuts_is_an_error(
    text: str, answer: bytes, error: type[FiscalkgError], says: str
) -> None:
    """Half an answer, a cut one, and none at all each raise one line; a part is never taken for the whole."""
    query, kind = (
        ("SELECT * { ?a ?b ?c }", Format.csv) if text == "SELECT" else ("CONSTRUCT WHERE { ?a ?b ?c }", Format.nt)
    )
    with replying(answer) as address, pytest.raises(error, match=says) as caught:
        answer_of(RemoteStore(address), query, kind)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_server_that_is_not_there_or_silent_is_an_error() -> None:
    """A closed port and a server that says nothing for the time allowed are one line each."""
    with pytest.raises(StoreError, match=r"does not answer .*portal\.toml"):
        answer_of(RemoteStore(f"http://127.0.0.1:{free_port()}/"), "ASK { ?a ?b ?c }", Format.json)
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as silent:
        store = RemoteStore(f"http://127.0.0.1:{silent.server_address[1]}/", seconds=1)
        with pytest.raises(StoreError, match="timed out"):
            answer_of(store, "ASK { ?a ?b ?c }", Format.json)


@pytest.mark.needs("virtuoso-t", "isql-vt")
def test_virtuoso_that_cuts_is_an_error(tmp_path: Path) -> None:
    """An answer that the server's own limit of rows cuts is an error; within the limit it is whole."""
    facts = tmp_path / "facts.nt"
    facts.write_text("".join(f'<http://e/{i}> <http://e/p> "{i}" .\n' for i in range(60)))
    with virtuoso(tmp_path, {"http://e/": facts}, rows=50) as address:
        with pytest.raises(StoreError, match="leaves rows out"):
            rows(RemoteStore(address), "SELECT * FROM <http://e/> { ?s ?p ?o }")
        assert len(rows(RemoteStore(address), "SELECT * FROM <http://e/> { ?s ?p ?o } LIMIT 49")) == 49


def test_the_endpoint_answers_from_a_remote_store(release: Release, files: dict[str, Path], tmp_path: Path) -> None:
    """`serve` with [store] in portal.toml: queries, pages and descriptions come from the server."""
    out = tmp_path / "out"
    (out / "releases").mkdir(parents=True)
    (out / "releases" / release.path.name).symlink_to(release.path)
    (out / "current").symlink_to(f"releases/{release.path.name}")
    with oxigraph(tmp_path, files[""], {}) as server:
        (out / "portal.toml").write_text(f'[store]\nkind = "remote"\naddress = "{server}"\n')
        httpx.post(
            server.replace("/query", "/update"),
            headers={"Content-Type": "application/sparql-update"},
            content="INSERT DATA { <http://e/only> <http://e/on> <http://e/server> }",
            timeout=60,
        ).raise_for_status()
        port = free_port()
        command: list[str | Path] = [Path(sys.executable).parent / "fiscalkg", "serve", out, "--port", str(port)]
        address = f"http://127.0.0.1:{port}"
        with running([*command, "--no-log"], f"{address}/health", tmp_path):
            ask = {"query": "SELECT ?o { <http://e/only> ?p ?o }"}
            answer = httpx.get(f"{address}/sparql", params=ask, headers={"Accept": "text/csv"}, timeout=30)
            assert (answer.status_code, answer.text.split()) == (200, ["o", "http://e/server"])
            described = httpx.get(f"{address}/unit/120000/301101.nt", timeout=30)
            assert described.status_code == 200
            assert UNIT.value in described.text

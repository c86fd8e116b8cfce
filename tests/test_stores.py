"""Every store as pages and the endpoint use it: streams, rows, bindings, graphs, refusals, readers that leave.

One suite for all: embedded, rdflib, and a remote one before Oxigraph's own server and before Virtuoso.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, parse

from fiscalkg.loader.errors import QueryError, StoreError
from fiscalkg.loader.formats import GRAPHS, RESULTS, Format
from fiscalkg.loader.stores import Dataset, Store, answer_of, rows
from fiscalkg.loader.stores.embedded import build_store, open_store
from fiscalkg.loader.stores.rdflib import open_rdflib_store
from fiscalkg.loader.stores.remote import RemoteStore
from sparql_servers import oxigraph, virtuoso

COUNT, THREADS = 7_000, 3
GRAPH, FACTS = "http://e/graph", "http://e/facts"
KINDS = (
    "embedded",
    "rdflib",
    "oxigraph",
    pytest.param("virtuoso", marks=pytest.mark.needs("virtuoso-t", "isql-vt")),
)
EVERYTHING = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of numbered things in the default graph and one triple in a named graph."""
    home = tmp_path_factory.mktemp("store")
    facts = "".join(f'<http://e/{i}> <http://e/p> "值{i}"@zh .\n' for i in range(COUNT))
    (home / "facts.nt").write_text(facts, encoding="utf-8")
    (home / "named.ttl").write_text('@prefix e: <http://e/> . e:x e:p [ e:q "g" ] .', encoding="utf-8")
    build_store(home / "store", home / "facts.nt", [(GRAPH, home / "named.ttl")])
    return home / "store"


@pytest.fixture(scope="module")
def opener(
    request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Store]]:
    """How a store of one kind is opened; a remote one's server runs as long as the tests of this file need it."""
    facts, graphs = folder.parent / "facts.nt", {GRAPH: folder.parent / "named.ttl"}
    match request.param:
        case "embedded":
            yield lambda: open_store(folder)
        case "rdflib":
            yield lambda: open_rdflib_store(folder)
        case "oxigraph":
            with oxigraph(tmp_path_factory.mktemp("oxigraph"), facts, graphs) as address:
                yield lambda: RemoteStore(address)
        case "virtuoso":
            with virtuoso(tmp_path_factory.mktemp("virtuoso"), {FACTS: facts, **graphs}) as address:
                yield lambda: RemoteStore(address, Dataset((FACTS,), (GRAPH,)))


@pytest.fixture
def store(opener: Callable[[], Store]) -> Store:
    return opener()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that takes a store with each kind of store."""
    if "opener" in metafunc.fixturenames:
        metafunc.parametrize("opener", KINDS, indirect=True, scope="module")


class Pieces:
    """A sink that keeps what it is given, and will take no more than so many pieces."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.taken: list[bytes] = []
        self.most = most

    def write(self, piece: bytes) -> None:
        if len(self.taken) == self.most:
            raise BrokenPipeError
        self.taken.append(piece)


def test_an_answer_comes_in_pieces_and_whole(store: Store) -> None:
    """A large answer is many pieces of at most 64 KiB that make the complete document."""
    pieces = Pieces()
    store.query(EVERYTHING, Format.json, pieces)
    assert len(pieces.taken) > 10
    assert max(map(len, pieces.taken)) <= 64 * 1024
    assert len(json.loads(b"".join(pieces.taken))["results"]["bindings"]) == COUNT


def test_a_reader_who_leaves_ends_the_query(store: Store) -> None:
    """What the sink raises after one piece comes through as it is, and the store goes on to answer."""
    pieces = Pieces(1)
    with pytest.raises(BrokenPipeError):
        store.query(EVERYTHING, Format.csv, pieces)
    assert len(pieces.taken) == 1
    assert rows(store, "SELECT (1 AS ?one) {}") == [{"one": Literal(1)}]


@pytest.mark.parametrize("kind", RESULTS)
def test_every_format_of_results_answers(store: Store, kind: Format) -> None:
    """SELECT and ASK answer in each format of results."""
    assert "值7" in answer_of(store, "SELECT ?o WHERE { <http://e/7> ?p ?o }", kind).decode()
    assert b"true" in answer_of(store, "ASK { <http://e/7> ?p ?o }", kind)


@pytest.mark.parametrize("kind", GRAPHS)
def test_every_format_of_graphs_answers(store: Store, kind: Format) -> None:
    """CONSTRUCT answers in each format of graphs with the one triple asked for."""
    found = answer_of(store, "CONSTRUCT WHERE { <http://e/7> ?p ?o }", kind)
    assert [quad.object for quad in parse(found, format=kind.engine)] == [Literal("值7", language="zh")]


def test_bindings_are_terms_and_never_text(store: Store) -> None:
    """A bound literal full of SPARQL is a value, finds nothing, and changes nothing."""
    assert rows(store, EVERYTHING, {"s": NamedNode("http://e/3")})[0]["o"] == Literal("值3", language="zh")
    assert rows(store, EVERYTHING, {"o": Literal('" } ; DROP ALL #')}) == []


def test_named_graphs_are_apart_from_the_facts(store: Store) -> None:
    """The default graph holds facts only; an unknown graph is an empty graph."""
    assert rows(store, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")[0]["n"].value == str(COUNT)
    assert len(rows(store, "SELECT ?s WHERE { GRAPH <http://e/graph> { ?s ?p ?o } }")) == 2
    assert rows(store, "SELECT ?s WHERE { GRAPH <http://e/none> { ?s ?p ?o } }") == []
    assert len(rows(store, "SELECT ?s FROM <http://e/graph> WHERE { ?s ?p ?o }")) == 2
    assert rows(store, "SELECT ?s FROM <http://e/none> WHERE { ?s ?p ?o }") == []
    graphs = rows(store, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")
    assert graphs == [{"g": NamedNode(GRAPH)}]


def test_the_graphs_of_a_request_stand_for_from(store: Store) -> None:
    """A dataset given beside the query is all the query sees, whatever it says itself."""
    default, named = "SELECT ?s FROM <http://e/none> WHERE { ?s ?p ?o }", "SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } }"

    def count(text: str, dataset: Dataset) -> int:
        found = answer_of(store, text, Format.json, dataset=dataset)
        return len(json.loads(found)["results"]["bindings"])

    assert count(default, Dataset((GRAPH,))) == 2
    assert count(named, Dataset((GRAPH,))) == 0
    assert count(named, Dataset(named=(GRAPH, "http://e/none"))) == 2
    assert count(default, Dataset(named=(GRAPH,))) == 0
    assert count(default, Dataset()) == count(named, Dataset()) == 0


def test_an_unbound_variable_is_left_out_of_its_row(store: Store) -> None:
    """OPTIONAL without a match gives a row without that name."""
    found = rows(store, "SELECT ?o ?no WHERE { <http://e/1> ?p ?o OPTIONAL { ?o <http://e/none> ?no } }")
    assert [set(row) for row in found] == [{"o"}]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("SELECT * {", Format.json, "not a SPARQL query"),
        ("INSERT DATA { <http://e/a> <http://e/b> 1 }", Format.json, "not a SPARQL query"),
        ("SELECT * { ?s ?p ?o }", Format.ttl, "answers with rows"),
        ("ASK { ?s ?p ?o }", Format.nt, "answers with yes or no"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", Format.csv, "answers with triples"),
    ],
)
def test_what_cannot_be_answered_is_refused_at_once(store: Store, text: str, kind: Format, message: str) -> None:
    """The error comes from the call, before any piece, and is one short line."""
    with pytest.raises(QueryError, match=message) as caught:
        answer_of(store, text, kind)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_a_syntax_error_knows_its_place(store: Store) -> None:
    """Line and column count from 1: the closing bracket of the second line is where an object is missing."""
    with pytest.raises(QueryError) as caught:
        answer_of(store, "SELECT *\nWHERE { ?s ?p }", Format.json)
    assert caught.value.line == 2
    assert caught.value.column in {15, 16}  # at the bracket, or right after it


def test_many_threads_ask_at_once(store: Store) -> None:
    """Concurrent readers each get their own complete answer."""
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(rows(store, EVERYTHING)))) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [COUNT] * THREADS


def test_a_folder_that_is_no_store_says_so(tmp_path: Path) -> None:
    """Opening names the folder and what to do; a closed store answers nothing."""
    with pytest.raises(StoreError, match="publish again"):
        open_store(tmp_path)


def test_a_closed_store_answers_nothing(store: Store) -> None:
    """After close every query is refused."""
    store.close()
    with pytest.raises(StoreError, match="closed"):
        answer_of(store, EVERYTHING, Format.json)


def test_text_that_is_no_triples_is_named(tmp_path: Path) -> None:
    """Loading a damaged file names it instead of making half a store."""
    (tmp_path / "facts.nt").write_text("<http://e/a> <http://e/b> .\n")
    with pytest.raises(StoreError, match=r"facts\.nt"):
        build_store(tmp_path / "store", tmp_path / "facts.nt", [])
    (tmp_path / "facts.nt").write_text("")
    (tmp_path / "named.ttl").write_text("<http://e/a> <http://e/b")
    with pytest.raises(StoreError, match=r"named\.ttl"):
        build_store(tmp_path / "other", tmp_path / "facts.nt", [(GRAPH, tmp_path / "named.ttl")])


def test_rows_as_texts_are_those_of_json(folder: Path) -> None:
    """Texts of IRIs, strings with a language and numbers, only bound ones; what is no SELECT is refused."""
    store = open_store(folder)
    for text in (
        'SELECT ?s ?o (STRLEN(?o) AS ?n) ?none ("" AS ?e) WHERE { ?s ?p ?o } ORDER BY ?s LIMIT 50',
        "SELECT ?p ?q ?o WHERE { GRAPH ?g { ?s ?p ?n . ?n ?q ?o } }",
        "SELECT ?s WHERE { ?s <http://e/none> ?o }",
    ):
        found = json.loads(answer_of(store, text, Format.json))["results"]["bindings"]
        assert store.texts(text) == [{name: term["value"] for name, term in row.items()} for row in found]
    one = store.texts("SELECT ?s ?o WHERE { ?s ?p ?o }", {"s": NamedNode("http://e/3")})
    assert one == [{"s": "http://e/3", "o": "值3"}]
    for text in ("ASK { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", "SELECT ?s WHERE { ?s ?p }"):
        with pytest.raises(QueryError):
            store.texts(text)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.texts(EVERYTHING)

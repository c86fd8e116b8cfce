"""Every IRI the data mint leads to a page and to descriptions; service, data set and queries describe themselves."""

from __future__ import annotations

import asyncio
import re
import socket
from collections import defaultdict
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from servers import Server, ask

from fiscalkg.endpoint.canned_queries import canned_queries
from fiscalkg.loader.release import open_release

BASE = "https://w3id.org/fiscalkg/id/"
HOME = "https://w3id.org/fiscalkg/"
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = rdflib.Namespace("http://rdfs.org/ns/void#")
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
FORMATS = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "xml",
}


@pytest.fixture(scope="module")
def minted(published: Path) -> dict[str, list[str]]:
    """The paths of all IRIs of the data and its vocabulary, by kind."""
    store = ox.Store.read_only(str(open_release(published).store))
    found: dict[str, set[str]] = defaultdict(set)
    for quad in store:
        for term in (quad.subject, quad.predicate, quad.object):
            if isinstance(term, ox.NamedNode) and term.value.startswith(HOME):
                path = term.value.removeprefix(HOME).partition("#")[0]
                if re.match(r"id/release/[^/]+/", path):  # the address of a file, which test_history.py follows
                    continue
                found[re.sub(r"/[^/]*[0-9][^/]*", "/N", path)].add(path)
    return {kind: sorted(paths) for kind, paths in found.items()}


def some(minted: dict[str, list[str]], most: int) -> list[str]:
    """Return paths of every kind, at most so many of each, spread over all of them."""
    return [path for paths in minted.values() for path in paths[:: max(1, len(paths) // most)][:most]]


@pytest.mark.parametrize("most", [3, pytest.param(10**9, marks=pytest.mark.soak)])
def test_every_minted_iri_dereferences(server: Server, minted: dict[str, list[str]], most: int) -> None:
    """By its path alone, under this host: 303 to a page and to a description, and both are there."""
    paths = some(minted, most)
    assert len(paths) > 100
    asyncio.run(_follow(server, paths))


async def _follow(server: Server, paths: list[str]) -> None:
    limits = asyncio.Semaphore(4)
    async with httpx.AsyncClient(base_url=server.address, timeout=30) as client:

        async def follow(path: str) -> None:
            for accept in ("text/html", "text/turtle"):
                async with limits:
                    sent = await client.get(f"/{path}", headers={"Accept": accept})
                    assert sent.status_code == 303, (path, sent.text)
                    assert sent.headers["vary"] == "Accept"
                    found = await client.get(sent.headers["location"].partition("#")[0])
                assert found.status_code == 200, (path, accept, found.text)
                assert found.headers["content-type"].startswith(accept)
                if accept == "text/turtle":
                    assert _speaks_of(found.text, HOME + path)

        await asyncio.gather(*map(follow, paths))


def _speaks_of(turtle: str, iri: str) -> bool:
    node = ox.NamedNode(iri)
    return any(node in (quad.subject, quad.object) for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize("accept", FORMATS)
def test_a_description_in_every_format(server: Server, accept: str) -> None:
    """One hop of negotiation, and each format holds the same description: its own facts, labels, what points to it."""
    sent = httpx.get(f"{server.address}/id/unit/120000/301101", headers={"Accept": accept})
    found = httpx.get(server.address + sent.headers["location"])
    graph = rdflib.Graph().parse(data=found.content, format=FORMATS[accept])
    unit = rdflib.URIRef(f"{BASE}unit/120000/301101")
    assert len(list(graph.predicate_objects(unit))) == 5
    assert len(list(graph.subject_predicates(unit))) > 5
    place = rdflib.URIRef("https://w3id.org/fiscalkg/scheme/place/120000")
    assert rdflib.Literal("天津市", lang="zh") in set(graph.objects(place, rdflib.RDFS.label))


def test_inverse_links_come_in_pages(server: Server) -> None:
    """A code that thousands of nodes use is described in bounded pages, each named by the one before, none lost."""
    address, subjects, pages = f"{server.address}/scheme/scope/year.nt", set(), 0
    while address:
        answer = httpx.get(address)
        assert len(answer.content) < 100_000
        graph = rdflib.Graph().parse(data=answer.content, format="nt")
        subjects |= set(graph.subjects(None, rdflib.URIRef("https://w3id.org/fiscalkg/scheme/scope/year")))
        following = re.search(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
        address = str(httpx.URL(address).join(following[1])) if following else ""
        pages += 1
    query = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ?p <https://w3id.org/fiscalkg/scheme/scope/year> }"
    assert str(len(subjects)) == ask(server.address, query, "text/csv").text.split()[1]
    assert pages > 5
    assert httpx.get(f"{server.address}/scheme/scope/year.nt?page=0").status_code == 400


def test_a_part_of_a_statement_leads_to_its_row(server: Server, minted: dict[str, list[str]]) -> None:
    """The page of an indicator is its statement's, at the row's anchor, which is there."""
    part = next(path for kind, paths in minted.items() if kind.endswith("indicator/N") for path in paths)
    sent = httpx.get(f"{server.address}/{part}", headers={"Accept": "text/html"})
    path, _, anchor = sent.headers["location"].partition("#")
    assert f'id="{anchor}"' in httpx.get(server.address + path).text


def test_a_document_of_terms_holds_them_all(server: Server) -> None:
    """Whoever fetches a term of the ontology gets all its terms with their labels in both languages."""
    graph = rdflib.Graph().parse(f"{server.address}/ontology.ttl", format="turtle")
    term = rdflib.URIRef("https://w3id.org/fiscalkg/ontology#Statement")
    assert {label.language for label in graph.objects(term, rdflib.RDFS.label)} >= {"zh", "en"}
    assert len(set(graph.subjects(rdflib.RDF.type, rdflib.OWL.Class))) > 5


@pytest.mark.parametrize("change", ["{}/", "/{}", "./{}", "unit/../{}", "{}/none", "{}/indicator/999", "{}/x/y"])
def test_only_the_iri_itself_leads_to_its_page(server: Server, minted: dict[str, list[str]], change: str) -> None:
    """What is written otherwise, or is no part of the table, is 404, though the file system would find the page."""
    form = re.compile("id/(statement(?:/[^/]+){4})")
    table = next(found[1] for paths in minted.values() for path in paths if (found := form.fullmatch(path)))
    target = "/id/" + change.format(table)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert client.recv(64).startswith(b"HTTP/1.1 404"), target


@pytest.mark.parametrize(
    "path", ["id/unit/1/2", "id/", "id/../etc", "id/单位/é", "scheme/none", "id/statement/x/y/z", "id/<>"]
)
def test_an_unknown_iri_is_404(server: Server, path: str) -> None:
    """For a person and for a program, and never a redirect to nothing."""
    for accept in ("text/html", "text/turtle"):
        answer = httpx.get(f"{server.address}/{path}", headers={"Accept": accept}, follow_redirects=False)
        assert answer.status_code == 404, path


def test_the_service_describes_itself_truly(server: Server) -> None:
    """Every format the description names is served, and each graph it names holds as many triples as it says."""
    answer = httpx.get(f"{server.address}/sparql", headers={"Accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=answer.content, format="turtle")
    (service,) = graph.subjects(rdflib.RDF.type, SD.Service)
    assert str(graph.value(service, SD.endpoint)) == f"{server.address}/sparql"
    assert len(set(graph.objects(service, SD.resultFormat))) == 10
    assert set(graph.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert not set(graph.objects(service, SD.feature))
    names = {graph.value(node, SD.name): graph.value(node, SD.graph) for node in graph.objects(None, SD.namedGraph)}
    assert len(names) == 4
    for name, described in names.items():
        count = ask(server.address, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{name}> {{ ?s ?p ?o }} }}", "text/csv").text
        assert int(graph.value(described, VOID.triples)) == int(count.split()[1]) > 0
    unlisted = ask(server.address, "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g {} }", "text/csv").text
    assert int(unlisted.split()[1]) == len(names)


@pytest.fixture(scope="module")
def void(server: Server) -> rdflib.Graph:
    answer = httpx.get(f"{server.address}/.well-known/void", headers={"Accept": "text/turtle"})
    return rdflib.Graph().parse(data=answer.content, format="turtle")


def test_void_counts_what_is_there(server: Server, void: rdflib.Graph) -> None:
    """Triples, subjects, classes and each class's properties are as the endpoint counts them."""
    (dataset,) = void.subjects(rdflib.RDF.type, rdflib.URIRef("http://www.w3.org/ns/dcat#Dataset"))
    assert (dataset, rdflib.RDF.type, VOID.Dataset) in void
    assert str(void.value(dataset, VOID.sparqlEndpoint)) == f"{server.address}/sparql"
    row = ask(
        server.address,
        "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) (COUNT(DISTINCT ?p) AS ?k) { ?s ?p ?o }",
        "text/csv",
    ).text.split()[1]
    said = [str(void.value(dataset, name)) for name in (VOID.triples, VOID.distinctSubjects, VOID.properties)]
    assert said == row.split(",")
    counted = ask(server.address, "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p", "text/csv").text
    partitions = {
        (str(void.value(part, VOID["class"])), str(void.value(own, VOID.property)), str(void.value(own, VOID.triples)))
        for part in void.objects(dataset, VOID.classPartition)
        for own in void.objects(part, VOID.propertyPartition)
    }
    assert partitions == {tuple(line.split(",")) for line in counted.split()[1:]}


def test_example_queries_in_the_graph_run(server: Server, void: rdflib.Graph) -> None:
    """Every canned query stands in the graph with its question in both languages, and runs; prefixes are declared."""
    examples = set(void.subjects(rdflib.RDF.type, SH.SPARQLExecutable))
    assert len(examples) == len(canned_queries())
    for example in examples:
        assert {text.language for text in void.objects(example, rdflib.RDFS.comment)} == {"zh", "en"}
        assert ask(server.address, str(void.value(example, SH.select)), "text/csv").status_code == 200
    declared = {
        str(void.value(node, SH.prefix)): str(void.value(node, SH.namespace)) for node in void.objects(None, SH.declare)
    }
    assert declared["fp"] == "https://w3id.org/fiscalkg/ontology#"


def test_canned_queries_bind_their_parameters(server: Server) -> None:
    """A unit by its code, by its path and by its IRI is the same; what is no value of its type is refused."""
    address = f"{server.address}/queries/budgets"
    answers = [
        httpx.get(address, params={"unit": unit, "format": "csv"}).text
        for unit in ("301101", "unit/120000/301101", f"{BASE}unit/120000/301101")
    ]
    assert len(set(answers)) == 1
    assert answers[0].count("\n") > 1
    assert httpx.get(address, params={"unit": "999999", "format": "csv"}).text.count("\n") == 1
    for wrong in ({"year": "abc"}, {"nothing": "1"}, {"unit": "x> } SELECT"}, {"unit": "a b:c"}):
        refused = httpx.get(address, params=wrong)
        assert refused.status_code == 400, (wrong, refused.text)
        assert next(iter(wrong)) in refused.text
    assert httpx.get(f"{address}?year=2025&year=2024").status_code == 400
    assert httpx.get(f"{server.address}/queries/none").status_code == 404
    pasted = httpx.get(f"{server.address}/queries/same-indicator", params={"name": '" } SELECT * { ?s ?p ?o } #'})
    assert pasted.json()["results"]["bindings"] == []


def test_openapi_lists_every_query(server: Server) -> None:
    """Each canned query stands there with its title in both languages and its parameters with their types."""
    paths = httpx.get(f"{server.address}/openapi.json").json()["paths"]
    for query in canned_queries():
        described = paths[f"/queries/{query.name}"]["get"]
        assert query.title_zh in described["summary"]
        assert query.title_en in described["summary"]
        types = {each["name"]: each["schema"] for each in described["parameters"]}
        assert {parameter.name for parameter in query.parameters} | {"format", "release"} == set(types)
        assert all("type" in types[parameter.name] for parameter in query.parameters)
    listed = httpx.get(f"{server.address}/queries").json()
    assert [each["name"] for each in listed] == [query.name for query in canned_queries()]
    without = {each["name"]: each["example_without"] for each in listed}
    assert (without["missing-rows"], without["same-indicator-rows"], without["missing"]) == ("unit", "name", None)


def test_a_base_with_a_path_of_its_own_dereferences(server: Server) -> None:
    """The whole path of an IRI, as another host would pass it on, leads to the same page."""
    sent = httpx.get(f"{server.address}/fiscalkg/id/unit/120000/301101", headers={"Accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/unit/120000/301101.html")

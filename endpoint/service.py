"""A release and the address it is served at into what the service says of itself: Service Description, VoID, DCAT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox
from fastapi import Request, Response

from fiscalkg.endpoint.caching import coding, headers_of, is_known
from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.delivery import packed
from fiscalkg.endpoint.descriptions import serialized
from fiscalkg.endpoint.refusals import ProtocolError
from fiscalkg.endpoint.sparql import Desk, content_type, format_of, not_modified
from fiscalkg.endpoint.work import edition
from fiscalkg.loader.formats import GRAPHS, RESULTS, Format
from fiscalkg.loader.iris import graph_iri
from fiscalkg.loader.stores import rows

__all__ = ["Portrait", "portray", "service_description", "void"]

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
A = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
NAMED = ("catalogue", "ontology", "report", "shapes")
MOST = 50_000  # triples of the catalogue


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is asked: ``origin`` is the scheme and host the client used, ``whole`` adds VoID and DCAT."""

    origin: str
    format: Format
    whole: bool


async def service_description(request: Request, desk: Desk) -> Response:
    """Return the description of the SPARQL service, which a GET without a query asks for."""
    return await _described(request, desk, whole=False)


async def void(request: Request, desk: Desk) -> Response:
    """Return what the data set is, as VoID and DCAT, with the service that queries it."""
    return await _described(request, desk, whole=True)


async def _described(request: Request, desk: Desk, whole: bool) -> Response:
    chosen = format_of(request.headers.get("accept"), request.query_params.get("format"), GRAPHS)
    origin = _origin(request, desk.settings.proxies)
    known = ("portrait", origin, chosen.name, str(whole))
    headers = headers_of(desk.engine.release, coding(request), desk.settings.max_age, *known)
    headers["Content-Type"] = content_type(chosen)
    if is_known(request, headers):
        return not_modified(headers)
    body = desk.kept.get(headers["ETag"])
    if body is None:
        asked = Portrait(origin, chosen, whole)
        found = await desk.engine.result(client_of(request, desk.settings.proxies), portray, asked) or b""
        body = packed(found) if "Content-Encoding" in headers else found
        desk.kept.put(headers["ETag"], body)
    return Response(body, headers=headers)


def _origin(request: Request, proxies: tuple[str, ...]) -> str:
    """Return scheme and host as the client wrote them, the scheme as a trusted proxy tells it."""
    scheme = request.url.scheme
    if request.client and request.client.host in proxies:
        told = request.headers.get("x-forwarded-proto", scheme)
        scheme = told if told in {"http", "https"} else scheme
    origin = f"{scheme}://{request.headers.get('host', 'localhost')}"
    try:
        return ox.NamedNode(origin).value
    except ValueError as error:
        raise ProtocolError(400, "the header Host is no host") from error


def portray(asked: Portrait) -> Iterator[bytes]:
    """Yield the description in its format."""
    facts = [*_service(asked.origin)]
    if asked.whole:
        facts += _catalogue()
        facts.append(_fact(_dataset(), f"{VOID}sparqlEndpoint", f"{asked.origin}/sparql"))
    yield serialized(facts, asked.format)


def _dataset() -> str:
    made = edition()
    return f"{made.base}release/{made.identifier}"


def _fact(subject: str, property_: str, value: str | ox.Literal | ox.BlankNode) -> ox.Triple:
    return ox.Triple(
        ox.NamedNode(subject), ox.NamedNode(property_), ox.NamedNode(value) if isinstance(value, str) else value
    )


def _service(origin: str) -> Iterator[ox.Triple]:
    """Yield what the engine does and holds; what it lacks (federation, entailment, updates) is not named."""
    service, dataset = f"{origin}/sparql#service", f"{origin}/sparql#dataset"
    yield ox.Triple(ox.NamedNode(service), A, ox.NamedNode(f"{SD}Service"))
    yield _fact(service, f"{SD}endpoint", f"{origin}/sparql")
    yield _fact(service, f"{SD}supportedLanguage", f"{SD}SPARQL11Query")
    for item in (*RESULTS, *GRAPHS):
        yield _fact(service, f"{SD}resultFormat", item.iri)
    yield _fact(service, f"{SD}defaultDataset", dataset)
    yield ox.Triple(ox.NamedNode(dataset), A, ox.NamedNode(f"{SD}Dataset"))
    yield from _graph(dataset, f"{SD}defaultGraph", f"{origin}/sparql#default", None)
    for name in NAMED:
        yield from _graph(dataset, f"{SD}namedGraph", f"{origin}/sparql#{name}", graph_iri(edition().base, name))


def _graph(dataset: str, property_: str, node: str, graph: str | None) -> Iterator[ox.Triple]:
    yield _fact(dataset, property_, node)
    described = node
    if graph:
        described = f"{node}-graph"
        yield ox.Triple(ox.NamedNode(node), A, ox.NamedNode(f"{SD}NamedGraph"))
        yield _fact(node, f"{SD}name", graph)
        yield _fact(node, f"{SD}graph", described)
    yield ox.Triple(ox.NamedNode(described), A, ox.NamedNode(f"{SD}Graph"))
    pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
    (count,) = rows(edition().store, f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
    yield _fact(described, f"{VOID}triples", count["n"])  # type: ignore[arg-type]  # COUNT gives a literal


def _catalogue() -> list[ox.Triple]:
    graph = graph_iri(edition().base, "catalogue")
    text = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} LIMIT {MOST}"
    found = rows(edition().store, text)
    facts = [ox.Triple(row["s"], row["p"], row["o"]) for row in found]  # type: ignore[arg-type]  # the engine's order
    return sorted(facts, key=str)

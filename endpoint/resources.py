"""The IRIs the data mint into what a browser or a program gets for them: a page or a description."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pyoxigraph import NamedNode

from fiscalkg.endpoint.negotiate import accepts_html, choose
from fiscalkg.endpoint.releases import Served
from fiscalkg.endpoint.sparql import ProtocolError
from fiscalkg.loader.formats import Format

__all__ = ["EXTENSIONS", "describe", "redirect"]

EXTENSIONS = {item.extension: item for item in (Format.ttl, Format.nt, Format.jsonld, Format.rdf)}
DESCRIPTION = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
CONSTRUCT { ?node ?property ?value . ?value rdfs:label ?label . ?from ?leads ?node }
WHERE {
  { ?node ?property ?value OPTIONAL { ?value rdfs:label ?label } }
  UNION
  { SELECT ?from ?leads ?node WHERE { ?from ?leads ?node } LIMIT 500 }
}"""


def redirect(request: Request, path: str) -> Response:
    """Send an IRI's reader on: 303 to the page, or to the description in the format accepted."""
    accept = request.headers.get("accept")
    chosen = choose(accept, tuple(EXTENSIONS.values()))
    # Without a header, or with one that takes anything, a person is more likely than a program.
    page = accept is None or accepts_html(accept) or accept.strip() == "*/*"
    if not page and chosen is None:
        raise ProtocolError(406, "ask for text/html, text/turtle, application/n-triples, JSON-LD or RDF/XML")
    extension = "html" if page or chosen is None else chosen.extension
    return RedirectResponse(f"/{path}.{extension}", 303, {"Vary": "Accept"})


def describe(served: Served, path: str, extension: str) -> Response | None:
    """Return what the data say of an IRI, with labels of what it points to; ``None`` for an unknown one."""
    chosen = EXTENSIONS[extension]
    node = NamedNode(served.release.base + path)
    pieces = b"".join(served.store.query(DESCRIPTION, chosen, {"node": node}))
    known = b"".join(served.store.query("ASK { ?node ?property ?value }", Format.csv, {"node": node}))
    if b"true" not in known:
        return None
    return Response(pieces, media_type=chosen.media_type)

"""Questions to a store in the shapes pages need: rows, nodes with their properties, labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.loader.stores import Store, rows

__all__ = ["PREFIXES", "Node", "Row", "ask", "base_of", "labels_of", "node", "nodes", "one"]

Row = dict[str, str]
Node = dict[str, list[str]]

FP = "https://w3id.org/fiscalkg/ontology#"
PREFIXES = """PREFIX base88: <https://w3id.org/fiscalkg/scheme/base88/>
PREFIX fp: <https://w3id.org/fiscalkg/ontology#>
PREFIX kind: <https://w3id.org/fiscalkg/scheme/kind/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
LABELS = (
    PREFIXES
    + """SELECT ?concept ?label (LANG(?label) AS ?language) WHERE {
  ?concept a skos:Concept ; skos:prefLabel ?label
}"""
)


def ask(store: Store, text: str, **iris: str) -> list[Row]:
    """Return the rows of a query as plain text values; keyword arguments bind variables to IRIs."""
    found = rows(store, PREFIXES + text, {name: NamedNode(iri) for name, iri in iris.items()})
    return [{name: plain(value) for name, value in row.items() if value is not None} for row in found]


def plain(value: object) -> str:
    """Return the text of an RDF term: the IRI itself, or a literal's lexical form."""
    return str(getattr(value, "value", value))


def base_of(store: Store) -> str:
    """Return the base IRI of the data, read from the IRI of any source document; empty for an empty store."""
    found = ask(store, "SELECT ?document WHERE { ?document a fp:SourceDocument } LIMIT 1")
    return found[0]["document"].rpartition("source/")[0] if found else ""


def labels_of(store: Store) -> dict[str, dict[str, str]]:
    """Return the labels of every concept by IRI and language."""
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for row in ask(store, LABELS):
        labels[row["concept"]][row["language"].partition("-")[0]] = row["label"]
    return dict(labels)


def node(store: Store, iri: str) -> Node:
    """Return every property of one entity; empty when the data do not know it."""
    found = ask(store, "SELECT ?property ?value WHERE { ?node ?property ?value }", node=iri)
    return _gather(found).get("", {})


def nodes(store: Store, iri: str, path: str) -> dict[str, Node]:
    """Return the entities a property path leads to from one entity, each with all its properties.

    ``path`` is a fixed text of the caller, such as ``fp:indicator/fp:target``, never a visitor's.
    """
    found = ask(store, f"SELECT ?node ?property ?value WHERE {{ ?start {path} ?node . ?node ?property ?value }}", start=iri)
    return _gather(found)


def one(entity: Node, name: str) -> str | None:
    """Return the first value of an ``fp:`` property, or of a property given by its whole IRI."""
    values = entity.get(name if ":" in name else FP + name)
    return min(values) if values else None


def _gather(found: list[Row]) -> dict[str, Node]:
    gathered: dict[str, Node] = defaultdict(lambda: defaultdict(list))
    for row in found:
        gathered[row.get("node", "")][row["property"]].append(row["value"])
    return {iri: dict(properties) for iri, properties in gathered.items()}

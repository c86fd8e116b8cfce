"""Questions to a store in the shapes pages need: rows, nodes with their properties, labels."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from io import TextIOWrapper

from pyoxigraph import NamedNode

from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.loader.formats import Format
from fiscalkg.loader.stores import Store, Term, answer_of
from fiscalkg.loader.stores.embedded import EmbeddedStore

__all__ = [
    "FEW", "PREFIXES", "Node", "Row", "answer_to", "ask", "base_of", "gather", "labels_of", "node", "node_of", "nodes",
    "one", "recent", "remembered", "rows_by", "signs_of", "streamed",
]  # fmt: skip

Row = dict[str, str]
Node = dict[str, list[str]]

RECENT = 50  # queries: as many as the freezer plans pages at once
FP = "https://w3id.org/fiscalkg/ontology#"
PREFIXES = """PREFIX base88: <https://w3id.org/fiscalkg/scheme/base88/>
PREFIX fp: <https://w3id.org/fiscalkg/ontology#>
PREFIX kind: <https://w3id.org/fiscalkg/scheme/kind/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX scope: <https://w3id.org/fiscalkg/scheme/scope/>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX source: <https://w3id.org/fiscalkg/scheme/source/>
"""
# Properties of which a table has many values, and that pages read elsewhere: most of all that is stated of it.
MANY = ("fp:amount", "fp:failed", "fp:indicator", "fp:notApplicable", "fp:passed", "fp:statesClass")
FEW = f"FILTER(?property NOT IN ({', '.join(MANY)}))"
LABELS = (
    PREFIXES
    + """SELECT ?concept ?label (LANG(?label) AS ?language) WHERE {
  ?concept a skos:Concept ; skos:prefLabel ?label
}"""
)


def ask(store: Store, text: str, **iris: str) -> list[Row]:
    """Return the rows of a query, run as it stands, as plain text; keyword arguments bind variables to IRIs."""
    bindings: dict[str, Term] = {name: NamedNode(iri) for name, iri in iris.items()}
    if isinstance(store, EmbeddedStore):
        return store.texts(text, bindings)
    answer = json.loads(answer_of(store, text, Format.json, bindings))
    once: dict[str, str] = {}  # rows name the same units, years and messages: a text is held once for all of them
    # Python's own reader: making terms of what pages show as text takes several times as long.
    return [
        {name: once.setdefault(text := term["value"], text) for name, term in row.items()}
        for row in answer["results"]["bindings"]
    ]


def streamed(store: Store, text: str) -> Iterator[list[str]]:
    """Yield the rows of a query as plain texts, by way of a file: they may be more than fit into memory."""
    csv.field_size_limit(sys.maxsize)  # a name may be as long as its document
    with tempfile.TemporaryFile() as file:
        store.query(text, Format.csv, file)
        file.seek(0)
        rows = csv.reader(TextIOWrapper(file, encoding="utf-8", newline=""))
        next(rows, None)
        yield from rows


def remembered(edition: Edition, text: str) -> list[Row]:
    """Return the rows of a fixed query, asked once an edition: every page of a question reads the same rows."""
    if text not in edition.answered:
        edition.answered[text] = ask(edition.store, text)
    return edition.answered[text]


def recent(edition: Edition, text: str) -> list[Row]:
    """Return the rows of a query that few pages read, one after the other; those of the last ``RECENT`` are kept."""
    rows = edition.recent.pop(text, None)
    edition.recent[text] = rows = ask(edition.store, text) if rows is None else rows
    if len(edition.recent) > RECENT:
        del edition.recent[next(iter(edition.recent))]
    return rows


def rows_by(edition: Edition, text: str, column: str) -> dict[str, list[Row]]:
    """Return the remembered rows of a query by what a column holds, in their order; rows without it are left out."""
    if (text, column) not in edition.grouped:
        groups: dict[str, list[Row]] = {}
        for row in remembered(edition, text):
            if column in row:
                groups.setdefault(row[column], []).append(row)
        edition.grouped[text, column] = groups
    return edition.grouped[text, column]


def base_of(store: Store) -> str:
    """Return the base IRI of the data, read from the IRI of any source document; empty for an empty store."""
    found = ask(store, PREFIXES + "SELECT ?document WHERE { ?document a fp:SourceDocument } LIMIT 1")
    return found[0]["document"].rpartition("source/")[0] if found else ""


def labels_of(store: Store) -> dict[str, dict[str, str]]:
    """Return the labels of every concept by IRI and language."""
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for row in ask(store, LABELS):
        labels[row["concept"]][row["language"].partition("-")[0]] = row["label"]
    return dict(labels)


def signs_of(store: Store) -> dict[str, str]:
    """Return the sign of each comparator, such as ≥, by its IRI."""
    scheme = "<https://w3id.org/fiscalkg/scheme/comparator>"
    text = f"SELECT ?concept ?sign WHERE {{ ?concept skos:inScheme {scheme} ; skos:notation ?sign }}"
    return {row["concept"]: row["sign"] for row in ask(store, PREFIXES + text)}


def node(store: Store, iri: str) -> Node:
    """Return the properties of one entity, besides ``MANY``; empty when the data do not know it."""
    # The engine binds only variables that are selected.
    found = ask(store, f"{PREFIXES}SELECT ?node ?property ?value WHERE {{ ?node ?property ?value {FEW} }}", node=iri)
    return gather(found).get(iri, {})


def answer_to(edition: Edition, text: str) -> list[Row]:
    """Return the rows of a query of one entity: those asked ahead, else as the store answers."""
    return edition.answered[text] if text in edition.answered else ask(edition.store, text)


def node_of(edition: Edition, iri: str) -> Node:
    """Return the properties of one entity, as ``node`` does, asked ahead or now; empty when the data do not know it."""
    return edition.nodes[iri] if iri in edition.nodes else node(edition.store, iri)


def nodes(store: Store, iri: str, path: str) -> dict[str, Node]:
    """Return the entities a property path leads to from one entity, each with all its properties.

    ``path`` is a fixed text of the caller, such as ``fp:indicator/fp:target``, never a visitor's.
    """
    text = f"SELECT ?start ?node ?property ?value WHERE {{ ?start {path} ?node . ?node ?property ?value }}"
    return gather(ask(store, PREFIXES + text, start=iri))


def one(entity: Node, name: str) -> str | None:
    """Return the first value of an ``fp:`` property, or of a property given by its whole IRI."""
    values = entity.get(name if ":" in name else FP + name)
    return min(values) if values else None


def gather(found: list[Row]) -> dict[str, Node]:
    """Return the properties of each node that rows of ``node``, ``property`` and ``value`` speak of."""
    gathered: dict[str, Node] = defaultdict(lambda: defaultdict(list))
    for row in found:
        gathered[row["node"]][row["property"]].append(row["value"])
    return {iri: dict(properties) for iri, properties in gathered.items()}

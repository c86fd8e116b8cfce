"""An IRI into what the data say of it: its own statements, labels of what it points to, a page of what points to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from fiscalkg.endpoint.pages.markup import html, link
from fiscalkg.endpoint.pages.page import Edition, Language
from fiscalkg.endpoint.work import edition
from fiscalkg.loader.dumps import PREFIXES
from fiscalkg.loader.formats import Format
from fiscalkg.loader.iris import ONTOLOGY, graph_iri
from fiscalkg.loader.stores import Store, Term, rows

__all__ = ["EXTENSIONS", "Described", "Subject", "describe", "iri_of", "is_described", "serialized"]

EXTENSIONS = {item.extension: item for item in (Format.ttl, Format.nt, Format.jsonld, Format.rdf)}
VOCABULARY = ONTOLOGY.removesuffix("ontology#")
MOST_OWN, MOST_OF_DOCUMENT, A_PAGE = 1000, 5000, 100  # triples, triples, inverse links
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
OWN = """SELECT ?node ?property ?value WHERE {
  { ?node ?property ?value } UNION { GRAPH ?graph { ?node ?property ?value } }
}"""
INVERSE = OWN.replace("?node", "?from").replace("?value", "?node")
MORE = {
    "formats": "http://www.w3.org/ns/formats/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
}
Fact = tuple[Term, ox.NamedNode, Term]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be described: ``extension`` html or one of a format, ``page`` of inverse links, from 1."""

    iri: str
    path: str
    extension: str
    page: int = 1
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class Described:
    """A description; ``more`` says that a further page of inverse links follows."""

    body: bytes
    more: bool


def iri_of(base: str, path: str) -> str:
    """Return the IRI that a path dereferences: the vocabulary's have a home of their own, all others the data's base.

    >>> iri_of("https://x/id/", "scheme/scope/year"), iri_of("https://x/id/", "unit/1/2")
    ('https://w3id.org/fiscalkg/scheme/scope/year', 'https://x/id/unit/1/2')
    """
    return (VOCABULARY if path.split("/")[0] in {"ontology", "scheme", "shapes"} else base) + path


def is_described(iri: str) -> Iterator[bool]:
    """Yield whether the data know an IRI."""
    store = edition().store
    node = {"node": ox.NamedNode(iri)}
    yield bool(rows(store, f"{OWN} LIMIT 1", node) or rows(store, f"{INVERSE} LIMIT 1", node))


def describe(subject: Subject) -> Iterator[Described]:
    """Yield the description of an IRI, or nothing where the data do not know it."""
    made = edition()
    node = ox.NamedNode(subject.iri)
    own, inverse = _own(made, subject, node), _inverse(made.store, subject, node)
    if not own and not inverse:
        return
    shown, more = inverse[:A_PAGE], len(inverse) > A_PAGE
    labels = _labels(made.store, {term for fact in (*own, *shown) for term in fact if isinstance(term, ox.NamedNode)})
    if subject.extension == "html":
        yield Described(_page(made, subject, own, shown, labels, more), more)
    else:
        yield Described(_serialized([*own, *shown, *labels], EXTENSIONS[subject.extension]), more)


def _own(made: Edition, subject: Subject, node: ox.NamedNode) -> list[Fact]:
    found = rows(made.store, f"{OWN} LIMIT {MOST_OWN}", {"node": node})
    facts: list[tuple[Term, Term, Term]] = [(node, row["property"], row["value"]) for row in found]
    first = subject.path.split("/")[0]
    graph = {"ontology": "ontology", "shapes": "shapes", "release": "catalogue"}.get(first)
    if graph:  # terms and files are named by fragments of these: whoever fetches one gets the whole document
        facts += _of_document(made.store, graph_iri(made.base, graph), f"{subject.iri}#")
    return sorted(set(facts), key=str)  # type: ignore[arg-type]  # the engine gives IRIs for properties


def _of_document(store: Store, graph: str, start: str) -> list[tuple[Term, Term, Term]]:
    text = (
        "SELECT ?graph ?node ?property ?value WHERE { GRAPH ?graph { ?node ?property ?value "
        f"FILTER(STRSTARTS(STR(?node), {ox.Literal(start)})) }} }} LIMIT {MOST_OF_DOCUMENT}"
    )
    found = rows(store, text, {"graph": ox.NamedNode(graph)})
    return [(row["node"], row["property"], row["value"]) for row in found]


def _inverse(store: Store, subject: Subject, node: ox.NamedNode) -> list[Fact]:
    # A release never changes, so its order without ORDER BY stays, which over a much used code would take long.
    text = f"{INVERSE} LIMIT {A_PAGE + 1} OFFSET {(subject.page - 1) * A_PAGE}"
    found = rows(store, text, {"node": node})
    return [(row["from"], row["property"], node) for row in found]  # type: ignore[misc]  # properties are IRIs


def _labels(store: Store, terms: Iterable[ox.NamedNode]) -> list[Fact]:
    listed = " ".join(sorted(map(str, terms)))
    text = f"SELECT ?value ?label WHERE {{ VALUES ?value {{ {listed} }} ?value {LABEL} ?label }}"
    return [(row["value"], LABEL, row["label"]) for row in rows(store, text)]


def serialized(triples: Sequence[ox.Triple], asked: Format) -> bytes:
    """Return triples in a format of graphs, with the prefixes that they use."""
    text = " ".join(map(str, triples))
    used = {name: iri for name, iri in (PREFIXES | MORE).items() if iri in text}
    return ox.serialize(triples, format=asked.engine, prefixes=used) or b""  # type: ignore[arg-type]  # of graphs


def _serialized(facts: Iterable[Fact], asked: Format) -> bytes:
    triples = [ox.Triple(*fact) for fact in dict.fromkeys(facts)]  # type: ignore[arg-type]  # subjects are no literals
    return serialized(triples, asked)


def _page(
    made: Edition, subject: Subject, own: list[Fact], inverse: list[Fact], labels: list[Fact], more: bool
) -> bytes:
    names = _names(labels, subject.language)
    tables = [[(fact[1].value, fact[2]) for fact in own if fact[0].value == subject.iri]]
    tables.append([(fact[1].value, fact[0]) for fact in inverse])
    shown = [[(property_, term.value, isinstance(term, ox.NamedNode)) for property_, term in each] for each in tables]
    path = f"{subject.path}.html"
    return html(
        made, path, subject.language, "resource.html", None, iri=subject.iri, own=shown[0], inverse=shown[1],
        names=names, more=more, page=subject.page, address=lambda iri: _address(made.base, path, iri),
    ).body  # fmt: skip


def _address(base: str, path: str, iri: str) -> str:
    """Return where a link to an IRI leads: into this server for those that it dereferences, else to the IRI."""
    if iri.startswith(base):
        return link(path, f"id/{iri.removeprefix(base)}")
    return link(path, iri.removeprefix(VOCABULARY)) if iri.startswith(VOCABULARY) else iri


def _names(labels: list[Fact], language: Language) -> dict[str, str]:
    """Return one label an IRI: in the language asked for, else any."""
    ranked = sorted(labels, key=lambda fact: getattr(fact[2], "language", None) == language)
    return {fact[0].value: fact[2].value for fact in ranked}

"""What the tests of the vocabulary share: its triples, and the statements of the examples with their marks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.check import batch_store, check
from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.iris import BASE, statement_iris
from fiscalkg.loader.layouts import parse
from fiscalkg.loader.manifest import describe, find_documents
from fiscalkg.loader.readers import read

ROOT = Path(__file__).parent.parent
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"


@dataclass(frozen=True)
class Example:
    """One statement of the examples: its IRI, its own lines with those of its document, what a release marks."""

    iri: str
    lines: tuple[str, ...]
    marks: tuple[str, ...]
    indicators: int


@cache
def ontology() -> tuple[ox.Triple, ...]:
    """Every module of the ontology; blank nodes of two files stay apart."""
    return turtle(sorted((ROOT / "ontology").glob("*.ttl")))


@cache
def code_triples() -> tuple[ox.Triple, ...]:
    """Every code list, with the rules that stand beside their shapes."""
    return tuple(code_lists())


def turtle(paths: list[Path]) -> tuple[ox.Triple, ...]:
    found = (ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True) for path in paths)
    return tuple(quad.triple for quads in found for quad in quads)


def of_lines(lines: tuple[str, ...]) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)]


@cache
def examples() -> tuple[Example, ...]:
    """The 134 statements of the examples, in the order of documents and tables."""
    found: list[Example] = []
    for entry in find_documents([ROOT / "examples"]):
        source = read(entry.path)
        reading = parse(source, describe(entry, source.sha256, source.media_type))
        about = tuple(document_graph(reading.document, BASE))
        own = {
            statement_iris(BASE, one, reading.document).statement: (one, tuple(graph_of(one, reading.document, BASE)))
            for one in reading.statements
        }
        held = batch_store([*about, *(line for _, lines in own.values() for line in lines)])
        marks = check(held, BASE).marks
        for iri, (one, lines) in own.items():
            mine = tuple(line for line in marks if line.startswith(f"<{iri}> "))
            found.append(Example(iri, about + lines, mine, len(one.indicators)))
    assert len(found) == 134
    return tuple(found)


def languages(triples: tuple[ox.Triple, ...], predicate: str) -> dict[str, set[str]]:
    """The named subjects of a predicate, with the languages it is said in; "" for what has no language."""
    found: dict[str, set[str]] = {}
    for t in triples:
        if t.predicate.value == predicate and isinstance(t.subject, ox.NamedNode):
            tag = (t.object.language or "") if isinstance(t.object, ox.Literal) else ""
            found.setdefault(t.subject.value, set()).add(tag)
    return found

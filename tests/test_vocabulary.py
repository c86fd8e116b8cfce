"""Contracts between the graph and the ontology: what is used is declared, what is declared is labelled."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from fiscalkg.loader.check import batch_store, check
from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.iris import BASE, ONTOLOGY, SCHEME
from fiscalkg.loader.layouts import parse
from fiscalkg.loader.manifest import describe, find_documents
from fiscalkg.loader.readers import read

ROOT = Path(__file__).parent.parent
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


def facts() -> set[str]:
    lines: set[str] = set()
    for entry in find_documents([ROOT / "examples"]):
        source = read(entry.path)
        reading = parse(source, describe(entry, source.sha256, source.media_type))
        own = set(document_graph(reading.document, BASE))
        for statement in reading.statements:
            own.update(graph_of(statement, reading.document, BASE))
        lines |= own | set(check(batch_store(own), BASE).marks)
    return lines


@pytest.fixture(scope="module")
def graph() -> str:
    return "".join(sorted(facts()))


@pytest.fixture(scope="module")
def ontology() -> list[ox.Triple]:
    files = sorted((ROOT / "ontology").glob("*.ttl"))
    return [quad.triple for path in files for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]


def spoken(triples: list[ox.Triple], predicate: str, subject: str) -> set[str]:
    return {
        triple.object.language or ""
        for triple in triples
        if triple.predicate.value == predicate and triple.subject == ox.NamedNode(subject)
        if isinstance(triple.object, ox.Literal)
    }


def test_every_term_used_is_declared(graph: str, ontology: list[ox.Triple]) -> None:
    """Each of our terms in the graph of the five examples has a declaration in the ontology."""
    used = set(re.findall(rf"<({re.escape(ONTOLOGY)}\w+)>", graph))
    declared = {triple.subject.value for triple in ontology if isinstance(triple.subject, ox.NamedNode)}
    assert len(used) > 50
    assert used - declared == set()


def test_no_code_dangles(graph: str) -> None:
    """Each code in the graph is in a code list, or is a unit that the data themselves declare."""
    used = set(re.findall(rf"<({re.escape(SCHEME)}[^>]+/[^>]+)>", graph))
    listed = {triple.subject.value for triple in code_lists() if isinstance(triple.subject, ox.NamedNode)}
    declared = set(re.findall(rf"^<({re.escape(SCHEME)}[^>]+)>", graph, re.MULTILINE))
    assert used - listed - declared == set()


def test_code_lists_hold_no_blank_nodes_and_speak_both_languages() -> None:
    """Every code has labels in Chinese and English, and no triple of a list needs a blank node."""
    triples = list(code_lists())
    assert not any(isinstance(term, ox.BlankNode) for triple in triples for term in (triple.subject, triple.object))
    for subject in {triple.subject.value for triple in triples if isinstance(triple.subject, ox.NamedNode)}:
        assert spoken([t for t in triples if t.subject.value == subject], LABEL, subject) >= {"zh", "en"}, subject

"""loader.graph and loader.iris: statements into triples that every RDF tool reads alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.iris import BASE, project_key, statement_iris
from fiscalkg.loader.layouts import parse
from fiscalkg.loader.manifest import describe, find_documents
from fiscalkg.loader.model import Basis, Stated
from fiscalkg.loader.readers import read
from fiscalkg.loader.reading import Reading
from fiscalkg.loader.terms import literal

EXAMPLES = Path(__file__).parent.parent / "examples"


def readings() -> list[Reading]:
    found = []
    for entry in find_documents([EXAMPLES]):
        source = read(entry.path)
        found.append(parse(source, describe(entry, source.sha256, source.media_type)))
    return found


@pytest.fixture(scope="module")
def examples() -> list[Reading]:
    return readings()


def lines_of(reading: Reading) -> list[str]:
    lines = list(document_graph(reading.document, BASE))
    for statement in reading.statements:
        lines += graph_of(statement, reading.document, BASE)
    return lines


def test_every_line_is_one_triple_without_blank_nodes(examples: list[Reading]) -> None:
    """Each line parses as one triple, its subject and object are no blank nodes, its IRIs are ASCII."""
    for reading in examples:
        lines = lines_of(reading)
        quads = list(ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES))
        assert len(quads) == len(lines)
        for quad in quads:
            terms = (quad.subject, quad.predicate, quad.object)
            assert not any(isinstance(term, ox.BlankNode) for term in terms)
            assert all(term.value.isascii() for term in terms if isinstance(term, ox.NamedNode))


def test_two_libraries_read_the_same_graph(examples: list[Reading]) -> None:
    """rdflib and pyoxigraph read isomorphic graphs, and the engine writes every literal back as it was."""
    lines = lines_of(examples[0])
    store = ox.Store()
    store.load("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    rewritten = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    assert sorted(rewritten.decode().splitlines(keepends=True)) == sorted(set(lines))
    ours, theirs = rdflib.Graph(), rdflib.Graph()
    ours.parse(data="".join(lines), format="nt")
    theirs.parse(data=rewritten, format="nt")
    assert isomorphic(ours, theirs)


def test_statements_have_iris_of_their_own(examples: list[Reading]) -> None:
    """The 134 statements of the examples have 134 IRIs, and the same ones whatever document is read first."""
    forwards = [statement_iris(BASE, one, r.document).statement for r in examples for one in r.statements]
    backwards = [statement_iris(BASE, one, r.document).statement for r in reversed(examples) for one in r.statements]
    assert len(set(forwards)) == len(forwards) == 134
    assert set(forwards) == set(backwards)


def test_a_project_keeps_its_iri_over_the_years() -> None:
    """The year, blanks and punctuation in a project's name do not tell projects apart; its words do."""
    assert project_key("2022年公共机构节能（专项）资金") == project_key("2023 年公共机构节能专项资金")
    assert project_key("公共机构节能") != project_key("公共机构绿化")


@settings(max_examples=200)
@given(st.text(min_size=1), st.text(), st.text(min_size=1))
def test_hostile_text_stays_text(name: str, code: str, year: str) -> None:
    """Whatever a name, code or year holds, the lines parse and the printed name comes back unchanged."""
    reading = HOSTILE[0]
    statement = replace(
        reading.statements[0],
        project_name=Stated(name, Basis.PRINTED),
        unit_code=Stated(code, Basis.PRINTED),
        fiscal_year=Stated(year, Basis.PRINTED),
    )
    lines = "".join(graph_of(statement, reading.document, BASE))
    quads = list(ox.parse(lines.encode(), format=ox.RdfFormat.N_TRIPLES))
    printed = {quad.object.value for quad in quads if quad.predicate.value.endswith("#projectName")}
    assert printed == {name}


HOSTILE = readings()[:1]


def test_a_lone_surrogate_cannot_break_a_file() -> None:
    """What UTF-8 cannot hold becomes U+FFFD, as decoders do."""
    assert literal("a\ud800b") == '"a\N{REPLACEMENT CHARACTER}b"'

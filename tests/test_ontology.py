"""owlready2 and HermiT read the ontology with real statements and find nothing that contradicts itself."""

from __future__ import annotations

from pathlib import Path

import owlready2
import pyoxigraph as ox
import pytest

from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.iris import BASE, ONTOLOGY
from fiscalkg.loader.layouts import parse
from fiscalkg.loader.manifest import describe, find_documents
from fiscalkg.loader.readers import read

ROOT = Path(__file__).parent.parent
# HermiT stops at datatypes outside the OWL 2 map: these literals are left out, and nothing else.
LEFT_OUT = {"http://www.w3.org/2001/XMLSchema#date", "http://www.w3.org/2001/XMLSchema#gYear"}


def individuals() -> tuple[list[ox.Triple], int]:
    """The four statements of the first example as triples, and how many literals HermiT is not shown."""
    entry = find_documents([ROOT / "examples"])[0]
    source = read(entry.path)
    reading = parse(source, describe(entry, source.sha256, source.media_type))
    lines = list(document_graph(reading.document, BASE))
    for statement in reading.statements:
        lines += graph_of(statement, reading.document, BASE)
    triples = [quad.triple for quad in ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)]
    kept = [t for t in triples if not (isinstance(t.object, ox.Literal) and t.object.datatype.value in LEFT_OUT)]
    return kept, len(triples) - len(kept)


@pytest.fixture(scope="module")
def reasoned(tmp_path_factory: pytest.TempPathFactory) -> owlready2.World:
    core = [quad.triple for quad in ox.parse(path=str(ROOT / "ontology/core.ttl"), format=ox.RdfFormat.TURTLE)]
    triples, _ = individuals()
    path = tmp_path_factory.mktemp("ontology") / "all.nt"
    ox.serialize([*core, *code_lists(), *triples], str(path), format=ox.RdfFormat.N_TRIPLES)
    world = owlready2.World()
    world.get_ontology(path.as_uri()).load()
    with world.get_ontology("http://inferred.example/"):
        owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    return world


@pytest.mark.needs("java")
def test_ontology_is_consistent_with_real_statements(reasoned: owlready2.World) -> None:
    """HermiT finds ontology, code lists and four real statements consistent, and every class satisfiable."""
    assert list(reasoned.inconsistent_classes()) == []


@pytest.mark.needs("java")
def test_hermit_sees_the_statements(reasoned: owlready2.World) -> None:
    """What was reasoned over holds the four statements and their 24 indicators, so the check can fail."""
    assert len(list(reasoned[f"{ONTOLOGY}Statement"].instances())) == 4
    assert len(list(reasoned[f"{ONTOLOGY}Indicator"].instances())) == 24


@pytest.mark.needs("java")
def test_a_contradiction_is_found(tmp_path: Path) -> None:
    """A thing that is both an amount and a goal makes the ontology inconsistent: the check can fail."""
    core = [quad.triple for quad in ox.parse(path=str(ROOT / "ontology/core.ttl"), format=ox.RdfFormat.TURTLE)]
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    both = [
        ox.Triple(ox.NamedNode("http://a.example/x"), kind, ox.NamedNode(f"{ONTOLOGY}{name}"))
        for name in ("Amount", "Goal")
    ]
    path = tmp_path / "both.nt"
    ox.serialize([*core, *both], str(path), format=ox.RdfFormat.N_TRIPLES)
    world = owlready2.World()
    world.get_ontology(path.as_uri()).load()
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        owlready2.sync_reasoner_hermit(world, debug=0)


def test_only_dates_and_years_are_kept_from_the_reasoner() -> None:
    """Four statements lose their four years and nothing else."""
    assert individuals()[1] == 4

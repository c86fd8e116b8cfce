"""owlready2 and HermiT read the ontology with real statements, find them consistent, infer what a release marks."""

from __future__ import annotations

from pathlib import Path

import owlready2
import pyoxigraph as ox
import pytest

from fiscalkg.loader.iris import ONTOLOGY
from vocabulary import OWL, RDF, Example, code_triples, examples, of_lines, ontology

# HermiT stops at datatypes outside the OWL 2 map: these literals are left out, and nothing else.
LEFT_OUT = {"http://www.w3.org/2001/XMLSchema#date", "http://www.w3.org/2001/XMLSchema#gYear"}
TYPE = ox.NamedNode(f"{RDF}type")
# what HermiT is to infer and a release to state
DEFINED = ("FullyQuantifiedStatement", "PartlyUnquantifiedStatement", "OvercommittedStatement", "CostedStatement")
# HermiT's time grows far faster than what it sees at once: 6 s for the sample, over 500 s for a hundred statements
AT_ONCE = 6


def stated(example: Example) -> set[str]:
    """The defined classes that a release states of a statement."""
    return {name for name in DEFINED if any(line.endswith(f"<{ONTOLOGY}{name}> .\n") for line in example.marks)}


def sample() -> list[Example]:
    """Few and small statements, so that each defined class has one of them and lacks one."""
    chosen: list[Example] = []
    small = sorted(examples(), key=lambda example: (example.indicators, example.iri))
    for name in DEFINED:
        for wanted in (True, False):
            if not any((name in stated(example)) is wanted for example in chosen):
                chosen.append(next(example for example in small if (name in stated(example)) is wanted))
    return chosen


def shown(chosen: list[Example]) -> tuple[list[ox.Triple], int]:
    """The facts of statements, with what marks the axioms speak of but never their types, and how many are left out."""
    triples = set(of_lines(tuple(line for example in chosen for line in example.lines)))
    kept = [t for t in triples if not (isinstance(t.object, ox.Literal) and t.object.datatype.value in LEFT_OUT)]
    spoken_of = {f"{ONTOLOGY}commitmentRatio", f"{ONTOLOGY}statesClass"}
    marks = of_lines(tuple(line for example in chosen for line in example.marks))
    return [*kept, *(t for t in marks if t.predicate.value in spoken_of)], len(triples) - len(kept)


def closed(triples: list[ox.Triple]) -> list[ox.Triple]:
    """Say of each statement that the rows it states are all it has: “every indicator” speaks of these and no others."""
    rows: dict[ox.NamedNode, list[ox.NamedNode]] = {}
    for t in triples:
        if t.predicate.value == f"{ONTOLOGY}indicator":
            rows.setdefault(t.subject, []).append(t.object)  # type: ignore[arg-type]  # both are IRIs
    text = "".join(
        f"<{owner.value}> a [ a <{OWL}Restriction> ; <{OWL}onProperty> <{ONTOLOGY}indicator> ; "
        f"<{OWL}allValuesFrom> [ a <{OWL}Class> ; <{OWL}oneOf> ( {' '.join(f'<{row.value}>' for row in own)} ) ] ] .\n"
        for owner, own in rows.items()
    )
    return [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)]


def reason(triples: list[ox.Triple], folder: Path) -> owlready2.World:
    path = folder / "all.nt"
    ox.serialize([*ontology(), *code_triples(), *triples], str(path), format=ox.RdfFormat.N_TRIPLES)
    world = owlready2.World()
    world.get_ontology(path.as_uri()).load()
    with world.get_ontology("http://inferred.example/"):
        owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    return world


def inferred(world: owlready2.World) -> set[tuple[str, str]]:
    return {(one.iri, name) for name in DEFINED for one in world[f"{ONTOLOGY}{name}"].instances()}


@pytest.fixture(scope="module")
def reasoned(tmp_path_factory: pytest.TempPathFactory) -> owlready2.World:
    """Ontology, code lists and the sample as HermiT left them."""
    triples, _ = shown(sample())
    return reason([*triples, *closed(triples)], tmp_path_factory.mktemp("ontology"))


def test_the_sample_tells_the_classes_apart() -> None:
    """Each defined class holds one of the sampled statements and lacks one, and the sample stays small."""
    assert 2 <= len(sample()) <= 8
    for name in DEFINED:
        assert {name in stated(example) for example in sample()} == {True, False}


def test_each_defined_class_holds_some_examples_and_not_all() -> None:
    """The marks tell statements apart: each class holds some of the 134 and not all."""
    for name in DEFINED:
        assert 0 < sum(name in stated(example) for example in examples()) < 134, name


@pytest.mark.needs("java")
def test_ontology_is_consistent_with_real_statements(reasoned: owlready2.World) -> None:
    """HermiT finds ontology, code lists and real statements consistent, and every class satisfiable."""
    assert list(reasoned.inconsistent_classes()) == []
    assert len(list(reasoned[f"{ONTOLOGY}Statement"].instances())) == len(sample())
    rows = sum(example.indicators for example in sample())
    assert len(list(reasoned[f"{ONTOLOGY}Indicator"].instances())) == rows > 10


@pytest.mark.needs("java")
def test_marks_of_a_release_are_what_hermit_infers(reasoned: owlready2.World) -> None:
    """Each sampled statement is marked as of a defined class exactly where HermiT infers it from the axioms."""
    assert {(example.iri, name) for example in sample() for name in stated(example)} == inferred(reasoned)


@pytest.mark.needs("java")
def test_a_contradiction_is_found(tmp_path: Path) -> None:
    """A thing that is both an amount and a goal makes the ontology inconsistent: the check can fail."""
    both = [
        ox.Triple(ox.NamedNode("http://a.example/x"), TYPE, ox.NamedNode(f"{ONTOLOGY}{name}"))
        for name in ("Amount", "Goal")
    ]
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reason(both, tmp_path)


def test_only_dates_and_years_are_kept_from_the_reasoner() -> None:
    """Six statements of Tianjin lose their six years and nothing else."""
    assert shown(list(examples()[:6]))[1] == 6


@pytest.mark.soak
@pytest.mark.needs("java")
@pytest.mark.timeout(3600)
def test_all_marks_are_what_hermit_infers(tmp_path: Path) -> None:
    """All 134 statements, a few at a time: consistent, and marked exactly as HermiT infers."""
    for start in range(0, len(examples()), AT_ONCE):
        chosen = list(examples()[start : start + AT_ONCE])
        triples, _ = shown(chosen)
        world = reason([*triples, *closed(triples)], tmp_path)
        assert {(example.iri, name) for example in chosen for name in stated(example)} == inferred(world), start

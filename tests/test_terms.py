"""Each term says what it means, how it is meant, by an example and from where; each alignment says why."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from fiscalkg.loader.iris import ONTOLOGY
from vocabulary import DCTERMS, OWL, RDF, RDFS, ROOT, SKOS, examples, languages, ontology, turtle

VANN = "http://purl.org/vocab/vann/"
HEADER = "https://w3id.org/fiscalkg/ontology"
ALIGNED = ("org", "prov", "dcterms", "dcat", "skos", "schema", "time", "qudt", "dqv", "qb", "spdx", "void")
MAPPINGS = {f"{RDFS}subClassOf", f"{RDFS}subPropertyOf", f"{SKOS}relatedMatch", f"{ONTOLOGY}iatiElement"}


def terms() -> set[str]:
    return {name for name in languages(ontology(), f"{RDF}type") if name.startswith(ONTOLOGY)}


def test_the_ontology_says_who_made_it_and_when() -> None:
    """Licence, creator, dates, versions, prefix and namespace stand in its header; nothing is imported."""
    said = {t.predicate.value.rpartition("#")[2].rpartition("/")[2] for t in ontology() if t.subject.value == HEADER}
    assert said >= {
        "license", "creator", "publisher", "bibliographicCitation", "created", "modified",
        "versionIRI", "priorVersion", "versionInfo",
        "preferredNamespacePrefix", "preferredNamespaceUri", "title", "description",
    }  # fmt: skip
    assert "imports" not in said


@pytest.mark.parametrize("predicate", [f"{RDFS}label", f"{SKOS}definition", f"{SKOS}scopeNote"])
def test_every_term_speaks_both_languages(predicate: str) -> None:
    """Each of our terms has a label, a definition and a scope note in Chinese and English, and nothing else has."""
    said = {name: tags for name, tags in languages(ontology(), predicate).items() if name.startswith(ONTOLOGY)}
    assert len(terms()) > 120
    assert said == {key: {"zh", "en"} for key in terms()}


def test_every_term_has_an_example_a_source_and_a_version() -> None:
    """Each of our terms names an example, the source of its definition, where it is defined, and since when."""
    examples = languages(ontology(), f"{VANN}example").keys() | languages(ontology(), f"{SKOS}example").keys()
    assert terms() - examples == set()
    for predicate in (f"{DCTERMS}source", f"{RDFS}isDefinedBy", f"{OWL}versionInfo"):
        assert terms() - languages(ontology(), predicate).keys() == set(), predicate


def test_every_property_says_of_what_and_what_it_takes() -> None:
    """Each property has a domain and a range; those of dates and years alone have none, for OWL 2 maps neither."""
    said = {
        name: {t.object.value for t in ontology() if t.subject.value == name and t.predicate.value == f"{RDF}type"}
        for name in terms()
    }
    properties = {name for name, kinds in said.items() if kinds & {f"{OWL}ObjectProperty", f"{OWL}DatatypeProperty"}}
    assert len(properties) > 90
    assert properties - languages(ontology(), f"{RDFS}domain").keys() == set()
    dated = {"fiscalYear", "measuredYear", "plannedStart", "plannedEnd"}
    assert properties - languages(ontology(), f"{RDFS}range").keys() == {ONTOLOGY + name for name in dated}


def test_what_a_statement_is_holds_in_the_examples() -> None:
    """Each thing of the examples has exactly as many values of a property as its class's cardinality says."""
    exact: set[tuple[str, str]] = set()
    by = {(t.subject, t.predicate.value.rpartition("#")[2]): t.object for t in ontology()}
    for t in ontology():
        if t.predicate.value == f"{RDFS}subClassOf" and isinstance(t.object, ox.BlankNode):
            on = by[t.object, "onProperty"].value  # type: ignore[union-attr]  # every restriction here is on a named property
            assert (by.get((t.object, "qualifiedCardinality")) or by[t.object, "cardinality"]).value == "1"  # type: ignore[union-attr]  # a literal
            exact.add((t.subject.value, on))
    facts = {line for example in examples() for line in example.lines}
    triples = [tuple(line.split(" ", 2)) for line in facts]
    owners = {(s, o[1:].partition(">")[0]) for s, p, o in triples if p == f"<{RDF}type>"}
    counted = Counter((s, p[1:-1]) for s, p, _ in triples)
    stated = {(kind, on) for kind, on in exact if not on.endswith("Of")}  # the graph states no inverse
    assert len(stated) > 15
    for name, kind in owners:
        for on in (on for own, on in stated if own == kind):
            assert counted[name, on] == 1, (name, on)


def test_every_version_says_what_changed() -> None:
    """Each version a term came with has a dated change note in both languages, and the last is the header's own."""
    since = {t.object.value for t in ontology() if t.predicate.value == f"{OWL}versionInfo" and "#" in t.subject.value}
    notes, dated = languages(ontology(), f"{SKOS}changeNote"), languages(ontology(), f"{DCTERMS}created")
    for version in since:
        assert notes[f"{HEADER}/{version}"] == {"zh", "en"}
        assert f"{HEADER}/{version}" in dated
    current = {
        t.object.value for t in ontology() if t.subject.value == HEADER and t.predicate.value == f"{OWL}versionInfo"
    }
    assert current == {max(since)}


def test_every_example_is_in_a_release(published: Path) -> None:
    """Each vann:example of a class is of it in the published examples, each of a property has that property."""
    release = published / "current"
    dump = gzip.decompress((release / "dumps/fiscalkg.nt.gz").read_bytes()).decode()
    kinds = set(re.findall(rf"^<(\S+)> <{RDF}type> <(\S+)> \.$", dump, re.MULTILINE))
    owners = set(re.findall(r"^<(\S+)> <(\S+)> ", dump, re.MULTILINE))
    shapes = turtle(sorted((ROOT / "shapes").rglob("*.ttl")))
    owners |= {(t.subject.value, t.predicate.value) for t in shapes if isinstance(t.subject, ox.NamedNode)}
    classes = {
        t.subject.value for t in ontology() if t.predicate.value == f"{RDF}type" and t.object.value == f"{OWL}Class"
    }
    said = {(t.object.value, t.subject.value) for t in ontology() if t.predicate.value == f"{VANN}example"}
    assert len(said) > 90
    assert {pair for pair in said if pair not in (kinds if pair[1] in classes else owners)} == set()


def test_every_term_of_shapes_and_reports_is_declared(published: Path) -> None:
    """Each of our terms that a shape or the report of the examples uses has a declaration in the ontology."""
    report = gzip.decompress((published / "current/reports/report.ttl.gz").read_bytes()).decode()
    shapes = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "shapes").rglob("*.ttl")))
    used = set(re.findall(r"\bfp:(\w+)", report + shapes))
    assert len(used) > 30
    assert used - {name.removeprefix(ONTOLOGY) for name in terms()} == set()


def test_functional_properties_have_one_value() -> None:
    """No subject in the statements of the examples has two values of a property the ontology calls functional."""
    functional = {
        t.subject.value
        for t in ontology()
        if t.predicate.value == f"{RDF}type" and t.object.value == f"{OWL}FunctionalProperty"
    }
    assert len(functional) > 60
    facts = {line for example in examples() for line in example.lines}
    pairs = [tuple(line.split(" ", 2)[:2]) for line in facts]
    counted = [pair for pair in pairs if pair[1][1:-1] in functional]
    assert len(counted) > 10_000
    assert len(counted) == len(set(counted))


def test_every_alignment_has_its_reason() -> None:
    """Each axiom or mapping from a term of ours, or between two of others, is annotated in both languages."""
    parts: dict[object, dict[str, str]] = {}
    reasons: dict[object, set[str]] = {}
    for t in ontology():
        if t.predicate.value.startswith(f"{OWL}annotated"):
            parts.setdefault(t.subject, {})[t.predicate.value.rpartition("#")[2]] = t.object.value  # type: ignore[union-attr]  # no part is a blank node
        if t.predicate.value == f"{RDFS}comment" and isinstance(t.object, ox.Literal):
            reasons.setdefault(t.subject, set()).add(t.object.language or "")
    reasoned = {
        (p["annotatedSource"], p["annotatedProperty"], p["annotatedTarget"])
        for node, p in parts.items()
        if reasons.get(node) == {"zh", "en"}
    }
    stated = {
        (t.subject.value, t.predicate.value, t.object.value)
        for t in ontology()
        if t.predicate.value in MAPPINGS and not isinstance(t.object, ox.BlankNode)
        and not t.object.value.startswith(ONTOLOGY)
    }  # fmt: skip
    assert len(stated) > 40
    assert stated == reasoned


@pytest.mark.parametrize("name", ALIGNED)
def test_a_vocabulary_that_is_reused_is_aligned(name: str) -> None:
    """Each vocabulary the model builds on is met by an axiom or mapping of the alignments, not declared alone."""
    text = (ROOT / "ontology/alignments.ttl").read_text(encoding="utf-8")
    own = [line for line in text.splitlines() if f"{name}:" in line and "@prefix" not in line]
    assert any(" a owl:" not in line for line in own), name

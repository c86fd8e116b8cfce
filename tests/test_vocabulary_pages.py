"""Ontology, code lists and shapes as pages and files: nothing of the Turtle is missing, and an IRI leads to both."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from servers import serving

from fiscalkg.endpoint.pages.diagram import draw
from fiscalkg.endpoint.pages.expressions import pieces
from fiscalkg.endpoint.pages.facts import ontology as ontology_facts
from fiscalkg.endpoint.pages.facts import scheme_names
from fiscalkg.endpoint.settings import Settings
from fiscalkg.loader.iris import ONTOLOGY, SCHEME
from fiscalkg.loader.rules import rules
from vocabulary import DCTERMS, OWL, RDFS, ROOT, SKOS, code_triples, ontology, turtle

PREFIX = {"zh": "", "en": "en/"}
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}


def page(site: Path, path: str, language: str) -> str:
    return (site / (PREFIX[language] + path)).read_text(encoding="utf-8")


def literals(triples: tuple[ox.Triple, ...], predicate: str, language: str) -> Iterator[tuple[str, str]]:
    for t in triples:
        if t.predicate.value != predicate or not isinstance(t.subject, ox.NamedNode):
            continue
        if isinstance(t.object, ox.Literal) and t.object.language == language:
            yield t.subject.value, t.object.value


def piece(text: str, name: str) -> str:
    """What stands from an anchor to the next article or row."""
    return re.split(r"</article>|</tr>", text[text.index(f'id="{name}"') :], maxsplit=1)[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_tells_every_term(site: Path, language: str) -> None:
    """Each term has an anchor, and there its label, definition, scope note and source stand in the page's language."""
    text = page(site, "ontology/index.html", language)
    seen = 0
    for predicate in (f"{RDFS}label", f"{SKOS}definition", f"{SKOS}scopeNote", f"{DCTERMS}source"):
        for iri, said in literals(ontology(), predicate, language):
            if iri.startswith(ONTOLOGY):
                assert said in html.unescape(piece(text, iri.removeprefix(ONTOLOGY))), iri
                seen += 1
    assert seen > 400


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_tell_every_code(site: Path, language: str) -> None:
    """Each code has an anchor on the page of its list, with name, definition and clause in the page's language."""
    texts = {name: page(site, f"scheme/{name}.html", language) for name in scheme_names()}
    seen = 0
    for predicate in (f"{SKOS}prefLabel", f"{SKOS}definition", f"{ONTOLOGY}clause"):
        for iri, said in literals(code_triples(), predicate, language):
            scheme, _, code = iri.removeprefix(SCHEME).partition("/")
            if code:
                assert said in html.unescape(piece(texts[scheme], code)), iri
                seen += 1
    assert seen > 500


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_tells_every_rule(site: Path, language: str) -> None:
    """Each shape of a rule has an anchor with hint and query, as has each structural shape and each code C01 … C24."""
    text = page(site, "shapes/index.html", language)
    for rule in rules():
        own = html.unescape(piece(text, rule.shape))
        assert rule.hint[language] in own
        assert rule.select in own
        assert rule.clause[language] in html.unescape(text)
        assert f'id="{rule.code}"' in text
    shapes = turtle(sorted((ROOT / "shapes").rglob("*.ttl")))
    nodes = {t.subject.value for t in shapes if t.object == ox.NamedNode("http://www.w3.org/ns/shacl#NodeShape")}
    assert len(nodes) > 30
    assert {name for name in nodes if f'id="{name.rpartition("#")[2]}"' not in text} == set()


def test_versions_and_alignments_are_told(site: Path) -> None:
    """Each version's change note, and each reason of an alignment, stands on the page in its language."""
    for language in ("zh", "en"):
        text = html.unescape(page(site, "ontology/index.html", language))
        notes = [said for _, said in literals(ontology(), f"{SKOS}changeNote", language)]
        reasons = [
            t.object.value
            for t in ontology()
            if t.predicate.value == f"{RDFS}comment"
            and isinstance(t.object, ox.Literal)
            and t.object.language == language
        ]
        assert len(notes) >= 2
        assert len(reasons) > 40
        assert [said for said in (*notes, *reasons) if said not in text] == []


def canonical(triples: tuple[ox.Triple, ...]) -> set[str]:
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


@pytest.mark.parametrize("ending", FORMATS)
def test_files_hold_the_turtle(site: Path, ending: str) -> None:
    """Ontology, shapes and every code list say the same in each format as the files they are made from."""
    expected = {
        "ontology": ontology(),
        "shapes": turtle(sorted((ROOT / "shapes").rglob("*.ttl"))),
        **{
            f"scheme/{name}": tuple(t for t in code_triples() if f"{t.subject.value}/".startswith(f"{SCHEME}{name}/"))  # type: ignore[union-attr]  # code lists hold no blank nodes
            for name in scheme_names()
        },
    }
    for name, triples in expected.items():
        data = (site / f"{name}.{ending}").read_bytes()
        found = tuple(quad.triple for quad in ox.parse(data, format=FORMATS[ending]))
        assert canonical(found) == canonical(triples), name


def test_the_diagram_draws_each_class_of_a_table_once() -> None:
    """Every class that a property leads to from a statement is drawn in full once, with how many there are."""
    drawing = draw(ontology_facts())
    full = [row.name.value.removeprefix(ONTOLOGY) for row in drawing.rows if not row.again]
    defined = {t.subject.value for t in ontology() if t.predicate.value == f"{OWL}equivalentClass"}
    classes = {t.subject.value for t in ontology() if t.object == ox.NamedNode(f"{OWL}Class")} - defined
    assert sorted(full) == sorted(name.removeprefix(ONTOLOGY) for name in classes if name.startswith(ONTOLOGY))
    counts = {row.edge.value.removeprefix(ONTOLOGY): row.count for row in drawing.rows if row.edge}
    assert (counts["target"], counts["indicator"], counts["supervisingUnit"]) == ("1", "0..*", "0..1")
    places = [row.y for row in drawing.rows]
    assert all(below - above >= drawing.box for above, below in pairwise(places))


def test_an_axiom_reads_as_manchester_writes_it() -> None:
    """The definition of an over-committed statement is told with its bound."""
    facts = ontology_facts()
    own = facts.one(ox.NamedNode(f"{ONTOLOGY}OvercommittedStatement"), f"{OWL}equivalentClass")
    assert own is not None
    said = "".join(text for text, _ in pieces(facts, own))
    assert said == "fp:Statement and (fp:commitmentRatio some (xsd:decimal[> 1.0]))"


@pytest.fixture(scope="module")
def address(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(Settings(published), tmp_path_factory.mktemp("log") / "log") as server:
        yield server.address


@pytest.mark.parametrize(
    ("path", "page", "turtle"),
    [
        ("ontology", "/ontology/", "/ontology.ttl"),
        ("ontology/0.2.0", "/ontology/#v0.2.0", "/ontology.ttl"),
        ("ontology/0.1.0", "/ontology/#v0.1.0", "/ontology/0.1.0.ttl"),
        ("ontology/cube/by-class", "/ontology/cube/by-class.html", "/ontology/cube/by-class.ttl"),
        ("shapes", "/shapes/", "/shapes.ttl"),
        ("scheme/base88", "/scheme/base88.html", "/scheme/base88.ttl"),
        ("scheme/base88/cost", "/scheme/base88.html#cost", "/scheme/base88/cost.ttl"),
        ("scheme/finding/R-LEFTOVER", "/scheme/finding.html#R-LEFTOVER", "/scheme/finding/R-LEFTOVER.ttl"),
    ],
)
def test_an_iri_of_the_vocabulary_leads_to_page_and_turtle(address: str, path: str, page: str, turtle: str) -> None:
    """A person gets the page at the term's place, a program the Turtle that speaks of the IRI it asked for."""
    for accept, target in (("text/html", page), ("text/turtle", turtle)):
        sent = httpx.get(f"{address}/{path}", headers={"Accept": accept})
        assert (sent.status_code, sent.headers["location"], sent.headers["vary"]) == (303, target, "Accept")
        got = httpx.get(address + target)
        assert got.headers["content-type"] == f"{accept}; charset=utf-8"
        if "#" in target:
            assert f'id="{target.partition("#")[2]}"' in got.text
    found = {t.subject for t in ox.parse(got.content, format=ox.RdfFormat.TURTLE)}
    assert ox.NamedNode(f"https://w3id.org/fiscalkg/{path}") in found


def test_what_the_vocabulary_has_not_is_not_found(address: str) -> None:
    """A code list or format that there is none of is refused, for people and programs alike."""
    for path in ("scheme/nothing", "scheme/nothing/x", "scheme/base88/nothing", "ontology/9.9.9", "scheme/%00"):
        for accept in ("text/html", "text/turtle", "*/*"):
            assert httpx.get(f"{address}/{path}", headers={"Accept": accept}).status_code == 404, path
    assert httpx.get(f"{address}/ontology", headers={"Accept": "image/png"}).status_code == 406

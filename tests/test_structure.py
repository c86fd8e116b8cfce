"""Structure: what we write is what the shapes of every class describe, and a graph from elsewhere is told from it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import ROOT, fiscalkg

from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.iris import BASE, ONTOLOGY
from fiscalkg.loader.manifest import find_documents
from fiscalkg.loader.pipeline import extract
from fiscalkg.loader.places import CellPlace, LinePlace, PagePlace, Place, SheetPlace, fragment
from fiscalkg.loader.reference import validate
from fiscalkg.loader.structure import Held, check_structure

SHAPES = ROOT / "shapes"
STRUCTURE = (SHAPES / "structure.ttl",)
OWL = "http://www.w3.org/2002/07/owl#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SH = "http://www.w3.org/ns/shacl#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
PLACES: dict[str, Place] = {
    "lines": LinePlace(36, 86),
    "page": PagePlace(3, 70.5, 100, 200, 20.25),
    "cell": CellPlace(2, 3, 4),
    "sheet": SheetPlace("目标 表", "B7"),
}
SHAPE_OF = {"lines": "LinePlace", "page": "PagePlace", "cell": "CellPlace", "sheet": "SheetPlace"}


@cache
def statement_lines() -> tuple[str, ...]:
    """The first statement of the second example with its document."""
    _, reading = extract(find_documents([ROOT / "examples"])[1])
    document = reading.document
    return (*document_graph(document, BASE), *graph_of(reading.statements[0], document, BASE))


def wrong(lines: Iterable[str]) -> set[str]:
    """The properties, or the shapes, that pySHACL complains of."""
    found = validate("".join(lines), STRUCTURE)
    paths = {result.path.rpartition("#")[2] for result in found if result.path and "#" in result.path}
    return paths | {result.shape for result in found}


def check_file(tmp_path: Path, name: str, text: str, shapes: str = "structure") -> set[str]:
    """The messages about a file, in English."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    found = check_structure(Held((path,), name, shapes), tmp_path, Bounds(jobs=1))
    return {f"{result.shape}: {result.messages['en']}" for result in found}


def test_what_we_write_has_the_structure_we_state(published: Path) -> None:
    """A release of the five examples conforms: facts, catalogue, ontology and code lists, but for contact and date."""
    done = fiscalkg("check", "--structural", published)
    assert (done.returncode, done.stderr) == (0, "")
    assert "total: 0 violations, 3 warnings, 0 notes" in done.stdout
    assert done.stdout.count("write it as contact in portal.toml") == 1
    assert done.stdout.count("write it as date in manifest.toml") == 2  # of the catalogue and of the data set


@pytest.mark.parametrize(
    "name", ["taxonomy", "printedText", "ordinal", "unit", "target", "quantified", "sha256", "sourceDocument"]
)
def test_a_graph_without_a_property_is_found_incomplete(name: str) -> None:
    """Without one of its properties a graph does not conform, and that property is named."""
    assert wrong(statement_lines()) == set()
    assert name in wrong(line for line in statement_lines() if f"ontology#{name}> " not in line)


def test_every_class_of_the_ontology_has_a_shape() -> None:
    """Each class we define has a shape of its own, or is below one that has: it is never a thing of any form."""
    files = [*sorted((ROOT / "ontology").glob("*.ttl")), SHAPES / "structure.ttl"]
    triples = [quad.triple for path in files for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]
    held = {triple.object for triple in triples if triple.predicate.value == f"{SH}targetClass"}
    above: dict[object, set[object]] = {}
    for triple in triples:
        if triple.predicate.value in {f"{RDFS}subClassOf", f"{OWL}equivalentClass", f"{OWL}intersectionOf"} or (
            triple.predicate.value.endswith(("#first", "#rest"))
        ):
            above.setdefault(triple.subject, set()).add(triple.object)
    classes = {
        triple.subject
        for triple in triples
        if triple.predicate.value == TYPE and triple.object == ox.NamedNode(f"{OWL}Class")
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(ONTOLOGY)
    }
    assert len(classes) >= 9
    for one in classes:
        reached, new = {one}, {one}
        while new:
            new = {up for node in new for up in above.get(node, set())} - reached
            reached |= new
        assert reached & held, f"{one} has no structural shape"


def at(place: Place, leave_out: str = "") -> list[str]:
    """A goal that stands at a place, in N-Triples; one property may be left out."""
    _, reading = extract(find_documents([ROOT / "examples"])[1])
    goal = reading.statements[0].goals[0]
    statement = type(reading.statements[0])(**{
        **{name: getattr(reading.statements[0], name) for name in reading.statements[0].__dataclass_fields__},
        "goals": (type(goal)(goal.scope, goal.ordinal, goal.text, place),),
    })  # fmt: skip
    lines = graph_of(statement, reading.document, BASE)
    own = [line for line in lines if "/goal/year-1> <" in line and line.startswith(f"<{BASE}statement")]
    return [line for line in own if "/goal/year-1> <" in line and f"#{leave_out}> " not in line] if leave_out else own


@pytest.mark.parametrize("kind", sorted(PLACES))
def test_a_place_is_whole_in_each_of_its_spellings(kind: str) -> None:
    """Lines, a box, a cell of a table and of a sheet conform; none does without one of its parts or with another's."""
    place = PLACES[kind]
    lines = at(place)
    assert any(f"#{fragment(place)}>" in line for line in lines)
    assert wrong(lines) == set()
    names = {
        "lines": ("firstLine", "lastLine"),
        "page": ("page", "left", "top", "width", "height"),
        "cell": ("table", "row", "column"),
        "sheet": ("sheet", "cell"),
    }[kind]
    for name in names:
        assert wrong(at(place, name)) >= {name, SHAPE_OF[kind]}, name
    other = PLACES["page" if kind == "lines" else "lines"]
    strange = [line for line in at(other) if "wasDerivedFrom" not in line]
    assert wrong({*lines, *strange}) >= {"LinePlace", SHAPE_OF["page" if kind == "lines" else kind]}


def test_lines_run_forwards() -> None:
    """A place whose last line is before its first is no place."""
    assert wrong(at(LinePlace(9, 8))) == {"firstLine", "LinePlace"}


def test_a_graph_from_elsewhere_is_checked_as_it_is(tmp_path: Path) -> None:
    """Turtle or N-Triples, gzipped or not: blank nodes, misspelt terms and strange codes are found by name."""
    text = "".join(statement_lines())
    assert check_file(tmp_path, "own.nt", text) == set()
    strange = text.replace("ontology#currencyUnit>", "ontology#currencyunit>").replace("/kind/money>", "/kind/cash>")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    found = check_file(tmp_path / "a", "strange.ttl.gz", strange)
    assert found == {"terms: the ontology declares no fp:currencyunit", "terms: the code lists hold no kind/cash"}
    blank = f"[] a <{ONTOLOGY}Goal> ; <{ONTOLOGY}text> 'x' ."
    assert check_file(tmp_path / "b", "blank.ttl", blank) == {"Goal: 1 nodes have no IRI (blank nodes)"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("no.ttl", "<http://a.example/a> <http://a.example/b>", "no.ttl line 1: is not ttl"),
        ("no.nt.gz", "<a> nonsense", "no.nt.gz line 1: is not nt"),
        ("other.nt", "<http://a.example/a> <http://a.example/b> <http://a.example/c> .\n", "is it another graph"),
    ],
)
def test_what_is_no_graph_of_ours_is_told_in_one_line(tmp_path: Path, name: str, text: str, told: str) -> None:
    """A file that is not Turtle, and a graph about something else, end with what and where."""
    with pytest.raises(DocumentError, match=told):
        check_file(tmp_path, name, text)
    done = fiscalkg("check", "--structural", tmp_path / name)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_dump_gets_the_findings_of_its_release(published: Path) -> None:
    """The rules find in the dump of a release what they found in its documents, rule by rule."""
    dump = published / "current" / "dumps" / "fiscalkg.ttl.gz"
    rules = []
    for path in (dump, published):
        last = fiscalkg("check", path).stdout.strip().splitlines()[-1].removeprefix("by rule: ")
        rules.append([count for count in last.split(", ") if count.startswith("C")])
    assert rules[0] == rules[1]
    assert len(rules[0]) >= 6


def test_a_term_without_a_label_in_each_language_is_found(tmp_path: Path) -> None:
    """The ontology without an English label, a definition or its licence does not conform to its own shapes."""
    text = (ROOT / "ontology" / "core.ttl").read_text(encoding="utf-8")
    for number, (gone, told) in enumerate(
        [
            (r'rdfs:label "[^"]*"@zh , "[^"]*"@en', "both-labels"),
            (r"dcterms:license <[^>]*> ;", "licence"),
            (r'skos:definition "[^"]*"@zh , "[^"]*"@en ;', "both-definitions"),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        at = text.index("fp:SourceDocument a owl:Class") if told != "licence" else 0
        left = text[:at] + re.sub(gone, 'rdfs:label "只有中文"@zh' if "label" in gone else "", text[at:], count=1)
        assert left != text
        found = check_file(folder, "core.ttl", left, "ontology")
        assert any(told in message for message in found), found


def test_a_catalogue_without_a_checksum_is_found(tmp_path: Path, published: Path) -> None:
    """A file of the release without its SHA-256, and a dataset without a licence, are found."""
    lines = (published / "current" / "catalogue" / "catalogue.nt").read_text(encoding="utf-8").splitlines(keepends=True)
    bare = "".join(line for line in lines if "#sha256>" not in line and "/license>" not in line)
    found = check_file(tmp_path, "catalogue.nt", bare, "catalogue")
    assert found == {
        "Distribution: a file must have exactly one SHA-256",
        "Distribution: a file without a licence",
        "Dataset: no contact: write it as contact in portal.toml",
        "catalogue-issued-known: no date of issue: write it as date in manifest.toml, or set SOURCE_DATE_EPOCH",
        "catalogue-licence: there must be exactly one licence",
    }

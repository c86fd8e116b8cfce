"""The catalogue: one value, several standards, all of which name the same files, sources, licence and version."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from pyoxigraph import RdfFormat, Store
from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, SKOS, VOID, XSD, Graph, Literal, URIRef

from fiscalkg.loader.catalogue import catalogue_lines
from fiscalkg.loader.columns import TABLES
from fiscalkg.loader.described import Catalogue, describe_release
from fiscalkg.loader.release import Release, open_release

SHAPES = Path(__file__).parent.parent / "shapes" / "catalogue.ttl"
SPDX = "http://spdx.org/rdf/terms#"


@pytest.fixture(scope="module")
def release(published: Path) -> Release:
    return open_release(published)


@pytest.fixture(scope="module")
def graph(release: Release) -> Graph:
    return Graph().parse(release.path / "catalogue" / "catalogue.nt", format="nt")


def described(release: Release, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((release.path / "catalogue" / name).read_text(encoding="utf-8"))
    return content


def complaints(graph: Graph, shapes: Path, severity: str = "Violation") -> set[tuple[str, str]]:
    """The paths and messages, in English where there is one, of the results of a severity."""
    _, report, _ = pyshacl.validate(graph, shacl_graph=str(shapes), advanced=True)
    found = set()
    for node in report.subjects(SH_("resultSeverity"), SH_(severity)):
        messages = [term for term in report.objects(node, SH_("resultMessage")) if isinstance(term, Literal)]
        told = next((str(term) for term in messages if term.language == "en"), str(messages[0]))
        found.add((str(report.value(node, SH_("resultPath"))), told))
    return found


def SH_(name: str) -> URIRef:  # noqa: N802  # a namespace, written as rdflib writes those it knows
    return URIRef(f"http://www.w3.org/ns/shacl#{name}")


def of_one_file(graph: Graph) -> Graph:
    """The catalogue with one of its files, a packed one with a media type, and without its counts by class."""
    kept = min(graph.subjects(DCAT.compressFormat, None))
    dropped = set(graph.subjects(RDF.type, DCAT.Distribution)) - {kept} | set(graph.objects(None, VOID.classPartition))
    poorer = Graph()
    for subject, name, value in graph:
        if subject not in dropped and value not in dropped:
            poorer.add((subject, name, value))
    return poorer


def described_anew(known: Catalogue) -> Graph:
    """The catalogue of a changed value, without what is counted of the facts and without examples of queries."""
    return Graph().parse(data="".join(catalogue_lines(known, Path(os.devnull), ())), format="nt")


def test_the_catalogue_conforms_to_dcat_ap(graph: Graph) -> None:
    """Our statement of DCAT-AP finds nothing, nor do the original shapes where DCATAP_SHAPES names their files."""
    originals = [Path(name) for name in os.environ.get("DCATAP_SHAPES", "").split(os.pathsep) if name]
    for shapes in (SHAPES, *originals):
        assert complaints(graph, shapes) == set(), shapes


MANDATORY = (
    DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.license, DCAT.dataset, DCAT.accessURL, DCAT.theme,
    DCAT.keyword, DCAT["version"], DCAT.byteSize, DCTERMS["format"], DCTERMS.accessRights, DCAT.landingPage,
    PROV.wasDerivedFrom, PROV.wasGeneratedBy, URIRef(f"{SPDX}checksum"), URIRef(f"{SPDX}algorithm"), FOAF.name,
    SKOS.prefLabel, DCAT.startDate, VOID.triples,
)  # fmt: skip


@pytest.mark.parametrize("left_out", MANDATORY, ids=lambda name: re.split("[/#]", name)[-1])
def test_what_dcat_ap_asks_for_is_missed(graph: Graph, left_out: URIRef) -> None:
    """Without a mandatory property, or one that we ask for beyond DCAT-AP, the shapes complain of that property."""
    poorer = of_one_file(graph)
    assert (None, left_out, None) in poorer
    poorer.remove((None, left_out, None))
    assert str(left_out) in {path for path, _ in complaints(poorer, SHAPES)}


RANGES = {
    DCTERMS.language: DCTERMS.LinguisticSystem, DCTERMS.license: DCTERMS.LicenseDocument,
    DCTERMS.spatial: DCTERMS.Location, DCAT.theme: SKOS.Concept, DCAT.themeTaxonomy: SKOS.ConceptScheme,
    DCTERMS.accessRights: DCTERMS.RightsStatement, DCAT.mediaType: DCTERMS.MediaType,
    DCAT.compressFormat: DCTERMS.MediaType, DCTERMS["format"]: DCTERMS.MediaTypeOrExtent,
    DCAT.landingPage: FOAF.Document, FOAF.homepage: FOAF.Document, DCTERMS.publisher: FOAF.Agent,
    DCTERMS.temporal: DCTERMS.PeriodOfTime, DCAT.dataset: DCAT.Dataset, DCAT.distribution: DCAT.Distribution,
    DCTERMS.type: SKOS.Concept, PROV.wasGeneratedBy: PROV.Activity, PROV.wasDerivedFrom: PROV.Entity,
    URIRef("http://data.europa.eu/r5r/availability"): SKOS.Concept,
    URIRef(f"{SPDX}checksum"): URIRef(f"{SPDX}Checksum"),
    URIRef(f"{SPDX}algorithm"): URIRef(f"{SPDX}ChecksumAlgorithm"),
}  # fmt: skip


def test_values_are_of_the_classes_dcat_ap_expects(graph: Graph) -> None:
    """Each value of a property with a range is an IRI whose class the catalogue itself states."""
    for name, kind in RANGES.items():
        values = set(graph.objects(None, name))
        assert values, name
        for value in values:
            assert isinstance(value, URIRef) and (value, RDF.type, kind) in graph, (name, value)
    for size in graph.objects(None, DCAT.byteSize):
        assert isinstance(size, Literal) and size.datatype == XSD.nonNegativeInteger
    assert not [node for node in graph.subjects(RDF.type, DCAT.Dataset) for _ in graph.objects(node, DCTERMS.source)]


def test_a_value_of_another_class_is_found(graph: Graph) -> None:
    """Where the classes of values are not stated, the shapes complain of every property with a range."""
    ends = {DCAT.Dataset, DCAT.Distribution, URIRef(f"{SPDX}Checksum")}  # what the shapes look for by its class
    poorer = of_one_file(graph)
    for name, kind in RANGES.items():
        for value in set(poorer.objects(None, name)) if kind not in ends else ():
            poorer.remove((value, RDF.type, kind))
    severe = complaints(poorer, SHAPES) | complaints(poorer, SHAPES, "Warning")
    asked = {str(name) for name, kind in RANGES.items() if kind not in ends and name != DCTERMS.type}
    assert asked <= {path for path, _ in severe}


def test_what_is_recommended_and_not_stated_is_a_warning(release: Release, graph: Graph) -> None:
    """The examples state no contact and no date, and nothing else is missed; where both are stated nothing is."""
    missed = {path for path, _ in complaints(graph, SHAPES, "Warning")}
    assert missed == {str(DCAT.contactPoint), str(DCTERMS.issued)}
    known = describe_release(release)
    for contact, date in (("mailto:data@example.org", "2026-01-31"), ("https://example.org/", "2026-01")):
        told = replace(known, date=date, portal=replace(known.portal, contact=contact))
        anew = described_anew(told)
        assert complaints(anew, SHAPES, "Warning") | complaints(anew, SHAPES) == set()


def test_a_release_with_names_of_persons_is_not_called_public(release: Release) -> None:
    """The catalogue calls a release public where persons are masked, and no other."""
    right = "http://publications.europa.eu/resource/authority/access-right/"
    known = describe_release(release)
    for public, name in ((True, "PUBLIC"), (False, "NON_PUBLIC")):
        anew = described_anew(replace(known, public=public))
        assert set(anew.objects(None, DCTERMS.accessRights)) == {URIRef(right + name)}


def test_what_has_no_address_at_iana_has_a_format(graph: Graph) -> None:
    """Each file has one format; a media type only where IANA has registered it, and packed files say gzip besides."""
    for node in graph.subjects(RDF.type, DCAT.Distribution):
        name, kind = str(graph.value(node, DCTERMS.title)), str(graph.value(node, DCAT.mediaType))
        assert len(set(graph.objects(node, DCTERMS["format"]))) == 1
        assert (graph.value(node, DCAT.compressFormat) is None) is not name.endswith(".gz")
        if name.removesuffix(".gz").endswith(".jsonl"):
            assert kind == "None"
        else:
            assert re.fullmatch("https://www.iana.org/assignments/media-types/[a-z]+/[a-z0-9.+-]+", kind), name
        assert {term.language for term in graph.objects(node, DCTERMS.description)} == {"zh", "en"}  # type: ignore[attr-defined]  # literals only, or this fails


LINKS = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX fp: <https://w3id.org/fiscalkg/ontology#>
SELECT ?from ?link ?to (COUNT(*) AS ?n) WHERE {
  VALUES ?link { skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch skos:relatedMatch owl:sameAs
                 fp:quantityKind }
  ?a ?link ?b FILTER(ISIRI(?b))
  BIND(REPLACE(STR(?a), "[/#][^/#]*$", "") AS ?from) BIND(REPLACE(STR(?b), "[/#][^/#]*$", "") AS ?to)
} GROUP BY ?from ?link ?to"""


@cache
def links_of(dump: Path) -> dict[tuple[str, str, str], int]:
    store = Store()
    with gzip.open(dump) as file:
        store.bulk_load(file.read(), RdfFormat.N_TRIPLES)
    found = store.query(LINKS)
    return {(row["from"].value, row["link"].value, row["to"].value): int(row["n"].value) for row in found}  # type: ignore[union-attr,index]  # a SELECT gives rows


def test_linksets_are_those_of_the_data(release: Release, graph: Graph) -> None:
    """VoID names each set of links that the dump holds, to QUDT's units and kinds too, with its number; no other."""
    stated = {
        (
            str(graph.value(node, VOID.subjectsTarget)),
            str(graph.value(node, VOID.linkPredicate)),
            str(graph.value(node, VOID.objectsTarget)),
        ): int(str(graph.value(node, VOID.triples)))
        for node in graph.subjects(RDF.type, VOID.Linkset)
    }
    assert stated == links_of(release.path / "dumps" / "fiscalkg.nt.gz")
    assert {"http://qudt.org/vocab/unit", "http://qudt.org/vocab/quantitykind"} <= {to for _, _, to in stated}


def test_all_standards_name_the_same_files(release: Release, graph: Graph) -> None:
    """DCAT and schema.org name every file of the release for download with its true size and sum; Croissant the CSV."""
    found = {}
    for node in graph.subjects(RDF.type, DCAT.Distribution):
        checksum = graph.value(node, URIRef(f"{SPDX}checksum"))
        name = str(graph.value(node, DCTERMS.title))
        found[name] = (
            int(str(graph.value(node, DCAT.byteSize))),
            str(graph.value(checksum, URIRef(f"{SPDX}checksumValue"))),
        )
        assert str(graph.value(node, DCAT.downloadURL)) == f"{release.base}release/{release.id}/{name}"
    assert {f"tables/{table.name}.csv" for table in TABLES} | {"dumps/fiscalkg.nt.gz"} <= set(found)
    for name, (size, sha256) in found.items():
        data = (release.path / name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (size, sha256)
    schema = described(release, "schema-org.jsonld")
    assert {each["name"]: each["sha256"] for each in schema["distribution"]} == {
        name: sha256 for name, (_, sha256) in found.items()
    }
    croissant = described(release, "croissant.json")
    assert {each["@id"]: each["sha256"] for each in croissant["distribution"]} == {
        name: sha256 for name, (_, sha256) in found.items() if name.endswith(".csv")
    }


def test_croissant_speaks_of_the_columns_there_are(release: Release) -> None:
    """Each record set is a table, each field a column of the CSV it is extracted from."""
    sets = described(release, "croissant.json")["recordSet"]
    assert [each["name"] for each in sets] == [table.name for table in TABLES]
    for each in sets:
        (path,) = {field["source"]["fileObject"]["@id"] for field in each["field"]}
        header = (release.path / path).read_text(encoding="utf-8-sig").partition("\n")[0].strip().split(",")
        assert [field["source"]["extract"]["column"] for field in each["field"]] == header


def test_every_document_is_named_as_a_source(release: Release, graph: Graph) -> None:
    """The build used each document, and the data set is from each; a document with an address leads DataCite to it."""
    (build,) = graph.subjects(RDF.type, PROV.Activity)
    used = {str(node) for node in graph.objects(build, PROV.used)}
    assert used == {f"{release.base}source/{document['sha256'][:12]}" for document in release.info["documents"]}
    addresses = {document["address"] for document in release.info["documents"] if document.get("address")}
    related = described(release, "datacite.json")["relatedIdentifiers"]
    assert {each["relatedIdentifier"] for each in related} == addresses
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert {str(node) for node in graph.objects(dataset, PROV.wasDerivedFrom)} == used


def test_each_source_is_attributed(release: Release) -> None:
    """Title, publisher, date, licence and address of a document stand in the catalogue where they are stated."""
    ours = "https://w3id.org/fiscalkg/ontology#"
    names = {
        "title": DCTERMS.title, "publisher": URIRef(f"{ours}publisherName"), "address": DCTERMS.source,
        "date": URIRef(f"{ours}publicationDate"), "licence": URIRef(f"{ours}licenceText"),
        "sha256": URIRef(f"{ours}sha256"),
    }  # fmt: skip
    known = describe_release(release)
    stated = replace(known.origins[0], date="2026-01", licence="公开", address="https://example.org/a.pdf")
    for origin in (*known.origins, stated):
        of_all = described_anew(replace(known, origins=(origin,)))
        for name, predicate in names.items():
            told = getattr(origin, name) or (origin.name if name == "title" else None)
            assert [str(each) for each in of_all.objects(URIRef(origin.iri), predicate)] == ([told] if told else [])


def test_version_and_licence_are_the_same_everywhere(release: Release, graph: Graph) -> None:
    """DCAT, schema.org, Croissant, DataCite and CITATION.cff state one version and one licence."""
    licence = release.info["portal"]["licence"]["address"]
    assert {str(node) for node in graph.objects(None, DCAT.version)} == {release.id, release.info["version"]}
    schema, croissant = described(release, "schema-org.jsonld"), described(release, "croissant.json")
    datacite = described(release, "datacite.json")
    assert {schema["version"], croissant["version"], datacite["version"]} == {release.id}
    assert {schema["license"], croissant["license"], datacite["rightsList"][0]["rightsUri"]} == {licence}
    citation = (release.path / "catalogue" / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(rf'^version: "{re.escape(release.id)}"$', citation, re.MULTILINE)
    assert f'license-url: "{licence}"' in citation


def test_the_bill_of_materials_is_what_runs(release: Release) -> None:
    """Each package that fiscalkg requires is named once with the version that is installed here."""
    components = {each["name"]: each["version"] for each in described(release, "sbom.cdx.json")["components"]}
    assert len(components) == len(described(release, "sbom.cdx.json")["components"]) > 20
    assert {"pyoxigraph", "lxml", "click", "pyarrow"} <= set(components)
    assert "pytest" not in components
    assert all(version(name) == installed for name, installed in components.items())

"""The catalogue: one value, several standards, all of which name the same files, sources, licence and version."""

from __future__ import annotations

import hashlib
import json
import os
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from rdflib import DCAT, DCTERMS, PROV, RDF, Graph, URIRef

from fiscalkg.loader.columns import TABLES
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


def violations(graph: Graph, shapes: Path) -> list[str]:
    _, report, _ = pyshacl.validate(graph, shacl_graph=str(shapes), advanced=True)
    sh = "http://www.w3.org/ns/shacl#"
    grave = report.subjects(URIRef(f"{sh}resultSeverity"), URIRef(f"{sh}Violation"))
    return [str(report.value(node, URIRef(f"{sh}resultMessage"))) for node in grave]


def test_the_catalogue_conforms_to_dcat_ap(graph: Graph) -> None:
    """Our statement of DCAT-AP finds nothing, nor do the original shapes where DCATAP_SHAPES names their files."""
    originals = [Path(name) for name in os.environ.get("DCATAP_SHAPES", "").split(os.pathsep) if name]
    for shapes in (SHAPES, *originals):
        assert violations(graph, shapes) == [], shapes


@pytest.mark.parametrize("left_out", [DCTERMS.description, DCTERMS.publisher, DCAT.accessURL, DCAT.theme, DCAT.keyword])
def test_what_dcat_ap_asks_for_is_missed(graph: Graph, left_out: URIRef) -> None:
    """Without a mandatory or recommended property the shapes complain."""
    poorer = Graph()
    for triple in graph:
        if triple[1] != left_out:
            poorer.add(triple)
    assert violations(poorer, SHAPES)


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

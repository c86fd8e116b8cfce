"""A release into its description for catalogues: DCAT and VoID, as sorted lines for the graph ``catalogue``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from fiscalkg.loader.dumps import sha256_of
from fiscalkg.loader.iris import graph_iri
from fiscalkg.loader.portal import Portal, portal_from_json
from fiscalkg.loader.release import Release
from fiscalkg.loader.terms import XSD, fp, integer, iri, literal, triple, typed
from fiscalkg.loader.void import Example, examples_lines, void_lines

__all__ = ["catalogue"]

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"
MEDIA = "https://www.iana.org/assignments/media-types/"
FOAF = "http://xmlns.com/foaf/0.1/"
VCARD = "http://www.w3.org/2006/vcard/ns#"
MEDIA_TYPES = {
    ".nt": "application/n-triples",
    ".ttl": "text/turtle",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
}
FILES = ("dumps/*.gz", "tables/*", "reports/*.gz", "reports/*.jsonl")


def catalogue(release: Release, facts: Path, examples: Iterable[Example]) -> list[str]:
    """Return the catalogue's lines: the dataset in this version with its counts, its files, and examples of queries."""
    catalog, dataset = iri(graph_iri(release.base, "catalogue")), iri(f"{release.base}release/{release.id}")
    lines = [
        triple(catalog, RDF_TYPE, iri(f"{DCAT}Catalog")),
        triple(catalog, iri(f"{DCAT}dataset"), dataset),
        triple(dataset, RDF_TYPE, iri(f"{DCAT}Dataset")),
        triple(dataset, iri(f"{DCAT}version"), literal(release.id)),
    ]
    for node in (catalog, dataset):
        lines += _of_portal(node, portal_from_json(release.info.get("portal")), release.base)
    date = release.info["date"]
    if date:
        kind = {4: "gYear", 7: "gYearMonth"}.get(len(date), "date")
        lines.append(triple(dataset, iri(f"{DCTERMS}issued"), typed(date, XSD + kind)))
    for path in sorted(path for pattern in FILES for path in release.path.glob(pattern)):
        lines += _distribution(release, dataset, path)
    with facts.open(encoding="utf-8") as file:
        lines += void_lines(f"{release.base}release/{release.id}", release.base, file)
    lines += examples_lines(release.base, examples)
    return sorted(set(lines))


def _of_portal(node: str, portal: Portal, base: str) -> Iterator[str]:
    """Yield what a portal says of itself, for its catalogue and for each dataset in it."""
    yield triple(node, iri(f"{DCTERMS}title"), literal(portal.name.zh, "zh"))
    yield triple(node, iri(f"{DCTERMS}title"), literal(portal.name.en, "en"))
    yield triple(node, iri(f"{DCTERMS}license"), iri(portal.licence.address))
    if portal.publisher:
        agent = iri(graph_iri(base, "catalogue") + "#publisher")
        yield triple(node, iri(f"{DCTERMS}publisher"), agent)
        yield triple(agent, RDF_TYPE, iri(f"{FOAF}Agent"))
        yield triple(agent, iri(f"{FOAF}name"), literal(portal.publisher.zh, "zh"))
        yield triple(agent, iri(f"{FOAF}name"), literal(portal.publisher.en, "en"))
    if portal.contact:
        contact = iri(graph_iri(base, "catalogue") + "#contact")
        kind = "hasEmail" if portal.contact.startswith("mailto:") else "hasURL"
        yield triple(node, iri(f"{DCAT}contactPoint"), contact)
        yield triple(contact, RDF_TYPE, iri(f"{VCARD}Kind"))
        yield triple(contact, iri(f"{VCARD}{kind}"), iri(portal.contact))


def _distribution(release: Release, dataset: str, path: Path) -> Iterator[str]:
    name = path.relative_to(release.path).as_posix()
    node = iri(f"{release.base}release/{release.id}#{name}")
    bare = path.with_suffix("") if path.suffix == ".gz" else path
    yield triple(dataset, iri(f"{DCAT}distribution"), node)
    yield triple(node, RDF_TYPE, iri(f"{DCAT}Distribution"))
    yield triple(node, iri(f"{DCTERMS}title"), literal(name))
    yield triple(node, iri(f"{DCAT}byteSize"), integer(path.stat().st_size))
    yield triple(node, iri(f"{DCAT}mediaType"), iri(MEDIA + MEDIA_TYPES[bare.suffix]))
    yield triple(node, fp("sha256"), literal(sha256_of(path)))
    if path.suffix == ".gz":
        yield triple(node, iri(f"{DCAT}compressFormat"), iri(f"{MEDIA}application/gzip"))

"""A ``Catalogue`` into DCAT-AP 3, VoID and PROV, as sorted lines for the graph ``catalogue``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from fiscalkg.loader.authorities import (
    AVAILABLE,
    CHINESE,
    DCTERMS,
    ENGLISH,
    GZIP,
    NOT_PUBLIC,
    PUBLIC,
    RDF_TYPE,
    SHA256,
    SKOS,
    SPDX,
    TAXONOMY,
    THEMES,
    Term,
    file_format,
    licence_kind,
    media_type,
    term_lines,
)  # fmt: skip
from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.described import KEYWORDS, Catalogue, Offer, Origin
from fiscalkg.loader.portal import Licence, Texts
from fiscalkg.loader.terms import XSD, fp, iri, literal, triple, typed
from fiscalkg.loader.void import Example, examples_lines, void_lines

__all__ = ["catalogue_lines"]

DCAT = "http://www.w3.org/ns/dcat#"
DCATAP = "http://data.europa.eu/r5r/"
FOAF = "http://xmlns.com/foaf/0.1/"
PROV = "http://www.w3.org/ns/prov#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
VOID = "http://rdfs.org/ns/void#"
CODE_LICENCE = Licence("Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0")
WHOLE = ("dumps/fiscalkg.nt.gz", "dumps/fiscalkg.ttl.gz")


def catalogue_lines(known: Catalogue, facts: Path, examples: Iterable[Example]) -> list[str]:
    """Return the catalogue's lines: portal, dataset, files, counts, sources, how it was made, examples of queries."""
    lines = [*_catalog(known), *_dataset(known), *_made(known), *_places(known)]
    lines += [*_licence(known.portal.licence), *_licence(CODE_LICENCE)]
    for offer in known.files:
        lines += _distribution(known, offer)
    for origin in known.origins:
        lines += _origin(origin)
    with facts.open(encoding="utf-8") as file:
        lines += void_lines(known.dataset, known.portal.base, file)
    lines += examples_lines(known.portal.base, examples)
    return sorted(set(lines))


def _both(node: str, predicate: str, texts: Texts) -> Iterator[str]:
    yield triple(node, iri(predicate), literal(texts.zh, "zh"))
    yield triple(node, iri(predicate), literal(texts.en, "en"))


def _to(node: str, predicate: str, *terms: Term) -> Iterator[str]:
    """Yield links to terms of others, and what those terms are."""
    for term in terms:
        yield triple(node, iri(predicate), iri(term.iri))
        yield from term_lines(term)


def _document(node: str, predicate: str, address: str) -> Iterator[str]:
    yield triple(node, iri(predicate), iri(address))
    yield triple(iri(address), RDF_TYPE, iri(f"{FOAF}Document"))


def _dated(known: Catalogue, node: str, *predicates: str) -> Iterator[str]:
    if known.date:
        kind = {4: "gYear", 7: "gYearMonth"}.get(len(known.date), "date")
        for predicate in predicates:
            yield triple(node, iri(DCTERMS + predicate), typed(known.date, XSD + kind))


def _licence(licence: Licence) -> Iterator[str]:
    node = iri(licence.address)
    yield triple(node, RDF_TYPE, iri(f"{DCTERMS}LicenseDocument"))
    yield triple(node, iri(f"{DCTERMS}title"), literal(licence.name))
    if kind := licence_kind(licence.address):
        yield from _to(node, f"{DCTERMS}type", kind)


def _places(known: Catalogue) -> Iterator[str]:
    """Yield the places with their names; no geometry: the division codes come without one."""
    for place in known.places:
        yield triple(iri(place), RDF_TYPE, iri(f"{DCTERMS}Location"))
    for fact in code_lists():
        if f"{fact.subject}"[1:-1] in known.places and fact.predicate.value == f"{SKOS}prefLabel":
            yield f"{fact} .\n"


def _catalog(known: Catalogue) -> Iterator[str]:
    node = iri(known.iri)
    yield triple(node, RDF_TYPE, iri(f"{DCAT}Catalog"))
    yield triple(node, iri(f"{DCAT}dataset"), iri(known.dataset))
    yield from _to(node, f"{DCAT}themeTaxonomy", TAXONOMY)
    yield from _to(node, f"{DCTERMS}language", CHINESE, ENGLISH)
    yield from _document(node, f"{FOAF}homepage", known.homepage)
    # The catalogue is written anew with each release: of its first issue a release knows nothing.
    yield from _dated(known, node, "issued", "modified")
    yield from _common(known, node)


def _common(known: Catalogue, node: str) -> Iterator[str]:
    """Yield what is said of the catalogue and of the dataset in it alike."""
    yield from _both(node, f"{DCTERMS}title", known.portal.name)
    yield from _both(node, f"{DCTERMS}description", known.description)
    yield triple(node, iri(f"{DCTERMS}license"), iri(known.portal.licence.address))
    agent = iri(f"{known.iri}#publisher")
    yield triple(node, iri(f"{DCTERMS}publisher"), agent)
    yield triple(agent, RDF_TYPE, iri(f"{FOAF}Agent"))
    yield from _both(agent, f"{FOAF}name", known.publisher)
    for place in known.places:
        yield triple(node, iri(f"{DCTERMS}spatial"), iri(place))
    if known.portal.contact:
        contact = iri(f"{known.iri}#contact")
        kind = "hasEmail" if known.portal.contact.startswith("mailto:") else "hasURL"
        yield triple(node, iri(f"{DCAT}contactPoint"), contact)
        yield triple(contact, RDF_TYPE, iri(f"{VCARD}Kind"))
        yield from _both(contact, f"{VCARD}fn", known.publisher)
        yield triple(contact, iri(f"{VCARD}{kind}"), iri(known.portal.contact))


def _dataset(known: Catalogue) -> Iterator[str]:
    node = iri(known.dataset)
    yield triple(node, RDF_TYPE, iri(f"{DCAT}Dataset"))
    yield triple(node, iri(f"{DCAT}version"), literal(known.id))
    yield triple(node, iri(f"{DCTERMS}identifier"), literal(known.dataset))
    yield from _to(node, f"{DCAT}theme", *THEMES)
    yield from _to(node, f"{DCTERMS}language", CHINESE)
    yield from _to(node, f"{DCTERMS}accessRights", PUBLIC if known.public else NOT_PUBLIC)
    yield from _document(node, f"{DCAT}landingPage", known.landing_page)
    for word in KEYWORDS:
        yield from _both(node, f"{DCAT}keyword", word)
    # DCTERMS.source leads from data set to data set, by DCAT-AP; these are documents.
    for origin in known.origins:
        yield triple(node, iri(f"{PROV}wasDerivedFrom"), iri(origin.iri))
    if known.years:
        period = iri(f"{known.dataset}#period")
        yield triple(node, iri(f"{DCTERMS}temporal"), period)
        yield triple(period, RDF_TYPE, iri(f"{DCTERMS}PeriodOfTime"))
        yield triple(period, iri(f"{DCAT}startDate"), typed(f"{known.years[0]}-01-01", f"{XSD}date"))
        yield triple(period, iri(f"{DCAT}endDate"), typed(f"{known.years[-1]}-12-31", f"{XSD}date"))
    for path in WHOLE:
        yield triple(node, iri(f"{VOID}dataDump"), iri(known.address(path)))
    yield from _dated(known, node, "issued")
    yield from _common(known, node)


def _origin(origin: Origin) -> Iterator[str]:
    """Yield whose document it is, as its manifest says: what a user of the data has to name."""
    node = iri(origin.iri)
    yield triple(node, RDF_TYPE, iri(f"{FOAF}Document"))
    yield triple(node, RDF_TYPE, iri(f"{PROV}Entity"))
    yield triple(node, iri(f"{DCTERMS}title"), literal(origin.title or origin.name))
    yield triple(node, fp("sha256"), literal(origin.sha256))
    texts = (
        ("publisherName", origin.publisher), ("publicationDate", origin.date), ("licenceText", origin.licence),
    )  # fmt: skip
    for name, text in texts:
        if text:
            yield triple(node, fp(name), literal(text))
    if origin.address:
        yield triple(node, iri(f"{DCTERMS}source"), iri(origin.address))


def _made(known: Catalogue) -> Iterator[str]:
    """Yield how the release was made: from which documents, by which version of the software."""
    made, software = iri(f"{known.dataset}#build"), iri(f"{known.dataset}#software")
    yield triple(iri(known.dataset), iri(f"{PROV}wasGeneratedBy"), made)
    yield triple(made, RDF_TYPE, iri(f"{PROV}Activity"))
    yield triple(made, iri(f"{PROV}wasAssociatedWith"), software)
    yield triple(software, RDF_TYPE, iri(f"{PROV}SoftwareAgent"))
    yield triple(software, iri(f"{FOAF}name"), literal("fiscalkg"))
    yield triple(software, iri(f"{DCAT}version"), literal(known.version))
    yield triple(software, iri(f"{DCTERMS}license"), iri(CODE_LICENCE.address))
    for origin in known.origins:
        yield triple(made, iri(f"{PROV}used"), iri(origin.iri))


def _distribution(known: Catalogue, offer: Offer) -> Iterator[str]:
    node = iri(f"{known.dataset}#{offer.path}")
    checksum = iri(f"{known.dataset}#sha256-{offer.sha256}")
    yield triple(iri(known.dataset), iri(f"{DCAT}distribution"), node)
    yield triple(node, RDF_TYPE, iri(f"{DCAT}Distribution"))
    yield triple(node, iri(f"{DCTERMS}title"), literal(offer.path))
    yield from _both(node, f"{DCTERMS}description", offer.description)
    yield triple(node, iri(f"{DCAT}accessURL"), iri(known.landing_page))
    yield triple(node, iri(f"{DCAT}downloadURL"), iri(known.address(offer.path)))
    yield triple(node, iri(f"{DCTERMS}license"), iri(known.portal.licence.address))
    yield triple(node, iri(f"{DCAT}byteSize"), typed(str(offer.size), f"{XSD}nonNegativeInteger"))
    yield from _to(node, f"{DCATAP}availability", AVAILABLE)
    yield from _to(node, f"{DCTERMS}format", file_format(offer.media_type, known.dataset))
    if kind := media_type(offer.media_type):
        yield from _to(node, f"{DCAT}mediaType", kind)
    if offer.packed:
        yield from _to(node, f"{DCAT}compressFormat", GZIP)
    yield triple(node, fp("sha256"), literal(offer.sha256))
    yield triple(node, iri(f"{SPDX}checksum"), checksum)
    yield triple(checksum, RDF_TYPE, iri(f"{SPDX}Checksum"))
    yield from _to(checksum, f"{SPDX}algorithm", SHA256)
    yield triple(checksum, iri(f"{SPDX}checksumValue"), typed(offer.sha256, f"{XSD}hexBinary"))

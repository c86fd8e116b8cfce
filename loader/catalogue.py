"""A ``Catalogue`` into DCAT-AP 3, VoID and PROV, as sorted lines for the graph ``catalogue``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from fiscalkg.loader.described import KEYWORDS, Catalogue, Offer
from fiscalkg.loader.portal import Texts
from fiscalkg.loader.terms import XSD, fp, integer, iri, literal, triple, typed
from fiscalkg.loader.void import Example, examples_lines, void_lines

__all__ = ["catalogue_lines"]

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"
MEDIA = "https://www.iana.org/assignments/media-types/"
FOAF = "http://xmlns.com/foaf/0.1/"
PROV = "http://www.w3.org/ns/prov#"
SPDX = "http://spdx.org/rdf/terms#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
VOID = "http://rdfs.org/ns/void#"
EU = "http://publications.europa.eu/resource/authority/"
THEME = f"{EU}data-theme/GOVE"  # government and public sector
PUBLIC = f"{EU}access-right/PUBLIC"
CHINESE = f"{EU}language/ZHO"
CODE_LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"
SKOS_MATCH = "http://www.w3.org/2004/02/skos/core#exactMatch"


def catalogue_lines(known: Catalogue, facts: Path, examples: Iterable[Example]) -> list[str]:
    """Return the catalogue's lines: portal, dataset, files, counts, sources, how it was made, examples of queries."""
    lines = [*_catalog(known), *_dataset(known), *_made(known)]
    for offer in known.files:
        lines += _distribution(known, offer)
    with facts.open(encoding="utf-8") as file:
        lines += void_lines(known.dataset, known.portal.base, file)
    lines += examples_lines(known.portal.base, examples)
    return sorted(set(lines))


def _both(node: str, predicate: str, texts: Texts) -> Iterator[str]:
    yield triple(node, iri(predicate), literal(texts.zh, "zh"))
    yield triple(node, iri(predicate), literal(texts.en, "en"))


def _catalog(known: Catalogue) -> Iterator[str]:
    node = iri(known.iri)
    yield triple(node, RDF_TYPE, iri(f"{DCAT}Catalog"))
    yield triple(node, iri(f"{DCAT}dataset"), iri(known.dataset))
    yield triple(node, iri(f"{DCAT}themeTaxonomy"), iri(f"{EU}data-theme"))
    yield from _common(known, node)


def _common(known: Catalogue, node: str) -> Iterator[str]:
    """Yield what is said of the catalogue and of the dataset in it alike."""
    yield from _both(node, f"{DCTERMS}title", known.portal.name)
    yield from _both(node, f"{DCTERMS}description", known.description)
    yield triple(node, iri(f"{DCTERMS}license"), iri(known.portal.licence.address))
    yield triple(node, iri(f"{DCTERMS}language"), iri(CHINESE))
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
    yield triple(node, iri(f"{DCAT}theme"), iri(THEME))
    yield triple(node, iri(f"{DCTERMS}accessRights"), iri(PUBLIC))
    yield triple(node, iri(f"{DCAT}landingPage"), iri(known.dataset))
    for word in KEYWORDS:
        yield from _both(node, f"{DCAT}keyword", word)
    for origin in known.origins:
        yield triple(node, iri(f"{DCTERMS}source"), iri(origin.iri))
    if known.years:
        period = iri(f"{known.dataset}#period")
        yield triple(node, iri(f"{DCTERMS}temporal"), period)
        yield triple(period, RDF_TYPE, iri(f"{DCTERMS}PeriodOfTime"))
        yield triple(period, iri(f"{DCAT}startDate"), typed(f"{known.years[0]}-01-01", f"{XSD}date"))
        yield triple(period, iri(f"{DCAT}endDate"), typed(f"{known.years[-1]}-12-31", f"{XSD}date"))
    if known.date:
        kind = {4: "gYear", 7: "gYearMonth"}.get(len(known.date), "date")
        yield triple(node, iri(f"{DCTERMS}issued"), typed(known.date, XSD + kind))
    yield from _common(known, node)
    yield from _linksets(known)


def _linksets(known: Catalogue) -> Iterator[str]:
    """Yield the links from its taxonomies to the one they are matched with."""
    for name in ("central101", "shenzhen2019"):
        node = iri(f"{known.dataset}#linkset-{name}")
        yield triple(node, RDF_TYPE, iri(f"{VOID}Linkset"))
        yield triple(iri(known.dataset), iri(f"{VOID}subset"), node)
        yield triple(node, iri(f"{VOID}subjectsTarget"), iri(f"https://w3id.org/fiscalkg/scheme/{name}"))
        yield triple(node, iri(f"{VOID}objectsTarget"), iri("https://w3id.org/fiscalkg/scheme/base88"))
        yield triple(node, iri(f"{VOID}linkPredicate"), iri(SKOS_MATCH))


def _made(known: Catalogue) -> Iterator[str]:
    """Yield how the release was made: from which documents, by which version of the software."""
    made, software = iri(f"{known.dataset}#build"), iri(f"{known.dataset}#software")
    yield triple(iri(known.dataset), iri(f"{PROV}wasGeneratedBy"), made)
    yield triple(made, RDF_TYPE, iri(f"{PROV}Activity"))
    yield triple(made, iri(f"{PROV}wasAssociatedWith"), software)
    yield triple(software, RDF_TYPE, iri(f"{PROV}SoftwareAgent"))
    yield triple(software, iri(f"{FOAF}name"), literal("fiscalkg"))
    yield triple(software, iri(f"{DCAT}version"), literal(known.version))
    yield triple(software, iri(f"{DCTERMS}license"), iri(CODE_LICENCE))
    for origin in known.origins:
        yield triple(made, iri(f"{PROV}used"), iri(origin.iri))


def _distribution(known: Catalogue, offer: Offer) -> Iterator[str]:
    node = iri(f"{known.dataset}#{offer.path}")
    checksum = iri(f"{known.dataset}#sha256-{offer.sha256}")
    yield triple(iri(known.dataset), iri(f"{DCAT}distribution"), node)
    yield triple(node, RDF_TYPE, iri(f"{DCAT}Distribution"))
    yield triple(node, iri(f"{DCTERMS}title"), literal(offer.path))
    yield triple(node, iri(f"{DCAT}accessURL"), iri(known.dataset))
    yield triple(node, iri(f"{DCAT}downloadURL"), iri(known.address(offer.path)))
    yield triple(node, iri(f"{DCTERMS}license"), iri(known.portal.licence.address))
    yield triple(node, iri(f"{DCAT}byteSize"), integer(offer.size))
    yield triple(node, iri(f"{DCAT}mediaType"), iri(MEDIA + offer.media_type))
    yield triple(node, fp("sha256"), literal(offer.sha256))
    yield triple(node, iri(f"{SPDX}checksum"), checksum)
    yield triple(checksum, RDF_TYPE, iri(f"{SPDX}Checksum"))
    yield triple(checksum, iri(f"{SPDX}algorithm"), iri(f"{SPDX}checksumAlgorithm_sha256"))
    yield triple(checksum, iri(f"{SPDX}checksumValue"), typed(offer.sha256, f"{XSD}hexBinary"))
    if offer.packed:
        yield triple(node, iri(f"{DCAT}compressFormat"), iri(f"{MEDIA}application/gzip"))

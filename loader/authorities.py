"""Terms of others that a catalogue points to, each with the class DCAT-AP expects there and the name it has there.

A reader of the catalogue alone, and a validator that fetches nothing, then knows what each is: DCAT-AP's ranges are
checked by the types stated in the graph. The labels are those of the authorities.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fiscalkg.loader.terms import iri, literal, triple

__all__ = [
    "AVAILABLE", "CHINESE", "DCTERMS", "ENGLISH", "GZIP", "NOT_PUBLIC", "PUBLIC", "RDF_TYPE", "SHA256", "SKOS",
    "SPDX", "TAXONOMY", "THEMES", "Term", "file_format", "licence_kind", "media_type", "term_lines",
]  # fmt: skip

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DCTERMS = "http://purl.org/dc/terms/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SPDX = "http://spdx.org/rdf/terms#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"
ADMS = "http://purl.org/adms/licencetype/"


@dataclass(frozen=True, slots=True)
class Term:
    """A term with its class, its name in English and the property that says the name."""

    iri: str
    kind: str
    name: str
    naming: str = LABEL


def _concept(address: str, name: str) -> Term:
    return Term(address, f"{SKOS}Concept", name, f"{SKOS}prefLabel")


TAXONOMY = Term(f"{EU}data-theme", f"{SKOS}ConceptScheme", "Data theme", f"{DCTERMS}title")
THEMES = (
    _concept(f"{EU}data-theme/GOVE", "Government and public sector"),
    _concept(f"{EU}data-theme/ECON", "Economy and finance"),
)
CHINESE = Term(f"{EU}language/ZHO", f"{DCTERMS}LinguisticSystem", "Chinese")
ENGLISH = Term(f"{EU}language/ENG", f"{DCTERMS}LinguisticSystem", "English")
PUBLIC = Term(f"{EU}access-right/PUBLIC", f"{DCTERMS}RightsStatement", "public")
NOT_PUBLIC = Term(f"{EU}access-right/NON_PUBLIC", f"{DCTERMS}RightsStatement", "non-public")
AVAILABLE = _concept(f"{EU}planned-availability/AVAILABLE", "available")
SHA256 = Term(f"{SPDX}checksumAlgorithm_sha256", f"{SPDX}ChecksumAlgorithm", "SHA-256")
GZIP = Term(f"{IANA}application/gzip", f"{DCTERMS}MediaType", "application/gzip")

# What IANA has not registered has no address there, and the format alone says what it is.
UNREGISTERED = frozenset({"application/jsonl", "application/octet-stream"})
FORMATS: Mapping[str, tuple[str, str]] = {
    "application/n-triples": ("RDF_N_TRIPLES", "RDF N-Triples"),
    "text/turtle": ("RDF_TURTLE", "RDF Turtle"),
    "application/ld+json": ("JSON_LD", "JSON-LD"),
    "text/csv": ("CSV", "CSV"),
    "application/json": ("JSON", "JSON"),
    "application/xml": ("XML", "XML"),
    "application/vnd.apache.parquet": ("PARQUET", "Parquet"),
}
LICENCE_KINDS: Mapping[str, Term] = {
    "creativecommons.org/licenses/by/": _concept(f"{ADMS}Attribution", "Attribution"),
    "creativecommons.org/licenses/by-sa/": _concept(
        f"{ADMS}ViralEffect-ShareAlike", "Viral effect (a.k.a. Share-alike)"
    ),
    "creativecommons.org/publicdomain/": _concept(f"{ADMS}PublicDomain", "Public domain"),
}


def media_type(name: str) -> Term | None:
    """Return the media type as IANA's address of it, ``None`` where it is not registered."""
    return None if name in UNREGISTERED else Term(IANA + name, f"{DCTERMS}MediaType", name)


def file_format(name: str, dataset: str) -> Term:
    """Return the format of files of a media type: the European authority's term, else one of the data set's own."""
    kind = f"{DCTERMS}MediaTypeOrExtent"
    if name in FORMATS:
        code, label = FORMATS[name]
        return Term(f"{EU}file-type/{code}", kind, label)
    return Term(f"{dataset}#format-{name.rpartition('/')[2]}", kind, name)


def licence_kind(address: str) -> Term | None:
    """Return what sort of licence stands at an address, by ADMS, where it is a well-known one."""
    return next((kind for part, kind in LICENCE_KINDS.items() if part in address), None)


def term_lines(term: Term) -> Iterator[str]:
    """Yield what a term is and what it is called."""
    yield triple(iri(term.iri), RDF_TYPE, iri(term.kind))
    yield triple(iri(term.iri), iri(term.naming), literal(term.name, "en"))

"""The formats results and graphs are written in: one table of media type, extension and the engine's counterpart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import pyoxigraph as ox

__all__ = ["GRAPHS", "RESULTS", "Format"]

FORMATS_IRI = "http://www.w3.org/ns/formats/"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of one format; ``engine`` is pyoxigraph's name for it."""

    media_type: str
    extension: str
    iri: str
    engine: ox.QueryResultsFormat | ox.RdfFormat


class Format(Enum):
    """A format by its short name: ``Format["csv"]`` is ``Format.csv``."""

    json = Kind("application/sparql-results+json", "srj", "SPARQL_Results_JSON", ox.QueryResultsFormat.JSON)
    xml = Kind("application/sparql-results+xml", "srx", "SPARQL_Results_XML", ox.QueryResultsFormat.XML)
    csv = Kind("text/csv", "csv", "SPARQL_Results_CSV", ox.QueryResultsFormat.CSV)
    tsv = Kind("text/tab-separated-values", "tsv", "SPARQL_Results_TSV", ox.QueryResultsFormat.TSV)
    ttl = Kind("text/turtle", "ttl", "Turtle", ox.RdfFormat.TURTLE)
    nt = Kind("application/n-triples", "nt", "N-Triples", ox.RdfFormat.N_TRIPLES)
    rdf = Kind("application/rdf+xml", "rdf", "RDF_XML", ox.RdfFormat.RDF_XML)
    jsonld = Kind("application/ld+json", "jsonld", "JSON-LD", ox.RdfFormat.JSON_LD)
    trig = Kind("application/trig", "trig", "TriG", ox.RdfFormat.TRIG)
    nq = Kind("application/n-quads", "nq", "N-Quads", ox.RdfFormat.N_QUADS)

    __hash__ = object.__hash__  # each member is there once; that of enumerations is written in Python

    def __reduce_ex__(self, _: object) -> tuple[object, ...]:
        """Travel to another process by name: the engine's own names of formats cannot."""
        return getattr, (Format, self.name)

    @property
    def media_type(self) -> str:
        """The media type, without parameters."""
        return self.value.media_type

    @property
    def extension(self) -> str:
        """The file name extension, without a dot."""
        return self.value.extension

    @property
    def iri(self) -> str:
        """The W3C's IRI of the format, as service descriptions name it."""
        return FORMATS_IRI + self.value.iri

    @property
    def engine(self) -> ox.QueryResultsFormat | ox.RdfFormat:
        """What pyoxigraph calls the format."""
        return self.value.engine


RESULTS = (Format.json, Format.xml, Format.csv, Format.tsv)
GRAPHS = (Format.ttl, Format.nt, Format.rdf, Format.jsonld, Format.trig, Format.nq)

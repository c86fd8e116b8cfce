"""Facts of one slice into its files: N-Triples, Turtle, JSON-LD and RDF/XML, each as gzip members: head, body, end.

A head and an end are the same in every slice of a release. So bodies laid end to end between one head and one end are
the file of several slices, and no fact is written out twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.dumps import PREFIXES, gzip_member, turtle_body, turtle_head
from fiscalkg.loader.jsonld import jsonld_body, jsonld_end, jsonld_head

__all__ = ["ENDINGS", "Task", "body_of", "endings_of", "join", "write_slice"]

ENDINGS = (".nt.gz", ".ttl.gz", ".jsonld.gz", ".rdf.gz")
# What an XML document cannot hold, and a line end that XML reads as another, as N-Triples spells them.
ESCAPED_NOT_IN_XML = re.compile(rb"(?<!\\)(?:\\\\)*\\(?:[rbf]|u00)")
NOT_IN_XML = ("\ufffe".encode(), "\uffff".encode())
XMLNS = re.compile(rb"<rdf:RDF([^>]*)>\n?")
XML_END = b"</rdf:RDF>"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the bodies of one format, packed: before them all, between two, behind them all."""

    head: bytes = b""
    between: bytes = b""
    end: bytes = b""


@dataclass(frozen=True, slots=True)
class Task:
    """A slice to write: the bytes ``start`` to ``start + size`` of the facts; ``stem`` is its path without endings."""

    facts: Path
    start: int
    size: int
    stem: Path
    endings: tuple[str, ...]
    base: str


def endings_of(lines: Iterable[bytes], text: bytes) -> tuple[str, ...]:
    """Return the formats that can hold a slice, given with its N-Triples as a whole: all, or all but RDF/XML."""
    escaped = b"".join(line for line in lines if b"\\" in line) if b"\\" in text else b""  # few; the search is slow
    strange = ESCAPED_NOT_IN_XML.search(escaped) or any(sign in text for sign in NOT_IN_XML)
    return ENDINGS[:-1] if strange else ENDINGS


def write_slice(task: Task) -> None:
    """Write a slice in its formats."""
    with task.facts.open("rb") as file:
        file.seek(task.start)
        text = file.read(task.size)
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]
    groups = [(str(subject)[1:-1], list(own)) for subject, own in groupby(triples, key=lambda triple: triple.subject)]
    bodies = {
        ".nt.gz": text,
        ".ttl.gz": turtle_body(groups, task.base),
        ".jsonld.gz": "".join(jsonld_body(groups, task.base)).encode(),
    }
    if ".rdf.gz" in task.endings:
        bodies[".rdf.gz"] = _rdfxml(triples, task.base)[1]
    for ending in task.endings:
        with task.stem.with_name(task.stem.name + ending).open("wb") as file:
            file.writelines(join([gzip_member(bodies[ending])], ending, task.base))


def join(bodies: Iterable[bytes], ending: str, base: str) -> Iterator[bytes]:
    """Yield the members of the file that holds some packed bodies of one format."""
    frame = _frames(base)[ending]
    yield frame.head
    for number, body in enumerate(bodies):
        if number:
            yield frame.between
        yield body
    yield frame.end


def body_of(stem: Path, ending: str, base: str) -> bytes:
    """Return the packed body of a slice that stands on disk."""
    frame = _frames(base)[ending]
    data = stem.with_name(stem.name + ending).read_bytes()
    return data[len(frame.head) : len(data) - len(frame.end)]


@cache
def _frames(base: str) -> Mapping[str, Frame]:
    head, _ = _rdfxml((), base)
    return {
        ".nt.gz": Frame(),
        ".ttl.gz": Frame(gzip_member(turtle_head(base))),
        ".jsonld.gz": Frame(*(gzip_member(text.encode()) for text in (jsonld_head(base), ",\n", jsonld_end()))),
        ".rdf.gz": Frame(gzip_member(head), b"", gzip_member(XML_END + b"\n")),
    }


def _rdfxml(triples: Iterable[ox.Triple], base: str) -> tuple[bytes, bytes]:
    """Return head and body of RDF/XML, with the namespaces in order, which the engine writes in none."""
    text = ox.serialize(triples, format=ox.RdfFormat.RDF_XML, prefixes=PREFIXES, base_iri=base) or b""
    start, namespaces, rest = XMLNS.split(text, maxsplit=1)
    head = start + b"<rdf:RDF " + b" ".join(sorted(namespaces.split())) + b">\n"
    body = rest.rpartition(XML_END)[0]
    return head, body

"""A graph as a file, ours or from elsewhere, into batches of N-Triples small enough to be checked one by one.

The file goes into a store on disk, never into memory as a whole. A batch holds what a shape looks at: of nodes their
own properties and the types of what these lead to; of statements their parts, units, projects and documents.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.iris import ONTOLOGY

__all__ = ["is_graph_file", "load_graph", "node_batches", "statement_batches"]

ENDINGS = {".nt": ox.RdfFormat.N_TRIPLES, ".ttl": ox.RdfFormat.TURTLE}
LARGEST = 16 * 1024 * 1024 * 1024  # bytes of text, unpacked: about 100 million triples
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
PARTS = tuple(
    ox.NamedNode(f"{ONTOLOGY}{name}") for name in ("sourceDocument", "unit", "project", "amount", "goal", "indicator")
)
TARGET = ox.NamedNode(f"{ONTOLOGY}target")


def is_graph_file(path: Path) -> bool:
    """Return whether a path is a file named as Turtle or N-Triples, gzipped or not."""
    return path.is_file() and _ending(path) in ENDINGS


def _ending(path: Path) -> str:
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix


class _Bounded:
    """A stream that ends with an error where it holds more than it may: a small archive can unpack to anything."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name, self._left = stream, name, LARGEST

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise DocumentError(f"{self._name}: holds more than {LARGEST >> 30} GiB of text; split it")
        return data

    def close(self) -> None:
        self._stream.close()


def load_graph(store: ox.Store, path: Path) -> None:
    """Add a Turtle or N-Triples file to a store; raises ``DocumentError`` with the line where it is neither."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            store.bulk_load(_Bounded(file, path.name), format=ENDINGS[_ending(path)])  # type: ignore[arg-type]  # read is all it asks for
    except SyntaxError as error:
        where = f" line {error.lineno}" if error.lineno else ""
        raise DocumentError(f"{path.name}{where}: is not {_ending(path)[1:]}: {error.msg}; mend it there") from None
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DocumentError(f"{path.name}: cannot be read ({error}); fetch it again") from error


def statement_batches(store: ox.Store, size: int) -> Iterator[list[str]]:
    """Yield the statements of a graph, ``size`` at a time, with all the rules look at."""
    found = store.quads_for_pattern(None, TYPE, ox.NamedNode(f"{ONTOLOGY}Statement"))
    subjects = (quad.subject for quad in found if isinstance(quad.subject, ox.NamedNode))
    while batch := list(islice(subjects, size)):
        yield sorted({line for subject in batch for line in _statement(store, subject)})


def _statement(store: ox.Store, subject: ox.NamedNode) -> Iterator[str]:
    yield from _own(store, subject)
    for part in _objects(store, subject, PARTS):
        yield from _own(store, part)
        for target in _objects(store, part, (TARGET,)):
            yield from _own(store, target)


def _objects(store: ox.Store, subject: ox.NamedNode, predicates: Sequence[ox.NamedNode]) -> Iterator[ox.NamedNode]:
    for predicate in predicates:
        for quad in store.quads_for_pattern(subject, predicate, None):
            if isinstance(quad.object, ox.NamedNode):
                yield quad.object


def _own(store: ox.Store, subject: ox.NamedNode) -> Iterator[str]:
    for quad in store.quads_for_pattern(subject, None, None):
        yield f"{quad.triple} .\n"


def node_batches(store: ox.Store, name: str, size: int) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the nodes of a class that have an IRI, ``size`` at a time, and their lines.

    The lines say of a node its own properties, and the types of what these lead to.
    """
    found = store.quads_for_pattern(None, TYPE, ox.NamedNode(name))
    subjects = (quad.subject for quad in found if isinstance(quad.subject, ox.NamedNode))
    while batch := list(islice(subjects, size)):
        lines = {line for subject in batch for line in _with_types(store, subject)}
        yield [subject.value for subject in batch], sorted(lines)


def _with_types(store: ox.Store, subject: ox.NamedNode) -> Iterator[str]:
    for quad in store.quads_for_pattern(subject, None, None):
        yield f"{quad.triple} .\n"
        if isinstance(quad.object, ox.NamedNode):
            for kind in store.quads_for_pattern(quad.object, TYPE, None):
                yield f"{kind.triple} .\n"

"""A release or a dump into the sorted lines of its facts: N-Triples as this project writes them, each once.

A release's own N-Triples are read as they stand; any other dump is parsed, written anew and sorted in pieces on disk,
so that the memory needed does not grow with it.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from fiscalkg.loader.dumps import merge, write_sorted
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.release import INFO, Release, open_release
from fiscalkg.loader.stores.embedded import load_in_pieces
from fiscalkg.loader.terms import iri, literal, triple

__all__ = ["Facts", "open_facts", "sort_lines"]

RUN = 200_000  # lines sorted in memory at once
STRING = "http://www.w3.org/2001/XMLSchema#string"
FORMATS = {
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".ttl": ox.RdfFormat.TURTLE,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """One side of a comparison: what it is called, its sorted N-Triples, and the release where it is one.

    ``path`` is sorted N-Triples, gzip where its name ends so; ``scratch`` takes a store made of them.
    """

    name: str
    path: Path
    scratch: Path
    release: Release | None = None

    def lines(self) -> Iterator[str]:
        """Yield the sorted lines; raises ``ReleaseError`` where the file is damaged."""
        with _opened(self.path) as packed, io.TextIOWrapper(packed, "utf-8", newline="\n") as file:
            try:
                yield from file
            except (EOFError, OSError, zlib.error, UnicodeError) as error:
                raise ReleaseError(f"{self.path}: damaged ({error}); fetch it again") from error

    def store(self) -> Path:
        """Return the folder of a store of these facts, made now where there is none."""
        if self.release and self.release.store.is_dir():
            return self.release.store
        made = self.scratch / "store"
        if not made.exists():
            with _opened(self.path) as file:
                load_in_pieces(made, file)
        return made


def _opened(path: Path) -> IO[bytes]:
    return io.BufferedReader(gzip.GzipFile(path)) if path.suffix == ".gz" else path.open("rb")


def open_facts(path: Path, scratch: Path) -> Facts:
    """Return the facts of a published folder, of a release's own folder, or of a dump (nt, ttl, rdf, jsonld; gzip too).

    ``scratch`` is an empty folder for what must be sorted. Raises ``ReleaseError`` where there are none.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        release = open_release(path)
        dump = release.path / "dumps" / "fiscalkg.nt.gz"
        if not dump.is_file():
            raise ReleaseError(f"{release.path / INFO}: its dumps/fiscalkg.nt.gz is missing; fetch the release again")
        return Facts(release.id, dump, scratch, release)
    bare = path.with_suffix("") if path.suffix == ".gz" else path
    if bare.suffix not in FORMATS:
        endings = ", ".join(FORMATS)
        raise ReleaseError(f"{path}: no folder with a release, and no dump ({endings}, or with .gz)")
    made = scratch / "sorted.nt"
    write_sorted(sort_lines(_parsed(path, FORMATS[bare.suffix]), scratch), made)
    return Facts(path.name, made, scratch)


def _parsed(path: Path, form: ox.RdfFormat) -> Iterator[str]:
    try:
        with _opened(path) as file:
            for quad in ox.parse(file, format=form):
                yield _line(quad, path)
    except SyntaxError as error:
        raise ReleaseError(f"{path}: is not what its name says ({error}); fetch it again") from error
    except (EOFError, OSError, zlib.error) as error:
        raise ReleaseError(f"{path}: cannot be read ({error}); fetch it again") from error


def _line(quad: ox.Quad, path: Path) -> str:
    if not isinstance(quad.subject, ox.NamedNode) or isinstance(quad.object, ox.BlankNode | ox.Triple):
        raise ReleaseError(f"{path}: holds a blank node, which no dump of facts does; give the facts alone")
    return triple(iri(quad.subject.value), iri(quad.predicate.value), _term(quad.object))


def _term(term: ox.NamedNode | ox.Literal) -> str:
    if isinstance(term, ox.NamedNode):
        return iri(term.value)
    if term.language:
        return literal(term.value, term.language.lower())
    text = literal(term.value)
    return text if term.datatype.value == STRING else f"{text}^^{iri(term.datatype.value)}"


def sort_lines(lines: Iterable[str], scratch: Path) -> Iterator[str]:
    """Yield lines sorted and each once; what does not fit in memory at once waits in files of a folder."""
    source = iter(lines)
    runs: list[Iterable[str]] = []
    while run := sorted(set(islice(source, RUN))):
        if len(run) < RUN // 2 and not runs:
            yield from run
            return
        path = scratch / f"run-{len(runs)}.nt"
        write_sorted(run, path)
        runs.append(_lines(path))
    yield from merge(runs, scratch)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from file

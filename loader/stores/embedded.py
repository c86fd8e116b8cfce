"""N-Triples into a store on disk, and a store on disk into answers: pyoxigraph, in this process.

A store is built once, optimised (15-fold on sums, and no bulk load does it by itself) and from then on only
read. The engine has no time limit: whoever serves strangers runs it in a process that can be ended.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple, Variable

from fiscalkg.loader.errors import StoreError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.stores import NO_BINDINGS, Dataset, Sink, Term
from fiscalkg.loader.stores.streams import Results, texts, write

__all__ = ["EmbeddedStore", "build_store", "load_in_pieces", "load_store", "open_store", "renew_store"]

PIECE = 16 * 1024 * 1024  # bytes of N-Triples of one load where memory must not grow: some 100,000 facts
SMALL = 256 * 1024  # bytes of a file that is loaded together with others


class EmbeddedStore:
    """A pyoxigraph store, opened for reading only; any number of processes may open one folder."""

    def __init__(self, engine: pyoxigraph.Store) -> None:
        """Take an engine that was opened for reading."""
        self._engine: pyoxigraph.Store | None = engine

    def query(
        self,
        text: str,
        format: Format,  # noqa: A002  # the protocol's own word
        sink: Sink,
        bindings: Mapping[str, Term] = NO_BINDINGS,
        dataset: Dataset | None = None,
    ) -> None:
        """Write the answer into ``sink``; see ``Store.query``."""
        engine = self._opened()
        write(lambda: _ask(engine, text, bindings, dataset), text, format, sink)

    def texts(self, text: str, bindings: Mapping[str, Term] = NO_BINDINGS) -> list[dict[str, str]]:
        """Return the rows of a SELECT as plain texts, for answers that fit in memory; raises as ``Store.query``.

        It takes two thirds of the time of writing JSON and reading it again.
        """
        engine = self._opened()
        return texts(lambda: _ask(engine, text, bindings, None), text)

    def _opened(self) -> pyoxigraph.Store:
        if self._engine is None:
            raise StoreError("the store is closed; open the release again")
        return self._engine

    def close(self) -> None:
        """Let go of the engine; answers under way still end."""
        self._engine = None


def _ask(engine: pyoxigraph.Store, text: str, bindings: Mapping[str, Term], dataset: Dataset | None) -> Results:
    terms: dict[Variable, Term | Triple] = {Variable(name): term for name, term in bindings.items()}
    if dataset is None:
        return engine.query(text, substitutions=terms)
    default: list[NamedNode | BlankNode | DefaultGraph] = [NamedNode(graph) for graph in dataset.default]
    named: list[NamedNode | BlankNode] = [NamedNode(graph) for graph in dataset.named]
    return engine.query(text, substitutions=terms, default_graph=default, named_graphs=named)


def open_store(path: Path) -> EmbeddedStore:
    """Open a store folder for reading; raises ``StoreError`` when it is none."""
    try:
        return EmbeddedStore(pyoxigraph.Store.read_only(str(path)))
    except OSError as error:
        message = " ".join(str(error).split())
        raise StoreError(f"{path}: no store can be opened ({message}); publish again") from error


def build_store(path: Path, facts: Path, graphs: Iterable[tuple[str, Path]]) -> None:
    """Write a store: ``facts`` into the default graph, each file of ``graphs`` into the graph with its IRI.

    Files are uncompressed N-Triples or Turtle, by their ending. The store is optimised and flushed. Raises
    ``StoreError`` naming the file whose text is neither, and where.
    """
    try:
        engine = pyoxigraph.Store(str(path))
        _fill(engine, facts, graphs)
        engine.optimize()
        engine.flush()
    except OSError as error:
        raise StoreError(f"{path}: the store cannot be written ({error}); check space and permissions") from error


def load_store(facts: Path, graphs: Iterable[tuple[str, Path]]) -> EmbeddedStore:
    """Return a store in memory, of what ``build_store`` would write to disk; files may be gzip too."""
    engine = pyoxigraph.Store()
    try:
        _fill(engine, facts, graphs)
    except (OSError, EOFError) as error:
        raise StoreError(f"{facts.parent}: cannot be read ({error}); publish again") from error
    return EmbeddedStore(engine)


def _fill(engine: pyoxigraph.Store, facts: Path, graphs: Iterable[tuple[str, Path]]) -> None:
    _load(engine, facts, None)
    small: list[tuple[NamedNode, Path]] = []
    for iri, file in graphs:
        if file.stat().st_size > SMALL:
            _load(engine, file, NamedNode(iri))
        else:
            small.append((NamedNode(iri), file))
    # One load for all of them: a load for each takes five times as long.
    engine.bulk_extend(quad for graph, file in small for quad in _quads(file, graph))


def load_in_pieces(path: Path, facts: IO[bytes]) -> None:
    """Write a store of N-Triples, read once, within the same memory for any number of facts.

    A load of all at once takes six tenths of the time and keeps a million facts or more in memory. Raises as
    ``build_store`` does, and what reading raises.
    """
    try:
        engine = pyoxigraph.Store(str(path))
        while lines := facts.readlines(PIECE):
            with _faults_named(path):
                engine.bulk_load(input=b"".join(lines), format=RdfFormat.N_TRIPLES)
        engine.optimize()
        engine.flush()
    except OSError as error:
        raise StoreError(f"{path}: the store cannot be written ({error}); check space and permissions") from error


def renew_store(path: Path, before: Path, gone: Path, come: Path, facts: int) -> None:
    """Write a store: a copy of another, whose files it shares, without the quads of one file and with those of another.

    Both are N-Quads; ``facts`` is how many triples the default graph holds then. The store is optimised and flushed.
    Raises ``StoreError`` where the other store cannot be read, or another number is counted.
    """
    try:
        pyoxigraph.Store.read_only(str(before)).backup(str(path))
        engine = pyoxigraph.Store(str(path))
        for quad in pyoxigraph.parse(path=str(gone), format=RdfFormat.N_QUADS):
            engine.remove(quad)
        engine.bulk_load(path=str(come), format=RdfFormat.N_QUADS)
        counted = engine.query("SELECT (COUNT(*) AS ?facts) WHERE { ?subject ?predicate ?object }")
        engine.optimize()
        engine.flush()
    except (OSError, SyntaxError) as error:
        raise StoreError(f"{before}: cannot be renewed ({error})") from error
    assert isinstance(counted, pyoxigraph.QuerySolutions)  # noqa: S101  # the query is a SELECT
    if (number := int(next(counted)["facts"].value)) != facts:
        raise StoreError(f"{before}: leads to {number} facts, where {facts} are published")


def _load(engine: pyoxigraph.Store, file: Path, graph: NamedNode | None) -> None:
    with _faults_named(file):
        if file.suffix == ".gz":
            with _unpacked(file) as content:
                engine.bulk_load(input=content, format=_format(file), to_graph=graph)
        else:
            engine.bulk_load(path=str(file), format=_format(file), to_graph=graph)


def _quads(file: Path, graph: NamedNode) -> Iterator[Quad]:
    with _faults_named(file), _unpacked(file) if file.suffix == ".gz" else file.open("rb") as content:
        for quad in pyoxigraph.parse(input=content, format=_format(file), rename_blank_nodes=True):
            yield Quad(quad.subject, quad.predicate, quad.object, graph)


def _unpacked(file: Path) -> IO[bytes]:
    return io.BufferedReader(gzip.GzipFile(file))


def _format(file: Path) -> RdfFormat:
    return RdfFormat.TURTLE if ".ttl" in file.suffixes else RdfFormat.N_TRIPLES


@contextmanager
def _faults_named(file: Path) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        raise StoreError(f"{file.name}: {error}; this is a fault of the program, please report it") from error

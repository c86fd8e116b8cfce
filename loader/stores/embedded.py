"""N-Triples into a store on disk, and a store on disk into answers: pyoxigraph, in this process.

A store is built once, optimised (15-fold on sums, and no bulk load does it by itself) and from then on only
read. The engine has no time limit: whoever serves strangers runs it in a process that can be ended.
"""

from __future__ import annotations

import errno
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    Variable,
)

from fiscalkg.loader.errors import FiscalkgError, QueryError, StoreError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.stores import NO_BINDINGS, Dataset, Term

__all__ = ["EmbeddedStore", "build_store", "open_store"]

Results = QuerySolutions | QueryBoolean | QueryTriples

PIECE = 64 * 1024
LONGEST_MESSAGE = 200
ANYTHING = "[_]"
UNBOUND = "The SELECT contains a variable that is unbound"
POSITION = re.compile(r"\bat (\d+):(\d+)")


class EmbeddedStore:
    """A pyoxigraph store, opened for reading only; any number of processes may open one folder."""

    def __init__(self, engine: pyoxigraph.Store) -> None:
        """Take an engine that was opened for reading."""
        self._engine: pyoxigraph.Store | None = engine

    def query(
        self,
        text: str,
        format: Format,  # noqa: A002  # the protocol's own word
        bindings: Mapping[str, Term] = NO_BINDINGS,
        dataset: Dataset | None = None,
    ) -> Iterator[bytes]:
        """Return the answer in pieces; see ``Store.query``."""
        if self._engine is None:
            raise StoreError("the store is closed; open the release again")
        reader, writer = os.pipe()
        run = _Run(self._engine, _Asked(text, format, bindings, dataset), writer)
        run.thread.start()
        run.decided.wait()
        if run.refused:
            os.close(reader)
            run.thread.join()
            raise run.refused[0]
        return _pieces(run, reader)

    def close(self) -> None:
        """Let go of the engine; answers under way still end."""
        self._engine = None


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str
    format: Format
    bindings: Mapping[str, Term]
    dataset: Dataset | None

    def of(self, engine: pyoxigraph.Store) -> Results:
        terms: dict[Variable, Term | Triple] = {Variable(name): term for name, term in self.bindings.items()}
        if self.dataset is None:
            return engine.query(self.text, substitutions=terms)
        default: list[NamedNode | BlankNode | DefaultGraph] = [NamedNode(graph) for graph in self.dataset.default]
        named: list[NamedNode | BlankNode] = [NamedNode(graph) for graph in self.dataset.named]
        return engine.query(self.text, substitutions=terms, default_graph=default, named_graphs=named)


class _Run:
    """One query in a thread of its own, which writes the answer into a pipe.

    Results of the engine belong to the thread that asked: nothing of it, not even an exception with its
    frames, may leave. ``decided`` is set once the query is known to be answerable or refused.
    """

    def __init__(self, engine: pyoxigraph.Store, asked: _Asked, writer: int) -> None:
        self.decided = threading.Event()
        self.refused: list[FiscalkgError] = []
        self.failed: list[FiscalkgError] = []
        self.thread = threading.Thread(target=self._answer, args=(engine, asked, writer), daemon=True)

    def _answer(self, engine: pyoxigraph.Store, asked: _Asked, writer: int) -> None:
        try:
            results = asked.of(engine)
            self.refused += _mismatch(results, asked.format)
            self.decided.set()
            if not self.refused:
                _write(results, asked.format, writer)
        except BaseException as error:  # whatever it was is told to the reader as one line
            (self.failed if self.decided.is_set() else self.refused).append(_explained(error, asked.text))
        finally:
            os.close(writer)
            self.decided.set()


def _pieces(run: _Run, reader: int) -> Iterator[bytes]:
    try:
        while piece := os.read(reader, PIECE):
            yield piece
    finally:
        os.close(reader)  # a reader who leaves ends the query: its next write meets a broken pipe
        run.thread.join()
    if run.failed:
        raise run.failed[0]


def _write(results: Results, asked: Format, writer: int) -> None:
    try:
        results.serialize(f"/dev/fd/{writer}", asked.engine)  # type: ignore[arg-type]  # _mismatch saw to it
    except OSError as error:
        # EINVAL: all is written, and the engine then asks a pipe to be synced to disk; EPIPE: the reader left.
        if _number(error) not in {errno.EINVAL, errno.EPIPE}:
            raise


def _number(error: OSError) -> int | None:
    """Return the errno; the engine's errors carry it in their text only."""
    found = re.search(r"os error (\d+)", str(error))
    return error.errno or (int(found[1]) if found else None)


def _mismatch(results: Results, asked: Format) -> list[FiscalkgError]:
    """Return why the answer does not exist in a format, or nothing."""
    if isinstance(results, QueryTriples):
        if not isinstance(asked.engine, RdfFormat):
            return [QueryError(f"this query answers with triples, not {asked.name}: ask for ttl, nt, jsonld or xml")]
    elif not isinstance(asked.engine, QueryResultsFormat):
        what = "yes or no" if isinstance(results, QueryBoolean) else "rows"
        return [QueryError(f"this query answers with {what}, not {asked.name}: ask for json, xml, csv or tsv")]
    return []


def _explained(error: BaseException, text: str) -> FiscalkgError:
    message = " ".join(str(error).split())
    if isinstance(error, SyntaxError | ValueError):
        found = POSITION.search(message)
        if not found:
            return QueryError(f"not a SPARQL query: {message[:LONGEST_MESSAGE]}")
        line, column = int(found[1]), int(found[2])
        if UNBOUND in message:
            message = "SELECT names a variable that is neither grouped by nor part of a sum"
        elif ": expected" in message:  # the engine lists words it would have taken, few of them to the point
            column -= ANYTHING in message  # it has then read one character more
            message = f"{_standing(text, line, column)} is not expected here"
        return QueryError(f"not a SPARQL query: {message[:LONGEST_MESSAGE]}", line, column)
    message = message[:LONGEST_MESSAGE]
    if isinstance(error, RuntimeError):  # what the engine finds only while evaluating
        return QueryError(f"the query cannot be evaluated: {message}")
    return StoreError(f"the store does not answer: {message or type(error).__name__}")


def _standing(text: str, line: int, column: int) -> str:
    """Return what stands at a place of a query, from 1: the rest of the word, or that the query ends there."""
    lines = text.splitlines()
    rest = lines[line - 1][column - 1 :].strip() if line <= len(lines) else ""
    following = " ".join([rest, *lines[line:]]).split()
    return f"'{following[0][:40]}'" if following else "the end of the query"


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
        _load(engine, facts, None)
        for iri, file in graphs:
            _load(engine, file, NamedNode(iri))
        engine.optimize()
        engine.flush()
    except OSError as error:
        raise StoreError(f"{path}: the store cannot be written ({error}); check space and permissions") from error


def _load(engine: pyoxigraph.Store, file: Path, graph: NamedNode | None) -> None:
    kind = RdfFormat.TURTLE if file.suffix == ".ttl" else RdfFormat.N_TRIPLES
    try:
        engine.bulk_load(path=str(file), format=kind, to_graph=graph)
    except SyntaxError as error:
        raise StoreError(f"{file.name}: {error}; this is a fault of the program, please report it") from error

"""What an engine answers into a stream of bytes in one format, and its errors into ours: shared by every store.

pyoxigraph's objects are the common form: rows that come from elsewhere are read by its parser as they arrive, and
written by its serialiser, so every store gives the same bytes for the same rows.
"""

from __future__ import annotations

import errno
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

import pyoxigraph
from pyoxigraph import Quad, QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Triple, Variable

from fiscalkg.loader.errors import FiscalkgError, QueryError, StoreError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.stores import Term

__all__ = ["Form", "Results", "examine", "stream"]

Results = QuerySolutions | QueryBoolean | QueryTriples | Iterable[Triple | Quad]
Form = type[QuerySolutions] | type[QueryBoolean] | type[QueryTriples]

PIECE = 64 * 1024
LONGEST_MESSAGE = 200
ANYTHING = "[_]"
UNBOUND = "The SELECT contains a variable that is unbound"
POSITION = re.compile(r"\bat (\d+):(\d+)")
EMPTY = pyoxigraph.Store()  # what a query means is asked of an empty store: the parser alone cannot be had


def stream(ask: Callable[[], Results], text: str, asked: Format) -> Iterator[bytes]:
    """Return what ``ask`` answers to a query, in pieces of at most 64 KiB; it is called in a thread of its own.

    Raises ``QueryError`` and ``StoreError`` before the first piece where the answer cannot be begun.
    """
    reader, writer = os.pipe()
    run = _Run(ask, text, asked, writer)
    run.thread.start()
    run.decided.wait()
    if run.refused:
        os.close(reader)
        run.thread.join()
        raise run.refused[0]
    return _pieces(run, reader)


def examine(text: str, asked: Format, bindings: Mapping[str, Term]) -> Form:
    """Return what a query answers with; raises ``QueryError`` where it is none or does not answer in a format."""
    terms: dict[Variable, Term | Triple] = {Variable(name): term for name, term in bindings.items()}
    try:
        results = EMPTY.query(text, substitutions=terms)
        form, mismatch = type(results), _mismatch(results, asked)
        del results  # it must not leave this thread in the frames of an exception
    except Exception as error:
        raise _explained(error, text) from None
    if mismatch:
        raise mismatch[0]
    return form


class _Run:
    """One query in a thread of its own, which writes the answer into a pipe.

    Results of the engine belong to the thread that asked: nothing of it, not even an exception with its
    frames, may leave. ``decided`` is set once the query is known to be answerable or refused.
    """

    def __init__(self, ask: Callable[[], Results], text: str, asked: Format, writer: int) -> None:
        self.decided = threading.Event()
        self.refused: list[FiscalkgError] = []
        self.failed: list[FiscalkgError] = []
        self.thread = threading.Thread(target=self._answer, args=(ask, text, asked, writer), daemon=True)

    def _answer(self, ask: Callable[[], Results], text: str, asked: Format, writer: int) -> None:
        try:
            results = ask()
            self.refused += _mismatch(results, asked)
            self.decided.set()
            if not self.refused:
                _write(results, asked, writer)
        except BaseException as error:  # whatever it was is told to the reader as one line
            if self.decided.is_set():
                self.failed.append(_broken(error, text))
            else:
                self.refused.append(_explained(error, text))
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
    out = f"/dev/fd/{writer}"
    try:
        if isinstance(results, QuerySolutions | QueryBoolean | QueryTriples):
            results.serialize(out, asked.engine)  # type: ignore[arg-type]  # _mismatch saw to it
        else:
            pyoxigraph.serialize(results, out, asked.engine)  # type: ignore[arg-type]  # _mismatch saw to it
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
    if not isinstance(results, QuerySolutions | QueryBoolean):
        if not isinstance(asked.engine, RdfFormat):
            return [QueryError(f"this query answers with triples, not {asked.name}: ask for ttl, nt, jsonld or xml")]
    elif not isinstance(asked.engine, QueryResultsFormat):
        what = "yes or no" if isinstance(results, QueryBoolean) else "rows"
        return [QueryError(f"this query answers with {what}, not {asked.name}: ask for json, xml, csv or tsv")]
    return []


def _explained(error: BaseException, text: str) -> FiscalkgError:
    if isinstance(error, FiscalkgError):
        return error
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


def _broken(error: BaseException, text: str) -> FiscalkgError:
    """Return an error that came after the query was understood: its text is no longer to blame."""
    if isinstance(error, SyntaxError):
        return StoreError(
            f"the store's answer is damaged or breaks off: {' '.join(str(error).split())[:LONGEST_MESSAGE]}"
        )
    return _explained(error, text)

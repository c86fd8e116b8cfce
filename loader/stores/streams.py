"""What an engine answers into bytes of one format, and its errors into ours: shared by every store.

pyoxigraph's objects are the common form: rows that come from elsewhere are read by its parser as they arrive, and
written by its serialiser, so every store gives the same bytes for the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import pyoxigraph
from pyoxigraph import Quad, QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Triple, Variable

from fiscalkg.loader.errors import FiscalkgError, QueryError, StoreError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.stores import Sink, Term

__all__ = ["Form", "Results", "examine", "texts", "write"]

Results = QuerySolutions | QueryBoolean | QueryTriples | Iterable[Triple | Quad]
Form = type[QuerySolutions] | type[QueryBoolean] | type[QueryTriples]

LONGEST_MESSAGE = 200
ANYTHING = "[_]"
UNBOUND = "The SELECT contains a variable that is unbound"
POSITION = re.compile(r"\bat (\d+):(\d+)")
EMPTY = pyoxigraph.Store()  # what a query means is asked of an empty store: the parser alone cannot be had


def write(ask: Callable[[], Results], text: str, asked: Format, sink: Sink) -> None:
    """Write what ``ask`` answers to a query into ``sink``, in pieces of about 8 KiB.

    Raises ``QueryError`` and ``StoreError``, before the first piece where the answer cannot be begun; what ``sink``
    raises ends the query and comes through as it is.
    """
    results: Results | None = None
    out = _Out(sink)
    try:
        results = ask()
        for mismatch in _mismatch(results, asked):
            raise mismatch
        _serialize(results, asked, out)
    except MemoryError:
        raise
    except Exception as error:
        if error is out.failed:
            raise
        raise (_broken if results is not None else _explained)(error, text) from None
    finally:
        results = None  # it belongs to this thread, and must not leave it in the frames of an exception


def texts(ask: Callable[[], Results], text: str) -> list[dict[str, str]]:
    """Return the rows that ``ask`` answers to a SELECT with, as plain texts, each with its bound variables only.

    Raises ``QueryError`` and ``StoreError`` as ``write`` does.
    """
    results: Results | None = None
    once: dict[str, str] = {}  # rows name the same units, years and messages: a text is held once for all of them
    try:
        results = ask()
        if not isinstance(results, QuerySolutions):
            raise QueryError("rows come from SELECT")
        names = [variable.value for variable in results.variables]
        return [
            {
                name: once.setdefault(value := term.value, value)
                for name, term in zip(names, row, strict=True)
                if term is not None
            }
            for row in results
        ]
    except MemoryError:
        raise
    except Exception as error:
        raise (_broken if results is not None else _explained)(error, text) from None
    finally:
        results = None  # it belongs to this thread, and must not leave it in the frames of an exception


class _Out:
    """A sink as the engine takes it, which remembers the error that writing met."""

    def __init__(self, sink: Sink) -> None:
        self._write = sink.write
        self.failed: BaseException | None = None

    def write(self, piece: bytes) -> int:
        if self.failed:  # the engine writes once more what it could not
            raise self.failed
        try:
            self._write(piece)
        except BaseException as error:
            self.failed = error
            raise
        return len(piece)

    def flush(self) -> None:
        """Do nothing: whoever gave the sink flushes it."""


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


def _serialize(results: Results, asked: Format, out: _Out) -> None:
    if isinstance(results, QuerySolutions | QueryBoolean | QueryTriples):
        results.serialize(out, asked.engine)  # type: ignore[arg-type]  # _mismatch saw to it
    else:
        pyoxigraph.serialize(results, out, asked.engine)  # type: ignore[arg-type]  # _mismatch saw to it


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

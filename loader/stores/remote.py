"""A SPARQL 1.1 server behind an address into a store, by SPARQLWrapper.

Rows are asked for as JSON and triples as N-Triples, the forms every server has, and rewritten as they arrive: so the
bytes are those of the other stores, and an answer that is damaged or cut short is an error and never half an answer.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast
from urllib.error import HTTPError, URLError

import pyoxigraph
from pyoxigraph import Literal, QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat
from SPARQLWrapper import POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

from fiscalkg.loader.errors import FiscalkgError, QueryError, StoreError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.stores import NO_BINDINGS, Dataset, Sink, Term
from fiscalkg.loader.stores.binding import has_dataset, with_values
from fiscalkg.loader.stores.streams import Form, Results, examine, write

if TYPE_CHECKING:
    from typing_extensions import Buffer  # in collections.abc from Python 3.12 on

__all__ = ["RemoteStore"]

ROWS, TRIPLES = "application/sparql-results+json", "application/n-triples"
SECONDS = 60
PIECE = 64 * 1024
LONGEST = 300
NOWHERE = "urn:fiscalkg:no-graph"  # named where no named graph is to be seen: some servers show all if none is named
# Virtuoso names blank nodes as no parser takes them. Inside a string each of these quotes would be escaped.
BLANK, BLANK_BARE = b'"bnode", "value": "nodeID://', b'"bnode", "value": "'
# Virtuoso says by these that it has left rows out: the header, and what its value begins with.
CUT = (("X-SPARQL-MaxRows", ""), ("X-SQL-State", "S1TAT"))


class RemoteStore:
    """A server that answers by the SPARQL 1.1 Protocol; it needs to know nothing of this project."""

    def __init__(self, address: str, dataset: Dataset | None = None, seconds: int = SECONDS) -> None:
        """Take the address of its query service.

        ``dataset`` are the graphs that queries see which name none, for a server whose default graph is not the
        facts; ``seconds`` is how long it may be silent.
        """
        self._address: str | None = address
        self._dataset = dataset
        self._seconds = seconds

    def query(
        self,
        text: str,
        format: Format,  # noqa: A002  # the protocol's own word
        sink: Sink,
        bindings: Mapping[str, Term] = NO_BINDINGS,
        dataset: Dataset | None = None,
    ) -> None:
        """Write the answer into ``sink``; see ``Store.query``."""
        if self._address is None:
            raise StoreError("the store is closed; open the release again")
        form = examine(text, format, bindings)
        seen = dataset or (None if has_dataset(text) else self._dataset)
        request = self._request(self._address, with_values(text, bindings), form, seen)
        write(lambda: _ask(request, form), text, format, sink)

    def close(self) -> None:
        """Forget the address; answers under way still end."""
        self._address = None

    def _request(self, address: str, text: str, form: Form, dataset: Dataset | None) -> SPARQLWrapper:
        request = SPARQLWrapper(address)
        request.setQuery(text)
        # It guesses the form from the text, and takes a prefix named load: for an update: the engine knows better.
        request.queryType = "CONSTRUCT" if form is QueryTriples else "ASK" if form is QueryBoolean else "SELECT"
        request.setMethod(POST)
        request.setOnlyConneg(True)
        request.setTimeout(self._seconds)
        request.addCustomHttpHeader("Accept", TRIPLES if form is QueryTriples else ROWS)
        if dataset is not None:
            for graph in dataset.default:
                request.addParameter("default-graph-uri", graph)
            for graph in dataset.named or (NOWHERE,):
                request.addParameter("named-graph-uri", graph)
        return request


def _ask(request: SPARQLWrapper, form: Form) -> Results:
    try:
        response = request.query().response
    except (SPARQLWrapperException, URLError, HTTPException, OSError) as error:
        raise _explained(request.endpoint, error) from error
    body = io.BufferedReader(_Body(request.endpoint, response), PIECE)
    given = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
    if given not in {ROWS, TRIPLES, "application/json", "text/plain", "text/ntriples"}:
        raise StoreError(f"{request.endpoint}: answers as {given[:100] or 'nothing'}; is it a SPARQL service?")
    for name, value in CUT:
        if (found := response.getheader(name)) is not None and found.startswith(value):
            raise StoreError(f"{request.endpoint}: leaves rows out ({name}: {found[:50]}); raise that limit there")
    try:
        if form is QueryTriples:
            if response.length is None and not response.chunked:  # a cut between two lines could not be told
                raise StoreError(f"{request.endpoint}: does not say where its answer ends; have it send a length")
            return pyoxigraph.parse(body, RdfFormat.N_TRIPLES)
        results = pyoxigraph.parse_query_results(body, QueryResultsFormat.JSON)
        return _truth(results) if form is QueryBoolean and isinstance(results, QuerySolutions) else results
    except SyntaxError as error:
        raise StoreError(f"{request.endpoint}: its answer cannot be read ({str(error)[:LONGEST]})") from error


def _truth(rows: QuerySolutions) -> Results:
    """Return yes or no as itself where it comes as a row, as Virtuoso sends it."""
    row = next(rows, None)
    yes = row is not None and cast(Literal, row[0]).value in {"1", "true"}
    return pyoxigraph.parse_query_results(json.dumps({"head": {}, "boolean": yes}), QueryResultsFormat.JSON)


def _explained(address: str, error: Exception) -> FiscalkgError:
    if isinstance(error, QueryBadFormed):
        return QueryError(f"{address} refuses the query: {_line(error)}")
    if isinstance(error, HTTPError) and error.code in {429, 503}:
        return StoreError(f"{address}: is too busy ({error.code}); try again later")
    reason = error.reason if isinstance(error, URLError) else error
    return StoreError(f"{address}: does not answer ({_line(reason)}); is it running, and [store] in portal.toml right?")


def _line(error: object) -> str:
    text = " ".join(str(error).replace("\\n", " ").split())
    return text[:LONGEST] or type(error).__name__


class _Body(io.RawIOBase):
    """A response as a file to read from, which fails where the server stopped before its end."""

    def __init__(self, address: str, response: HTTPResponse) -> None:
        self._address = address
        self._response = response
        self._left = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        while not self._ended and len(self._left) <= len(BLANK):
            piece = self._read()
            self._ended = not piece
            self._left = (self._left + piece).replace(BLANK, BLANK_BARE)
        whole = len(self._left) if self._ended else len(self._left) - len(BLANK)  # BLANK may begin at the end
        size = min(whole, view.nbytes)
        view[:size], self._left = self._left[:size], self._left[size:]
        return size

    def _read(self) -> bytes:
        try:
            piece = self._response.read1(PIECE)
        except (OSError, HTTPException) as error:
            raise StoreError(f"{self._address}: its answer breaks off ({_line(error)})") from error
        if not piece and self._response.length:
            raise StoreError(f"{self._address}: its answer breaks off, {self._response.length} bytes are missing")
        return piece

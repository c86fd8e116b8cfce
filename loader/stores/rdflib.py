"""An rdflib dataset into a store: for people who extend what is there in Python.

oxrdflib puts a release's store folder behind rdflib, so queries run in the engine and not in rdflib's own evaluator,
which is slow beyond a thousand statements, and which fetches from the web what FROM names.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph
import rdflib
from oxrdflib import OxigraphStore
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.query import Result
from rdflib.term import Identifier, Node

from fiscalkg.loader.errors import StoreError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.stores import NO_BINDINGS, Dataset, Sink, Term
from fiscalkg.loader.stores.streams import Results, examine, write

if TYPE_CHECKING:
    from typing_extensions import Buffer  # in collections.abc from Python 3.12 on

__all__ = ["RdflibStore", "open_rdflib_store"]

PIECE = 64 * 1024


class RdflibStore:
    """An rdflib dataset over oxrdflib, that is only read."""

    def __init__(self, dataset: rdflib.Dataset) -> None:
        """Take a dataset whose default graph holds the facts; raises ``StoreError`` for another store of rdflib's."""
        if not isinstance(dataset.store, OxigraphStore):
            raise StoreError(
                f"rdflib's {type(dataset.store).__name__} answers too slowly; use oxrdflib's OxigraphStore"
            )
        self.dataset: rdflib.Dataset | None = dataset

    def query(
        self,
        text: str,
        format: Format,  # noqa: A002  # the protocol's own word
        sink: Sink,
        bindings: Mapping[str, Term] = NO_BINDINGS,
        dataset: Dataset | None = None,
    ) -> None:
        """Write the answer into ``sink``; see ``Store.query``."""
        known = self.dataset
        if known is None:
            raise StoreError("the store is closed; open the release again")
        examine(text, format, bindings)
        write(lambda: _ask(known, text, bindings, dataset), text, format, sink)

    def close(self) -> None:
        """Let go of the dataset; answers under way still end."""
        self.dataset = None


def open_rdflib_store(path: Path) -> RdflibStore:
    """Open a release's store folder by oxrdflib, for reading; raises ``StoreError`` when it is none."""
    try:
        engine = pyoxigraph.Store.read_only(str(path))
    except OSError as error:
        message = " ".join(str(error).split())
        raise StoreError(f"{path}: no store can be opened ({message}); publish again") from error
    return RdflibStore(rdflib.Dataset(store=OxigraphStore(store=engine)))


def _view(known: rdflib.Dataset, dataset: Dataset) -> rdflib.Dataset:
    """Return a dataset in memory of the graphs asked for; a graph that does not exist is empty."""
    view = rdflib.Dataset(store=OxigraphStore())
    for iri in dataset.default:
        view.default_graph += rdflib.Graph(known.store, rdflib.URIRef(iri))
    for iri in dataset.named:
        graph = view.graph(rdflib.URIRef(iri))
        graph += rdflib.Graph(known.store, rdflib.URIRef(iri))
    return view


def _ask(known: rdflib.Dataset, text: str, bindings: Mapping[str, Term], dataset: Dataset | None) -> Results:
    terms = {name: _to_rdflib(term) for name, term in bindings.items()}
    # Without a graph FROM counts; with the default graph of a dataset nothing but that dataset does.
    view, graph = (known, "") if dataset is None else (_view(known, dataset), DATASET_DEFAULT_GRAPH_ID)
    result = view.store.query(text, {}, terms, graph)
    if result.type in {"CONSTRUCT", "DESCRIBE"}:
        return (pyoxigraph.Triple(*map(_to_ox, triple)) for triple in result.graph or ())  # type: ignore[arg-type]  # rdflib has no type for the place of a term
    return pyoxigraph.parse_query_results(io.BufferedReader(_Body(_json(result)), PIECE), QueryResultsFormat.JSON)


def _to_rdflib(term: Term) -> Identifier:
    match term:
        case NamedNode():
            return rdflib.URIRef(term.value)
        case BlankNode():
            return rdflib.BNode(term.value)
        case _:
            datatype = None if term.language else rdflib.URIRef(term.datatype.value)
            return rdflib.Literal(term.value, lang=term.language, datatype=datatype, normalize=False)


def _to_ox(term: Node) -> Term:
    match term:
        case rdflib.URIRef():
            return NamedNode(str(term))
        case rdflib.Literal(language=str() as language):
            return Literal(str(term), language=language)
        case rdflib.Literal(datatype=rdflib.URIRef() as datatype):
            return Literal(str(term), datatype=NamedNode(str(datatype)))
        case rdflib.Literal():
            return Literal(str(term))
        case _:
            return BlankNode(str(term))


def _json(result: Result) -> Iterator[str]:
    """Yield a result as the W3C's JSON, row by row."""
    if result.type == "ASK":
        yield json.dumps({"head": {}, "boolean": bool(result.askAnswer)})
        return
    names = [str(name) for name in result.vars or ()]
    yield f'{{"head": {json.dumps({"vars": names})}, "results": {{"bindings": ['
    for number, row in enumerate(result.bindings):
        terms = {str(name): _json_term(term) for name, term in row.items() if term is not None}
        yield ("," if number else "") + json.dumps(terms, ensure_ascii=False)
    yield "]}}"


def _json_term(term: Node) -> dict[str, str]:
    known = _to_ox(term)
    match known:
        case NamedNode():
            return {"type": "uri", "value": known.value}
        case BlankNode():
            return {"type": "bnode", "value": known.value}
        case _ if known.language:
            return {"type": "literal", "value": known.value, "xml:lang": known.language}
        case _:
            return {"type": "literal", "value": known.value, "datatype": known.datatype.value}


class _Body(io.RawIOBase):
    """Text made piece by piece, as a file to read bytes from."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        while not self._left and (piece := next(self._pieces, None)) is not None:
            self._left = piece.encode("utf-8", "replace")
        size = min(len(self._left), view.nbytes)
        view[:size], self._left = self._left[:size], self._left[size:]
        return size

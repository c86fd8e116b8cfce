"""A SPARQL query into bytes or into rows, whatever holds the graph.

``Store`` is the whole protocol: building a store is the release's work, and a store never changes once it is
open. ``answer_of`` and ``rows`` hold small answers; large ones are written by ``query`` as they are made.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    parse_query_results,
)

from fiscalkg.loader.errors import QueryError
from fiscalkg.loader.formats import Format

__all__ = ["NO_BINDINGS", "Dataset", "Sink", "Store", "Term", "answer_of", "rows"]

Term = NamedNode | BlankNode | Literal
NO_BINDINGS: Mapping[str, Term] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs a query sees instead of the store's own and of its FROM: IRIs of graphs.

    ``default`` are merged into the default graph, empty for an empty one; ``named`` is what GRAPH finds. A graph
    that does not exist is empty.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class Sink(Protocol):
    """What an answer is written into: any file opened for bytes, or whatever sends them on."""

    def write(self, piece: bytes, /) -> object:
        """Take the next piece; an error raised here ends the query."""
        ...


class Store(Protocol):
    """What answers SPARQL: the embedded store of a release, or any server behind an adapter."""

    def query(
        self,
        text: str,
        format: Format,  # noqa: A002  # the contract's own word: json, csv, ttl
        sink: Sink,
        bindings: Mapping[str, Term] = NO_BINDINGS,
        dataset: Dataset | None = None,
    ) -> None:
        """Write the answer in a format into ``sink``, in pieces of at most 64 KiB as they are made.

        ``bindings`` fix variables to terms, never to text; a SELECT must name in its head the variables that are
        bound. ``dataset`` stands for all that FROM says. Raises ``QueryError`` before the first piece when the text is
        not SPARQL or its answer does not exist in the format, ``StoreError`` when the store fails; what ``sink`` raises
        comes through.
        """
        ...

    def close(self) -> None:
        """Let go of the store's files or connections; a closed store answers nothing."""
        ...


def answer_of(
    store: Store,
    text: str,
    format: Format,  # noqa: A002  # as in ``Store.query``
    bindings: Mapping[str, Term] = NO_BINDINGS,
    dataset: Dataset | None = None,
) -> bytes:
    """Return the whole answer to a query, for answers that fit in memory; raises as ``Store.query``."""
    whole = io.BytesIO()
    store.query(text, format, whole, bindings, dataset)
    return whole.getvalue()


def rows(store: Store, text: str, bindings: Mapping[str, Term] = NO_BINDINGS) -> list[dict[str, Term]]:
    """Return all rows of a SELECT query, each with its bound variables only; for answers that fit in memory."""
    solutions = parse_query_results(answer_of(store, text, Format.json, bindings), QueryResultsFormat.JSON)
    if not isinstance(solutions, QuerySolutions):
        raise QueryError("this query asks yes or no; rows come from SELECT")
    names = [variable.value for variable in solutions.variables]
    return [{name: value for name in names if (value := solution[name]) is not None} for solution in solutions]

"""A SPARQL query into a stream of bytes or into rows, whatever holds the graph.

``Store`` is the whole protocol: building a store is the release's work, and a store never changes once it is
open. ``rows`` reads small answers for pages; large ones are streamed by ``query``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

__all__ = ["NO_BINDINGS", "Dataset", "Store", "Term", "rows"]

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


class Store(Protocol):
    """What answers SPARQL: the embedded store of a release, or any server behind an adapter."""

    def query(
        self,
        text: str,
        format: Format,  # noqa: A002  # the contract's own word: json, csv, ttl
        bindings: Mapping[str, Term] = NO_BINDINGS,
        dataset: Dataset | None = None,
    ) -> Iterator[bytes]:
        """Return the answer in a format, in pieces of at most 64 KiB as they are made.

        ``bindings`` fix variables to terms, never to text; a SELECT must name in its head the variables that are
        bound. ``dataset`` stands for all that FROM says. Raises ``QueryError`` before the first piece when the text is
        not SPARQL or its answer does not exist in the format, ``StoreError`` when the store fails.
        """
        ...

    def close(self) -> None:
        """Let go of the store's files or connections; a closed store answers nothing."""
        ...


def rows(store: Store, text: str, bindings: Mapping[str, Term] = NO_BINDINGS) -> list[dict[str, Term]]:
    """Return all rows of a SELECT query, each with its bound variables only; for answers that fit in memory."""
    answer = b"".join(store.query(text, Format.json, bindings))
    solutions = parse_query_results(answer, QueryResultsFormat.JSON)
    if not isinstance(solutions, QuerySolutions):
        raise QueryError("this query asks yes or no; rows come from SELECT")
    names = [variable.value for variable in solutions.variables]
    return [{name: value for name in names if (value := solution[name]) is not None} for solution in solutions]

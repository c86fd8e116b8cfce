"""What the pages of many entities ask one by one, asked for all of them at once: a small part of the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from pyoxigraph import NamedNode

from fiscalkg.endpoint.pages.asking import FEW, PREFIXES, Node, Row, ask, gather, one
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.pages.shown import shown, shown_of_many

__all__ = ["asked_ahead", "nodes_ahead", "nodes_of", "rows_of_many"]

# The queries that a page of each kind of entity asks, by what its IRI begins with.
QUERIES = {"statement/": ("statement", "findings"), "project/": ("project",), "unit/": ("unit",)}
FACTS = (
    f"{PREFIXES}SELECT ?node ?property ?value WHERE {{{{ VALUES ?node {{{{ {{}} }}}} ?node ?property ?value {FEW} }}}}"
)


@contextmanager
def asked_ahead(edition: Edition, iris: Sequence[str]) -> Iterator[None]:
    """Let an edition know, while the block runs, what pages of these entities ask of it."""
    texts: list[str] = []
    try:
        for beginning, names in QUERIES.items():
            own = [iri for iri in iris if iri.startswith(edition.base + beginning)]
            for name in names if own else ():
                for iri, rows in _answers(edition, name, own).items():
                    texts.append(shown(edition, name, iri))
                    edition.answered[texts[-1]] = rows
        with nodes_ahead(edition, iris):
            yield
    finally:
        for text in texts:
            edition.answered.pop(text, None)


@contextmanager
def nodes_ahead(edition: Edition, iris: Sequence[str]) -> Iterator[None]:
    """Let an edition know, while the block runs, the properties of entities, of their units and their documents."""
    found = nodes_of(edition, iris)
    near = {one(node, name) or "" for node in found.values() for name in ("sourceDocument", "unit")}
    found |= nodes_of(edition, sorted(near - found.keys() - {""}))
    fresh = found.keys() - edition.nodes.keys()
    edition.nodes.update(found)
    try:
        yield
    finally:
        for iri in fresh:
            del edition.nodes[iri]


def _answers(edition: Edition, name: str, iris: Sequence[str]) -> dict[str, list[Row]]:
    """Return the rows of a query for each of some entities, as it gives them for that entity alone."""
    text = shown_of_many(edition, name, f"VALUES ?this {{ {_listed(iris)} }}")
    found = rows_of_many(edition, text)
    return {iri: found.get(iri, []) for iri in iris}


def rows_of_many(edition: Edition, text: str) -> dict[str, list[Row]]:
    """Return the rows of a query of many entities, by the entity that each is of; of one without rows, none."""
    found: dict[str, list[Row]] = {}
    for row in ask(edition.store, text):
        found.setdefault(row.pop("this"), []).append(row)
    return found


def nodes_of(edition: Edition, iris: Sequence[str]) -> dict[str, Node]:
    """Return the properties of each entity, as ``node`` does; of one that the data do not know, none."""
    return {iri: {} for iri in iris} | gather(ask(edition.store, FACTS.format(_listed(iris)))) if iris else {}


def _listed(iris: Iterable[str]) -> str:
    return " ".join(str(NamedNode(iri)) for iri in iris)

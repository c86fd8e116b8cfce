"""What the pages of many entities ask one by one, asked for all of them at once: a small part of the time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from pyoxigraph import NamedNode

from fiscalkg.endpoint.pages.asking import Node, Row, ask, gather, one
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.pages.shown import shown

__all__ = ["asked_ahead"]

# The queries that a page of each kind of entity asks, by what its IRI begins with.
QUERIES = {"statement/": ("statement", "findings"), "project/": ("project",), "unit/": ("unit",)}
FACTS = "SELECT ?node ?property ?value WHERE {{ VALUES ?node {{ {} }} ?node ?property ?value }}"
# A line that says something of the entity; a BIND only repeats it.
SAYS = re.compile(r"^(?!.*BIND\(<this>)(?=.*<this>)", re.MULTILINE)


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
        edition.nodes.update(_nodes(edition, iris))
        near = {one(node, name) or "" for node in edition.nodes.values() for name in ("sourceDocument", "unit")} - {""}
        edition.nodes.update(_nodes(edition, sorted(near - edition.nodes.keys())))
        yield
    finally:
        edition.nodes.clear()
        for text in texts:
            edition.answered.pop(text, None)


def _answers(edition: Edition, name: str, iris: Sequence[str]) -> dict[str, list[Row]]:
    """Return the rows of a query for each of some entities, as it gives them for that entity alone."""
    values = f"VALUES ?this {{ {_listed(iris)} }}\n"
    text = SAYS.sub(lambda _: values, shown(edition, name)).replace("<this>", "?this")
    answers: dict[str, list[Row]] = {iri: [] for iri in iris}
    for row in ask(edition.store, re.sub(r"^SELECT ", "SELECT ?this ", text, count=1, flags=re.MULTILINE)):
        answers[row.pop("this")].append(row)
    return answers


def _nodes(edition: Edition, iris: Sequence[str]) -> dict[str, Node]:
    """Return the properties of each entity; of one that the data do not know, none."""
    return {iri: {} for iri in iris} | gather(ask(edition.store, FACTS.format(_listed(iris)))) if iris else {}


def _listed(iris: Iterable[str]) -> str:
    return " ".join(str(NamedNode(iri)) for iri in iris)

"""The classes of the ontology into a tree that is drawn: a statement, what it has, and what that has.

One row a class, read from top to bottom, so that it fits a telephone as well as a desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from fiscalkg.endpoint.pages.expressions import cardinality
from fiscalkg.endpoint.pages.facts import OWL, RDFS, SKOS, Facts
from fiscalkg.loader.iris import ONTOLOGY

__all__ = ["Drawing", "Row", "domains", "draw"]

ROOTS = ("Statement", "CubeObservation")
STEP, INDENT, BOX = 62, 26, 36
WIDTH = 360


@dataclass(frozen=True, slots=True)
class Row:
    """One class as it is drawn: ``edge`` the property that leads to it, ``parent`` the y of the box it comes from.

    ``again`` says that the class has its own row above; ``codes`` are its properties with values of a code list.
    """

    name: ox.NamedNode
    edge: ox.NamedNode | None
    count: str
    x: int
    y: int
    parent: int
    again: bool
    codes: tuple[ox.NamedNode, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The rows and the size of the picture, in user units."""

    rows: tuple[Row, ...]
    width: int
    height: int
    box: int


def draw(facts: Facts) -> Drawing:
    """Return the tree of classes below a statement, then below an observation of the cube."""
    rows: list[Row] = []
    seen: set[ox.NamedNode] = set()
    for root in ROOTS:
        _grow(facts, ox.NamedNode(ONTOLOGY + root), rows, seen)
    return Drawing(tuple(rows), WIDTH, len(rows) * STEP + 8, BOX)


def _grow(facts: Facts, root: ox.NamedNode, rows: list[Row], seen: set[ox.NamedNode]) -> None:
    waiting: list[tuple[ox.NamedNode, ox.NamedNode | None, str, int, int]] = [(root, None, "", 0, 0)]
    while waiting:
        name, edge, count, depth, parent = waiting.pop()
        y = len(rows) * STEP + 22
        again = name in seen
        codes = () if again else tuple(_leading(facts, name, f"{SKOS}Concept"))
        rows.append(Row(name, edge, count, depth * INDENT + 1, y, parent, again, codes))
        if again:
            continue
        seen.add(name)
        below = [
            (end, leads, cardinality(facts, name, leads), depth + 1, y)
            for leads in _leading(facts, name, None)
            if isinstance(end := facts.one(leads, f"{RDFS}range"), ox.NamedNode)
        ]
        waiting += reversed(below)


def _leading(facts: Facts, owner: ox.NamedNode, end: str | None) -> Iterator[ox.NamedNode]:
    """Yield the object properties from a class to one of ours, or to ``end``; an inverse says nothing new."""
    ours = set(facts.named(f"{OWL}Class"))
    for name in facts.named(f"{OWL}ObjectProperty"):
        if not name.value.startswith(ONTOLOGY) or facts.one(name, f"{OWL}inverseOf") is not None:
            continue
        if owner not in domains(facts, name):
            continue
        target = facts.one(name, f"{RDFS}range")
        if not isinstance(target, ox.NamedNode):
            continue
        if target.value == end if end else target in ours and target.value.startswith(ONTOLOGY):
            yield name


def domains(facts: Facts, name: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the classes a property may be said of, those of a union one by one."""
    domain = facts.one(name, f"{RDFS}domain")
    if isinstance(domain, ox.NamedNode):
        return [domain]
    members = facts.items(facts.one(domain, f"{OWL}unionOf")) if domain is not None else []
    return [member for member in members if isinstance(member, ox.NamedNode)]

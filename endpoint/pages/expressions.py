"""Class expressions of the ontology into pieces of text, in the words of the Manchester syntax, with what they name."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from fiscalkg.endpoint.pages.facts import OWL, RDF, Facts, Value, short

__all__ = ["Piece", "cardinality", "pieces"]

# a piece of text, and the IRI it stands for where it is a name
Piece = tuple[str, str | None]
RESTRICTIONS = {"someValuesFrom": "some", "allValuesFrom": "only", "hasValue": "value"}
COUNTS = {"qualifiedCardinality": "exactly", "cardinality": "exactly", "maxCardinality": "max", "minCardinality": "min"}
FACETS = {"minExclusive": ">", "minInclusive": ">=", "maxExclusive": "<", "maxInclusive": "<="}
XSD = "http://www.w3.org/2001/XMLSchema#"


def pieces(facts: Facts, node: Value) -> Iterator[Piece]:
    """Yield the pieces of a class expression, a datatype or a value.

    Nested intersections and unions stand in brackets.
    """
    if isinstance(node, ox.NamedNode):
        yield short(node.value), node.value
    elif isinstance(node, ox.Literal):
        yield node.value, None
    elif facts.one(node, f"{OWL}onProperty") is not None:
        yield from _restriction(facts, node)
    elif facts.one(node, f"{OWL}onDatatype") is not None:
        yield from _datatype(facts, node)
    else:
        for name, word in (("intersectionOf", "and"), ("unionOf", "or")):
            yield from _joined(facts, facts.items(facts.one(node, f"{OWL}{name}")), word)


def _joined(facts: Facts, members: list[Value], word: str) -> Iterator[Piece]:
    for place, member in enumerate(members):
        if place:
            yield f" {word} ", None
        nested = isinstance(member, ox.BlankNode)
        yield from [("(", None)] if nested else []
        yield from pieces(facts, member)
        yield from [(")", None)] if nested else []


def _restriction(facts: Facts, node: Value) -> Iterator[Piece]:
    on = facts.one(node, f"{OWL}onProperty")
    assert on is not None  # noqa: S101  # the caller asked
    yield from pieces(facts, on)
    for name, word in RESTRICTIONS.items():
        if (filler := facts.one(node, f"{OWL}{name}")) is not None:
            yield f" {word} ", None
            nested = isinstance(filler, ox.BlankNode)
            yield from [("(", None)] if nested else []
            yield from pieces(facts, filler)
            yield from [(")", None)] if nested else []
    for name, word in COUNTS.items():
        if isinstance(count := facts.one(node, f"{OWL}{name}"), ox.Literal):
            yield f" {word} {count.value}", None
            if (filler := facts.one(node, f"{OWL}onClass")) is not None:
                yield " ", None
                yield from pieces(facts, filler)


def _datatype(facts: Facts, node: Value) -> Iterator[Piece]:
    on = facts.one(node, f"{OWL}onDatatype")
    assert on is not None  # noqa: S101  # the caller asked
    yield from pieces(facts, on)
    for facet in facts.items(facts.one(node, f"{OWL}withRestrictions")):
        for name, sign in FACETS.items():
            if isinstance(bound := facts.one(facet, f"{XSD}{name}"), ox.Literal):
                yield f"[{sign} {bound.value}]", None


def cardinality(facts: Facts, owner: ox.NamedNode, property_: ox.NamedNode) -> str:
    """Return how many values a property has on a class: 1, 0..1 or 0..*."""
    for node in facts.values(owner, "http://www.w3.org/2000/01/rdf-schema#subClassOf"):
        if facts.one(node, f"{OWL}onProperty") == property_:
            for name in ("qualifiedCardinality", "cardinality"):
                if isinstance(count := facts.one(node, f"{OWL}{name}"), ox.Literal):
                    return count.value
    functional = ox.NamedNode(f"{OWL}FunctionalProperty") in facts.values(property_, f"{RDF}type")
    return "0..1" if functional else "0..*"

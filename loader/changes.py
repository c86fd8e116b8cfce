"""Differences between two releases into what people call them: documents, units, tables, indicators and values changed.

An indicator's ordinal is an address, not an identity: indicators are matched by scope, class and name. Where a thing
stands in its document, and what is computed from it, is no change of the thing: a table that only moved is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import pyoxigraph as ox

from fiscalkg.loader.differences import Difference
from fiscalkg.loader.iris import ONTOLOGY

__all__ = ["Change", "Field", "Kind", "State", "changes", "counts"]

Kind = Literal["document", "unit", "project", "statement", "indicator", "value", "other"]
State = Literal["added", "removed", "changed", "moved"]
KINDS: tuple[Kind, ...] = ("document", "unit", "project", "statement", "indicator", "value", "other")
STATES: tuple[State, ...] = ("added", "removed", "changed", "moved")

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
PARTS = ("amount", "goal", "indicator")
# Where a thing stands, what numbers it, and what is computed from it.
PLACES = frozenset((
    "firstLine", "lastLine", "page", "left", "top", "width", "height", "table", "row", "column", "sheet", "cell",
    "sourceDocument", "sequence", "ordinal", "layout", "target", *PARTS,
))  # fmt: skip
DERIVED = frozenset(("statesClass", "passed", "notApplicable"))
FOREIGN = frozenset(("http://www.w3.org/ns/prov#wasDerivedFrom", TYPE))
LEFT_OUT = FOREIGN | {ONTOLOGY + name for name in PLACES | DERIVED}

Node = Mapping[str, tuple[str, ...]]  # predicate -> sorted values, as text
Graph = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Field:
    """One property (its IRI) that differs, with the values of both sides; ``()`` where a side has none."""

    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was; ``of`` is the table that an indicator or value belongs to."""

    kind: Kind
    state: State
    iri: str
    label: str
    of: str | None = None
    fields: tuple[Field, ...] = ()


def changes(things: Iterable[Difference], base: str) -> Iterator[Change]:
    """Yield what changed, in the order of the facts; documents last, since one that changed is known by its name."""
    documents: list[Change] = []
    for thing in things:
        if thing.old == thing.new:
            continue
        old, new = _graph(thing.old), _graph(thing.new)
        kind = _kind(thing.iri, base)
        if kind == "document":
            documents += _plain(kind, thing.iri, old, new)
        elif kind == "statement":
            yield from _statement(thing.iri, old, new)
        else:
            yield from _plain(kind, thing.iri, old, new)
    yield from _documents(documents)


def counts(found: Iterable[Change]) -> dict[Kind, dict[State, int]]:
    """Return how many things of each kind were added, removed, changed and moved; every kind and state is named."""
    counted = Counter((change.kind, change.state) for change in found)
    return {kind: {state: counted[kind, state] for state in STATES} for kind in KINDS}


def _kind(iri: str, base: str) -> Kind:
    first = iri.removeprefix(base).partition("/")[0] if iri.startswith(base) else ""
    known: Mapping[str, Kind] = {"source": "document", "unit": "unit", "project": "project", "statement": "statement"}
    return known.get(first, "other")


def _graph(lines: Iterable[str]) -> Graph:
    graph: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES):
        value = "" if isinstance(quad.object, ox.Triple) else quad.object.value
        graph[str(quad.subject)[1:-1]][quad.predicate.value].append(value)
    return {subject: {name: tuple(sorted(of)) for name, of in node.items()} for subject, node in graph.items()}


def _differing(old: Node, new: Node) -> tuple[Field, ...]:
    names = sorted((old.keys() | new.keys()) - LEFT_OUT)
    return tuple(
        Field(name, old.get(name, ()), new.get(name, ())) for name in names if old.get(name, ()) != new.get(name, ())
    )


def _first(node: Node, *names: str) -> str:
    """Return the first value there is of properties, by local name or IRI; else nothing."""
    known = (node.get(name if ":" in name else ONTOLOGY + name, ()) for name in names)
    return next((values[0] for values in known if values), "")


def _plain(kind: Kind, iri: str, old: Graph, new: Graph) -> Iterator[Change]:
    before, after = old.get(iri, {}), new.get(iri, {})
    label = _first(after or before, *(("fileName",) if kind == "document" else (LABEL,))) or iri
    fields = _differing(before, after)
    if not before:
        yield Change(kind, "added", iri, label)
    elif not after:
        yield Change(kind, "removed", iri, label)
    else:
        yield Change(kind, "changed" if fields else "moved", iri, label, fields=fields)


def _documents(found: Iterable[Change]) -> Iterator[Change]:
    """Yield documents, one that went and one that came under the same name as one that changed."""
    found = list(found)
    gone = {change.label: change for change in found if change.state == "removed"}
    come = {change.label for change in found if change.state == "added"}
    for change in found:
        if change.state == "added" and change.label in gone:
            bytes_of = Field(f"{ONTOLOGY}sha256", (_last(gone[change.label].iri),), (_last(change.iri),))
            yield replace(change, state="changed", fields=(bytes_of,))
        elif change.state != "removed" or change.label not in come:
            yield change


def _last(iri: str) -> str:
    return iri.rpartition("/")[2]


def _statement(iri: str, old: Graph, new: Graph) -> Iterator[Change]:
    before, after = old.get(iri, {}), new.get(iri, {})
    label = _first(after or before, "projectName", LABEL) or iri
    parts = list(_parts(iri, old, new))
    fields = _differing(before, after)
    if not before or not after:
        state: State = "removed" if before else "added"
    else:
        state = "changed" if fields or any(part.state != "moved" for part in parts) else "moved"
    yield Change("statement", state, iri, label, fields=fields if before and after else ())
    yield from (part for part in parts if part.state != "moved")


def _parts(whole: str, old: Graph, new: Graph) -> Iterator[Change]:
    for key, before, after in _paired(whole, "indicator", old, new, _indicator_key):
        yield from _indicator(whole, key[-1], before, after, old, new)
    for kind, key_of in (("amount", _amount_key), ("goal", _goal_key)):
        for key, before, after in _paired(whole, kind, old, new, key_of):
            change = _part("value" if kind == "amount" else "other", whole, " ".join(key), before, after, old, new)
            yield change


Pair = tuple[tuple[str, ...], str | None, str | None]


def _paired(
    whole: str, kind: str, old: Graph, new: Graph, key_of: Callable[[str, Graph], tuple[str, ...]]
) -> Iterator[Pair]:
    """Yield the parts of a kind that belong together; of several with one key the first goes with the first."""
    sides = [_keyed(graph, whole, kind, key_of) for graph in (old, new)]
    for key in sorted(sides[0].keys() | sides[1].keys()):
        before, after = (side.get(key, []) for side in sides)
        for at in range(max(len(before), len(after))):
            yield key, before[at] if at < len(before) else None, after[at] if at < len(after) else None


def _keyed(
    graph: Graph, whole: str, kind: str, key_of: Callable[[str, Graph], tuple[str, ...]]
) -> dict[tuple[str, ...], list[str]]:
    """Return the parts of a kind by their key, in the order they are printed in."""
    found: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    named = graph.get(whole, {}).get(f"{ONTOLOGY}{kind}", ())
    for iri in sorted(named, key=lambda iri: (len(iri), iri)):
        found[key_of(iri, graph)].append(iri)
    return found


def _indicator_key(iri: str, graph: Graph) -> tuple[str, ...]:
    node = graph.get(iri, {})
    return _last(_first(node, "scope")), _first(node, "indicatorClass", "level2", "level1"), _first(node, "name")


def _amount_key(iri: str, graph: Graph) -> tuple[str, ...]:
    node = graph.get(iri, {})
    return _last(_first(node, "scope")), _last(_first(node, "source"))


def _goal_key(iri: str, graph: Graph) -> tuple[str, ...]:
    return _last(_first(graph.get(iri, {}), "scope")), _first(graph.get(iri, {}), "text")


def _indicator(
    whole: str, label: str, before: str | None, after: str | None, old: Graph, new: Graph
) -> Iterator[Change]:
    """Yield an indicator and its target value."""
    yield _part("indicator", whole, label, before, after, old, new)
    targets = f"{before}/target" if before else None, f"{after}/target" if after else None
    yield _part("value", whole, label, *targets, old, new)


def _part(kind: Kind, whole: str, label: str, before: str | None, after: str | None, old: Graph, new: Graph) -> Change:
    nodes = old.get(before or "", {}), new.get(after or "", {})
    if before is None or after is None:
        state: State = "added" if before is None else "removed"
        printed = _first(nodes[0] or nodes[1], "printedText")
        field = Field(f"{ONTOLOGY}printedText", *(((printed,), ()) if after is None else ((), (printed,))))
        return Change(kind, state, after or before or "", label, whole, (field,) if printed else ())
    fields = _differing(*nodes)
    return Change(kind, "changed" if fields else "moved", after, label, whole, fields)

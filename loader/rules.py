"""The rules of ``shapes/rules`` as values: one Turtle file holds a rule's query once, for pySHACL and for us.

A file holds the concept ``rule:C07`` with its labels and its clause, and a shape for each severity the rule has:
``shape:C07`` for a violation, ``shape:C07-overall`` for the warning beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.model import Severity

__all__ = ["PROFILES", "SHAPES", "Rule", "rule_concepts", "rules"]

SHAPES = Path(__file__).parent.parent / "shapes"
SH = "http://www.w3.org/ns/shacl#"
FP = "https://w3id.org/fiscalkg/ontology#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
COMMENT = re.compile(r"(?m)^\s*#.*$")
CONCEPT = "https://w3id.org/fiscalkg/scheme/rule/"
PROFILES = ("base88", "central101", "shenzhen2019")
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One shape of a rule: ``select`` yields what fails, ``applies`` tells which statements it speaks of.

    ``shape`` is the shape's local name. ``label``, ``message``, ``clause`` and ``hint`` are by language, ``zh`` and
    ``en``.
    """

    code: str
    shape: str
    severity: Severity
    profiles: frozenset[str]
    label: Texts
    message: Texts
    clause: Texts
    hint: Texts
    select: str
    applies: str


@cache
def rules() -> tuple[Rule, ...]:
    """Return the shapes of every rule, by code and name: those of one rule differ in severity or profile."""
    prefixes = _prefixes()
    return tuple(rule for path in sorted((SHAPES / "rules").glob("*.ttl")) for rule in _rules(path, prefixes))


def rule_concepts() -> Iterator[ox.Triple]:
    """Yield the triples of the rules' concepts, which stand in the files of the rules: the code list of rules."""
    for path in sorted((SHAPES / "rules").glob("*.ttl")):
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(CONCEPT):
                yield quad.triple


def _prefixes() -> str:
    store = _load(SHAPES / "prefixes.ttl")
    pairs = store.query(
        f"SELECT ?prefix ?name WHERE {{ ?node <{SH}prefix> ?prefix ; <{SH}namespace> ?name }} ORDER BY ?prefix"
    )
    assert isinstance(pairs, ox.QuerySolutions)  # noqa: S101  # the query above is a SELECT
    return "".join(f"PREFIX {pair['prefix'].value}: <{pair['name'].value}>\n" for pair in pairs)


def _load(path: Path) -> ox.Store:
    store = ox.Store()
    store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


def _rules(path: Path, prefixes: str) -> list[Rule]:
    store = _load(path)
    concept = ox.NamedNode(f"{CONCEPT}{path.stem}")
    shapes = sorted(
        str(quad.subject)[1:-1] for quad in store.quads_for_pattern(None, ox.NamedNode(f"{FP}rule"), concept)
    )
    return [_rule(store, path.stem, ox.NamedNode(name), prefixes) for name in shapes]


def _rule(store: ox.Store, code: str, shape: ox.NamedNode, prefixes: str) -> Rule:
    concept = ox.NamedNode(f"{CONCEPT}{code}")
    constraint = ox.NamedNode(_one(store, shape, f"{SH}sparql"))
    select = _one(store, constraint, f"{SH}select")
    applies = _one(store, shape, f"{FP}applies")
    return Rule(
        code,
        shape.value.rpartition("#")[2],
        Severity(_one(store, shape, f"{SH}severity").rpartition("#")[2].lower()),
        frozenset(_all(store, shape, f"{FP}profile")),
        _texts(store, concept, f"{SKOS}definition"),
        _texts(store, constraint, f"{SH}message"),
        _texts(store, concept, f"{FP}clause"),
        _texts(store, shape, f"{FP}hint"),
        prefixes + _with_target(select),
        f"{prefixes}SELECT DISTINCT $this WHERE {{ $this a fp:Statement . {applies} }}",
    )


def _with_target(select: str) -> str:
    """Return a query that binds ``$this`` to all statements at once, where SHACL binds it before it evaluates.

    The target's own pattern is joined only where the query does not bind ``$this`` itself: joined to a union, it
    would have the engine evaluate every branch once a statement.
    """
    opening = select.index("{") + 1
    body = COMMENT.sub("", select[opening:])
    return select if _binds(body) else f"{select[:opening]}\n  $this a fp:Statement .{select[opening:]}"


def _binds(group: str) -> bool:
    """Return whether a group, given from behind its brace, begins by binding ``$this`` in each of its branches."""
    text = group.strip()
    if text.startswith("SELECT"):
        return _binds(text[text.index("{") + 1 :])
    if not text.startswith("{"):
        return text.startswith("$this ")
    inside, rest = _split(text)
    union = rest.strip().removeprefix("UNION")
    return _binds(inside) and (union == rest.strip() or _binds(union))


def _split(text: str) -> tuple[str, str]:
    """Return what stands in the first braces of a text, and what stands behind them."""
    depth = 0
    for at, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return text[1:at], text[at + 1 :]
    return text[1:], ""


def _objects(store: ox.Store, subject: ox.NamedNode, predicate: str) -> list[ox.NamedNode | ox.Literal]:
    found = store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
    return [quad.object for quad in found if isinstance(quad.object, ox.NamedNode | ox.Literal)]


def _all(store: ox.Store, subject: ox.NamedNode, predicate: str) -> list[str]:
    return sorted(term.value for term in _objects(store, subject, predicate))


def _one(store: ox.Store, subject: ox.NamedNode, predicate: str) -> str:
    return _all(store, subject, predicate)[0]


def _texts(store: ox.Store, subject: ox.NamedNode, predicate: str) -> Texts:
    terms = _objects(store, subject, predicate)
    return {term.language or "": term.value for term in terms if isinstance(term, ox.Literal)}

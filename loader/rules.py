"""The rules of ``shapes/rules`` as values: one Turtle file holds a rule's query once, for pySHACL and for us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.model import Severity

__all__ = ["PROFILES", "SHAPES", "Rule", "rules"]

SHAPES = Path(__file__).parent.parent / "shapes"
SH = "http://www.w3.org/ns/shacl#"
FP = "https://w3id.org/fiscalkg/ontology#"
PROFILES = ("base88", "central101", "shenzhen2019")
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``select`` yields what fails, ``applies`` tells which statements it speaks of.

    ``message``, ``clause`` and ``hint`` are by language, ``zh`` and ``en``.
    """

    code: str
    severity: Severity
    profiles: frozenset[str]
    message: Texts
    clause: Texts
    hint: Texts
    select: str
    applies: str


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, by its code."""
    prefixes = _prefixes()
    return tuple(_rule(path, prefixes) for path in sorted((SHAPES / "rules").glob("*.ttl")))


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


def _rule(path: Path, prefixes: str) -> Rule:
    store = _load(path)
    shape = next(store.quads_for_pattern(None, ox.NamedNode(f"{SH}sparql"), None))
    severity = _one(store, shape.subject, f"{SH}severity").rpartition("#")[2].lower()
    select = _one(store, shape.object, f"{SH}select")
    applies = _one(store, shape.subject, f"{FP}applies")
    # SHACL binds $this before it evaluates; here the target's own pattern binds it, for all statements at once.
    opening = select.index("{") + 1
    joined = f"{select[:opening]}\n  $this a fp:Statement .{select[opening:]}"
    return Rule(
        path.stem,
        Severity(severity),
        frozenset(_all(store, shape.subject, f"{FP}profile")),
        _texts(store, shape.object, f"{SH}message"),
        _texts(store, shape.subject, f"{FP}clauseText"),
        _texts(store, shape.subject, f"{FP}hint"),
        prefixes + joined,
        f"{prefixes}SELECT DISTINCT $this WHERE {{ $this a fp:Statement . {applies} }}",
    )


def _objects(store: ox.Store, subject: object, predicate: str) -> list[ox.NamedNode | ox.Literal]:
    found = store.quads_for_pattern(subject, ox.NamedNode(predicate), None)  # type: ignore[arg-type]  # subject came from a quad
    return [quad.object for quad in found if isinstance(quad.object, ox.NamedNode | ox.Literal)]


def _all(store: ox.Store, subject: object, predicate: str) -> list[str]:
    return sorted(term.value for term in _objects(store, subject, predicate))


def _one(store: ox.Store, subject: object, predicate: str) -> str:
    return _all(store, subject, predicate)[0]


def _texts(store: ox.Store, subject: object, predicate: str) -> Texts:
    terms = _objects(store, subject, predicate)
    return {term.language or "": term.value for term in terms if isinstance(term, ox.Literal)}

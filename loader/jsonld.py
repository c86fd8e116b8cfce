"""Triples as JSON-LD under the published context, and the context itself, made from the ontology.

A file carries the context it was written with, so that it is read without any network; the same context is
published once as ``dumps/context.jsonld``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from fiscalkg.loader.dumps import PREFIXES
from fiscalkg.loader.iris import ONTOLOGY, SCHEME

__all__ = ["context", "jsonld_body", "jsonld_end", "jsonld_head"]

FILES = Path(__file__).parent.parent / "ontology"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RANGE = "http://www.w3.org/2000/01/rdf-schema#range"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"


@cache
def context() -> dict[str, Any]:
    """Return the context: prefixes, and the ontology's properties by local name with the type of their values."""
    triples = [
        quad for path in sorted(FILES.glob("*.ttl")) for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    ]
    kinds = {(str(quad.subject)[1:-1], str(quad.object)[1:-1]) for quad in triples if quad.predicate.value == TYPE}
    ranges = {str(quad.subject)[1:-1]: str(quad.object)[1:-1] for quad in triples if quad.predicate.value == RANGE}
    terms: dict[str, Any] = {name: iri for name, iri in PREFIXES.items() if not iri.startswith(SCHEME)}
    for iri, kind in sorted(kinds):
        name = iri.removeprefix(ONTOLOGY)
        if not iri.startswith(ONTOLOGY) or not kind.startswith(OWL) or name in terms:
            continue
        if kind == f"{OWL}ObjectProperty":
            terms[name] = {"@id": f"fp:{name}", "@type": "@id"}
        elif kind == f"{OWL}DatatypeProperty":
            of = ranges.get(iri, "")
            terms[name] = {"@id": f"fp:{name}"} | ({"@type": of} if of.startswith(XSD) and of != f"{XSD}string" else {})
    return terms


def jsonld_head(base: str) -> str:
    """Return what a JSON-LD document begins with: its context, with the base of its IRIs."""
    head = json.dumps({**context(), "@base": base}, ensure_ascii=False)
    return f'{{"@context": {head}, "@graph": [\n'


def jsonld_end() -> str:
    """Return what a JSON-LD document ends with."""
    return "\n]}\n"


def jsonld_body(groups: Iterable[tuple[str, Iterable[ox.Triple]]], base: str) -> Iterator[str]:
    """Yield what stands between, one subject a line, from each subject's IRI and triples; IRIs are relative."""
    between = ""
    for subject, group in groups:
        yield between + json.dumps(_node(subject, group, base), ensure_ascii=False)
        between = ",\n"


def _node(subject: str, group: Iterable[ox.Triple], base: str) -> dict[str, Any]:
    node: dict[str, list[Any]] = {}
    for triple in group:
        key = "@type" if triple.predicate.value == TYPE else _compact(triple.predicate.value)
        node.setdefault(key, []).append(_value(triple.object, key, base))
    named = {key: values[0] if len(values) == 1 else values for key, values in sorted(node.items())}
    return {"@id": _relative(subject, base), **named}


@lru_cache(maxsize=4096)
def _compact(iri: str) -> str:
    name = iri.removeprefix(ONTOLOGY)
    if name != iri and isinstance(context().get(name), dict):
        return name
    for prefix, start in context().items():
        if isinstance(start, str) and iri.startswith(start):
            return f"{prefix}:{iri.removeprefix(start)}"
    return iri


def _relative(iri: str, base: str) -> str:
    """Return an IRI of the data below its base; what would be read as something else stays whole."""
    rest = iri.removeprefix(base)
    return rest if rest != iri and rest and ":" not in rest.partition("/")[0] and rest[0] not in "/?#" else iri


def _value(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, key: str, base: str) -> Any:
    if not isinstance(term, ox.Literal):
        iri = str(term)[1:-1]
        if key == "@type":
            return _compact(iri) if iri.startswith(ONTOLOGY) else iri
        return _relative(iri, base) if _type_of(key) == "@id" else {"@id": _relative(iri, base)}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    of = term.datatype.value
    if of == (_type_of(key) or f"{XSD}string"):
        return term.value
    return {"@value": term.value} | ({} if of == f"{XSD}string" else {"@type": of})


@cache
def _type_of(key: str) -> str | None:
    """Return what the context says of a property's values."""
    term = context().get(key)
    return term.get("@type") if isinstance(term, dict) else None

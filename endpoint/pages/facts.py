"""The Turtle of ontology, code lists and shapes into facts that pages are made of: subject, predicate, objects."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.endpoint.pages.page import Language
from fiscalkg.loader.codes import CODES, code_lists
from fiscalkg.loader.iris import ONTOLOGY, SCHEME
from fiscalkg.loader.rules import SHAPES

__all__ = [
    "DCTERMS", "HEADER", "OWL", "RDF", "RDFS", "SH", "SHAPE", "SKOS", "VANN", "Facts", "Value",
    "ontology", "ontology_files", "scheme_names", "schemes", "shape_files", "shapes", "short", "version",
]  # fmt: skip

DCTERMS = "http://purl.org/dc/terms/"
OWL = "http://www.w3.org/2002/07/owl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SH = "http://www.w3.org/ns/shacl#"
SHAPE = "https://w3id.org/fiscalkg/shapes#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
VANN = "http://purl.org/vocab/vann/"
HEADER = ox.NamedNode(ONTOLOGY.removesuffix("#"))
PREFIX = re.compile(r"^@prefix (\w+): <([^>]+)> \.$", re.MULTILINE)
# the schemes a reader meets first; what is not named here follows by name
FIRST = ("taxonomy", "base88", "central101", "shenzhen2019", "rule", "finding", "unit", "place")

Value = ox.NamedNode | ox.BlankNode | ox.Literal
Node = ox.NamedNode | ox.BlankNode


@dataclass(frozen=True, slots=True)
class Facts:
    """Triples by subject and predicate, and named subjects by class, in order; blank nodes keep none to be shown."""

    triples: tuple[ox.Triple, ...]
    by: Mapping[Value, Mapping[str, tuple[Value, ...]]]
    kinds: Mapping[Value, tuple[ox.NamedNode, ...]]

    def values(self, subject: Value, predicate: str) -> tuple[Value, ...]:
        """Return the objects of a predicate, named ones and literals in order, then blank nodes."""
        return self.by.get(subject, {}).get(predicate, ())

    def one(self, subject: Value, predicate: str) -> Value | None:
        """Return the first object of a predicate."""
        return next(iter(self.values(subject, predicate)), None)

    def text(self, subject: Value, predicate: str, language: Language) -> str:
        """Return the literals of a predicate in a language, joined; those without a language where it has none."""
        literals = [value for value in self.values(subject, predicate) if isinstance(value, ox.Literal)]
        own = [value.value for value in literals if value.language == language]
        return "；".join(own or [value.value for value in literals if value.language is None])

    def named(self, kind: str) -> tuple[ox.NamedNode, ...]:
        """Return the named subjects of a class, by IRI."""
        return self.kinds.get(ox.NamedNode(kind), ())

    def items(self, head: Value | None) -> list[Value]:
        """Return the members of an RDF list."""
        found: list[Value] = []
        while head is not None and (first := self.one(head, f"{RDF}first")) is not None:
            found.append(first)
            head = self.one(head, f"{RDF}rest")
        return found


def _facts(triples: Iterable[ox.Triple]) -> Facts:
    kept = tuple(triple for triple in triples if not isinstance(triple.object, ox.Triple))
    by: dict[Value, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for triple in kept:
        by[triple.subject][triple.predicate.value].append(triple.object)  # type: ignore[index,arg-type]  # no quoted triples
    ordered = {node: {name: tuple(sorted(own, key=_rank)) for name, own in said.items()} for node, said in by.items()}
    kinds: dict[Value, list[ox.NamedNode]] = defaultdict(list)
    for node in sorted((node for node in by if isinstance(node, ox.NamedNode)), key=lambda node: node.value):
        for kind in ordered[node].get(f"{RDF}type", ()):
            kinds[kind].append(node)
    return Facts(kept, ordered, {kind: tuple(nodes) for kind, nodes in kinds.items()})


def _rank(value: Value) -> tuple[bool, str]:
    return isinstance(value, ox.BlankNode), str(getattr(value, "value", value))


def _parsed(paths: Iterable[Path]) -> Facts:
    parts = (ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True) for path in paths)
    return _facts(quad.triple for quads in parts for quad in quads)


def ontology_files() -> list[Path]:
    """Return the modules of the ontology, the core first."""
    return sorted(CODES.parent.glob("*.ttl"), key=lambda path: (path.stem != "core", path.stem))


def shape_files() -> list[Path]:
    """Return the files of the shapes, the prefixes first."""
    return sorted(SHAPES.rglob("*.ttl"), key=lambda path: (path.stem != "prefixes", path.as_posix()))


@cache
def ontology() -> Facts:
    """Return every module of the ontology."""
    return _parsed(ontology_files())


def version() -> str:
    """Return the version of the ontology, as 0.2.0."""
    return ontology().text(HEADER, f"{OWL}versionInfo", "en")


@cache
def shapes() -> Facts:
    """Return every shape, with the codes of the rules."""
    return _parsed(shape_files())


@cache
def schemes() -> Facts:
    """Return every code list."""
    return _facts(code_lists())


@cache
def scheme_names() -> tuple[str, ...]:
    """Return the local names of the code lists, those that a reader meets first in front."""
    found = [node.value.removeprefix(SCHEME) for node in schemes().named(f"{SKOS}ConceptScheme")]
    return (*(name for name in FIRST if name in found), *(name for name in found if name not in FIRST))


@cache
def _prefixes() -> tuple[tuple[str, str], ...]:
    texts = (path.read_text(encoding="utf-8") for path in (*ontology_files(), *shape_files()))
    found = {name: space for text in texts for name, space in PREFIX.findall(text)}
    found |= {"fp": ONTOLOGY, "shape": SHAPE, "unit": "http://qudt.org/vocab/unit/"}
    return tuple(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair)))


def short(iri: str) -> str:
    """Return an IRI as its prefix and local name where a prefix is known.

    >>> short("http://www.w3.org/ns/prov#Entity")
    'prov:Entity'
    """
    for name, space in _prefixes():
        if iri.startswith(space) and len(iri) > len(space):
            return f"{name}:{iri.removeprefix(space)}"
    return iri

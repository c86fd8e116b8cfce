"""Facts into counts for programs that complete queries: VoID, classes with their properties, example queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fiscalkg.loader.dumps import PREFIXES
from fiscalkg.loader.iris import ONTOLOGY, digest, graph_iri
from fiscalkg.loader.terms import XSD, integer, iri, literal, triple, typed

__all__ = ["Example", "examples_lines", "void_lines"]

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SH = "http://www.w3.org/ns/shacl#"
VOID = "http://rdfs.org/ns/void#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
# What leads from a code to one of the same meaning in another list, ours or of others: a link, by VoID.
LINKS = frozenset(
    {
        *(f"<{SKOS}{name}Match>" for name in ("exact", "close", "broad", "narrow", "related")),
        "<http://www.w3.org/2002/07/owl#sameAs>",
        f"<{ONTOLOGY}quantityKind>",
    }
)
MOST_SHAPES = 20_000  # of subjects, in memory
FORMATS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")


@dataclass(frozen=True, slots=True)
class Example:
    """A query that answers something of this data, with the question in zh and en."""

    name: str
    question_zh: str
    question_en: str
    text: str


@dataclass(slots=True)
class _Counts:
    """Counts by the terms' own text in N-Triples."""

    triples: int = 0
    subjects: int = 0
    properties: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    of_class: Counter[tuple[str, str]] = field(default_factory=Counter)
    links: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # space of subjects, property, of objects


def void_lines(dataset: str, base: str, facts: Iterable[str]) -> Iterator[str]:
    """Yield what VoID says of a data set, from its sorted N-Triples: counts of classes, properties, both, and links.

    Memory grows with the classes and properties, never with the facts.
    """
    counts = _count(facts)
    node = iri(dataset)
    yield triple(node, RDF_TYPE, iri(f"{VOID}Dataset"))
    yield triple(node, iri(f"{VOID}uriSpace"), literal(base))
    yield triple(node, iri(f"{VOID}vocabulary"), iri(ONTOLOGY))
    for name in FORMATS:
        yield triple(node, iri(f"{VOID}feature"), iri(f"http://www.w3.org/ns/formats/{name}"))
    figures = {
        "triples": counts.triples,
        "distinctSubjects": counts.subjects,
        "classes": len(counts.classes),
        "properties": len(counts.properties),
    }
    for name, figure in figures.items():
        yield triple(node, iri(f"{VOID}{name}"), integer(figure))
    yield from _properties(dataset, node, "", counts.properties)
    for group, entities in counts.classes.items():
        part = iri(f"{dataset}#class-{digest(group)}")
        yield triple(node, iri(f"{VOID}classPartition"), part)
        yield triple(part, iri(f"{VOID}class"), group)
        yield triple(part, iri(f"{VOID}entities"), integer(entities))
        own = {name: count for (of, name), count in counts.of_class.items() if of == group}
        yield from _properties(dataset, part, group, own)
    yield from _linksets(dataset, counts.links)


def _linksets(dataset: str, links: Counter[tuple[str, str, str]]) -> Iterator[str]:
    """Yield the links counted, a set for each property from one space of IRIs to another."""
    for (subjects, name, objects), count in links.items():
        node = iri(f"{dataset}#linkset-{digest(subjects + name + objects)}")
        yield triple(iri(dataset), iri(f"{VOID}subset"), node)
        yield triple(node, RDF_TYPE, iri(f"{VOID}Linkset"))
        yield triple(node, iri(f"{VOID}linkPredicate"), name)
        yield triple(node, iri(f"{VOID}triples"), integer(count))
        for role, space in (("subjectsTarget", subjects), ("objectsTarget", objects)):
            # A code list is called as its codes are, without the mark between.
            target = iri(space.rstrip("/#"))
            yield triple(node, iri(f"{VOID}{role}"), target)
            yield triple(target, RDF_TYPE, iri(f"{VOID}Dataset"))
            yield triple(target, iri(f"{VOID}uriSpace"), literal(space))


def _properties(dataset: str, whole: str, group: str, counts: dict[str, int]) -> Iterator[str]:
    for name, count in counts.items():
        part = iri(f"{dataset}#property-{digest(group + name)}")
        yield triple(whole, iri(f"{VOID}propertyPartition"), part)
        yield triple(part, iri(f"{VOID}property"), name)
        yield triple(part, iri(f"{VOID}triples"), integer(count))


def _count(facts: Iterable[str]) -> _Counts:
    """Count by shapes, the properties and classes of a subject: many subjects share one, and it is looked at once."""
    counts, shapes = _Counts(), Counter[tuple[str, ...]]()
    subject, shape = "", list[str]()
    for line in facts:
        of, name, rest = line.split(" ", 2)
        if of != subject:
            shapes[tuple(shape)] += 1
            subject, shape = of, []
            if len(shapes) > MOST_SHAPES:
                _add(shapes, counts)
        if name in LINKS and rest[0] == "<":
            counts.links[_space(of), name, _space(rest[: rest.index(">") + 1])] += 1
        shape.append(name if name != RDF_TYPE else rest)
    shapes[tuple(shape)] += 1
    _add(shapes, counts)
    return counts


def _space(term: str) -> str:
    """Return what an IRI shares with its neighbours: all up to its last slash or hash.

    >>> _space("<http://qudt.org/vocab/unit/HR>")
    'http://qudt.org/vocab/unit/'
    """
    text = term.strip("<>")
    return text[: max(text.rfind("/"), text.rfind("#")) + 1]


def _add(shapes: Counter[tuple[str, ...]], counts: _Counts) -> None:
    """Add shapes up, and forget them; a class stands in a shape as the rest of its line, which ends in a line feed."""
    for shape, times in shapes.items():
        classes = {part.rpartition(" .")[0] for part in shape if part.endswith("\n")}
        own = Counter(RDF_TYPE if part.endswith("\n") else part for part in shape)
        counts.subjects += times if shape else 0
        counts.triples += times * len(shape)
        for name, count in own.items():
            counts.properties[name] += times * count
        for group in classes:
            counts.classes[group] += times
            for name, count in own.items():
                counts.of_class[group, name] += times * count
    shapes.clear()


def examples_lines(base: str, examples: Iterable[Example]) -> Iterator[str]:
    """Yield the prefixes and the example queries, by the terms that query editors look for."""
    graph = graph_iri(base, "catalogue")
    for name, namespace in PREFIXES.items():
        node = iri(f"{graph}#prefix-{name}")
        yield triple(iri(graph), iri(f"{SH}declare"), node)
        yield triple(node, iri(f"{SH}prefix"), literal(name))
        yield triple(node, iri(f"{SH}namespace"), typed(namespace, f"{XSD}anyURI"))
    for example in examples:
        node = iri(f"{graph}#query-{example.name}")
        for kind in ("SPARQLExecutable", "SPARQLSelectExecutable"):
            yield triple(node, RDF_TYPE, iri(f"{SH}{kind}"))
        yield triple(node, iri(f"{RDFS}comment"), literal(example.question_zh, "zh"))
        yield triple(node, iri(f"{RDFS}comment"), literal(example.question_en, "en"))
        yield triple(node, iri(f"{SH}prefixes"), iri(graph))
        yield triple(node, iri(f"{SH}select"), literal(example.text))

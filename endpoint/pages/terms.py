"""The ontology into its page: a diagram, every term with all that is said of it, alignments, questions, versions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from fiscalkg.endpoint.pages.asking import ask
from fiscalkg.endpoint.pages.diagram import domains, draw
from fiscalkg.endpoint.pages.expressions import Piece, pieces
from fiscalkg.endpoint.pages.facts import (
    DCTERMS,
    HEADER,
    OWL,
    RDF,
    RDFS,
    SKOS,
    VANN,
    Facts,
    Value,
    ontology,
    short,
    version,
)
from fiscalkg.endpoint.pages.markup import html, twin_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.codes import CODES
from fiscalkg.loader.iris import ONTOLOGY, SCHEME

__all__ = ["ROUTE"]

PATH = "ontology/index.html"
KINDS = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
QUESTION = re.compile(r"^# question-(zh|en): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Term:
    """One term as the page tells it; ``above``, ``same``, ``domain`` and ``range`` are expressions in pieces."""

    name: str
    label: str
    definition: str
    note: str
    functional: bool
    above: tuple[tuple[Piece, ...], ...]
    same: tuple[tuple[Piece, ...], ...]
    domain: tuple[tuple[Piece, ...], ...]
    range: tuple[tuple[Piece, ...], ...]
    inverse: str | None
    said: tuple[str, ...]
    examples: tuple[str, ...]
    source: str
    since: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """One axiom or mapping to a vocabulary of others: ``how`` is the predicate, ``why`` its reason."""

    term: str
    how: str
    other: str
    why: str


def make(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the page of the ontology."""
    facts = ontology()
    said = _said(facts)
    return html(
        edition, path, language, "ontology.html", twin_path(PATH, language), drawing=draw(facts), short=short,
        terms={kind: [_term(facts, said, name, language) for name in _ours(facts, kind)] for kind in KINDS},
        alignments=_alignments(facts, language), versions=_versions(facts, language), ontology=ONTOLOGY, scheme=SCHEME,
        questions=_questions(language), known=_known(edition, facts), local=_local,
        version=version(),
        description=facts.text(HEADER, f"{DCTERMS}description", language), text=facts.text, rdfs=RDFS,
    )  # fmt: skip


def _local(iri: str) -> str:
    return iri.removeprefix(ONTOLOGY)


def _ours(facts: Facts, kind: str) -> list[ox.NamedNode]:
    return [name for name in facts.named(f"{OWL}{kind}") if name.value.startswith(ONTOLOGY)]


def _term(facts: Facts, said: Mapping[str, Sequence[str]], name: ox.NamedNode, language: Language) -> Term:
    def expressions(*predicates: str) -> tuple[tuple[Piece, ...], ...]:
        found = (value for predicate in predicates for value in facts.values(name, predicate))
        return tuple(sorted((tuple(pieces(facts, value)) for value in found), key=str))

    inverse = facts.one(name, f"{OWL}inverseOf")
    examples = (*facts.values(name, f"{VANN}example"), *facts.values(name, f"{SKOS}example"))
    return Term(
        _local(name.value),
        facts.text(name, f"{RDFS}label", language),
        facts.text(name, f"{SKOS}definition", language),
        facts.text(name, f"{SKOS}scopeNote", language),
        ox.NamedNode(f"{OWL}FunctionalProperty") in facts.values(name, f"{RDF}type"),
        expressions(f"{RDFS}subClassOf", f"{RDFS}subPropertyOf"),
        expressions(f"{OWL}equivalentClass"),
        expressions(f"{RDFS}domain"),
        expressions(f"{RDFS}range"),
        _local(inverse.value) if isinstance(inverse, ox.NamedNode) else None,
        tuple(said.get(name.value, ())),
        tuple(value.value for value in examples),
        _source(facts, name, language),
        facts.text(name, f"{OWL}versionInfo", language),
    )


def _said(facts: Facts) -> Mapping[str, Sequence[str]]:
    """Return the properties that may be said of each class."""
    found: dict[str, list[str]] = defaultdict(list)
    for own in (own for kind in KINDS[1:3] for own in _ours(facts, kind)):
        for owner in dict.fromkeys(domains(facts, own)):
            found[owner.value].append(_local(own.value))
    return found


def _source(facts: Facts, name: ox.NamedNode, language: Language) -> str:
    """Return what a definition rests on; nothing where it is our own."""
    found = facts.one(name, f"{DCTERMS}source")
    if isinstance(found, ox.NamedNode):
        return "" if found == HEADER else found.value
    return facts.text(name, f"{DCTERMS}source", language)


def _alignments(facts: Facts, language: Language) -> list[Alignment]:
    found = []
    for node in (node for node, own in facts.by.items() if f"{OWL}annotatedSource" in own):
        term, how, other = (facts.one(node, f"{OWL}annotated{part}") for part in ("Source", "Property", "Target"))
        if term is not None and how is not None and other is not None:
            why = facts.text(node, f"{RDFS}comment", language)
            found.append(Alignment(_name(term), _name(how), _name(other), why))
    return sorted(found, key=lambda each: (each.how, each.term, each.other))


def _name(value: Value) -> str:
    return short(value.value) if isinstance(value, ox.NamedNode) else value.value


def _versions(facts: Facts, language: Language) -> Iterator[dict[str, object]]:
    """Yield each version, newest first, with its date, its change note and the terms that came with it."""
    terms = [name for kind in KINDS for name in _ours(facts, kind)]
    for node in sorted((node for node, own in facts.by.items() if f"{SKOS}changeNote" in own), key=str, reverse=True):
        number = facts.text(node, f"{OWL}versionInfo", language)
        came = [_local(name.value) for name in terms if facts.text(name, f"{OWL}versionInfo", language) == number]
        yield {
            "number": number, "date": facts.text(node, f"{DCTERMS}created", language), "terms": came,
            "note": facts.text(node, f"{SKOS}changeNote", language),
        }  # fmt: skip


def _questions(language: Language) -> Iterator[tuple[str, str]]:
    """Yield each competency question with its query."""
    for path in sorted((CODES.parent / "questions").glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        yield dict(QUESTION.findall(text))[language], text.partition("PREFIX")[1] + text.partition("PREFIX")[2]


def _known(edition: Edition, facts: Facts) -> dict[str, str]:
    """Return the pages of those examples that this edition holds."""
    said = {value.value for own in facts.by.values() for value in own.get(f"{VANN}example", ())}
    iris = sorted(iri for iri in said if iri.startswith(edition.base))
    values = " ".join(f"<{iri}>" for iri in iris)
    held = ask(edition.store, f"SELECT DISTINCT ?s WHERE {{ VALUES ?s {{ {values} }} ?s ?p ?o }}") if iris else []
    return {row["s"]: page for row in held if (page := _page_of(edition, row["s"]))}


def _page_of(edition: Edition, iri: str) -> str | None:
    parts = iri.removeprefix(edition.base).split("/")
    if parts[0] == "statement":
        part = f"indicator-{parts[6]}" if parts[5:6] == ["indicator"] else ""
        return edition.path_of(edition.base + "/".join(parts[:5]), part)
    return edition.path_of(iri) if parts[0] in {"unit", "project", "source"} else None


def _paths(_: Edition) -> Iterator[str]:
    yield PATH


ROUTE = Route("ontology", re.compile(re.escape(PATH)), make, _paths)

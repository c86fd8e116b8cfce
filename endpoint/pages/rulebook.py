"""The shapes into their page: every rule with clause, message, hint and query, and what each class must look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from fiscalkg.endpoint.pages.facts import SH, SHAPE, SKOS, Facts, Value, shapes, short
from fiscalkg.endpoint.pages.markup import html, twin_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.iris import ONTOLOGY
from fiscalkg.loader.rules import Rule, rules

__all__ = ["ROUTE"]

PATH = "shapes/index.html"
SLOT = re.compile(r"\{\?\w+\}")  # what a finding fills in
# what a property shape may ask, by SHACL's own local names, in the order it is told
ASKED = (
    "minCount", "maxCount", "datatype", "class", "nodeKind", "node", "in", "pattern", "minInclusive", "maxInclusive",
    "minExclusive", "maxExclusive", "minLength", "maxLength", "languageIn", "uniqueLang", "hasValue", "lessThan",
    "lessThanOrEquals", "or",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Structure:
    """One structural shape: what it is about, and for each property what is asked of it."""

    name: str
    targets: tuple[str, ...]
    message: str
    properties: tuple[tuple[str, tuple[str, ...]], ...]


def make(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the page of the shapes."""
    facts = shapes()
    found: dict[str, list[Rule]] = {}
    for rule in rules():
        found.setdefault(rule.code, []).append(rule)
    labels = {
        code: facts.text(ox.NamedNode(f"https://w3id.org/fiscalkg/scheme/rule/{code}"), f"{SKOS}prefLabel", language)
        for code in found
    }
    return html(
        edition, path, language, "shapes.html", twin_path(PATH, language), rules=found, labels=labels,
        structures=list(_structures(facts, language)), message=lambda text: SLOT.sub("…", text),
    )  # fmt: skip


def _structures(facts: Facts, language: Language) -> Iterator[Structure]:
    """Yield the shapes that are no rule: those of the classes and of the vocabulary itself."""
    for name in facts.named(f"{SH}NodeShape"):
        if facts.values(name, f"{ONTOLOGY}rule"):
            continue
        targets = (*facts.values(name, f"{SH}targetClass"), *facts.values(name, f"{SH}targetSubjectsOf"))
        properties = [_property(facts, node) for node in facts.values(name, f"{SH}property")]
        yield Structure(
            name.value.removeprefix(SHAPE),
            tuple(short(target.value) for target in targets if isinstance(target, ox.NamedNode)),
            facts.text(name, f"{SH}message", language),
            tuple(sorted(properties)),
        )


def _property(facts: Facts, node: Value) -> tuple[str, tuple[str, ...]]:
    asked = []
    for word in ASKED:
        for value in facts.values(node, f"{SH}{word}"):
            told = _told(facts, value)
            asked.append(f"{word} {told}" if told else word)
    return _path(facts, facts.one(node, f"{SH}path")), tuple(asked)


def _told(facts: Facts, value: Value) -> str:
    if isinstance(value, ox.NamedNode):
        return short(value.value)
    if isinstance(value, ox.Literal):
        return value.value
    return "(" + ", ".join(_told(facts, member) for member in facts.items(value)) + ")" if facts.items(value) else ""


def _path(facts: Facts, value: Value | None) -> str:
    """Return a property path as SPARQL writes it: a name, a sequence or an inverse."""
    if value is None:
        return ""
    if isinstance(value, ox.BlankNode):
        if (inverse := facts.one(value, f"{SH}inversePath")) is not None:
            return "^" + _path(facts, inverse)
        return "/".join(_path(facts, member) for member in facts.items(value))
    return _told(facts, value)


def _paths(_: Edition) -> Iterator[str]:
    yield PATH


ROUTE = Route("shapes", re.compile(re.escape(PATH)), make, _paths)

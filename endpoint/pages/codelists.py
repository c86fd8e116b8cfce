"""The code lists into pages: the list of lists, and each list with every code, its definition, matches and clause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from fiscalkg.endpoint.pages.facts import DCTERMS, SKOS, Facts, scheme_names, schemes, short
from fiscalkg.endpoint.pages.markup import html, twin_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.iris import ONTOLOGY, SCHEME

__all__ = ["LIST", "LISTS"]

INDEX = "scheme/index.html"
# what a column is called in words.toml, and the predicate it shows
MATCHES = tuple(f"{SKOS}{name}Match" for name in ("exact", "close", "broad"))


@dataclass(frozen=True, slots=True)
class Code:
    """One code: ``depth`` below the top of its list, ``matches`` as sign and IRI, ``more`` as word and value."""

    iri: str
    name: str
    notation: str
    label: str
    other: str
    definition: str
    note: str
    depth: int
    matches: tuple[tuple[str, str], ...]
    more: tuple[tuple[str, str], ...]


def _codes(facts: Facts, scheme: str, language: Language) -> list[Code]:
    own = [
        name
        for name in facts.named(f"{SKOS}Concept")
        if ox.NamedNode(SCHEME + scheme) in facts.values(name, f"{SKOS}inScheme")
    ]
    return [_code(facts, name, language) for name in sorted(own, key=lambda name: _order(facts, name))]


def _order(facts: Facts, name: ox.NamedNode) -> int:
    found = facts.one(name, f"{ONTOLOGY}order")
    return int(found.value) if isinstance(found, ox.Literal) else 0


def _code(facts: Facts, name: ox.NamedNode, language: Language) -> Code:
    other: Language = "en" if language == "zh" else "zh"
    signs = {"exactMatch": "=", "closeMatch": "≈", "broadMatch": "⊂"}
    return Code(
        name.value,
        name.value.rpartition("/")[2],
        facts.text(name, f"{SKOS}notation", language),
        facts.text(name, f"{SKOS}prefLabel", language),
        facts.text(name, f"{SKOS}prefLabel", other),
        facts.text(name, f"{SKOS}definition", language),
        facts.text(name, f"{SKOS}scopeNote", language),
        _depth(facts, name),
        tuple(
            (signs[match.rpartition("#")[2]], value.value)
            for match in MATCHES
            for value in facts.values(name, match)
            if isinstance(value, ox.NamedNode)
        ),
        tuple(_more(facts, name, language)),
    )


def _depth(facts: Facts, name: ox.NamedNode) -> int:
    above = facts.one(name, f"{SKOS}broader")
    return 1 + _depth(facts, above) if isinstance(above, ox.NamedNode) and above != name else 0


def _more(facts: Facts, name: ox.NamedNode, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what only some lists say: clause, severity, quantity kind, factor, ISO code, other spellings."""
    for word in ("clause", "severity", "quantityKind", "factor", "isoCode"):
        value = facts.one(name, ONTOLOGY + word)
        if isinstance(value, ox.NamedNode):
            yield word, value.value.rpartition("#")[2].rpartition("/")[2]
        elif text := facts.text(name, ONTOLOGY + word, language):
            yield word, text
    base = facts.one(name, f"{ONTOLOGY}baseUnit")
    if isinstance(base, ox.NamedNode) and base != name:
        yield "baseUnit", facts.text(base, f"{SKOS}prefLabel", language)
    if spellings := facts.text(name, f"{SKOS}altLabel", "zh"):
        yield "spellings", spellings


def lists(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the list of code lists."""
    facts = schemes()
    found = [_list(facts, name, language) | {"count": len(_codes(facts, name, language))} for name in scheme_names()]
    return html(edition, path, language, "schemes.html", twin_path(INDEX, language), lists=found)


def _list(facts: Facts, name: str, language: Language) -> dict[str, object]:
    node = ox.NamedNode(SCHEME + name)
    return {
        "name": name, "iri": node.value, "label": facts.text(node, f"{SKOS}prefLabel", language),
        "definition": facts.text(node, f"{SKOS}definition", language),
        "source": short(facts.text(node, f"{DCTERMS}source", language)),
    }  # fmt: skip


def one(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return one code list with all its codes; ``None`` for no such list."""
    name = parameters["name"]
    if name not in scheme_names():
        return None
    facts = schemes()
    return html(
        edition, path, language, "scheme.html", twin_path(f"scheme/{name}.html", language), short=short, scheme=SCHEME,
        codes=_codes(facts, name, language), own=_list(facts, name, language),
    )  # fmt: skip


def _each(_: Edition) -> Iterator[str]:
    yield from (f"scheme/{name}.html" for name in scheme_names())


def _index(_: Edition) -> Iterator[str]:
    yield INDEX


LISTS = Route("code lists", re.compile(re.escape(INDEX)), lists, _index)
LIST = Route("code list", re.compile(r"scheme/(?P<name>[a-z0-9-]+)\.html"), one, _each)

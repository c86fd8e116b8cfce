"""Pages into a key that is known before they are made: what they are made from, besides what ``holes`` fills in.

Of the same key comes the same page, whatever release it is of. Pages of an entity, and those of a question or rule and
one unit, have a key; those of all units have none, since whatever changes changes them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

from fiscalkg.endpoint.pages import ROUTES
from fiscalkg.endpoint.pages.among import among
from fiscalkg.endpoint.pages.asked import QUESTIONS, choice_by, choice_of, choices_of, own_rows
from fiscalkg.endpoint.pages.asking import PREFIXES, streamed
from fiscalkg.endpoint.pages.page import Edition, Parameters
from fiscalkg.endpoint.pages.quality import RULE_IRI, failing_units, units_of
from fiscalkg.loader.portal import portal_to_json
from fiscalkg.loader.shards import PACKAGE, code_version

__all__ = ["Basis", "basis_of", "key_of"]

CODE = (("endpoint", (".py", ".rq")), ("site/templates", (".html", ".svg")), ("site/pages", (".toml",)))
LIBRARIES = ("jinja2", "markupsafe")
UNITS = "SELECT ?unit ?property ?value WHERE { ?unit a fp:BudgetUnit ; ?property ?value }"
PROJECTS = "SELECT ?project ?statement WHERE { ?statement fp:project ?project }"


@dataclass(frozen=True, slots=True)
class Basis:
    """Digests of what all pages share, and by IRI of what is stated of a document, a table, its unit or project.

    That of a unit is of all its tables too; ``named`` is of the unit alone. ``groups`` are by what the IRIs of the
    tables of a unit and year, or of the projects of a unit, begin with.
    """

    common: str
    origins: Mapping[str, str]
    named: Mapping[str, str]
    units: Mapping[str, str]
    projects: Mapping[str, str]
    groups: Mapping[str, str]


def key_of(edition: Edition, basis: Basis, path: str) -> str | None:
    """Return 32 hex digits that stand for all a page is made from; ``None`` for a page that is always made."""
    own = path.removeprefix("en/")
    for route in ROUTES:
        if (make := MADE_FROM.get(route.name)) and (found := route.pattern.fullmatch(own)):
            parts = make(edition, basis, own.removesuffix(".html"), found.groupdict())
            return None if parts is None else _digest(basis.common, path, parts)
    return None


def basis_of(edition: Edition, origins: Mapping[str, str]) -> Basis:
    """Return the digests of an edition; ``origins`` are those of its documents and tables."""
    named = dict(_grouped((unit, f"{name} {value}") for unit, name, value in streamed(edition.store, PREFIXES + UNITS)))
    own = ((iri, f"{iri} {origin}") for iri, origin in origins.items() if iri.startswith(f"{edition.base}statement/"))
    tables = sorted(own)
    known = {unit: _digest(found) for unit, found in named.items()}
    of_units = _grouped((_unit_of(edition.base, iri), text) for iri, text in tables)
    pairs = streamed(edition.store, PREFIXES + PROJECTS)
    projects = {
        project: _digest(known.get(_unit_of(edition.base, project), ""), texts)
        for project, texts in _grouped((project, f"{table} {origins.get(table)}") for project, table in pairs)
    }
    by_page = _grouped((iri.rpartition("/")[0], text) for iri, text in (*tables, *sorted(projects.items())))
    return Basis(
        _common(edition), origins, known,
        {unit: _digest(known.get(unit, ""), texts) for unit, texts in of_units}, projects,
        {page: _digest(texts) for page, texts in by_page},
    )  # fmt: skip


def _grouped(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield what stands beside each first, in order."""
    groups: dict[str, list[str]] = {}
    for first, second in pairs:
        groups.setdefault(first, []).append(second)
    return ((first, sorted(own)) for first, own in groups.items())


def _unit_of(base: str, iri: str) -> str:
    """Return the unit of a table or project, whose IRI tells it."""
    kind, place, *rest = iri.removeprefix(base).split("/")
    return f"{base}unit/{place}/{rest[1 if kind == 'statement' else 0]}"


def _common(edition: Edition) -> str:
    return _digest(
        _code(), edition.base, edition.sections, portal_to_json(edition.portal),
        sorted((iri, sorted(texts.items())) for iri, texts in edition.labels.items()), sorted(edition.signs.items()),
    )  # fmt: skip


@cache
def _code() -> str:
    """Return a digest that changes when code, templates or texts of pages do."""
    digest = hashlib.sha256(" ".join([code_version(), *map(version, LIBRARIES)]).encode())
    for folder, endings in CODE:
        for path in sorted((PACKAGE / folder).rglob("*")):
            if path.suffix in endings:
                digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()[:32]


def _source(edition: Edition, basis: Basis, path: str, parameters: Parameters) -> object:
    return basis.origins.get(edition.base + path)


def _statement(edition: Edition, basis: Basis, path: str, parameters: Parameters) -> object:
    iri = edition.base + path
    origin = basis.origins.get(iri)
    return origin and [origin, basis.named.get(_unit_of(edition.base, iri))]


def _project(edition: Edition, basis: Basis, path: str, parameters: Parameters) -> object:
    return basis.projects.get(edition.base + path)


def _group(edition: Edition, basis: Basis, path: str, parameters: Parameters) -> object:
    iri = edition.base + path
    found = basis.groups.get(iri)
    return found and [found, basis.named.get(_unit_of(edition.base, f"{iri}/"))]


def _unit(edition: Edition, basis: Basis, path: str, parameters: Parameters) -> object:
    """Return what a unit's page is made from: its tables, its answers, and what is drawn of all units beside them."""
    iri = edition.base + path
    choice = choice_of(edition, "unit", iri)
    found = basis.units.get(iri)
    if found is None:
        return None
    rows = [own_rows(edition, question.query_of(choice), choice) for question in QUESTIONS.values()]
    return [found, rows, *(repr(among(edition, name, iri, "zh")) for name in QUESTIONS)]


def _question(edition: Edition, basis: Basis, path: str, parameters: Parameters) -> object:
    """Return what a question's page or rows of one unit or name are made from: its rows, and the links of choices."""
    question, kind = QUESTIONS.get(parameters["name"]), parameters["kind"]
    if question is None or kind not in question.lists:
        return None
    choice = choice_by(edition, question, kind, parameters["key"])
    if choice is None or (kind == "unit" and choice.value not in basis.units):
        return None
    links = [[(each.key, count) for each, count in choices_of(edition, question, way)] for way in ("place", "year")]
    return [basis.units.get(choice.value), own_rows(edition, question.query_of(choice), choice), links]


def _rule(edition: Edition, basis: Basis, path: str, parameters: Parameters) -> object:
    choice, own = units_of(edition, RULE_IRI + parameters["code"]).get(parameters["key"], (None, []))
    found = basis.units.get(choice.value) if choice else None
    return found and [found, own]


def _findings(edition: Edition, basis: Basis, path: str, parameters: Parameters) -> object:
    choice = failing_units(edition).get(parameters["key"])
    return basis.units.get(choice.value) if choice else None


MADE_FROM: Mapping[str, Callable[[Edition, Basis, str, Parameters], object]] = {
    "source": _source, "statement": _statement, "statements": _group, "project": _project, "projects": _group,
    "unit": _unit, "question": _question, "table": _question, "rule": _rule, "quality table": _findings,
}  # fmt: skip

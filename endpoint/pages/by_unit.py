"""Tables and projects of a large edition into sections of pages by unit, where a page each would be too many files.

A page holds the tables of one unit and year, ``statement/<place>/<year>/<unit>.html``, or the projects of one unit; the
last part of an IRI is the anchor of its section. The queries on the page are those of a single table or project, asked
for all that the page holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pyoxigraph import NamedNode

from fiscalkg.endpoint.pages.ahead import nodes_ahead, nodes_of, rows_of_many
from fiscalkg.endpoint.pages.asking import PREFIXES, Row, node_of, one, rows_by
from fiscalkg.endpoint.pages.entities import RDFS_LABEL, line
from fiscalkg.endpoint.pages.markup import html
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.peers import LEAST
from fiscalkg.endpoint.pages.schema import data_block, of_project
from fiscalkg.endpoint.pages.shown import shown, shown_of_many
from fiscalkg.endpoint.pages.statements import told

__all__ = ["FORM", "PROJECTS", "STATEMENTS", "has_sections"]

LOCAL = re.compile("[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?")  # what may stand behind a prefix as it is
NAME = "site.json"
IRIS = (
    PREFIXES
    + """SELECT ?iri ?page WHERE {{
  ?iri a fp:{kind} BIND(REPLACE(STR(?iri), "/[^/]*$", "") AS ?page)
}} ORDER BY ?iri"""
)


def has_sections(site: Path) -> bool:
    """Say whether tables are sections in a frozen site."""
    path = site / NAME
    return path.is_file() and json.loads(path.read_text(encoding="utf-8")).get("tables") == "sections"


def form(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return what a program must know of the site: whether tables and projects are pages or sections."""
    told_form = "sections" if edition.sections else "pages"
    return Page(path, "application/json", json.dumps({"tables": told_form}).encode() + b"\n", language)


def statements(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a unit and year: each table a section, as it would stand on a page of its own."""
    iris = _members(edition, "Statement", path)
    if not iris:
        return None
    unit, year = f"{edition.base}unit/{parameters['place']}/{parameters['unit']}", parameters["year"]
    queries = {name: _of_all(edition, name, iris) for name in ("statement", "findings")}
    rows = {name: rows_of_many(edition, text) for name, text in queries.items()}
    with nodes_ahead(edition, [*iris, unit]):
        found = [
            told(edition, iri, rows["statement"].get(iri, []), rows["findings"].get(iri, []), language) for iri in iris
        ]
        unit_name = one(node_of(edition, unit), RDFS_LABEL) or ""
    found.sort(key=lambda each: (each.name, each.iri))
    return html(
        edition, path, language, "statements.html", None, found=found, unit=unit, unit_name=unit_name,
        year="未知" if year == "unknown" else year,
        data=data_block({"@graph": [each.data for each in found]}), least=LEAST,
        queries=(
            ("statement", queries["statement"]), ("peers", shown(edition, "peers")), ("findings", queries["findings"]),
        ),
    )  # fmt: skip


def projects(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a unit's projects, each with its tables over the years."""
    iris = _members(edition, "Project", path)
    if not iris:
        return None
    unit = f"{edition.base}unit/{parameters['place']}/{parameters['unit']}"
    text = _of_all(edition, "project", iris)
    rows, known = rows_of_many(edition, text), nodes_of(edition, [*iris, unit])
    name = one(known[unit], RDFS_LABEL) or ""
    found = sorted((one(known[iri], RDFS_LABEL) or "", iri, [line(row) for row in rows.get(iri, [])]) for iri in iris)
    data = [of_project(iri, own, unit, name, [str(row["statement"]) for row in tables]) for own, iri, tables in found]
    return html(
        edition, path, language, "projects.html", None, unit=unit, unit_name=name, data=data_block({"@graph": data}),
        found=[(iri.rpartition("/")[2], iri, own, tables) for own, iri, tables in found], queries=(("project", text),),
    )  # fmt: skip


def _of_all(edition: Edition, name: str, iris: Sequence[str]) -> str:
    """Return a query of one table or project as one of all on a page, which are named by the ends of their IRIs."""
    space = NamedNode(iris[0].rpartition("/")[0] + "/")
    named = [f"this:{end}" if LOCAL.fullmatch(end := iri.rpartition("/")[2]) else str(NamedNode(iri)) for iri in iris]
    return f"PREFIX this: {space}\n" + shown_of_many(edition, name, f"    VALUES ?this {{ {' '.join(named)} }}")


def _members(edition: Edition, kind: str, path: str) -> list[str]:
    """Return the IRIs of the tables or projects of a page."""
    page = edition.base + path.removesuffix(".html")
    return [row["iri"] for row in _pages(edition, kind).get(page, [])] if edition.sections else []


def _pages(edition: Edition, kind: str) -> dict[str, list[Row]]:
    return rows_by(edition, IRIS.format(kind=kind), "page")


def _paths(edition: Edition, kind: str) -> Iterator[str]:
    if edition.sections:
        yield from (f"{page.removeprefix(edition.base)}.html" for page in _pages(edition, kind))


def _form_paths(_: Edition) -> Iterator[str]:
    yield NAME


STATEMENTS = Route(
    "statements", re.compile(r"statement/(?P<place>[^/]+)/(?P<year>[^/]+)/(?P<unit>[^/]+)\.html"), statements,
    lambda edition: _paths(edition, "Statement"), ("zh",),
)  # fmt: skip
PROJECTS = Route(
    "projects", re.compile(r"project/(?P<place>[^/]+)/(?P<unit>[^/]+)\.html"), projects,
    lambda edition: _paths(edition, "Project"), ("zh",),
)  # fmt: skip
FORM = Route("form", re.compile(re.escape(NAME)), form, _form_paths, ("zh",))

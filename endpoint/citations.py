"""A question of an assistant into rows with their citations: what each IRI is called, its page, its place in a source.

All of it is done by a query worker, within the limits of one query.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from pyoxigraph import NamedNode

from fiscalkg.endpoint.canned_api import units_with
from fiscalkg.endpoint.descriptions import Subject, describe
from fiscalkg.endpoint.pages.asking import PREFIXES, ask
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.pages.search import first_found
from fiscalkg.endpoint.rows import first_rows
from fiscalkg.endpoint.work import edition
from fiscalkg.loader.formats import Format
from fiscalkg.loader.places import anchor, place_of, told
from fiscalkg.loader.stores import Sink

__all__ = ["Posed", "Sought", "answered", "explained", "found", "units_with"]

FORBIDDEN_IN_IRI = re.compile(r'[^!-~]|[<>"{}|^`\\]')  # the data mint ASCII alone
MOST_CITED = 5_000  # IRIs of one answer whose places are looked up
MOST_TEXT = 60_000  # characters of a description: more than an assistant can use
PAGES = ("project", "source", "statement", "unit")
DERIVED = """SELECT DISTINCT ?iri ?spot WHERE {
  VALUES ?iri { %s } ?iri prov:wasDerivedFrom ?spot
} ORDER BY ?iri ?spot"""
NAMES = "SELECT ?iri ?name WHERE { ?iri a fp:SourceDocument ; fp:fileName ?name }"


@dataclass(frozen=True, slots=True)
class Posed:
    """A SELECT query, the most rows of its answer, and where the pages of the site stand."""

    text: str
    site: str
    rows: int


@dataclass(frozen=True, slots=True)
class Sought:
    """Words that are searched, or an IRI that is described, and where the pages of the site stand."""

    text: str
    site: str


def answered(posed: Posed) -> Iterator[dict[str, Any]]:
    """Yield the answer to a query: ``columns``, ``rows``, whether there are ``more``, and the citations of its IRIs."""
    store, whole = edition().store, BytesIO()

    def query(sink: Sink) -> None:
        store.query(posed.text, Format.json, sink)

    first_rows(query, whole, Format.json, posed.rows + 1)
    answer = json.loads(whole.getvalue())
    rows = [{name: cell["value"] for name, cell in row.items()} for row in answer["results"]["bindings"]]
    # A place may be told as text, where a query takes the first of several.
    place = f"{edition().base}source/"
    iris = {
        cell["value"]
        for row in answer["results"]["bindings"][: posed.rows]
        for cell in row.values()
        if cell["type"] == "uri" or cell["value"].startswith(place)
    }
    yield {
        "columns": answer["head"]["vars"], "rows": rows[: posed.rows], "more": len(rows) > posed.rows,
        **_citations(edition(), iris, posed.site),
    }  # fmt: skip


def found(sought: Sought) -> Iterator[dict[str, Any]]:
    """Yield what the search finds: the first results, each with its page and IRI, and how many there are."""
    made = edition()
    entries, count = first_found(made, sought.text)
    iris = [_iri_of(made, entry.path) if entry.kind != "question" else "" for entry in entries]
    results = [{**asdict(entry), "iri": iri, "page": urljoin(sought.site, entry.path)}
               for entry, iri in zip(entries, iris, strict=True)]  # fmt: skip
    for result in results:
        del result["path"]
    cited = _citations(made, {iri for iri in iris if iri}, sought.site)
    yield {"count": count, "results": results, "places": cited["places"]}


def explained(sought: Sought) -> Iterator[dict[str, Any]]:
    """Yield what the data say of an IRI, as Turtle with labels, and its citations; nothing for an unknown IRI."""
    made = edition()
    subject = Subject(sought.text, sought.text.removeprefix(made.base), Format.ttl.extension)
    for described in describe(subject):
        text = described.body.decode()
        yield {
            "turtle": text[:MOST_TEXT], "more": described.more or len(text) > MOST_TEXT,
            **_citations(made, {sought.text}, sought.site),
        }  # fmt: skip


def _citations(made: Edition, iris: set[str], site: str) -> dict[str, Any]:
    """Return labels, pages and source places of IRIs; an IRI that is a place itself is told as one."""
    own = sorted(iri for iri in iris if iri.startswith(made.base) and not FORBIDDEN_IN_IRI.search(iri))[:MOST_CITED]
    files = {row["iri"]: row["name"] for row in ask(made.store, PREFIXES + NAMES)} if own else {}
    places: dict[str, list[dict[str, str]]] = {}
    for iri in own:
        if place := _place(made, iri, files, site):
            places[iri] = [place]
    # Only what the data mint is written into a query, by the terms' serialiser.
    values = " ".join(str(NamedNode(iri)) for iri in own if iri not in places and "#" not in iri)
    for row in ask(made.store, PREFIXES + DERIVED % values) if values else []:
        if place := _place(made, row["spot"], files, site):
            places.setdefault(row["iri"], []).append(place)
    labels = {iri: dict(made.labels[iri]) for iri in sorted(iris & made.labels.keys())}
    pages = {iri: urljoin(site, page) for iri in own if (page := _page(made, iri))}
    return {"labels": labels, "pages": pages, "places": places}


def _page(made: Edition, iri: str) -> str:
    """Return the path of the page an IRI of the data stands on, with its anchor; empty where it has none."""
    path, _, fragment = iri.removeprefix(made.base).partition("#")
    if path.split("/")[0] not in PAGES:
        return ""
    if fragment:
        return ""  # a place, which is told as one
    whole, _, part = path.partition("/indicator/")
    whole = "/".join(whole.split("/")[:5]) if whole.startswith("statement/") else whole
    return made.path_of(made.base + whole, f"indicator-{part.partition('/')[0]}" if part else "")


def _iri_of(made: Edition, path: str) -> str:
    """Return the IRI that the page of a result, or the part of it, is of."""
    whole, _, part = path.partition("#")
    whole = whole.removesuffix(".html")
    if made.sections and whole.startswith("statement/") and part:
        section, _, part = part.partition("-indicator-")
        return f"{made.base}{whole}/{section}" + (f"/indicator/{part}" if part else "")
    ordinal = part.removeprefix("indicator-")
    return f"{made.base}{whole}" + (f"/indicator/{ordinal}" if ordinal else "")


def _place(made: Edition, iri: str, files: Mapping[str, str], site: str) -> dict[str, str] | None:
    """Return a place in a source as people and programs are told it; ``None`` for an IRI that is no place."""
    document, _, fragment = iri.partition("#")
    try:
        place = place_of(fragment) if fragment and document in files else None
    except ValueError:  # a query may make up an IRI of any kind
        return None
    if place is None:
        return None
    zh, en = told(place)
    address = urljoin(site, f"{made.path_of(document)}#{anchor(place)}")
    return {"place": iri, "file": files[document], "zh": zh, "en": en, "page": address}

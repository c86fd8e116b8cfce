"""An edition into the query page and what its editor reads: names to complete with, parts to load, the bundle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from fiscalkg.endpoint.canned_queries import canned_queries
from fiscalkg.endpoint.pages.asking import ask
from fiscalkg.endpoint.pages.facts import RDFS, ontology
from fiscalkg.endpoint.pages.markup import SITE, html, link, site_path, twin_path, words
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.dumps import PREFIXES
from fiscalkg.loader.iris import graph_iri
from fiscalkg.loader.slices import INDEX, LARGEST

__all__ = ["BUILT", "BUNDLE", "PAGE", "PARTS", "VOCABULARY"]

BUILT = SITE / "assets" / "editor"  # made by `make setup`; without it the page has its plain form
KINDS = {".js": "text/javascript; charset=utf-8", ".gz": "application/gzip", ".txt": "text/plain; charset=utf-8"}
COUNTED = """PREFIX void: <http://rdfs.org/ns/void#>
SELECT ?class ?entities ?property ?triples WHERE {{ GRAPH <{graph}> {{
  {{
    ?dataset a void:Dataset ; void:propertyPartition ?part
  }} UNION {{
    ?dataset a void:Dataset ; void:classPartition ?group .
    ?group void:class ?class ; void:entities ?entities ; void:propertyPartition ?part
  }}
  ?part void:property ?property ; void:triples ?triples .
}} }}"""
LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
CONCEPTS = 5000  # more than these are no help in a list


def page(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the query page: a form that works without a script, the editor where it is built, the canned queries.

    Parameter ``query`` fills in a query, ``at`` is the path the page is shown at where it is not its own.
    """
    at, queries = parameters.get("at", path), canned_queries()
    twin = twin_path("sparql/index.html", language)
    built = "editor.js" in _built()
    return html(
        edition, at, language, "sparql.html", twin, queries=queries, text=parameters.get("query") or queries[0].text,
        built=built, settings=_settings(edition, at, language) if built else "",
    )  # fmt: skip


def _settings(edition: Edition, path: str, language: Language) -> str:
    """Return what the script needs to know of this page, as JSON that no HTML parser takes for a tag."""
    told = {
        name.removeprefix("editor-"): text[language] for name, text in words().items() if name.startswith("editor-")
    }
    known = {
        "language": language, "base": edition.base, "prefixes": PREFIXES,
        "words": {**told, "phrases": PHRASES if language == "zh" else {}},
        "root": link(path, "index.html"), "section": link(path, site_path("index.html", language)),
        "endpoint": link(path, "sparql"), "vocabulary": link(path, "sparql/vocabulary.json"),
        "shards": link(path, "sparql/parts.json"), "worker": link(path, "assets/editor/worker.js"),
        "engine": link(path, "assets/editor/oxigraph.wasm.gz"),
    }  # fmt: skip
    return json.dumps(known, ensure_ascii=False).replace("<", "\\u003c")


PHRASES = {
    "Completions": "可选的词", "Diagnostics": "问题", "current match": "当前匹配", "Control character": "控制字符",
    "Selection deleted": "已删除所选", "No diagnostics": "没有问题",
}  # fmt: skip


def vocabulary(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return classes and properties with labels and counts, the properties of each class, concepts and prefixes.

    Each class names its properties by their place in the list of properties; what occurs most comes first.
    """
    counted = ask(edition.store, COUNTED.format(graph=graph_iri(edition.base, "catalogue")))
    total = {row["property"]: int(row["triples"]) for row in counted if "class" not in row}
    properties = sorted(total, key=lambda iri: (-total[iri], iri))
    place = {iri: at for at, iri in enumerate(properties)}
    entities = {row["class"]: int(row["entities"]) for row in counted if "class" in row}
    own: dict[str, list[list[int]]] = {iri: [] for iri in entities}
    for row in counted:
        if "class" in row and row["property"] in place:
            own[row["class"]].append([place[row["property"]], int(row["triples"])])
    classes = sorted(entities, key=lambda iri: (-entities[iri], iri))
    content = {
        "prefixes": PREFIXES,
        "properties": [[short(iri), total[iri], *_labels(iri), _range(iri)] for iri in properties],
        "classes": [[short(iri), entities[iri], *_labels(iri), sorted(own[iri])] for iri in classes],
        "concepts": [
            [short(iri), edition.label(iri, "zh"), edition.label(iri, "en")]
            for iri in sorted(edition.labels)[:CONCEPTS]
        ],
    }  # fmt: skip
    return _json(path, content, language)


def short(iri: str) -> str:
    """Return an IRI as a query writes it: with the longest prefix that fits, else between angle brackets.

    >>> short("https://w3id.org/fiscalkg/ontology#target"), short("http://example.org/a")
    ('fp:target', '<http://example.org/a>')
    """
    for space, name in _spaces():
        if iri.startswith(space) and LOCAL.fullmatch(iri[len(space) :]):
            return f"{name}:{iri[len(space) :]}"
    return f"<{iri}>"


@cache
def _spaces() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(((space, name) for name, space in PREFIXES.items()), key=lambda pair: -len(pair[0])))


def _labels(iri: str) -> tuple[str, str]:
    known, node = ontology(), NamedNode(iri)
    return known.text(node, f"{RDFS}label", "zh"), known.text(node, f"{RDFS}label", "en")


def _range(iri: str) -> str:
    found = ontology().one(NamedNode(iri), f"{RDFS}range")
    return short(found.value) if isinstance(found, NamedNode) else ""


def parts(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return what can be loaded into a browser: all, a place and year, or a unit and year, with their files.

    With each part come the slices that belong to no table (units, projects, terms, …), the smallest first, as many
    as fit into ``LARGEST`` triples together.
    """
    slices = _slices(edition.folder)
    shared = sorted((one for one in slices if one["name"].startswith("rest/")), key=lambda one: one["triples"])
    whole = [one for one in slices if one["name"].startswith("places/")]
    chosen = [("", [one]) for one in slices if not one["name"].startswith("rest/")]
    chosen.sort(key=lambda pair: pair[1][0]["name"])
    if 0 < sum(one["triples"] for one in (*whole, *shared)) <= LARGEST:
        chosen.insert(0, ("all", whole))
    names = _unit_names(edition)
    found = [
        {
            "label": {each: _told(edition, name or own[0]["name"], names, each) for each in ("zh", "en")},
            "triples": sum(one["triples"] for one in taken),
            "files": [f"dumps/slices/{one['name']}.nt.gz" for one in taken],
        }
        for name, own in chosen
        for taken in [_filled(own, shared)]
    ]
    return _json(path, {"largest": LARGEST, "parts": found}, language)


def _filled(own: list[dict[str, Any]], shared: list[dict[str, Any]]) -> list[dict[str, Any]]:
    taken, size = list(own), sum(one["triples"] for one in own)
    for one in shared:
        if size + one["triples"] > LARGEST:
            break
        taken.append(one)
        size += one["triples"]
    return taken


def _slices(folder: Path | None) -> list[dict[str, Any]]:
    index = folder / "dumps" / "slices" / INDEX if folder else None
    if index is None or not index.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))["slices"]
    return found


def _unit_names(edition: Edition) -> dict[str, str]:
    text = "PREFIX fp: <https://w3id.org/fiscalkg/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    found = ask(edition.store, text + "SELECT ?unit ?name { ?unit a fp:BudgetUnit ; rdfs:label ?name } ORDER BY ?name")
    return {row["unit"].removeprefix(f"{edition.base}unit/"): row["name"] for row in found}


def _told(edition: Edition, name: str, units: Mapping[str, str], language: Language) -> str:
    """Return what a slice holds, for people: the place, the year, the unit, and which piece where there are many."""
    if name == "all":
        return words()["editor-all"][language]
    _, place, year, *unit = name.split("/")
    told = [edition.label(f"https://w3id.org/fiscalkg/scheme/place/{place}", language), year]
    return " ".join([*told, *(units.get(f"{place}/{code}", code) for code in unit)])


def _json(path: str, content: object, language: Language) -> Page:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Page(path, "application/json", body, language)


def bundle(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a file of the bundle; ``None`` where it is not built or holds no such file."""
    name = parameters["name"]
    if name not in _built():
        return None
    return Page(path, KINDS[Path(name).suffix], (BUILT / name).read_bytes(), language)


@cache
def _built() -> tuple[str, ...]:
    return tuple(sorted(file.name for file in BUILT.glob("*") if file.suffix in KINDS))


def _page_paths(_: Edition) -> Iterator[str]:
    yield "sparql/index.html"


def _vocabulary_paths(_: Edition) -> Iterator[str]:
    yield "sparql/vocabulary.json"


def _parts_paths(_: Edition) -> Iterator[str]:
    yield "sparql/parts.json"


def _bundle_paths(_: Edition) -> Iterator[str]:
    yield from (f"assets/editor/{name}" for name in _built())


PAGE = Route("sparql", re.compile(r"sparql/index\.html"), page, _page_paths)
VOCABULARY = Route(
    "vocabulary of queries", re.compile(r"sparql/vocabulary\.json"), vocabulary, _vocabulary_paths, ("zh",)
)
PARTS = Route("parts of the dump", re.compile(r"sparql/parts\.json"), parts, _parts_paths, ("zh",))
BUNDLE = Route("bundle", re.compile(r"assets/editor/(?P<name>[a-zA-Z.]+)"), bundle, _bundle_paths, ("zh",))

"""A source document into a page: its text, each line and each cell with an anchor that figures lead to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from fiscalkg.endpoint.pages.asking import PREFIXES, ask, node, one
from fiscalkg.endpoint.pages.markup import html
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.persons import MASK

__all__ = ["ROUTE"]

LINE_END = re.compile(r"\r\n|\r|\n")  # never str.splitlines: lines are counted as the places are


def source(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the text of a source, line by line; ``None`` where the release does not hold it."""
    key = parameters["key"]
    known = node(edition.store, f"{edition.base}source/{key}")
    held = edition.folder / "sources" / f"{key}.txt" if edition.folder else None
    if not known or held is None or not held.is_file():
        return None
    return html(
        edition, path, language, "source.html", None, name=one(known, "fileName") or key,
        media_type=one(known, "format") or "", sha256=one(known, "sha256") or "",
        text_sha256=one(known, "textChecksum") or "", lines=(lines := _lines(held)),
        masked=any(MASK in line for line, _ in lines),
    )  # fmt: skip


def _lines(held: Path) -> list[tuple[str, list[str]]]:
    """Return the lines of a source with the ids of the places that begin on each, besides its own."""
    lines = LINE_END.split(held.read_bytes().decode("utf-8", "replace"))
    anchors: dict[int, list[str]] = {}
    for line, anchor in json.loads(held.with_suffix(".anchors.json").read_text(encoding="utf-8")):
        anchors.setdefault(line, []).append(anchor)
    kept = lines[:-1] if lines and not lines[-1] else lines
    return [(line, anchors.get(number, [])) for number, line in enumerate(kept, 1)]


def paths(edition: Edition) -> Iterator[str]:
    """Yield the page of each source document."""
    for row in ask(edition.store, PREFIXES + "SELECT ?iri WHERE { ?iri a fp:SourceDocument } ORDER BY ?iri"):
        yield edition.path_of(row["iri"])


ROUTE = Route("source", re.compile(r"source/(?P<key>[0-9a-f]{12})\.html"), source, paths, ("zh",))

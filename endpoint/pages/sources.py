"""A source document into a page: the text as published, each line with an anchor that figures lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fiscalkg.endpoint.pages.asking import PREFIXES, ask, node, one
from fiscalkg.endpoint.pages.markup import html
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.readers import read

__all__ = ["ROUTE"]

LINE_END = re.compile(r"\r\n|\r|\n")  # never str.splitlines: lines are counted as the places are


def source(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the text of a source, line by line; ``None`` where the release does not hold it."""
    key = parameters["key"]
    known = node(edition.store, f"{edition.base}source/{key}")
    held = sorted((edition.folder / "sources").glob(f"{key}.*")) if edition.folder else []
    if not known or not held:
        return None
    lines = LINE_END.split(read(held[0]).text)
    return html(
        edition, path, language, "source.html", None, name=one(known, "fileName") or key,
        sha256=one(known, "sha256") or "", lines=lines[:-1] if lines and not lines[-1] else lines,
    )  # fmt: skip


def paths(edition: Edition) -> Iterator[str]:
    """Yield the page of each source document."""
    for row in ask(edition.store, PREFIXES + "SELECT ?iri WHERE { ?iri a fp:SourceDocument } ORDER BY ?iri"):
        yield edition.path_of(row["iri"])


ROUTE = Route("source", re.compile(r"source/(?P<key>[0-9a-f]{12})\.html"), source, paths, ("zh",))

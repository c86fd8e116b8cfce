"""A source document into a page: its text, with its tables as tables, each line and cell an anchor figures lead to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from fiscalkg.endpoint.pages.asking import PREFIXES, ask, node, one
from fiscalkg.endpoint.pages.markup import html
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.persons import MASK
from fiscalkg.loader.tables import Anchor

__all__ = ["ROUTE"]

LINE_END = re.compile(r"\r\n|\r|\n")  # never str.splitlines: lines are counted as the places are
FORMAT = "http://purl.org/dc/terms/format"
WIDEST = 400  # columns and rows that a cell may span on a page


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text with its number and the ids of the places that begin on it, besides its own."""

    number: int
    text: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A cell of a table: its lines, and how many rows and columns it spans."""

    lines: tuple[Line, ...]
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the page: a line of text, or a table by its rows."""

    line: Line | None = None
    table: int = 0
    rows: tuple[tuple[Box, ...], ...] = ()


def source(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the text of a source; ``None`` where the release does not hold it."""
    key = parameters["key"]
    known = node(edition.store, f"{edition.base}source/{key}")
    held = edition.folder / "sources" / f"{key}.txt" if edition.folder else None
    if not known or held is None or not held.is_file():
        return None
    text = held.read_bytes().decode("utf-8", "replace")
    listed = json.loads(held.with_suffix(".anchors.json").read_text(encoding="utf-8"))
    return html(
        edition, path, language, "source.html", None, name=one(known, "fileName") or key,
        media_type=one(known, FORMAT) or "", sha256=one(known, "sha256") or "",
        text_sha256=one(known, "textChecksum") or "", parts=list(parts(text, [Anchor(*each) for each in listed])),
        masked=MASK in text,
    )  # fmt: skip


def parts(text: str, anchors: Sequence[Anchor]) -> Iterator[Part]:
    """Yield a text in order, every line once: those in cells as their tables, at the place where each table begins."""
    lines = _numbered(text, anchors)
    cells = [anchor for anchor in anchors if anchor.table]
    owner = {number: anchor for anchor in reversed(cells) for number in _numbers(anchor)}
    shown: set[int] = set()
    for number, line in lines.items():
        own = owner.get(number)
        if own is None:
            if line.text.strip() or line.ids or not cells:
                yield Part(line=line)
        elif own.table not in shown:
            shown.add(own.table)
            yield Part(table=own.table, rows=_rows([each for each in cells if each.table == own.table], lines, owner))


def _numbered(text: str, anchors: Sequence[Anchor]) -> dict[int, Line]:
    """Return each line by its number; an id that several places share stands where the first of them begins."""
    found = LINE_END.split(text)
    ids: dict[int, list[str]] = {}
    seen: set[str] = set()
    for anchor in anchors:
        if anchor.id not in seen:
            seen.add(anchor.id)
            ids.setdefault(anchor.lines[0][0], []).append(anchor.id)
    kept = found[:-1] if found and not found[-1] else found
    return {number: Line(number, line, tuple(ids.get(number, ()))) for number, line in enumerate(kept, 1)}


def _numbers(anchor: Anchor) -> Iterator[int]:
    for first, last in anchor.lines:
        yield from range(first, last + 1)


def _rows(cells: list[Anchor], lines: dict[int, Line], owner: dict[int, Anchor]) -> tuple[tuple[Box, ...], ...]:
    """Return the rows of a table; a line that two cells share stands in the first."""
    ordered = sorted(cells, key=lambda cell: (cell.row, cell.column))
    return tuple(
        tuple(
            Box(
                tuple(lines[number] for number in _numbers(cell) if number in lines and owner[number] is cell),
                min(WIDEST, cell.rows), min(WIDEST, cell.columns),
            )
            for cell in row
        )
        for _, row in groupby(ordered, key=lambda cell: cell.row)
    )  # fmt: skip


def paths(edition: Edition) -> Iterator[str]:
    """Yield the page of each source document."""
    for row in ask(edition.store, PREFIXES + "SELECT ?iri WHERE { ?iri a fp:SourceDocument } ORDER BY ?iri"):
        yield edition.path_of(row["iri"])


ROUTE = Route("source", re.compile(r"source/(?P<key>[0-9a-f]{12})\.html"), source, paths, ("zh",))

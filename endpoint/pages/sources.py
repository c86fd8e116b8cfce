"""A source document into a page: its text, with its tables as tables, each line and cell an anchor figures lead to.

Of a PDF the pages stand first, as sheets with each text in its box; there figures lead to a box.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from fiscalkg.endpoint.pages.asking import PREFIXES, ask, node, one
from fiscalkg.endpoint.pages.markup import html
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.sheets import sheets
from fiscalkg.loader.persons import MASK
from fiscalkg.loader.places import LinePlace, place_of
from fiscalkg.loader.places import anchor as anchor_of
from fiscalkg.loader.tables import Anchor

__all__ = ["ROUTE"]

LINE_END = re.compile(r"\r\n|\r|\n")  # never str.splitlines: lines are counted as the places are
FORMAT = "http://purl.org/dc/terms/format"
WIDEST = 400  # columns and rows that a cell may span on a page
MARKED = 13  # lines that site.css marks after the one an anchor stands on; a longer place is a list of its own
PLACES = f"""{PREFIXES}SELECT DISTINCT ?document ?spot WHERE {{
  ?statement fp:sourceDocument ?document .
  ?statement (fp:goal|fp:amount|fp:indicator)? ?node .
  ?node prov:wasDerivedFrom ?spot .
}}"""


class Line(NamedTuple):
    """A line of the text with its number and the ids of the places that begin on it, besides its own.

    ``spans`` are places of several lines: id, and how many lines follow this one. ``opens`` is the id of a place, as
    that of a whole table, whose lines are a list of their own, which ``closes`` on its last line.
    """

    number: int
    text: str
    ids: tuple[str, ...] = ()
    spans: tuple[tuple[str, int], ...] = ()
    opens: str = ""
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A cell of a table: its lines, and how many rows and columns it spans."""

    lines: tuple[Line, ...]
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the page: lines of text, or a table by its rows."""

    lines: tuple[Line, ...] = ()
    table: int = 0
    rows: tuple[tuple[Box, ...], ...] = ()


def source(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the text of a source; ``None`` where the release does not hold it."""
    key = parameters["key"]
    iri = f"{edition.base}source/{key}"
    known = node(edition.store, iri)
    held = edition.folder / "sources" / f"{key}.txt" if edition.folder else None
    if not known or held is None or not held.is_file():
        return None
    text = held.read_bytes().decode("utf-8", "replace")
    listed = json.loads(held.with_suffix(".anchors.json").read_text(encoding="utf-8"))
    places = [place_of(row["spot"].partition("#")[2]) for row in ask(edition.store, PLACES, document=iri)]
    spots = [Anchor(*each) for each in listed]
    ranges = sorted({place for place in places if isinstance(place, LinePlace) and place.last > place.first})
    return html(
        edition, path, language, "source.html", None, name=one(known, "fileName") or key,
        media_type=one(known, FORMAT) or "", sha256=one(known, "sha256") or "",
        text_sha256=one(known, "textChecksum") or "",
        parts=list(parts(text, spots, ranges)), sheets=sheets(spots, dict(enumerate(LINE_END.split(text), 1))),
        masked=MASK in text,
    )  # fmt: skip


def parts(text: str, anchors: Sequence[Anchor], ranges: Sequence[LinePlace] = ()) -> Iterator[Part]:
    """Yield a text in order, every line once: those in cells as their tables, at the place where each table begins.

    ``ranges`` are the places of several lines that figures lead to, in order.
    """
    lines = _spanned(_numbered(text, anchors), ranges)
    cells = [anchor for anchor in anchors if anchor.table]
    owner = {number: anchor for anchor in reversed(cells) for number in _numbers(anchor)}
    shown: set[int] = set()
    listed: list[Line] = []
    for number, line in lines.items():
        own = owner.get(number)
        if listed and (line.opens or listed[-1].closes or (own and own.table not in shown)):
            yield Part(tuple(listed))
            listed = []
        if own is None:
            if line.text.strip() or line.ids or not cells:
                listed.append(line)
        elif own.table not in shown:
            shown.add(own.table)
            yield Part(table=own.table, rows=_rows([each for each in cells if each.table == own.table], lines, owner))
    if listed:
        yield Part(tuple(listed))


def _numbered(text: str, anchors: Sequence[Anchor]) -> dict[int, Line]:
    """Return each line by its number; an id that several places share stands where the first of them begins."""
    found = LINE_END.split(text)
    ids: dict[int, list[str]] = {}
    seen: set[str] = set()
    for anchor in anchors:
        if anchor.id not in seen and not anchor.box:  # a box bears its id on its sheet
            seen.add(anchor.id)
            ids.setdefault(anchor.lines[0][0], []).append(anchor.id)
    kept = found[:-1] if found and not found[-1] else found
    return {number: Line(number, line, tuple(ids.get(number, ()))) for number, line in enumerate(kept, 1)}


def _spanned(lines: dict[int, Line], ranges: Sequence[LinePlace]) -> dict[int, Line]:
    """Return the lines with the places of several lines that begin on them."""
    spans: dict[int, list[tuple[str, int]]] = {}
    whole, end = dict(lines), 0
    for place in ranges:
        if place.last - place.first > MARKED and place.first > end and {place.first, place.last} <= whole.keys():
            whole[place.first] = whole[place.first]._replace(opens=anchor_of(place))
            whole[place.last] = whole[place.last]._replace(closes=True)
            end = place.last
        else:
            spans.setdefault(place.first, []).append((anchor_of(place), min(MARKED, place.last - place.first)))
    return whole | {at: whole[at]._replace(spans=tuple(own)) for at, own in spans.items() if at in whole}


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

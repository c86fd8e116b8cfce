"""Names of units, projects, indicators and questions into what can be found, in the order in which results stand.

The order is by kind, then by what tells an entry from others, so that all that share a note stand together: the index
in shards relies on it. Names are asked of the store in pieces and sorted on disk where they are many.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from fiscalkg.endpoint.pages.asked import QUESTIONS
from fiscalkg.endpoint.pages.asking import PREFIXES, streamed
from fiscalkg.endpoint.pages.markup import site_path
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.loader.dumps import merge

__all__ = ["ORDER", "Entry", "entries_of"]

ORDER = ("question", "unit", "statement", "indicator")
RUN = 100_000  # names that are sorted at once
UNITS = "SELECT ?note ?iri ?ordinal ?title WHERE { ?iri a fp:BudgetUnit ; rdfs:label ?title }"
STATEMENTS = """SELECT ?note ?iri ?ordinal ?title WHERE {
  ?iri a fp:Statement ; rdfs:label ?title ; fp:unit/rdfs:label ?unit .
  OPTIONAL { ?iri fp:fiscalYear ?year }
  BIND(CONCAT(?unit, " ", COALESCE(STR(?year), "")) AS ?note)
}"""
INDICATORS = """SELECT ?note ?iri ?ordinal ?title WHERE {
  ?iri fp:indicator ?indicator ; rdfs:label ?note . ?indicator fp:name ?title ; fp:ordinal ?ordinal
}"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: ``path`` leads to it from the root of the site, ``note`` tells it from others."""

    kind: str
    title: str
    path: str
    note: str


def entries_of(edition: Edition) -> Iterator[Entry]:
    """Yield everything that can be found: questions, units, tables and indicators, each in an order of its own."""
    for question in QUESTIONS.values():
        yield Entry("question", question.query.question_zh, site_path(f"q/{question.name}.html", "zh"), "")
        yield Entry("question", question.query.question_en, site_path(f"q/{question.name}.html", "en"), "")
    for kind, text in zip(ORDER[1:], (UNITS, STATEMENTS, INDICATORS), strict=True):
        for note, iri, ordinal, title in _sorted_rows(edition, PREFIXES + text):
            yield Entry(kind, title, edition.path_of(iri, f"indicator-{int(ordinal)}" if ordinal else ""), note)


def _sorted_rows(edition: Edition, text: str) -> Iterator[list[str]]:
    """Yield the rows of a query in order; no more than ``RUN`` of them are held at a time."""
    with tempfile.TemporaryDirectory() as folder:
        lines = (json.dumps([note.strip(), iri, ordinal.zfill(6) if ordinal else "", title], ensure_ascii=False) + "\n"
                 for note, iri, ordinal, title in streamed(edition.store, text))  # fmt: skip
        runs: list[Path] = []
        while run := sorted(islice(lines, RUN)):
            runs.append(Path(folder) / f"run-{len(runs)}")
            runs[-1].write_text("".join(run), encoding="utf-8", newline="\n")
        parts = [path.open(encoding="utf-8", newline="\n") for path in runs]
        yield from map(json.loads, merge(parts, Path(folder)))
        for part in parts:
            part.close()

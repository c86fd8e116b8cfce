"""A question's rows into the files beside its page: CSV, JSON and the query itself."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

from fiscalkg.endpoint.canned_queries import CannedQuery, canned_query
from fiscalkg.endpoint.pages.asked import ALL, QUESTIONS, choice_by, choices_of, narrowed, own_rows
from fiscalkg.endpoint.pages.asking import Row, recent
from fiscalkg.endpoint.pages.combined import choices_in, rows_of
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.quality import failing_units, of_rule
from fiscalkg.loader.rules import rules

__all__ = ["QUALITY", "ROUTE", "files_of"]

ENDINGS = ("csv", "json", "rq")


def table(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a question's rows as CSV or JSON, or its query; ``None`` for no such question or choice.

    Where a page lists its rows one by one (units, names) the files hold those, else the rows of its figures.
    """
    question = QUESTIONS.get(parameters["name"])
    if question is None:
        return None
    kind, choice = parameters.get("kind"), ALL
    query = question.query
    if kind is not None:
        found = choice_by(edition, question, kind, parameters["key"])
        if found is None:
            return None
        choice = found
        query = question.evidence_of(choice) if kind in question.lists else query
    made = choices_in(edition, parameters) if kind is None else (choice,)
    query = question.query_of(*made) if kind is None else query
    text = narrowed(query.text, *made)
    rows = rows_of(edition, query, made) if kind is None else own_rows(edition, query, choice)
    return _file(path, language, query, text, rows, parameters["ending"])


def _file(path: str, language: Language, query: CannedQuery, text: str, rows: list[Row], ending: str) -> Page:
    match ending:
        case "rq":
            return Page(path, "application/sparql-query; charset=utf-8", text.encode(), language)
        case "csv":
            return Page(path, "text/csv; charset=utf-8", _csv(query, rows), language)
        case _:
            return Page(path, "application/json", _json(query, text, rows), language)


def files_of(query: CannedQuery, text: str, rows: list[Row], name: str) -> dict[str, bytes]:
    """Return the rows of a query as CSV and JSON, and its text, each by its name."""
    return {f"{name}.csv": _csv(query, rows), f"{name}.json": _json(query, text, rows), f"{name}.rq": text.encode()}


def _csv(query: CannedQuery, rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    columns = query.columns
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return text.getvalue().encode()


def _json(query: CannedQuery, text: str, rows: list[Row]) -> bytes:
    head = {"question": {"zh": query.question_zh, "en": query.question_en}, "query": text}
    told = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    own = ",\n  ".join(map(_object, rows))
    listed = f"[\n  {own}\n ]" if rows else "[]"
    return f'{told},\n "rows": {listed}\n}}\n'.encode()


def _object(row: Row) -> str:
    """Return a row as ``json.dumps`` indents it, which takes three times as long for that."""
    quoted = json.encoder.encode_basestring
    return "{\n   " + ",\n   ".join(f"{quoted(name)}: {quoted(text)}" for name, text in row.items()) + "\n  }"


def paths(edition: Edition) -> Iterator[str]:
    """Yield the files of each question: for all, for each place and year, and the rows of each unit and name."""
    for question in QUESTIONS.values():
        yield from (f"q/{question.name}.{ending}" for ending in ENDINGS)
        for kind in ("place", "year"):
            for choice, _ in choices_of(edition, question, kind):
                yield from (f"q/{question.name}/{kind}-{choice.key}.{ending}" for ending in ENDINGS)
        for kind in question.lists:
            for choice, _ in choices_of(edition, question, kind):
                yield f"q/{question.name}/{kind}-{choice.key}.csv"


def quality(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the rows behind the quality pages as CSV or JSON, or their query; ``None`` where there is no such file.

    Findings are given unit by unit: those of all units stand in ``tables/findings.csv``. Counts of units are given rule
    by rule.
    """
    query, ending, choice = canned_query(parameters["name"] or parameters["of"]), parameters["ending"], ALL
    if code := parameters.get("code"):
        text = of_rule(code)
        return _file(path, language, query, text, recent(edition, text), ending) if code in _codes() else None
    if key := parameters.get("key"):
        choice = failing_units(edition).get(key, ALL)
    if query.first_unit is not bool(choice.kind) and ending != "rq":
        return None
    rows = own_rows(edition, query, choice) if ending != "rq" else []
    return _file(path, language, query, narrowed(query.text, choice), rows, ending)


def quality_paths(edition: Edition) -> Iterator[str]:
    """Yield the files beside the quality page, and the findings of each unit."""
    yield from (f"quality/{name}.{ending}" for name in ("quality", "quality-of-units", "reading") for ending in ENDINGS)
    yield from (f"quality/quality-of-rule/{code}.csv" for code in _codes())
    yield "quality/quality-rows.rq"
    yield from (f"quality/quality-rows/unit-{key}.csv" for key in failing_units(edition))


def _codes() -> list[str]:
    return sorted({rule.code for rule in rules()})


PATTERN = r"q/(?P<name>[a-z-]+)(?:/(?P<kind>place|year|unit|name)-(?P<key>[0-9A-Za-z-]+))?\.(?P<ending>csv|json|rq)"
ROUTE = Route("table", re.compile(PATTERN), table, paths, ("zh",))
QUALITY = Route(
    "quality table",
    re.compile(
        r"quality/(?:(?P<name>quality|quality-of-units|reading|quality-rows(?=[./]))(?:/unit-(?P<key>[0-9A-Za-z-]+))?"
        r"|(?P<of>quality-of-rule)/(?P<code>C\d+))\.(?P<ending>csv|json|rq)"
    ),
    quality, quality_paths, ("zh",),
)  # fmt: skip

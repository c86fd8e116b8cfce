"""A canned query's rows into a question page: the answer in a sentence, figures, a table that is the chart."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fiscalkg.endpoint.canned_queries import CannedQuery, canned_query
from fiscalkg.endpoint.pages import answers
from fiscalkg.endpoint.pages.answers import Answer
from fiscalkg.endpoint.pages.asking import Row, ask
from fiscalkg.endpoint.pages.markup import html, site_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route

__all__ = ["QUESTIONS", "ROUTE", "Question", "answer_of"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question page: the canned query it runs and the function that reads an answer out of the rows."""

    name: str
    read: Callable[[list[Row], Language], Answer]


QUESTIONS: Mapping[str, Question] = {
    question.name: question
    for question in (
        Question("satisfaction", answers.satisfaction),
        Question("quantified", answers.quantified),
        Question("missing", answers.missing),
    )
}


def answer_of(edition: Edition, name: str, language: Language) -> Answer:
    """Return the answer to a question in this edition."""
    return QUESTIONS[name].read(ask(edition.store, canned_query(name).text), language)


def make(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the question page, or its rows as CSV or JSON when the path ends so; None for no such question."""
    name, ending = parameters["name"], parameters["ending"]
    if name not in QUESTIONS:
        return None
    query = canned_query(name)
    found = ask(edition.store, query.text)
    if ending == "csv":
        return Page(path, "text/csv; charset=utf-8", _csv(query, found), language)
    if ending == "json":
        return Page(path, "application/json", _json(query, found), language)
    other: Language = "en" if language == "zh" else "zh"
    return html(
        edition, path, language, "question.html", site_path(f"q/{name}.html", other), name=name, query=query,
        answer=QUESTIONS[name].read(found, language), question=query.question(language),
    )  # fmt: skip


def _csv(query: CannedQuery, found: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(query.columns)
    writer.writerows([row.get(column, "") for column in query.columns] for row in found)
    return text.getvalue().encode()


def _json(query: CannedQuery, found: list[Row]) -> bytes:
    content = {"question": {"zh": query.question_zh, "en": query.question_en}, "query": query.text, "rows": found}
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def paths(_: Edition) -> Iterator[str]:
    """Yield each question's page and its two tables."""
    for name in QUESTIONS:
        yield from (f"q/{name}.{ending}" for ending in ("html", "csv", "json"))


ROUTE = Route("question", re.compile(r"q/(?P<name>[a-z-]+)\.(?P<ending>html|csv|json)"), make, paths)

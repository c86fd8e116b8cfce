"""A canned query's rows into a question page: the answer in a sentence, figures, a table that is the chart.

A page is of all rows, or of those of one place, year or unit: its query is the canned one with the choice as its
last line. Pages of a unit (of a name, where a question compares names) also list the rows behind the figures, each
with its source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from unicodedata import east_asian_width

from fiscalkg.endpoint.pages.answers import Answer
from fiscalkg.endpoint.pages.answers.answer import unit_name
from fiscalkg.endpoint.pages.asked import (
    ALL,
    QUESTIONS,
    Choice,
    Question,
    choice_by,
    choice_of,
    choices_of,
    narrowed,
    own_rows,
)  # fmt: skip
from fiscalkg.endpoint.pages.asking import Row, remembered
from fiscalkg.endpoint.pages.bundles import citation_of, packed, readme
from fiscalkg.endpoint.pages.classes import class_key
from fiscalkg.endpoint.pages.evidence import Evidence, evidence_of
from fiscalkg.endpoint.pages.holes import dump_of
from fiscalkg.endpoint.pages.markup import html, site_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.shown import inferred_years
from fiscalkg.endpoint.pages.tables import files_of

__all__ = ["BUNDLE", "EMBEDDED", "PAGE", "PICTURE", "answer_of"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
MOST_LINES = 50  # of a table: a page stays readable, and below 60 kB
MOST_EVIDENCE = 120
FIRST_EVIDENCE = 10  # rows on a page that does not list them all: each figure is two clicks from a line of the source
ENDPOINT = "http://127.0.0.1:8000/sparql"  # where `fiscalkg serve` listens; people put their own in its place
CHOICE_OF_ROWS = r"(?:/(?P<kind>place|year)-(?P<key>[0-9A-Za-z-]+))?"
CHOICE = r"(?:/(?P<kind>place|year|unit|name)-(?P<key>[0-9A-Za-z-]+))?"


def answer_of(edition: Edition, name: str, language: Language) -> Answer:
    """Return the answer to a question over the whole edition."""
    question = QUESTIONS[name]
    return question.read(remembered(edition, question.query.text), language)


def page(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a question page; ``None`` for no such question or choice."""
    asked = _asked(edition, parameters)
    if asked is None:
        return None
    question, choice, found = asked
    other: Language = "en" if language == "zh" else "zh"
    evidence, evidence_text, count, example = _evidence(edition, question, choice, found, language)
    return html(
        edition, path, language, "question.html", site_path(f"q/{stem(question, choice)}.html", other),
        query=question.query, text=narrowed(question.query.text, choice), choices=_choices(edition, question),
        evidence=evidence, evidence_text=evidence_text, evidence_count=count, example=example,
        dump=dump_of(edition), inferred=inferred_years(edition),
        unit_label=found[0].get("unitName", "") if found else "", sha256=_digest,
        endpoint=ENDPOINT, citation=citation_of(edition, question.query, stem(question, choice)),
        **_answered(edition, question, choice, found, language),
    )  # fmt: skip


def embedded(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a question's answer and tables alone, which others may show in a frame of their page."""
    asked = _asked(edition, parameters)
    if asked is None:
        return None
    return html(edition, path, language, "embed.html", None, **_answered(edition, *asked, language))


def _answered(
    edition: Edition, question: Question, choice: Choice, found: list[Row], language: Language
) -> dict[str, object]:
    """Return what a page says of a question, besides the query and the rows behind it."""
    return {
        "name": question.name, "stem": stem(question, choice), "choice": choice,
        "answer": question.read(found, language), "question": question.query.question(language), "most": MOST_LINES,
        "lists": choice.kind in question.lists, "class_key": class_key,
        "key": lambda kind, value: choice_of(edition, kind, value).key,
    }  # fmt: skip


def picture(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a question's first table as an SVG that stands alone; ``None`` where nothing is drawn."""
    asked = _asked(edition, parameters)
    if asked is None:
        return None
    question, _, found = asked
    answer = question.read(found, language)
    drawn = html(
        edition, path, language, "chart.svg", None, answer=answer, question=question.query.question(language),
        tables=[table for table in answer.tables if table.picture != "none"][:1], most=MOST_LINES, shorten=_shorten,
    )  # fmt: skip
    return Page(path, "image/svg+xml", drawn.body, language)


def bundle(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a question's data, query and pictures in one archive, with what they are and how to cite them."""
    asked = _asked(edition, parameters)
    if asked is None:
        return None
    question, choice, found = asked
    stemmed, name = f"q/{stem(question, choice)}", stem(question, choice).replace("/", "-")
    drawn = [(each, picture(edition, site_path(f"{stemmed}.svg", each), each, parameters)) for each in LANGUAGES]
    texts: dict[Language, tuple[str, Answer]] = {
        each: (question.query.question(each), question.read(found, each)) for each in LANGUAGES
    }
    files = files_of(question.query, narrowed(question.query.text, choice), found, name)
    files |= {f"{name}.{each}.svg": made.body for each, made in drawn if made}
    files["README.md"] = readme(
        edition,
        citation_of(edition, question.query, stem(question, choice)),
        texts,
        dump_of(edition),
        sorted(files),
    )
    return Page(path, "application/zip", packed(files), language)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _shorten(text: str) -> str:
    """Return a name that fits beside a picture: 21 wide characters, or twice as many narrow ones."""
    room, kept = 42, ""
    for char in text:
        room -= 2 if east_asian_width(char) in "WF" else 1
        if room < 0:
            return kept + "…"
        kept += char
    return kept


def _asked(edition: Edition, parameters: Parameters) -> tuple[Question, Choice, list[Row]] | None:
    question = QUESTIONS.get(parameters["name"])
    if question is None:
        return None
    kind = parameters.get("kind")
    choice = choice_by(edition, question, kind, parameters["key"]) if kind else ALL
    return (question, choice, own_rows(edition, question.query, choice)) if choice else None


def _choices(edition: Edition, question: Question) -> list[tuple[str, list[tuple[Choice, int]]]]:
    """Return the choices a page offers as links: kinds with more than one value."""
    found = [(kind, choices_of(edition, question, kind)) for kind in ("place", "year")]
    return [(kind, choices) for kind, choices in found if len(choices) > 1]


def _evidence(
    edition: Edition, question: Question, choice: Choice, found: list[Row], language: Language
) -> tuple[list[Evidence], str, int, str]:
    """Return rows behind a page, the first where there are many; the query that gives them; how many; of which unit.

    Where the query gives rows of some units only, they are those of the first unit that the page's figures are of.
    """
    query, listed, example = question.evidence, choice.kind in question.lists, ""
    if query.first_units and found and not listed:
        of_unit = choice_of(edition, "unit", found[0]["unit"])
        rows = [row for row in own_rows(edition, query, of_unit) if not choice.kind or row[choice.kind] == choice.value]
        text, example = narrowed(query.text, choice, of_unit), unit_name(found[0], language)
    else:
        rows, text = own_rows(edition, query, choice), narrowed(query.text, choice)
    most = MOST_EVIDENCE if listed else FIRST_EVIDENCE
    return evidence_of(rows[:most], language), text, len(rows), example


def stem(question: Question, choice: Choice) -> str:
    """Return the path of a question's page below ``q/``, without its ending."""
    return f"{question.name}/{choice.kind}-{choice.key}" if choice.kind else question.name


def _stems(edition: Edition, ending: str) -> Iterator[str]:
    for question in QUESTIONS.values():
        yield f"q/{question.name}.{ending}"
        for kind in ("place", "year", *(question.lists if ending == "html" else ())):
            for choice, _ in choices_of(edition, question, kind):
                yield f"q/{stem(question, choice)}.{ending}"


PAGE = Route(
    "question", re.compile(rf"q/(?P<name>[a-z-]+){CHOICE}\.html"), page, lambda edition: _stems(edition, "html")
)
PICTURE = Route(
    "picture", re.compile(rf"q/(?P<name>[a-z-]+){CHOICE}\.svg"), picture, lambda edition: _stems(edition, "svg")
)
EMBEDDED = Route(
    "embedded", re.compile(rf"embed/q/(?P<name>[a-z-]+){CHOICE_OF_ROWS}\.html"), embedded,
    lambda edition: (f"embed/{path[:-4]}.html" for path in _stems(edition, "svg")),
)  # fmt: skip
BUNDLE = Route(
    "bundle", re.compile(rf"q/(?P<name>[a-z-]+){CHOICE_OF_ROWS}\.zip"), bundle,
    lambda edition: _stems(edition, "zip"), ("zh",),
)  # fmt: skip

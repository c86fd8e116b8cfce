"""A canned query's rows into a question page: the answer in a sentence, figures, a table that is the chart.

A page is of all rows, or of those of one place, year or unit: its query is the canned one with the choice as its
last line. At the endpoint it is also of several choices at once, which a visitor makes. Pages of a unit (of a name,
where a question compares names) also list the rows behind the figures, each with its source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil
from unicodedata import east_asian_width

from fiscalkg.endpoint.canned_queries import CannedQuery, canned_query
from fiscalkg.endpoint.pages.answers import Answer
from fiscalkg.endpoint.pages.answers.answer import say, unit_name
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
    tops_of,
    tops_text,
)  # fmt: skip
from fiscalkg.endpoint.pages.asking import Row, remembered
from fiscalkg.endpoint.pages.bundles import citation_of, packed, readme
from fiscalkg.endpoint.pages.classes import class_key
from fiscalkg.endpoint.pages.combined import KINDS, choices_in, form_of, rows_of, tail_of, unit_label
from fiscalkg.endpoint.pages.evidence import Evidence, evidence_of
from fiscalkg.endpoint.pages.holes import dump_of, filled
from fiscalkg.endpoint.pages.markup import html, site_path, twin_path
from fiscalkg.endpoint.pages.page import LANGUAGES, Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.pages.shown import inferred_years
from fiscalkg.endpoint.pages.tables import files_of

__all__ = ["BUNDLE", "EMBEDDED", "PAGE", "PICTURE", "answer_of"]

LARGEST = 60_000  # bytes of a page
FEWER = 0.8  # of its rows are listed where a page would be larger, and so on
MOST_LINES = 50  # of a table
MOST_EVIDENCE = 120
FIRST_EVIDENCE = 10  # rows on a page that does not list them all: each figure is two clicks from a line of the source
ENDPOINT = "http://127.0.0.1:8000/sparql"  # where `fiscalkg serve` listens; people put their own in its place
CHOICE_OF_ROWS = r"(?:/(?P<kind>place|year)-(?P<key>[0-9A-Za-z-]+))?"
CHOICE = r"(?:/(?P<kind>place|year|unit|name)-(?P<key>[0-9A-Za-z-]+))?"


def answer_of(edition: Edition, name: str, language: Language) -> Answer:
    """Return the answer to a question over the whole edition."""
    question = QUESTIONS[name]
    return question.read([*remembered(edition, question.query.text), *tops_of(edition, question)], language)


def page(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a question page; ``None`` for no such question or choice."""
    asked = _asked(edition, parameters)
    if asked is None:
        return None
    question, made = asked.question, asked.made
    evidence, evidence_text, count, example = _evidence(edition, asked, language)
    units = [each.value for each in made if each.kind == "unit"]
    own = replace(edition, tops={}) if asked.tail else edition  # addresses that visitors make up are not remembered
    values = _answered(edition, asked, language) | {
        "query": question.query, "text": asked.text, "made": made, "tail": asked.tail,
        "tops_text": tops_text(question, *made), "choices": [] if asked.tail else _choices(edition, question),
        "form": [] if asked.lists else form_of(edition, language, made), "evidence_text": evidence_text,
        "evidence_count": count, "example": example, "dump": dump_of(edition), "inferred": inferred_years(edition),
        "unit_label": unit_label(edition, units[0], language) if units else "", "sha256": _digest,
        "endpoint": ENDPOINT, "citation": citation_of(edition, question.query, asked.stem + asked.tail),
    }  # fmt: skip
    twin = twin_path(f"q/{asked.stem}.html", language) + asked.tail

    def made_with(share: float) -> Page:
        listed = evidence[: ceil(share * MOST_EVIDENCE)]
        most = ceil(share * MOST_LINES)
        return html(own, path, language, "question.html", twin, **values, evidence=listed, most=most)

    return _small_enough(own, made_with)


def embedded(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a question's answer and tables alone, which others may show in a frame of their page."""
    asked = _asked(edition, parameters)
    if asked is None:
        return None
    values = _answered(edition, asked, language)
    return _small_enough(
        edition,
        lambda share: html(edition, path, language, "embed.html", None, **values, most=ceil(share * MOST_LINES)),
    )


def _small_enough(edition: Edition, made_with: Callable[[float], Page]) -> Page:
    """Return a page with all its rows, or with that share of them with which it is no larger than ``LARGEST``.

    One that is larger by a single row is left so: no text of a source is cut.
    """
    share = 1.0
    while True:
        page = made_with(share)
        body = filled(edition, page.body, edition.key)[0] if edition.key else page.body
        if len(body) <= LARGEST or share * MOST_EVIDENCE < 1:
            return page
        share *= FEWER


def _answered(edition: Edition, asked: Asked, language: Language) -> dict[str, object]:
    """Return what a page says of a question, besides the query and the rows behind it."""
    return {
        "name": asked.question.name, "stem": asked.stem, "choice": asked.choice, "answer": asked.answer(language),
        "question": asked.question.query.question(language), "lists": asked.lists,
        "class_key": class_key, "behind": lambda kind, value: _behind(edition, asked, kind, value),
    }  # fmt: skip


def _behind(edition: Edition, asked: Asked, kind: str, value: str) -> str:
    """Return the path of the page that lists the rows behind a figure: of its unit, with all else that was chosen.

    A name that is none of the most shared has no page.
    """
    name, choice = asked.question.name, choice_of(edition, kind, value)
    if kind == "name" and not choice_by(edition, asked.question, kind, choice.key):
        return ""
    if not asked.tail or kind not in KINDS:
        return f"q/{stem(asked.question, choice)}.html"
    others = tuple(each for each in asked.made if each.kind != kind)
    return f"q/{name}.html{tail_of((*others, choice))}#evidence"


def picture(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a question's first table as an SVG that stands alone; ``None`` where nothing is drawn."""
    asked = _asked(edition, parameters)
    if asked is None:
        return None
    answer, question = asked.answer(language), asked.question.query.question(language)
    drawn = html(
        edition, path, language, "chart.svg", None, answer=answer, question=question,
        tables=[table for table in answer.tables if table.picture != "none"][:1], most=MOST_LINES, shorten=_shorten,
    )  # fmt: skip
    return Page(path, "image/svg+xml", drawn.body, language)


def bundle(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a question's data, query and pictures in one archive, with what they are and how to cite them."""
    asked = _asked(edition, parameters)
    if asked is None:
        return None
    query, stemmed = asked.question.query, f"q/{asked.stem}"
    name = "-".join([asked.stem.replace("/", "-"), *(f"{each.kind}-{each.key}" for each in asked.made if asked.tail)])
    name = re.sub("[^0-9A-Za-z-]", "-", name)  # a visitor's key may be an IRI
    drawn = [(each, picture(edition, site_path(f"{stemmed}.svg", each), each, parameters)) for each in LANGUAGES]
    texts: dict[Language, tuple[str, Answer]] = {each: (query.question(each), asked.answer(each)) for each in LANGUAGES}
    files = files_of(asked.query, asked.text, asked.rows, name)
    if asked.tops:
        tops = canned_query(asked.question.tops)
        files |= files_of(tops, tops_text(asked.question, *asked.made), asked.tops, f"{name}-{tops.name}")
    files |= {f"{name}.{each}.svg": made.body for each, made in drawn if made}
    citation = citation_of(edition, query, asked.stem + asked.tail)
    files["README.md"] = readme(edition, citation, texts, dump_of(edition), sorted(files))
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


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the choices made, and the rows that answer it.

    ``choice`` is the one in the path, ``ALL`` where there is none; ``tail`` the end of an address that holds choices;
    ``tops`` the rows of what stands highest, where the question draws it.
    """

    question: Question
    choice: Choice
    made: tuple[Choice, ...]
    tail: str
    rows: list[Row]
    tops: list[Row]

    @property
    def stem(self) -> str:
        """The path of its page below ``q/``, without its ending."""
        return stem(self.question, self.choice)

    @property
    def text(self) -> str:
        """The query of its figures."""
        return narrowed(self.query.text, *self.made)

    @property
    def query(self) -> CannedQuery:
        """The query of its figures, before it is narrowed."""
        return self.question.query_of(*self.made)

    @property
    def lists(self) -> bool:
        """Whether its page and files hold the rows behind the figures one by one."""
        return self.choice.kind in self.question.lists

    def answer(self, language: Language) -> Answer:
        """Return the answer; where no row has all that was chosen, that."""
        read = self.question.read([*self.rows, *self.tops], language)
        return read if self.rows or not self.tail else replace(read, sentence=say("combined-none", language))


def _asked(edition: Edition, parameters: Parameters) -> Asked | None:
    question = QUESTIONS.get(parameters["name"])
    if question is None:
        return None
    if kind := parameters.get("kind"):
        choice = choice_by(edition, question, kind, parameters["key"])
        if choice is None:
            return None
        rows, tops = own_rows(edition, question.query_of(choice), choice), tops_of(edition, question, choice)
        return Asked(question, choice, (choice,), "", rows, tops)
    made = choices_in(edition, parameters)
    rows = rows_of(edition, question.query_of(*made), made)
    return Asked(question, ALL, made, tail_of(made), rows, tops_of(edition, question, *made))


def _choices(edition: Edition, question: Question) -> list[tuple[str, list[tuple[Choice, int]]]]:
    """Return the choices a page offers as links: kinds with more than one value."""
    found = [(kind, choices_of(edition, question, kind)) for kind in ("place", "year")]
    return [(kind, choices) for kind, choices in found if len(choices) > 1]


def _evidence(edition: Edition, asked: Asked, language: Language) -> tuple[list[Evidence], str, int, str]:
    """Return rows behind a page, the first where there are many; the query that gives them; how many; of which unit.

    Where the query gives rows of one unit only, they are those of the first of which the page's figures count some.
    """
    query, choice, made, example = asked.question.evidence_of(*asked.made), asked.choice, asked.made, ""
    of_one = asked.lists or any(each.kind == "unit" for each in made)
    shown = next(filter(asked.question.shows, asked.rows), None)
    if query.first_unit and shown and not of_one:
        first = choice_of(edition, "unit", shown["unit"])
        rows = own_rows(edition, query, first)
        rows = [row for row in rows if all(row[each.kind] == each.value for each in made)]
        made, example = (*made, first), unit_name(shown, language)
    else:
        rows = rows_of(edition, query, made) if asked.tail else own_rows(edition, query, choice)
    most = MOST_EVIDENCE if of_one else FIRST_EVIDENCE
    count = len(rows)
    if query.first_names and not of_one:  # these are rows of the first names only
        count = sum(map(asked.question.weight, asked.rows))
    return evidence_of(rows[:most], language), narrowed(query.text, *made), count, example


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

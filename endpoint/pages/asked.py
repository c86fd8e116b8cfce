"""The questions the site answers, and the choices that narrow one to a place, a year, a unit or a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal as Either

from pyoxigraph import Literal, NamedNode

from fiscalkg.endpoint.canned_queries import CannedQuery, canned_query
from fiscalkg.endpoint.pages import answers
from fiscalkg.endpoint.pages.answers import Answer
from fiscalkg.endpoint.pages.asking import PREFIXES, Row, recent, remembered, rows_by
from fiscalkg.endpoint.pages.page import Edition, Language
from fiscalkg.loader.dumps import sha256_of
from fiscalkg.loader.stores import Term
from fiscalkg.loader.stores.binding import with_values

__all__ = [
    "ALL", "QUESTIONS", "Choice", "Kind", "Question", "choice_by", "choice_of", "choices_of", "digest_of_dump",
    "narrowed", "own_rows", "tops_of", "tops_text",
]  # fmt: skip

Kind = Either["place", "year", "unit", "name"]
YEAR = "http://www.w3.org/2001/XMLSchema#gYear"
# The units of names that others use too: a query that counts for all units together does not tell them.
SHARING = (
    PREFIXES
    + """PREFIX cube: <https://w3id.org/fiscalkg/ontology/cube/> PREFIX qb: <http://purl.org/linked-data/cube#>
SELECT ?unit (COUNT(?indicator) AS ?indicators) WHERE {
  { SELECT ?name WHERE { VALUES ?structure { cube:by-shared-name cube:by-other-shared-name }
      ?set qb:structure ?structure . ?whole qb:dataSet ?set ; fp:observedName ?name } }
  ?indicator fp:name ?name . ?statement fp:indicator ?indicator ; fp:unit ?unit
} GROUP BY ?unit"""
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question page: the canned query it runs, the one that lists the rows behind it, how an answer is read.

    ``weight`` is how many things one row of the query counts for, as shown beside a filter; ``lists`` are the kinds
    of choice whose pages list the rows one by one. ``tops`` is a canned query of the few things that stand highest,
    which are drawn one by one where the query of the figures only counts them. ``own`` names, by the kind of a choice,
    queries of rows one by one that answer for it, where the query of the figures counts for all units together.
    ``shows`` says of a row of the figures whether there are rows behind it.
    """

    name: str
    read: Callable[[list[Row], Language], Answer]
    rows: str = ""
    weight: Callable[[Row], int] = lambda _: 1
    lists: tuple[str, ...] = ("unit",)
    tops: str = ""
    own: Mapping[str, str] = field(default_factory=dict)
    shows: Callable[[Row], bool] = lambda _: True

    def query_of(self, *choices: Choice) -> CannedQuery:
        """Return the query that answers for choices."""
        return canned_query(next((self.own[each.kind] for each in choices if each.kind in self.own), self.name))

    def evidence_of(self, *choices: Choice) -> CannedQuery:
        """Return the query that gives one row for each thing counted, of choices."""
        return self.query_of(*choices) if any(each.kind in self.own for each in choices) else self.evidence

    @property
    def query(self) -> CannedQuery:
        """The query of its figures."""
        return canned_query(self.name)

    @property
    def evidence(self) -> CannedQuery:
        """The query that gives one row for each thing counted, with its source."""
        return canned_query(self.rows or self.name)


@dataclass(frozen=True, slots=True)
class Choice:
    """What narrows a question: the rows whose column ``kind`` holds ``value``; ``key`` stands for it in a path."""

    kind: str
    key: str
    value: str
    label: str


CUT_OFF = re.compile(r"ORDER BY DESC\(\?\w+\).* LIMIT \d+")
ALL = Choice("", "", "", "")
QUESTIONS: Mapping[str, Question] = {
    question.name: question
    for question in (
        Question(
            "satisfaction",
            answers.satisfaction,
            "satisfaction-rows",
            lambda row: int(row["indicators"]) * (row["reading"] == "counted"),
        ),
        Question("quantified", answers.quantified, "quantified-rows", lambda row: int(row["indicators"])),
        Question(
            "missing",
            answers.missing,
            "missing-rows",
            lambda row: int(row["statements"]) * (row["class"] == "cost"),
            shows=lambda row: int(row["lacking"]) > 0,
        ),
        Question(
            "cost-budget",
            answers.cost_budget,
            "cost-budget-rows",
            lambda row: sum(int(row[name]) for name in ("above", "equal", "below", "restating")),
            tops="cost-ratios",
        ),
        Question(
            "deadlines",
            answers.deadlines,
            "deadlines-rows",
            lambda row: int(row["indicators"]) * (row["reading"] == "month"),
        ),
        Question(
            "copy-paste",
            answers.copy_paste,
            "copy-paste-rows",
            lambda row: int(row["indicators"]),
            shows=lambda row: int(row["repeatedDescriptions"]) + int(row["repeatedValues"]) > 0,
        ),
        Question(
            "same-indicator",
            answers.same_indicator,
            "same-indicator-rows",
            lambda row: int(row["indicators"]),
            ("unit", "name"),
            "same-indicator-values",
            {"unit": "same-indicator-of-unit", "name": "same-indicator-rows"},
        ),
        Question("years", answers.years, "years-rows", lambda row: int(row["projects"])),
    )
}


def choice_of(edition: Edition, kind: str, value: str) -> Choice:
    """Return the choice of one value: a place by its code, a unit by place and code, a name by its SHA-256."""
    match kind:
        case "unit":
            return Choice(kind, value.removeprefix(f"{edition.base}unit/").replace("/", "-"), value, value)
        case "place":
            return Choice(kind, value.rpartition("/")[2], value, value)
        case "name":
            return Choice(kind, sha256(value.encode("utf-8", "replace")).hexdigest()[:12], value, value)
        case _:
            return Choice(kind, value, value, value)


def choices_of(edition: Edition, question: Question, kind: str) -> list[tuple[Choice, int]]:
    """Return each value a column of the question's rows holds, with how much it counts for, by its key."""
    return list(_choices(edition, question, kind).values())


def choice_by(edition: Edition, question: Question, kind: str, key: str) -> Choice | None:
    """Return the choice that a key stands for in a path; ``None`` where the question's rows hold no such."""
    found = _choices(edition, question, kind).get(key)
    return found[0] if found else None


def _choices(edition: Edition, question: Question, kind: str) -> dict[str, tuple[Choice, int]]:
    """Return the choices of a kind with what each counts for, by their keys and in the order of these."""
    place = question.name, kind
    if place not in edition.choices:
        by = question.query.text if kind in question.query.columns else SHARING
        known = rows_by(edition, by, kind) if kind in ("place", "year", *question.lists) else {}
        found = [(choice_of(edition, kind, value), sum(map(question.weight, rows))) for value, rows in known.items()]
        usable = (pair for pair in found if re.fullmatch("[0-9A-Za-z-]+", pair[0].key))
        edition.choices[place] = {pair[0].key: pair for pair in sorted(usable, key=lambda pair: pair[0].key)}
    return edition.choices[place]


def own_rows(edition: Edition, query: CannedQuery, choice: Choice) -> list[Row]:
    """Return the rows of a query and a choice: those that the narrowed query gives."""
    if not choice.kind:
        return remembered(edition, query.text)
    if query.first_unit or query.first_names:  # the whole would be of one only
        return recent(edition, narrowed(query.text, choice))
    return rows_by(edition, query.text, choice.kind).get(choice.value, [])


def tops_of(edition: Edition, question: Question, *choices: Choice) -> list[Row]:
    """Return the rows of what stands highest in a question, of some choices; none where it names no such query."""
    text = tops_text(question, *choices)
    return recent(edition, text) if text else []


def tops_text(question: Question, *choices: Choice) -> str:
    """Return the query of what stands highest, narrowed to choices before it is cut off; empty where there is none."""
    if not question.tops or any(choice.kind in question.own for choice in choices):
        return ""
    return narrowed(canned_query(question.tops).text, *choices)


def narrowed(text: str, *choices: Choice) -> str:
    """Return a query narrowed to choices: its last line joins their values, written by the terms' serialiser.

    A unit or a rule stands at the head of each pattern that returns it, so that a limit to some is none to this one; so
    does each choice where a query is cut off by what is ranked, which is done after the choice.
    """
    inner = ("unit", "rule", "name", "place", "year") if CUT_OFF.search(text) else ("unit", "rule")
    inside: dict[str, Term] = {choice.kind: _term(choice) for choice in choices if choice.kind in inner}
    text = with_values(text, inside)
    made = [choice for choice in choices if choice.kind and choice.kind not in inner]
    if not made:
        return text
    names, terms = " ".join(f"?{choice.kind}" for choice in made), " ".join(str(_term(choice)) for choice in made)
    joined = f"({names}) {{ ({terms}) }}" if len(made) > 1 else f"{names} {{ {terms} }}"
    return f"{text.rstrip()}\nVALUES {joined}\n"


def _term(choice: Choice) -> NamedNode | Literal:
    if choice.kind in ("place", "unit", "rule", "class") and ":" in choice.value:
        return NamedNode(choice.value)
    if choice.kind == "year" and choice.value.isdecimal():
        return Literal(choice.value, datatype=NamedNode(YEAR))
    return Literal(choice.value)


@cache
def digest_of_dump(folder: Path | None) -> str:
    """Return the SHA-256 of a release's N-Triples dump; empty where there is none. A release never changes."""
    path = folder / "dumps" / "fiscalkg.nt.gz" if folder else None
    return sha256_of(path) if path and path.is_file() else ""

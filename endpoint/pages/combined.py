"""Place, year and unit at once: a visitor's choices into terms of a question's query, and the form that asks for them.

The form stands hidden on frozen pages, for a file server cannot answer it; the endpoint shows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from fiscalkg.endpoint.canned_queries import CannedQuery, Parameter, term_of
from fiscalkg.endpoint.pages.answers.answer import say
from fiscalkg.endpoint.pages.asked import Choice, choice_of, narrowed
from fiscalkg.endpoint.pages.asking import PREFIXES, Row, ask, remembered, rows_by
from fiscalkg.endpoint.pages.page import Edition, Language
from fiscalkg.loader.errors import QueryError
from fiscalkg.loader.iris import concept

__all__ = ["KINDS", "Select", "choices_in", "form_of", "rows_of", "tail_of", "unit_label"]

KINDS = ("place", "year", "unit")
MOST_UNITS = 100  # that are offered by name: a page stays below 60 kB; where there are more a code is typed
UNKNOWN = "unknown"
KEY = re.compile("[0-9A-Za-z-]{1,64}")
TYPES = {
    "place": Parameter("place", "iri", "地区", "place"), "year": Parameter("year", "year", "年度", "year"),
    "unit": Parameter("unit", "iri", "单位", "unit"),
}  # fmt: skip
HELD = (
    PREFIXES
    + """SELECT DISTINCT ?place ?year ?unit WHERE {
  ?statement a fp:Statement ; fp:unit ?unit
  OPTIONAL { ?statement fp:place ?statedPlace } OPTIONAL { ?statement fp:fiscalYear ?statedYear }
  BIND(COALESCE(STR(?statedPlace), "unknown") AS ?place) BIND(COALESCE(STR(?statedYear), "unknown") AS ?year)
}"""
)
UNITS = (
    PREFIXES
    + """SELECT ?unit (MIN(?text) AS ?name) (MIN(?stated) AS ?code) WHERE {
  ?unit a fp:BudgetUnit OPTIONAL { ?unit rdfs:label ?label } OPTIONAL { ?unit fp:code ?stated }
  BIND(COALESCE(STR(?label), "") AS ?text)
} GROUP BY ?unit ORDER BY ?unit"""
)


@dataclass(frozen=True, slots=True)
class Select:
    """A field of the form: what it chooses, the values there are as keys and labels, the one that is chosen.

    Without ``options`` the value is typed.
    """

    kind: str
    options: tuple[tuple[str, str], ...]
    chosen: str


def choices_in(edition: Edition, parameters: Mapping[str, str]) -> tuple[Choice, ...]:
    """Return the choices a visitor makes, each typed as a parameter of a canned query is; blank ones are none.

    A value is the key of a choice in paths, an IRI, or a unit's code. One the data do not know is a choice of no rows.
    Raises ``QueryError`` for a value that is not of its type, or is the code of several units.
    """
    given = {kind: text for kind in KINDS if (text := parameters.get(kind, "").strip())}
    return tuple(_choice(edition, kind, text, given.get("place", "")) for kind, text in given.items())


def _choice(edition: Edition, kind: str, text: str, place: str) -> Choice:
    """Return a choice whose key makes it again: that of its paths where it has some, else what the visitor gave."""
    if kind != "unit" and text == UNKNOWN:
        return Choice(kind, text, text, text)
    iri = text
    if kind == "place" and KEY.fullmatch(text):
        iri = concept("place", text)
    elif kind == "unit" and ":" not in text:
        iri = _unit(edition, text, place)
    made = choice_of(edition, kind, term_of(TYPES[kind], iri).value)
    known = {"place": made.value == concept("place", made.key), "unit": _is_unit(edition, made.value)}
    return made if known.get(kind, True) else replace(made, key=text)


def _is_unit(edition: Edition, iri: str) -> bool:
    return iri in rows_by(edition, UNITS, "unit")


def _unit(edition: Edition, text: str, place: str) -> str:
    """Return the IRI of the unit that a key, a code or a path below the base names."""
    rows = remembered(edition, UNITS)
    by_key = [row["unit"] for row in rows if choice_of(edition, "unit", row["unit"]).key == text]
    found = by_key or [row["unit"] for row in rows if row.get("code") == text]
    if len(found) > 1:  # the same code in several places
        found = [iri for iri in found if choice_of(edition, "unit", iri).key.startswith(f"{place}-")] or found
    if len(found) > 1:
        keys = ", ".join(choice_of(edition, "unit", iri).key for iri in found)
        raise QueryError(f"{text} is the code of several units; choose a place too, or give one of {keys}")
    if found:
        return found[0]
    return edition.base + (f"unit/{text}" if KEY.fullmatch(text) else text)


def rows_of(edition: Edition, query: CannedQuery, choices: tuple[Choice, ...]) -> list[Row]:
    """Return the rows of a query and a visitor's choices; they are as many as visitors make, so none are remembered."""
    return ask(edition.store, narrowed(query.text, *choices)) if choices else remembered(edition, query.text)


def unit_label(edition: Edition, iri: str, language: Language) -> str:
    """Return a unit's name, or that the source prints none; for an IRI that is no unit's the IRI."""
    found = rows_by(edition, UNITS, "unit").get(iri)
    return (found[0]["name"] or say("unit-unnamed", language)) if found else iri


def form_of(edition: Edition, language: Language, choices: tuple[Choice, ...]) -> list[Select]:
    """Return the fields of the form: the values that tables of the release have, of units those of the chosen place.

    A place or unit that is chosen and has no table is offered too, so that the form shows what was asked.
    """
    made = {choice.kind: choice for choice in choices}
    held = remembered(edition, HELD)
    near = [row for row in held if "place" not in made or row["place"] == made["place"].value]
    names = {row["unit"]: row["name"] or say("unit-unnamed", language) for row in remembered(edition, UNITS)}

    def label(choice: Choice) -> str:
        if choice.value == UNKNOWN:
            return say("filter-unknown", language)
        return edition.label(choice.value, language) if choice.kind == "place" else names.get(choice.value, choice.key)

    def select(kind: str, rows: list[Row]) -> Select:
        known = {value: choice_of(edition, kind, value) for value in {row[kind] for row in rows}}
        known |= {made[kind].value: made[kind]} if kind in made else {}
        options = sorted((choice.key, label(choice)) for choice in known.values())
        chosen = made[kind].key if kind in made else ""
        return Select(kind, tuple(options) if kind != "unit" or len(options) <= MOST_UNITS else (), chosen)

    return [select("place", held), select("year", held), select("unit", near)]


def tail_of(choices: tuple[Choice, ...]) -> str:
    """Return the end of an address that makes these choices again."""
    made = {choice.kind: choice.key for choice in choices}
    return "?" + urlencode(made, quote_via=quote, safe="") if made else ""

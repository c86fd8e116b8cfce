"""The files of ``queries/`` into the queries that pages of units, projects and tables show and are made of."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode

from fiscalkg.endpoint.pages.asking import remembered
from fiscalkg.endpoint.pages.page import Edition

__all__ = ["inferred_years", "shown", "shown_of_many"]

SAYS = re.compile(r"^(?=.*<this>)(?!.*BIND\(<this>)", re.MULTILINE)  # a BIND only repeats the entity
SELECT = re.compile(r"^SELECT ", re.MULTILINE)
INFERRED = "inferred", ""  # where an edition remembers them
_FOLDER = Path(__file__).parent / "queries"


@cache
def _text(name: str) -> str:
    return (_FOLDER / f"{name}.rq").read_text(encoding="utf-8")


def shown(edition: Edition, name: str, iri: str = "") -> str:
    """Return a query as it is run and as the page shows it: the IRIs of an entity and of the report stand in it.

    Raises ``ValueError`` where ``iri`` is no IRI.
    """
    report = NamedNode(f"{edition.base}graph/report")
    text = _text(name).replace("<report>", str(report))
    return text.replace("<this>", str(NamedNode(iri))) if iri else text


def shown_of_many(edition: Edition, name: str, which: str) -> str:
    """Return a query of one entity as one of many: ``?this`` is each that the pattern ``which`` says.

    The pattern stands before each line that says something of the entity, so that no engine looks at others.
    """
    text = SAYS.sub(lambda _: f"{which}\n", shown(edition, name)).replace("<this>", "?this")
    return SELECT.sub("SELECT ?this ", text, count=1)


def inferred_years(edition: Edition) -> dict[tuple[str, str], int]:
    """Return how many tables of a unit, by its IRI, have a year that is not printed but inferred."""
    if INFERRED not in edition.choices:
        rows = remembered(edition, shown(edition, "inferred"))
        edition.choices[INFERRED] = {"all": {(row["unit"], row["year"]): int(row["tables"]) for row in rows}}
    found: dict[tuple[str, str], int] = edition.choices[INFERRED]["all"]
    return found

"""What a question page says, and the small pure helpers its functions share. No figure comes from anywhere else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from fiscalkg.endpoint.pages.asking import Row
from fiscalkg.endpoint.pages.marks import Axis, Bullet, Dot, Slope
from fiscalkg.endpoint.pages.markup import words
from fiscalkg.endpoint.pages.page import Language

__all__ = ["Answer", "Line", "Picture", "Table", "grouped", "nothing", "percent", "read_as", "say", "unit_name"]

Picture = Literal["strip", "bar", "heat", "bullet", "slope", "none"]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: who, what is drawn, the figures.

    ``iri`` is the entity with a page of its own, or empty; ``evidence`` the choice, such as a unit, whose
    rows are behind the first figure. ``cells`` are counts of a heat grid, each with the whole it is a part
    of; ``text`` fills the last column of a table with a ``text_head``.
    """

    name: str
    figures: tuple[str, ...]
    iri: str = ""
    evidence: tuple[str, str] | None = None
    dots: tuple[Dot, ...] = ()
    median: str = ""
    share: str = ""
    cells: tuple[tuple[int, int], ...] = ()
    bullet: Bullet | None = None
    slope: Slope | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is also the chart: ``head`` names its first column, ``total`` stands above the lines.

    ``drawn`` are the places of columns that the picture shows too, which a phone has no room for. Lines may be the
    first of ``whole`` things; ``more`` is the name of the text that says so where a page does not show them all.
    """

    caption: str
    head: str
    picture: Picture
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    axis: Axis | None = None
    total: Line | None = None
    text_head: str = ""
    drawn: frozenset[int] = frozenset()
    whole: int = 0
    more: str = "lines-more"


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence, the caveats that are part of it, a few figures with their names, and the tables."""

    sentence: str
    caveats: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()


def nothing(language: Language) -> Answer:
    """Return the answer where the release holds no data for the question."""
    return Answer(say("nothing", language))


def say(name: str, language: Language, /, **values: object) -> str:
    """Return a text of the site with its blanks filled in."""
    return words()[name][language].format(**values)


def grouped(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    """Return the rows by what stands in a column, in the order they come."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return dict(groups)


def read_as(rows: Iterable[Row]) -> Counter[str]:
    """Return how many indicators were read in each way, of rows that count them."""
    found: Counter[str] = Counter()
    for row in rows:
        found[row["reading"]] += int(row["indicators"])
    return found


def percent(part: int, whole: int) -> str:
    """Return a share in whole percent; never 100 or 0 where something is missing or present.

    >>> percent(999, 1000), percent(1, 1000), percent(2, 3), percent(0, 0)
    ('>99%', '<1%', '67%', '–')
    """
    if not whole:
        return "–"
    rounded = round(100 * part / whole)
    if rounded == 100 and part < whole:
        return ">99%"
    return "<1%" if rounded == 0 and part else f"{rounded}%"


def unit_name(row: Row, language: Language) -> str:
    """Return a unit's name, or that the source prints none."""
    return row["unitName"] or say("unit-unnamed", language)

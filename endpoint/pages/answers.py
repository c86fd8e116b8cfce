"""Rows of a canned query into an answer: pure functions, one a question. No figure comes from anywhere else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from fiscalkg.endpoint.pages.asking import Row
from fiscalkg.endpoint.pages.marks import Axis, Dot, axis, dots, middle, number
from fiscalkg.endpoint.pages.markup import words
from fiscalkg.endpoint.pages.page import Language

__all__ = ["Answer", "Line", "missing", "quantified", "satisfaction"]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: who, what is drawn, the figures, and the printed values behind them."""

    iri: str
    name: str
    figures: tuple[str, ...]
    dots: tuple[Dot, ...] = ()
    median: str = ""
    share: str = ""
    cells: tuple[int, ...] = ()
    evidence: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question page says: a sentence with its caveat, a few figures, the table and how it is drawn."""

    sentence: str
    figures: tuple[tuple[str, str], ...]
    picture: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    axis: Axis | None = None


def satisfaction(rows: list[Row], language: Language) -> Answer:
    """Answer how high each unit sets satisfaction: a strip per unit with its median."""
    counted = [row for row in rows if row["reading"] == "counted"]
    values = [Decimal(row["percent"]) for row in counted]
    left = Counter(row["reading"] for row in rows)
    if not values:
        return Answer(_say("satisfaction-none", language), (), "strip", (), ())
    units = _grouped(counted, "unit")
    high = sum(value >= 90 for value in values)
    sentence = _say(
        "satisfaction-answer", language, count=len(values), units=len(units), median=number(middle(values)),
        high=number(round(Decimal(100 * high) / len(values))), reversed=left["reversed"],
        unitless=left["no-unit"], other=left["not-a-rate"],
    )  # fmt: skip
    figures = (
        (number(middle(values)) + "%", _say("figure-median", language)),
        (number(min(values)) + "%", _say("figure-lowest", language)),
        (str(sum(value == 100 for value in values)), _say("figure-hundred", language)),
        (str(len(values)), _say("figure-counted", language)),
    )
    scale = axis(values, Decimal(100))
    most = max(max(Counter(row["percent"] for row in group).values()) for group in units.values())
    lines = sorted((_strip(group, scale, most) for group in units.values()), key=lambda line: -len(line.evidence))
    columns = tuple(_say(name, language) for name in ("count", "lowest", "median", "highest"))
    return Answer(sentence, figures, "strip", columns, tuple(lines), scale)


def _strip(group: list[Row], scale: Axis, most: int) -> Line:
    values = [Decimal(row["percent"]) for row in group]
    figures = (str(len(values)), *map(number, (min(values), middle(values), max(values))))
    drawn = dots(values, scale, most)
    return Line(group[0]["unit"], group[0]["unitName"], figures, drawn, scale.at(middle(values)), evidence=tuple(group))


def quantified(rows: list[Row], language: Language) -> Answer:
    """Answer how much of what is promised can be checked: a bar per unit."""
    total, checked = (sum(int(row[name]) for row in rows) for name in ("indicators", "quantified"))
    if not total:
        return Answer(_say("nothing", language), (), "bar", (), ())
    sentence = _say("quantified-answer", language, total=total, checked=checked, share=_percent(checked, total))
    figures = (
        (_percent(checked, total) + "%", _say("figure-quantified", language)),
        (str(checked), _say("quantified", language)),
        (str(total), _say("indicators", language)),
        (str(len(rows)), _say("units", language)),
    )
    lines = [
        Line(
            row["unit"], row["unitName"], (row["indicators"], row["quantified"], _percent_of(row) + "%"),
            share=_percent_of(row) + "%",
        )
        for row in rows
    ]  # fmt: skip
    columns = tuple(_say(name, language) for name in ("indicators", "quantified", "share"))
    ordered = sorted(lines, key=lambda line: (-float(line.figures[2][:-1]), -int(line.figures[0]), line.iri))
    return Answer(sentence, figures, "bar", columns, tuple(ordered))


def missing(rows: list[Row], language: Language) -> Answer:
    """Answer which units' projects lack an indicator class: a grid of units and classes with counts."""
    classes = ["quantity", "quality", "timeliness", "cost", "satisfaction"]
    units = _grouped(rows, "unit")
    if not units:
        return Answer(_say("nothing", language), (), "heat", (), ())
    lines = [_grid(group, classes) for group in units.values()]
    total = sum(int(line.figures[0]) for line in lines)
    lacking = [sum(line.cells[i] for line in lines) for i in range(len(classes))]
    sentence = _say("missing-answer", language, total=total, lacking=lacking[-1], cost=lacking[3])
    figures = tuple((str(n), _say("lacks-" + name, language)) for n, name in zip(lacking, classes, strict=True))
    columns = (_say("projects", language), *(_say("class-" + name, language) for name in classes))
    ordered = sorted(lines, key=lambda line: (-sum(line.cells), -int(line.figures[0]), line.iri))
    return Answer(sentence, figures, "heat", columns, tuple(ordered))


def _grid(group: list[Row], classes: list[str]) -> Line:
    lacking = {row["class"]: int(row["lacking"]) for row in group}
    cells = tuple(lacking.get(name, 0) for name in classes)
    return Line(group[0]["unit"], group[0]["unitName"], (group[0]["statements"],), cells=cells)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else "0"


def _percent_of(row: Row) -> str:
    return _percent(int(row["quantified"]), int(row["indicators"]))


def _grouped(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return dict(groups)


def _say(name: str, language: Language, **values: object) -> str:
    return words()[name][language].format(**values)

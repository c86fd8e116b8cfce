"""How high and how checkable targets are: rows of satisfaction, quantified, same-indicator into answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from fiscalkg.endpoint.pages.answers.answer import (
    Answer,
    Line,
    Table,
    grouped,
    nothing,
    percent,
    read_as,
    say,
    unit_name,
)  # fmt: skip
from fiscalkg.endpoint.pages.asking import Row
from fiscalkg.endpoint.pages.marks import Axis, axis, dots, middle, number
from fiscalkg.endpoint.pages.page import Language
from fiscalkg.loader.shared_names import MOST_SHARED

__all__ = ["quantified", "same_indicator", "satisfaction"]

SHARE = "https://w3id.org/fiscalkg/scheme/unit/one"
HUNDRED = Decimal(100)


def satisfaction(rows: list[Row], language: Language) -> Answer:
    """Answer how high each unit sets satisfaction: a strip per unit with its median."""
    counted = [row for row in rows if row["reading"] == "counted"]
    if not counted:
        return nothing(language)
    values = _shares(counted)
    left = read_as(rows)
    units = grouped(counted, "unit")
    scale = axis(values, HUNDRED)
    most = _most(units.values())
    lines = [_strip(group, scale, most, language) for group in units.values()]
    alone = sum(len(_shares(group)) == 1 for group in units.values())
    told = "satisfaction-answer" if len(units) > 1 else "satisfaction-unit"
    sentence = say(
        told, language, count=len(values), units=len(units), median=number(middle(values)),
        high=percent(sum(value >= 90 for value in values), len(values)),
    )  # fmt: skip
    caveats = (
        say(
            "satisfaction-left", language, reversed=left["reversed"], unitless=left["no-unit"],
            other=left["not-a-rate"],
        ),
        *((say("alone", language, count=alone),) if alone else ()),
    )  # fmt: skip
    figures = (
        (number(middle(values)) + "%", say("figure-median", language)),
        (number(min(values)) + "%", say("figure-lowest", language)),
        (str(sum(value == 100 for value in values)), say("figure-hundred", language)),
        (str(len(values)), say("figure-counted", language)),
    )
    columns = tuple(say(name, language) for name in ("count", "lowest", "median", "highest"))
    total = Line(
        say("all", language),
        _spread(values),
        dots=dots(values, scale, max(Counter(values).values())),
        median=_middle(values, scale),
    )
    table = Table(
        say("satisfaction-table", language), say("unit", language), "strip", columns,
        tuple(sorted(lines, key=lambda line: (-int(line.figures[0]), line.iri))), scale, total,
        drawn=frozenset({1, 3}),
    )  # fmt: skip
    return Answer(sentence, caveats, figures, (table,))


def _shares(rows: Iterable[Row]) -> list[Decimal]:
    return [share for row in rows for share in [Decimal(row["percent"])] * int(row["indicators"])]


def _most(groups: Iterable[list[Row]]) -> int:
    return max(max(Counter(_shares(group)).values()) for group in groups)


def _spread(values: list[Decimal]) -> tuple[str, ...]:
    return str(len(values)), number(min(values)), number(middle(values)), number(max(values))


def _middle(values: list[Decimal], scale: Axis) -> str:
    return scale.at(middle(values))


def _strip(group: list[Row], scale: Axis, most: int, language: Language) -> Line:
    values, first = _shares(group), group[0]
    drawn = dots(values, scale, most)
    # One value is no middle of anything: it gets its dot and no line.
    median = _middle(values, scale) if len(values) > 1 else ""
    return Line(unit_name(first, language), _spread(values), first["unit"], ("unit", first["unit"]), drawn, median)


def quantified(rows: list[Row], language: Language) -> Answer:
    """Answer how much of what is promised can be checked: bars by class and by unit."""
    total, checked = _counts(rows)
    if not total:
        return nothing(language)
    units = [_bar(group, language) for group in grouped(rows, "unit").values()]
    classes = [_class_bar(name, group, language) for name, group in grouped(rows, "class").items()]
    whole = Line(say("all", language), _bar_figures(total, checked), share=_width(total, checked))
    sentence = say("quantified-answer", language, total=total, checked=checked, share=percent(checked, total))
    figures = (
        (percent(checked, total), say("figure-quantified", language)),
        (str(checked), say("quantified", language)),
        (str(total), say("indicators", language)),
        (str(len(units)), say("units", language)),
    )
    columns = tuple(say(name, language) for name in ("indicators", "quantified", "share"))
    tables = (
        Table(say("by-class", language), say("class", language), "bar", columns, _by_share(classes), total=whole),
        Table(say("by-unit", language), say("unit", language), "bar", columns, _by_share(units)),
    )
    return Answer(sentence, (say("quantified-caveat", language),), figures, tables)


def _counts(rows: Iterable[Row]) -> tuple[int, int]:
    found = [(int(row["indicators"]), int(row["quantified"])) for row in rows]
    return sum(total for total, _ in found), sum(checked for _, checked in found)


def _bar(group: list[Row], language: Language) -> Line:
    total, checked = _counts(group)
    first = group[0]
    figures = _bar_figures(total, checked)
    return Line(
        unit_name(first, language), figures, first["unit"], ("unit", first["unit"]), share=_width(total, checked)
    )


def _class_bar(name: str, group: list[Row], language: Language) -> Line:
    total, checked = _counts(group)
    label = say("class-none", language) if name == "none" else name
    return Line(label, _bar_figures(total, checked), "" if name == "none" else name, share=_width(total, checked))


def _bar_figures(total: int, checked: int) -> tuple[str, ...]:
    return str(total), str(checked), percent(checked, total)


def _width(total: int, checked: int) -> str:
    return f"{100 * checked / total:.2f}%"


def _by_share(lines: list[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (-float(line.share[:-1]), -int(line.figures[0]), line.iri)))


def same_indicator(rows: list[Row], language: Language) -> Answer:
    """Answer how units set an indicator of one name: a strip per name whose values are shares, figures for all.

    Rows with a least value count the most shared names by place and year; the others are the values that are drawn. Of
    one unit or one name there are only these, one for each indicator.
    """
    if not rows:
        return nothing(language)
    values, counts = [row for row in rows if "least" not in row], [row for row in rows if "least" in row]
    shown, names = grouped(values, "name"), grouped(counts or values, "name")
    shares = [HUNDRED * Decimal(row["number"]) for row in values if row.get("measure") == SHARE]
    scale = axis(shares, HUNDRED)
    lines = [_named(name, group, names.get(name, group), scale, language) for name, group in shown.items()]
    widest = max(names.values(), key=lambda group: int(group[0]["units"]))
    apart = sum(map(_differ, names.values()))
    known = int(counts[0]["names"]) if counts else 0
    cut = known > MOST_SHARED
    # Of a single unit there is nothing to compare: the page says how many of its names others use too.
    told = "same-answer" if counts or len(_units(rows)) > 1 else "same-unit"
    sentence = say(
        "same-most" if cut else told, language, names=len(names), apart=apart,
        name=widest[0]["name"], units=widest[0]["units"], all=known, most=MOST_SHARED,
    )  # fmt: skip
    figures = (
        (str(len(names)), say("figure-compared" if cut else "figure-names", language)),
        (str(apart), say("figure-apart", language)),
        (str(sum(map(_indicators, counts or values))), say("indicators", language)),
    )
    columns = tuple(say(name, language) for name in ("units", "count", "lowest", "median", "highest"))
    table = Table(
        say("same-table", language),
        say("indicator", language),
        "strip",
        columns,
        tuple(lines),
        scale,
        text_head=say("values", language),
        drawn=frozenset({2, 4}),
        whole=len(names),
    )
    return Answer(sentence, (say("same-caveat", language),), figures, (table,))


def _units(group: Iterable[Row]) -> set[str]:
    return {row["unit"] for row in group}


def _indicators(row: Row) -> int:
    """Return how many indicators a row is of."""
    return int(row.get("indicators", 1))


def _differ(group: list[Row]) -> bool:
    """Return whether the printed values of a name differ: whether the first by code points is not the last."""
    texts = [row[column] for row in group for column in ("least", "greatest", "printed") if column in row]
    return min(texts) != max(texts)


def _named(name: str, group: list[Row], counted: list[Row], scale: Axis, language: Language) -> Line:
    """Return the line of a name: what is drawn of it, and the rows that count all its indicators."""
    count = sum(map(_indicators, counted))
    values = [
        value
        for row in group
        if row.get("measure") == SHARE
        for value in [HUNDRED * Decimal(row["number"])] * _indicators(row)
    ]
    printed = Counter[str]()
    for row in group:
        printed[row["printed"]] += _indicators(row)
    told = say("separator", language).join(text for text, _ in printed.most_common(3))
    if sum(printed.values()) < count:  # the least usual texts are not told
        told += say("and-others", language)
    elif len(printed) > 3:
        told += say("and-more", language, count=len(printed) - 3)
    spread = _spread(values)[1:] if values else ("–", "–", "–")
    drawn = dots(values, scale, count) if values else ()
    median = _middle(values, scale) if len(values) > 1 else ""
    return Line(name, (group[0]["units"], str(count), *spread), "", ("name", name), drawn, median, text=told)

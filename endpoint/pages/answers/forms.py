"""What forms leave out or say twice: rows of missing and copy-paste into answers."""

from __future__ import annotations

from fiscalkg.endpoint.pages.answers.answer import (
    Answer,
    Line,
    Table,
    grouped,
    nothing,
    percent,
    say,
    unit_name,
)  # fmt: skip
from fiscalkg.endpoint.pages.asking import Row
from fiscalkg.endpoint.pages.page import Language

__all__ = ["copy_paste", "missing"]

CLASSES = ("quantity", "quality", "timeliness", "cost", "satisfaction")


def missing(rows: list[Row], language: Language) -> Answer:
    """Answer which units' projects lack an indicator class: a grid of units and classes with counts."""
    units = grouped(rows, "unit")
    if not units:
        return nothing(language)
    lines = [_grid(group, language) for group in units.values()]
    whole = _grid(rows, language)
    total = int(whole.figures[0])
    lacking = [count for count, _ in whole.cells]
    sentence = say("missing-answer", language, total=total, lacking=lacking[-1], cost=lacking[3])
    figures = tuple((str(n), say("lacks-" + name, language)) for n, name in zip(lacking, CLASSES, strict=True))
    columns = (say("statements", language), *(say("class-" + name, language) for name in CLASSES))
    ordered = sorted(lines, key=lambda line: (-sum(count for count, _ in line.cells), -int(line.figures[0]), line.iri))
    total_line = Line(say("all", language), whole.figures, cells=whole.cells)
    caption = say("missing-table", language)
    table = Table(caption, say("unit", language), "heat", columns, tuple(ordered), total=total_line)
    return Answer(sentence, (say("missing-caveat", language),), figures, (table,))


def _grid(group: list[Row], language: Language) -> Line:
    of_class = grouped(group, "class")
    cells = tuple(
        (sum(int(row["lacking"]) for row in of_class[name]), sum(int(row["statements"]) for row in of_class[name]))
        for name in CLASSES
    )
    first = group[0]
    return Line(unit_name(first, language), (str(cells[0][1]),), first["unit"], ("unit", first["unit"]), cells=cells)


def copy_paste(rows: list[Row], language: Language) -> Answer:
    """Answer how many indicators only repeat themselves: a bar per unit."""
    whole = _sums(rows)
    if not whole["indicators"]:
        return nothing(language)
    lines = [_repeats(group, language) for group in grouped(rows, "unit").values()]
    sentence = say(
        "copy-answer", language, values=whole["repeatedValues"], total=whole["indicators"],
        descriptions=whole["repeatedDescriptions"], described=whole["descriptions"],
        share=percent(whole["repeatedDescriptions"], whole["descriptions"]),
    )  # fmt: skip
    figures = (
        (str(whole["repeatedDescriptions"]), say("figure-descriptions", language)),
        (percent(whole["repeatedDescriptions"], whole["descriptions"]), say("figure-descriptions-share", language)),
        (str(whole["repeatedValues"]), say("figure-values", language)),
        (str(whole["indicators"]), say("indicators", language)),
    )
    columns = tuple(
        say(name, language) for name in ("indicators", "described", "same-description", "share", "same-value")
    )
    ordered = sorted(lines, key=lambda line: (-float(line.share[:-1]), -int(line.figures[1]), line.iri))
    total = Line(say("all", language), _repeat_figures(whole), share=_width(whole))
    table = Table(say("copy-table", language), say("unit", language), "bar", columns, tuple(ordered), total=total)
    return Answer(sentence, (say("copy-caveat", language),), figures, (table,))


def _sums(rows: list[Row]) -> dict[str, int]:
    names = ("indicators", "descriptions", "repeatedDescriptions", "repeatedValues")
    return {name: sum(int(row[name]) for row in rows) for name in names}


def _repeats(group: list[Row], language: Language) -> Line:
    sums, first = _sums(group), group[0]
    return Line(
        unit_name(first, language), _repeat_figures(sums), first["unit"], ("unit", first["unit"]), share=_width(sums)
    )


def _repeat_figures(sums: dict[str, int]) -> tuple[str, ...]:
    share = percent(sums["repeatedDescriptions"], sums["descriptions"])
    counts = (sums["indicators"], sums["descriptions"], sums["repeatedDescriptions"])
    return (*map(str, counts), share, str(sums["repeatedValues"]))


def _width(sums: dict[str, int]) -> str:
    return f"{100 * sums['repeatedDescriptions'] / max(1, sums['descriptions']):.2f}%"

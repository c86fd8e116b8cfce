"""What every writer draws: a document of paragraphs and forms, a form of rows of cells with spans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from random import Random
from typing import Any

Statement = dict[str, Any]
CJK = "\u3400-\u9fff"
BLANKS = ("", "", "", " ", "\u3000")  # a label is most often printed without blanks


@dataclass(frozen=True)
class Cell:
    """A text, its paragraphs parted by LF, and how many columns and rows it spans."""

    text: str
    columns: int = 1
    rows: int = 1


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Form:
    """Rows from the top; a row names only the cells that begin in it. Every row fills all columns."""

    rows: tuple[Row, ...]
    repeated: tuple[int, ...] = ()  # rows that a word processor repeats at the top of a page
    whole_rows: bool = False  # rows that may not break over a page


@dataclass(frozen=True)
class Paragraph:
    """A line of text outside forms."""

    text: str
    title: bool = False


@dataclass(frozen=True)
class PageBreak:
    """The next block begins a page (a sheet in a workbook)."""


Block = Paragraph | Form | PageBreak


@dataclass(frozen=True)
class Style:
    """How a form is drawn, chosen by a seed."""

    merge: str = "both"  # both levels, the first only, repeated on each row, or blank below the first
    title: str = "above"  # above, or the first merged row
    unit: str = "paragraph"  # paragraph, or a merged row
    split: bool = False  # a table of its own for the indicators
    spaced: str = ""  # stands between the characters of short labels
    colon: str = "："
    wraps: bool = False  # soft breaks inside cells
    repeats: bool = False
    whole_rows: bool = False


def choose(random: Random) -> Style:
    """Return a style by chance."""
    title = random.choice(("above", "above", "row"))
    return Style(
        merge=random.choice(("both", "first", "repeated", "blank")),
        title=title,
        unit=random.choice(("paragraph", "row")) if title == "above" else "row",
        split=random.random() < 0.2,
        spaced=random.choice(BLANKS),
        colon=random.choice(("：", "：", ":")),
        wraps=random.random() < 0.3,
        repeats=random.random() < 0.3,
        whole_rows=random.random() < 0.5,
    )


def row(*cells: tuple[str, int] | tuple[str, int, int]) -> Row:
    """Return a row of (text, columns) or (text, columns, rows)."""
    return tuple(Cell(*cell) for cell in cells)


def label(text: str, style: Style) -> str:
    """Return a label as this form spells it: short ones spaced, the colon of one width."""
    text = text.replace("：", style.colon)
    return style.spaced.join(text) if style.spaced and re.fullmatch(f"[{CJK}]{{2,5}}", text) else text


def _heights(records: Sequence[Sequence[str]], level: int, merge: str) -> list[int]:
    """Return the rows each record's cell of a level spans; 0 under another, -1 a blank cell of its own."""
    heights: list[int] = []
    for _, group in groupby(records, key=lambda record: tuple(record[: level + 1])):
        length = len(list(group))
        if merge == "both" or (merge == "first" and level == 0):
            heights += [length, *[0] * (length - 1)]
        else:
            heights += [1, *[-1 if merge == "blank" and level == 0 else 1] * (length - 1)]
    return heights


def levelled(records: Sequence[Sequence[str]], widths: Sequence[int], levels: int, merge: str) -> list[Row]:
    """Return rows of texts with the first ``levels`` columns drawn as ``merge`` says over equal neighbours."""
    heights = [_heights(records, level, merge) for level in range(levels)]
    rows = []
    for number, record in enumerate(records):
        cells = []
        for column, (text, columns) in enumerate(zip(record, widths, strict=True)):
            height = heights[column][number] if column < levels else 1
            if height:
                cells.append(Cell("" if height < 0 else text, columns, abs(height)))
        rows.append(tuple(cells))
    return rows


def placed(form: Form) -> Iterator[tuple[int, int, Cell]]:
    """Yield row, column (from 0) and cell; raises ``AssertionError`` where rows do not fill the grid."""
    taken: set[tuple[int, int]] = set()
    for number, cells in enumerate(form.rows):
        column = 0
        for cell in cells:
            while (number, column) in taken:
                column += 1
            area = {(number + down, column + right) for down in range(cell.rows) for right in range(cell.columns)}
            assert not area & taken, f"cells overlap at row {number}, column {column}: {cell}"
            taken |= area
            yield number, column, cell
    assert len(taken) == len(form.rows) * width(form), f"rows of unequal width: {form.rows}"


def width(form: Form) -> int:
    """Return the columns of a form."""
    return sum(cell.columns for cell in form.rows[0])


def wrap(form: Form, random: Random) -> Form:
    """Return a form with soft breaks (VT) where wrapping would put them: between two CJK characters."""

    def wrapped(cell: Cell) -> Cell:
        room = random.randint(5, 9) * cell.columns
        lines = [re.sub(f"(.{{{room}}}(?<=[{CJK}]))(?=[{CJK}])", "\\1\v", line) for line in cell.text.split("\n")]
        return replace(cell, text="\n".join(lines))

    return replace(form, rows=tuple(tuple(map(wrapped, cells)) for cells in form.rows))


def assemble(
    statement: Statement, top: Sequence[Row], body: Sequence[Row], style: Style, before: Sequence[str] = ()
) -> list[Block]:
    """Return title, lines before the form and the form (in two where the style splits it).

    ``top`` are the rows of the project, ``body`` the head and rows of the indicators.
    """
    columns = sum(cell.columns for cell in top[0])
    rows = list(top)
    blocks: list[Block] = []
    if style.unit == "row":
        rows = [row((line, columns)) for line in before if line] + rows
    if statement["heading"] is not None:
        if style.title == "row":
            rows.insert(0, row((statement["heading"], columns)))
        else:
            blocks.append(Paragraph(statement["heading"], title=True))
    if style.unit == "paragraph":
        blocks += [Paragraph(line) for line in before if line]
    return [*blocks, *tables(rows, body, style)]


def tables(top: Sequence[Row], body: Sequence[Row], style: Style) -> list[Block]:
    """Return one form, or two where the style splits it."""
    if style.split:
        second = Form(tuple(body), (0,) * style.repeats, style.whole_rows)
        return [Form(tuple(top), (), style.whole_rows), Paragraph(""), second]
    repeated = (0,) if style.repeats and style.title == "row" else ()  # only the first rows can be repeated
    return [Form((*top, *body), repeated, style.whole_rows)]


def amount(statement: Statement, scope: str, source: str) -> str:
    """Return a printed amount; raises ``KeyError`` where the statement has none."""
    for item in statement["amounts"]:
        if (item["scope"], item["source"]) == (scope, source):
            return str(item["printed"])
    raise KeyError(f"{scope} {source}")


def has_amount(statement: Statement, scope: str, source: str) -> bool:
    """Return whether the statement has an amount."""
    return any((item["scope"], item["source"]) == (scope, source) for item in statement["amounts"])

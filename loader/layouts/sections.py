"""A source into its forms: the title and rows of each, and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from fiscalkg.loader.layouts.form import Section
from fiscalkg.loader.layouts.labels import column_of, field_of, is_title, split_labelled
from fiscalkg.loader.layouts.layout import Layout
from fiscalkg.loader.layouts.unwrap import unwrap
from fiscalkg.loader.tables import Block, Cell, Paragraph, Row, Source, Table, cut

__all__ = ["Sections", "cut_sections", "is_head_line"]

UNIT_LINE = re.compile(r"^\d{6}\D")
YEAR_LINE = re.compile(r"^[(（]?\s*\d{4}\s*年度?\s*[)）]?$")


@dataclass(slots=True)
class Sections:
    """Forms in document order, the paragraphs before the first, and those that belong to none."""

    forms: list[Section] = field(default_factory=list)
    before: list[Cell] = field(default_factory=list)
    between: list[Cell] = field(default_factory=list)


def cut_sections(source: Source, layout: Layout) -> Sections:
    """Return the forms of a text whose tables are known, or cut and unwrapped from a page's lines."""
    if source.shape == "cells":
        return _from_tables(source.blocks)
    lines = [block.cell for block in source.blocks if isinstance(block, Paragraph)]
    return _from_lines(lines, layout)


def _from_tables(blocks: Iterable[Block]) -> Sections:
    sections = Sections()
    pending: list[Cell] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            pending += [block.cell] if block.cell.text else []
            continue
        parts = _split(block.rows if isinstance(block, Table) else ())
        if parts[0][0] and any(is_title(cell.text) for cell in pending):
            _outside(sections).extend(pending)  # beside the table's own title it is a cover's
            pending = []
        heading, above = _take_heading(sections, pending)
        pending = []
        for title, rows in parts:
            sections.forms.append(Section(title or heading, (*above, *rows)))
            heading, above = None, ()
    heading, above = _take_heading(sections, pending)
    if heading is not None:  # the document breaks off after a title
        sections.forms.append(Section(heading, above))
    else:
        _outside(sections).extend(cell for row in above for cell in row)
    return sections


def _take_heading(sections: Sections, pending: Sequence[Cell]) -> tuple[Cell | None, tuple[Row, ...]]:
    """Return the title above a table and the lines between as rows; what stands before is outside."""
    titles = [index for index, cell in enumerate(pending) if is_title(cell.text)]
    start = titles[-1] if titles else len(pending)
    while not titles and start > 0 and is_head_line(pending[start - 1]):
        start -= 1
    _outside(sections).extend(pending[:start])
    heading = pending[start] if titles else None
    return heading, tuple((cell,) for cell in pending[start + bool(titles) :])


def _outside(sections: Sections) -> list[Cell]:
    return sections.between if sections.forms else sections.before


def _split(rows: Sequence[Row]) -> list[tuple[Cell | None, tuple[Row, ...]]]:
    """Return title and rows of each form of one table."""
    forms: list[tuple[Cell | None, list[Row]]] = [(None, [])]
    for row in rows:
        parts = _split_at_titles(row)
        forms[-1][1].extend([parts[0][1]] if parts[0][1] else [])
        forms += [(title, [rest] if rest else []) for title, rest in parts[1:]]
    if len(forms) > 1 and not forms[0][1]:
        forms.pop(0)
    return [
        (title if number == 0 else None, part)
        for title, form in forms
        for number, part in enumerate(_split_at_names(form))
    ]


def _split_at_titles(row: Row) -> list[tuple[Cell | None, Row]]:
    """Return a row cut at titles: one set apart by too few blank lines is the last line of the cell above."""
    if len(row) == 1 and is_title(row[0].text):
        return [(None, ()), (row[0], ())]
    if not any("\n" in cell.text for cell in row):
        return [(None, row)]
    parts: list[tuple[Cell | None, list[Cell]]] = [(None, [])]
    for cell in row:
        text, _, last = cell.text.rpartition("\n")
        is_titled = bool(text) and is_title(last)
        parts[-1][1].append(cut(cell, 0, len(text)) if is_titled else cell)
        if is_titled:
            parts.append((cut(cell, len(text), len(cell.text)), []))
    return [(title, tuple(cells)) for title, cells in parts]


def _split_at_names(rows: Sequence[Row]) -> list[tuple[Row, ...]]:
    """Return the rows of each form: one project name each, and the rows of its unit before it."""
    names = [index for index, row in enumerate(rows) if _names_project(row)]
    starts = [0]
    for index in names[1:]:
        start = index
        while start - 1 > starts[-1] and _is_head(rows[start - 1]):
            start -= 1
        starts.append(start)
    return [tuple(rows[first:stop]) for first, stop in pairwise([*starts, len(rows)])]


def _names_project(row: Row) -> bool:
    """Say whether a row begins with 项目名称; the unit's line above it may have become part of the row."""
    first = next((cell for cell in row if not _is_head_cell(cell)), None)
    return first is not None and field_of(first.text) == "project_name"


def _is_head(row: Row) -> bool:
    return all(map(_is_head_cell, row))


def _is_head_cell(cell: Cell) -> bool:
    return bool(not cell.text or UNIT_LINE.match(cell.text) or split_labelled(cell))


def _from_lines(lines: Sequence[Cell], layout: Layout) -> Sections:
    anchors = [index for index, line in enumerate(lines) if _is_anchor(line)]
    starts: list[int] = []
    for index in anchors:
        starts.append(_title_above(lines, index, starts[-1] + 1 if starts else 0))
    if not starts:
        return _without_forms(lines)
    sections = Sections(before=list(lines[: starts[0]]))
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        has_title = is_title(lines[start].text)
        below = lines[start + has_title : stop]
        sections.forms.append(Section(lines[start] if has_title else None, unwrap(below, layout)))
    return sections


def _without_forms(lines: Sequence[Cell]) -> Sections:
    """Return a document that breaks off before its first project name: the last title begins what is left."""
    last = max((index for index, line in enumerate(lines) if is_title(line.text)), default=None)
    if last is None:
        return Sections(before=list(lines))
    rows = tuple((line,) for line in lines[last + 1 :])
    return Sections([Section(lines[last], rows)], list(lines[:last]))


def _is_anchor(line: Cell) -> bool:
    return field_of(line.text.split(maxsplit=1)[0]) == "project_name" if line.text else False


def _title_above(lines: Sequence[Cell], anchor: int, floor: int) -> int:
    """Return where a form starts: its title, or without one the lines of its unit."""
    start = anchor
    while start > floor and not is_title(lines[start].text):
        above = lines[start - 1]
        if not (is_title(above.text) or is_head_line(above)):
            break
        start -= 1
    return start


def is_head_line(line: Cell) -> bool:
    """Say whether a line may stand between a title and its table: a unit with its code, a year, 单位：万元."""
    return bool(UNIT_LINE.match(line.text) or YEAR_LINE.match(line.text) or split_labelled(line)) and not column_of(
        line.text
    )

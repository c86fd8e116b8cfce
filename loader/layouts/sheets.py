"""A source of grids and paragraphs into its forms: which grids are forms, which go on, and what stands around them.

A form begins at its title or at 项目名称; a grid right after it that begins none goes on with it, as tables do that a
page break has split. Grids of other kinds, as the ordinary tables of a budget, stay outside.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fiscalkg.loader.layouts.cover import is_page_number
from fiscalkg.loader.layouts.heads import find_head
from fiscalkg.loader.layouts.labels import is_title, label_of, split_labelled
from fiscalkg.loader.layouts.lattice import Lattice, stack
from fiscalkg.loader.layouts.sections import is_head_line
from fiscalkg.loader.places import SheetPlace
from fiscalkg.loader.tables import Area, Block, Cell, Grid, Paragraph

__all__ = ["Sheet", "Sheets", "cut_sheets"]

LEAST_FIELDS = 3  # 项目名称 is a column of many budget tables; with two more fields beside it begins a form


@dataclass(slots=True)
class Sheet:
    """One form: its title, the lines between title and grid, and the grid."""

    heading: Cell | None
    lines: tuple[Cell, ...]
    lattice: Lattice


@dataclass(slots=True)
class Sheets:
    """Forms in document order, the paragraphs before the first, and all cells that belong to none."""

    forms: list[Sheet] = field(default_factory=list)
    before: list[Cell] = field(default_factory=list)
    outside: list[Cell] = field(default_factory=list)


def cut_sheets(blocks: Sequence[Block]) -> Sheets:
    """Return the forms of a source whose tables are grids."""
    sheets = Sheets()
    pending: list[Cell] = []
    is_open = False  # whether a grid that begins no form would go on with the last one
    for block in blocks:
        if isinstance(block, Paragraph):
            pending += [block.cell] if block.cell.text else []
            continue
        is_named = is_open and "project_name" in _fields(sheets.forms[-1].lattice)
        for printed, lattice in _parts(block, is_named):
            title = printed or _title_alone(sheets, lattice, pending)
            if title is None and is_open and _goes_on(sheets.forms[-1].lattice, lattice, pending):
                sheets.forms[-1].lattice = stack(sheets.forms[-1].lattice, _aligned(sheets.forms[-1].lattice, lattice))
            elif is_open := _is_form(lattice, title, pending):
                above = [cell for cell in pending if is_title(cell.text)] if title else []
                heading, lines = (None, ()) if above else _take_heading(pending)  # beside its own it is a cover's
                _put_aside(sheets, pending)
                sheets.forms.append(Sheet(title or heading, lines, lattice))
            else:
                pending += [title] if title else []  # a cover's, in the first rows of a sheet
                pending += [area.cell for area in lattice.areas if area.cell.text]
            _put_aside(sheets, pending)
    _put_aside(sheets, pending)
    return sheets


def _title_alone(sheets: Sheets, lattice: Lattice, pending: Sequence[Cell]) -> Cell | None:
    """Take back the last form where it is a title in a grid of its own: it entitles the grid right below."""
    if not sheets.forms or sheets.forms[-1].lattice.areas or not lattice.areas or pending:
        return None
    return sheets.forms.pop().heading


def _put_aside(sheets: Sheets, pending: list[Cell]) -> None:
    (sheets.outside if sheets.forms else sheets.before).extend(pending)
    pending.clear()


def _parts(block: Block, has_name: bool) -> Iterator[tuple[Cell | None, Lattice]]:
    """Yield title and lattice of each form of one grid: a row that is a title, or another 项目名称, begins one.

    ``has_name`` says that the form which a grid may go on with has its project's name already.
    """
    lattice = Lattice(block.areas if isinstance(block, Grid) else ())
    start, title = 0, None
    for row in lattice.rows:
        own = [area for area in lattice.by_row[row] if area.cell.text]
        is_name = bool(own) and _names_project(own[0]) and len(own) <= LEAST_FIELDS + 1
        if len(own) == 1 and is_title(own[0].cell.text):
            yield from _some(title, lattice.part(start, row))
            title, start, has_name = own[0].cell, row + 1, False
        elif is_name and has_name:
            begin = _head_above(lattice, row, start)
            yield from _some(title, lattice.part(start, begin))
            title, start = None, begin
        has_name = has_name or is_name
    yield from _some(title, lattice.part(start, max(lattice.rows, default=0) + 1))


def _head_above(lattice: Lattice, row: int, floor: int) -> int:
    """Return the row in which a form begins whose project is named in a row: its unit may stand above."""
    above = [each for each in lattice.rows if floor <= each < row]
    while above and all(is_head_line(area.cell) or not area.cell.text for area in lattice.by_row[above[-1]]):
        row = above.pop()
    return row


def _some(title: Cell | None, lattice: Lattice) -> list[tuple[Cell | None, Lattice]]:
    return [(title, lattice)] if lattice.areas or title else []


def _names_project(area: Area) -> bool:
    label = label_of(area.cell.text)
    if label is None:
        labelled = split_labelled(area.cell)
        return labelled is not None and labelled[0] == "project_name"
    return label.concept == "project_name"


def _fields(lattice: Lattice) -> set[str]:
    labels = {label for area in lattice.areas if (label := label_of(area.cell.text))}
    inside = {labelled[0] for area in lattice.areas if (labelled := split_labelled(area.cell))}
    return {label.concept for label in labels if label.section == "fields"} | inside


def _is_form(lattice: Lattice, title: Cell | None, pending: Sequence[Cell]) -> bool:
    """Say whether a grid is a form: it has indicators below a head, or a project and its fields under a title."""
    if not lattice.areas:
        return title is not None
    if find_head(lattice, lattice.rows[0]):
        return True
    titled = title is not None or any(is_title(cell.text) for cell in pending)
    fields = _fields(lattice)
    known = len(fields) >= LEAST_FIELDS and ("project_name" in fields or titled)
    return known or _stands_under_title(lattice, title, pending)


def _stands_under_title(lattice: Lattice, title: Cell | None, pending: Sequence[Cell]) -> bool:
    """Say whether the title of a form stands right above a grid: then it is one, even where no label is known.

    Lines of a form's head alone are no grid: below the title of a cover they are the cover's.
    """
    if all(is_head_line(area.cell) for area in lattice.areas if area.cell.text):
        return False
    lines = [cell for cell in pending if not is_head_line(cell)]
    return title is not None or (bool(lines) and is_title(lines[-1].text))


def _goes_on(upper: Lattice, lattice: Lattice, pending: Sequence[Cell]) -> bool:
    """Say whether a grid goes on with the form above: only a page number between, no project of its own."""
    if not lattice.areas or not _same_sheet(upper, lattice):
        return False
    return all(is_page_number(cell.text) for cell in pending) and "project_name" not in _fields(lattice)


def _aligned(upper: Lattice, lower: Lattice) -> tuple[Area, ...]:
    """Return the areas of a table's rest in the columns of its head: on its own it may have fewer columns to count.

    They are told apart by their order, where there are as many as the head has; else they stay where they are.
    """
    heads = [head for row in upper.rows if (head := find_head(upper.part(row, row + 1), row))]
    if not heads or find_head(lower, lower.rows[0]):
        return lower.areas
    columns = sorted({column.start for block in heads[-1].blocks for column in block})
    starts = sorted({area.column for area in lower.areas})
    if len(starts) != len(columns) or starts == columns:
        return lower.areas
    moved = dict(zip(starts, columns, strict=True))
    ends = dict(zip(columns, [*columns[1:], upper.width], strict=True))
    last = {area: starts[bisect_left(starts, area.column + area.columns) - 1] for area in lower.areas}
    return tuple(
        area._replace(column=moved[area.column], columns=ends[moved[last[area]]] - moved[area.column])
        for area in lower.areas
    )


def _same_sheet(upper: Lattice, lower: Lattice) -> bool:
    places = [each.areas[0].cell.place for each in (upper, lower) if each.areas]  # a title alone has no area
    sheets = {place.sheet for place in places if isinstance(place, SheetPlace)}
    return len(sheets) < 2


def _take_heading(pending: list[Cell]) -> tuple[Cell | None, tuple[Cell, ...]]:
    """Take the title above a grid and the lines between out of the pending ones; what stands before is outside."""
    titles = [index for index, cell in enumerate(pending) if is_title(cell.text) and _is_near(pending, index)]
    start = titles[-1] if titles else len(pending)
    while not titles and start > 0 and is_head_line(pending[start - 1]):
        start -= 1
    heading = pending[start] if titles else None
    lines = tuple(pending[start + bool(titles) :])
    del pending[start:]
    return heading, lines


def _is_near(pending: Sequence[Cell], index: int) -> bool:
    """A title belongs to the grid below if only lines of a form's head stand between, not narrative."""
    return len(pending) - index <= 6 and all(len(cell.text) <= 80 for cell in pending[index + 1 :])

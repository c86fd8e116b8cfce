"""A flat list, one indicator a row and its project's cells on the first, into one form for each project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fiscalkg.loader.layouts.form import Form
from fiscalkg.loader.layouts.grid_form import place_amounts
from fiscalkg.loader.layouts.heads import Head, find_head, tables_of
from fiscalkg.loader.layouts.labels import Label, label_of
from fiscalkg.loader.layouts.lattice import Lattice
from fiscalkg.loader.layouts.pairs import note_currency, read_pairs
from fiscalkg.loader.tables import Area, Cell

__all__ = ["flat_head", "read_flat"]

NAME = Label("fields", "project_name")
# What a list may print once for all projects of a unit: it goes on over the projects below.
OF_UNIT = frozenset({"implementing_unit", "supervising_unit"})

Columns = Mapping[Area, Label]


@dataclass(slots=True)
class _Project:
    """The rows of one project, and what it prints by the head of the column."""

    first: int
    stop: int
    printed: dict[Area, Cell] = field(default_factory=dict)


def flat_head(lattice: Lattice) -> Head | None:
    """Return the head of a flat list: the one row that names both 项目名称 and the columns of indicators."""
    head = find_head(lattice, lattice.rows[0]) if lattice.areas else None
    return head if head and any(label_of(area.cell.text) == NAME for area in head.areas) else None


def read_flat(lattice: Lattice, head: Head) -> list[tuple[Form, Lattice]]:
    """Return one form for each project of a flat list, with its part of the lattice; the first holds the head."""
    columns = {area: label for area in head.areas if (label := label_of(area.cell.text)) and not _is_column(head, area)}
    shared = Form()
    read_pairs(shared, lattice.part(lattice.rows[0], head.row))
    before, projects = _projects(lattice, head, columns)
    read: list[tuple[Form, Lattice]] = []
    for project in projects:
        form = Form(fields={concept: list(cells) for concept, cells in shared.fields.items()}, loose=list(shared.loose))
        if not read:
            form.labels = [*shared.labels, *head.labels]
            form.unmodelled = [*shared.unmodelled, *((cells[0], tuple(cells[1:])) for cells in before if cells)]
        _fill(form, lattice, head, columns, project)
        read.append((form, lattice.part(project.first if read else lattice.rows[0], project.stop)))
    return read


def _is_column(head: Head, area: Area) -> bool:
    return any(column.start == area.column for block in head.blocks for column in block)


def _projects(lattice: Lattice, head: Head, columns: Columns) -> tuple[list[list[Cell]], list[_Project]]:
    """Return the rows before the first project, as the total of a unit, and the projects: a name begins one."""
    name = next(area for area, label in columns.items() if label == NAME)
    before: list[list[Cell]] = []
    projects: list[_Project] = []
    of_unit: dict[Area, Cell] = {}
    for row in (row for row in lattice.rows if row >= head.bottom):
        printed = {area: cell for area in columns if (cell := _printed(lattice, row, area))}
        of_unit |= {area: cell for area, cell in printed.items() if columns[area].concept in OF_UNIT}
        named = printed.get(name)
        if named and not label_of(named.text) and (not projects or projects[-1].printed[name].text != named.text):
            projects.append(_Project(row, row, {**of_unit, name: named}))
        if projects:
            projects[-1].stop = row + 1
            projects[-1].printed = {**printed, **projects[-1].printed}
        else:
            before.append([area.cell for area in lattice.by_row[row] if area.cell.text])
    return before, projects


def _printed(lattice: Lattice, row: int, head: Area) -> Cell | None:
    area = lattice.at(row, head.column)
    return area.cell if area and area.cell.text else None


def _fill(form: Form, lattice: Lattice, head: Head, columns: Columns, project: _Project) -> None:
    labelled = []
    for area, label in columns.items():
        cell = project.printed.get(area, Cell("", ()))
        again = _repeats(lattice, project, area, cell)
        if label.section == "fields":
            form.fields[label.concept] = [cell]
            labelled.append((area, label, [cell]))
            note_currency(form, area.cell)
        elif label.section == "unmodelled":
            form.unmodelled.append((area.cell, (cell, *again)))
        form.labels += again
    form.amounts = place_amounts(labelled)
    form.tables, labels = tables_of(lattice, head, project.first, project.stop)
    form.labels += labels


def _repeats(lattice: Lattice, project: _Project, head: Area, cell: Cell) -> list[Cell]:
    """Return the cells of a column that print again what the project's first row prints."""
    rows = (row for row in lattice.rows if project.first <= row < project.stop)
    printed = (_printed(lattice, row, head) for row in rows)
    return [again for again in printed if again and again != cell and again.text == cell.text]

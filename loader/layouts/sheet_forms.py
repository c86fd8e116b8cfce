"""One sheet, a title with lines and a grid, into its forms: one, or one for each project of a flat list."""

from __future__ import annotations

from fiscalkg.loader.layouts.flat import flat_head, read_flat
from fiscalkg.loader.layouts.form import Form, Section
from fiscalkg.loader.layouts.grid_form import read_grid
from fiscalkg.loader.layouts.labels import split_labelled
from fiscalkg.loader.layouts.lattice import Lattice
from fiscalkg.loader.layouts.pairs import parted
from fiscalkg.loader.layouts.sheets import Sheet
from fiscalkg.loader.tables import Cell, Row

__all__ = ["sheet_forms"]


def sheet_forms(sheet: Sheet) -> list[tuple[Section, Form]]:
    """Return the forms of a sheet, each with the cells it was read from."""
    lines = [part for line in sheet.lines for part in parted(line)]
    head = flat_head(sheet.lattice)
    if head is None:
        form = read_grid(sheet.lattice)
        _read_lines(form, lines)
        return [(_section(sheet, lines, sheet.lattice), form)]
    forms = read_flat(sheet.lattice, head)
    for form, _ in forms:
        _read_lines(form, lines)
    return [(_section(sheet, lines, lattice), form) for form, lattice in forms]


def _section(sheet: Sheet, lines: list[Cell], lattice: Lattice) -> Section:
    rows: list[Row] = [(line,) for line in lines]
    rows += [tuple(area.cell for area in lattice.by_row[row]) for row in lattice.rows]
    return Section(sheet.heading, tuple(rows))


def _read_lines(form: Form, lines: list[Cell]) -> None:
    """Enter the lines between title and grid; what the grid itself prints goes before."""
    for line in lines:
        labelled = split_labelled(line)
        if labelled is None:
            form.loose.append(line)
        elif labelled[0] not in form.fields:
            concept, label, value = labelled
            form.labels.append(label)
            form.fields[concept] = [value]
        else:
            form.labels.append(line)

"""Rows of cells into the fields and indicator rows of one form, whatever file they were read from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fiscalkg.loader.layouts.labels import column_of, field_of, split_labelled
from fiscalkg.loader.tables import Cell, Row

__all__ = ["Form", "Section", "read_form"]

LEAST_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one form and the title above them."""

    heading: Cell | None
    rows: tuple[Row, ...]


@dataclass(slots=True)
class Form:
    """One form taken apart: ``fields`` by concept, indicator ``rows`` under ``columns``, ``loose`` cells."""

    fields: dict[str, list[Cell]] = field(default_factory=dict)
    labels: list[Cell] = field(default_factory=list)
    loose: list[Cell] = field(default_factory=list)
    columns: tuple[str | None, ...] = ()
    rows: list[Row] = field(default_factory=list)


def read_form(rows: Iterable[Row]) -> Form:
    """Return the form that rows hold: label cells name the cells after them, the table head the rows below.

    A row whose first cell is blank goes on with the label that began the row above.
    """
    form = Form()
    group: str | None = None
    below: list[Row] = []
    for row in rows:
        if form.columns:
            below.append(row)
        elif columns := _columns(row):
            form.columns = columns
            form.labels += row
        else:
            group = _read_row(form, row, group)
    form.rows = refill(below, len(form.columns))
    return form


def _columns(row: Row) -> tuple[str | None, ...]:
    columns = tuple(column_of(cell.text) for cell in row)
    known = [column for column in columns if column]
    return columns if "value" in known and len(known) >= LEAST_COLUMNS else ()


def _read_row(form: Form, row: Row, group: str | None) -> str | None:
    current: str | None = None
    for index, cell in enumerate(row):
        if index == 0 and not cell.text:
            current = group
            continue
        labelled = split_labelled(cell)
        named = field_of(cell.text) if not _wants_any(form, current) else None
        if named:
            form.labels.append(cell)
            form.fields.setdefault(named, [])
            current = named
        elif labelled and current is None:
            name, label, value = labelled
            form.labels.append(label)
            form.fields.setdefault(name, []).append(value)
        elif current is None:
            form.loose.append(cell)
        else:
            form.fields[current].append(cell)
        if index == 0:
            group = current
    return group


def _wants_any(form: Form, current: str | None) -> bool:
    """A project may be called what a label is called."""
    return current == "project_name" and not form.fields[current]


def refill(rows: Sequence[Row], width: int) -> list[Row]:
    """Return rows with those put together again that blank lines inside a cell had broken."""
    whole: list[Row] = []
    for row in rows:
        if whole and len(whole[-1]) < width and len(whole[-1]) + len(row) <= width:
            whole[-1] += row
        else:
            whole.append(row)
    return whole

"""Rows of cells into the fields and indicator rows of one form, whatever file they were read from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fiscalkg.loader.layouts.labels import column_of, field_of, split_labelled
from fiscalkg.loader.model import AmountSource, Scope
from fiscalkg.loader.tables import Cell, Row

__all__ = ["AmountCell", "Form", "IndicatorTable", "Section", "carried", "read_form"]

LEAST_COLUMNS = 3
LEVELS = ("level1", "level2")


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one form and the title above them."""

    heading: Cell | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """The rows below one table head; a form that prints long-term and annual indicators has two of them."""

    columns: tuple[str | None, ...]
    rows: Sequence[Row]
    scope: Scope = Scope.YEAR


@dataclass(frozen=True, slots=True)
class AmountCell:
    """A cell of money and what its label and block say of it."""

    concept: str
    scope: Scope
    source: AmountSource
    cell: Cell


@dataclass(slots=True)
class Form:
    """One form taken apart: ``fields`` by concept, money as its blocks say, indicator tables, ``loose`` cells.

    ``unmodelled`` are labels that are known and the cells behind them, for which the model has no place;
    ``persons`` are cells that hold a person's name or number, masked.
    """

    fields: dict[str, list[Cell]] = field(default_factory=dict)
    labels: list[Cell] = field(default_factory=list)
    loose: list[Cell] = field(default_factory=list)
    amounts: list[AmountCell] = field(default_factory=list)
    tables: list[IndicatorTable] = field(default_factory=list)
    unmodelled: list[tuple[Cell, tuple[Cell, ...]]] = field(default_factory=list)
    persons: list[Cell] = field(default_factory=list)


def read_form(rows: Iterable[Row]) -> Form:
    """Return the form that rows hold: label cells name the cells after them, the table head the rows below.

    A row whose first cell is blank goes on with the label that began the row above.
    """
    form = Form()
    group: str | None = None
    columns: tuple[str | None, ...] = ()
    below: list[Row] = []
    for row in rows:
        if columns:
            below.append(row)
        elif columns := _columns(row):
            form.labels += row
        else:
            group = _read_row(form, row, group)
    if columns:
        form.tables = [IndicatorTable(columns, carried(columns, refill(below, len(columns))))]
    return form


def _columns(row: Row) -> tuple[str | None, ...]:
    if len(row) < LEAST_COLUMNS:
        return ()
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


def carried(concepts: Sequence[str | None], rows: Sequence[Row]) -> list[Row]:
    """Return the rows with levels that are printed once and blank below; a new level 1 has a level 2 of its own."""
    levels = [concepts.index(level) for level in LEVELS if level in concepts]
    filled: list[Row] = []
    for row in rows:
        cells, above = list(row), filled[-1] if filled else ()
        for column in levels:
            if column >= min(len(cells), len(above)):
                break
            if not cells[column].text:
                cells[column] = Cell(above[column].text, ())  # printed above: no character of this row
            elif cells[column].text != above[column].text:
                break
        filled.append(tuple(cells))
    return filled

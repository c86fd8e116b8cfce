"""The label and value cells of a grid into the fields of a form: beside its label, or below it, stands a value.

Labels alone tell: a value is never taken by its position in the form. What stands behind no label is loose, or left
over and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fiscalkg.loader.layouts.form import Form
from fiscalkg.loader.layouts.labels import Label, currency_in, label_before, label_of, split_labelled
from fiscalkg.loader.layouts.lattice import Lattice
from fiscalkg.loader.tables import Area, Cell, cut

__all__ = ["Labelled", "note_currency", "parted", "read_pairs", "with_open_labels"]

# 填报单位：某局    单位：万元 stand on one line: a label and its colon begin what comes next.
NEXT_LABEL = re.compile(r"(?<=\s)(?=[^\s:：]{2,12}[:：])")

MONEY = ("_amount", "budget")

Labelled = tuple[Area, Label, list[Cell]]


def read_pairs(form: Form, lattice: Lattice) -> list[Labelled]:
    """Enter the label/value pairs of a grid in the form; return the labels of fields with their values, in order."""
    labels = _labels(lattice)
    taken = _read_inner_tables(form, lattice, labels)
    values = {area: _values(lattice, area, labels, taken) for area in labels}
    found: list[Labelled] = []
    for area, label in labels.items():
        cells = [value.cell for value in values[area]]
        found += _enter(form, area, label, cells)
    for area in sorted(set(lattice.areas) - labels.keys() - taken, key=lambda area: (area.row, area.column)):
        found += _read_unlabelled(form, area)
    return found


def with_open_labels(lattice: Lattice) -> Lattice:
    """Return a lattice whose labels span the blank cells below them: where text prints no merged cells they are open.

    A blank cell that stands before a filled one has no label of its own; it is the rest of the label above.
    """
    spans: dict[Area, Area] = {}
    dropped: set[Area] = set()
    for row in lattice.rows:
        for area in lattice.by_row[row]:
            if area.cell.text and label_of(area.cell.text):
                below = list(_open_below(lattice, area))
                dropped.update(below)
                spans[area] = area._replace(rows=area.rows + sum(blank.rows for blank in below)) if below else area
    return (
        Lattice(tuple(spans.get(area, area) for area in lattice.areas if area not in dropped)) if dropped else lattice
    )


def _open_below(lattice: Lattice, area: Area) -> Iterator[Area]:
    blank = lattice.below(area)
    while blank and not blank.cell.text and blank.columns == area.columns:
        beside = lattice.next_to(blank)
        if beside is None or beside.row != blank.row or not beside.cell.text or label_of(beside.cell.text):
            return
        yield blank
        blank = lattice.below(blank)


def _labels(lattice: Lattice) -> dict[Area, Label]:
    """Return the areas that are labels; the cell after 项目名称 is a name, whatever it is called."""
    labels: dict[Area, Label] = {}
    for row in lattice.rows:
        for area in lattice.by_row[row]:
            label = label_of(area.cell.text)
            before = lattice.at(row, area.column - 1) if area.column else None
            named = labels.get(before) if before else None
            if label and not (named == Label("fields", "project_name") and before and before.row == row):
                labels[area] = label
    return labels


def _read_inner_tables(form: Form, lattice: Lattice, labels: dict[Area, Label]) -> set[Area]:
    """Put by what stands behind a label without a place in the model that heads a table of its own, as 实施进度计划."""
    taken: set[Area] = set()
    for area in [area for area, label in labels.items() if label.section == "unmodelled" and area.rows > 1]:
        if lattice.right_of(area) not in labels:
            continue
        rows = range(area.row, area.row + area.rows)
        inner = [each for each in lattice.areas if each.row in rows and each.column >= area.column + area.columns]
        form.unmodelled.append((area.cell, tuple(each.cell for each in inner)))
        taken.update(inner, [area])
    for area in taken:
        labels.pop(area, None)
    return taken


def _values(lattice: Lattice, area: Area, labels: dict[Area, Label], taken: set[Area]) -> list[Area]:
    """Return the areas behind a label: to its right in each of its rows, else the one below it."""
    beside = _beside(lattice, area, labels)
    values = beside or _under(lattice, area, labels)
    values = [value for value in values if value not in taken]
    taken.update(values)
    return values


def _beside(lattice: Lattice, area: Area, labels: dict[Area, Label]) -> list[Area]:
    values = []
    for row in range(area.row, area.row + area.rows):
        right, value = lattice.right_of(area, row), lattice.next_to(area, row)
        if value in labels and right not in labels and right and not right.cell.text:
            value = right  # blank, and then another label: a blank value
        if value is None or value in labels or value.row != row:
            continue
        if not _is_under_label(lattice, value, labels):
            values.append(value)
    return values


def _is_under_label(lattice: Lattice, value: Area, labels: dict[Area, Label]) -> bool:
    """总体目标 heads 中期目标 and 年度目标, and each of these the text below it."""
    above = lattice.at(value.row - 1, value.column) if value.row else None
    if above is None or above not in labels or labels[above].section == "groups" or above.column != value.column:
        return False
    return not _beside(lattice, above, labels) and above.row + above.rows == value.row


def _under(lattice: Lattice, area: Area, labels: dict[Area, Label]) -> list[Area]:
    value = lattice.below(area)
    if value is None or value in labels or labels[area].section == "groups" or area.rows > 1:
        return []
    return [value]


def _enter(form: Form, area: Area, label: Label, cells: list[Cell]) -> Iterable[Labelled]:
    form.labels.append(area.cell)
    note_currency(form, area.cell)
    if label.section == "fields":
        if not cells and label.concept.endswith(MONEY):  # the table ends at the label: its value is blank
            cells = [cut(area.cell, len(area.cell.text), len(area.cell.text))]
        form.fields.setdefault(label.concept, []).extend(cells)
        yield area, label, cells
    elif label.section == "persons":
        form.persons += cells
    elif label.section == "unmodelled":
        form.unmodelled.append((area.cell, tuple(cells)))
    else:
        form.loose += cells


def note_currency(form: Form, label: Cell) -> None:
    """Enter the currency unit that a label of money notes in brackets, where the form has named none yet."""
    currency = currency_in(label.text)
    if currency and "currency_unit" not in form.fields:
        at = label.text.index(currency)
        form.fields["currency_unit"] = [cut(label, at, at + len(currency))]


def parted(line: Cell) -> Iterator[Cell]:
    """Yield a line, or a cell that holds one, cut where another label with its colon begins."""
    start = 0
    for match in NEXT_LABEL.finditer(line.text):
        if label_before(line.text[match.start() :]):
            yield cut(line, start, match.start())
            start = match.start()
    yield cut(line, start, len(line.text))


def _read_unlabelled(form: Form, area: Area) -> Iterable[Labelled]:
    """Read a cell that holds labels and values, 单位：万元; any other is loose."""
    for cell in parted(area.cell):
        labelled, before = split_labelled(cell), label_before(cell.text)
        if labelled:
            concept, label, value = labelled
            form.labels.append(label)
            form.fields.setdefault(concept, []).append(value)
            yield area, Label("fields", concept), [value]
        elif cell.text:
            (form.persons if before and before.section == "persons" else form.loose).append(cell)

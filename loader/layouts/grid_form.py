"""The lattice of one form into a ``Form``: pairs above and below, indicator tables, and money by its blocks."""

from __future__ import annotations

from collections.abc import Sequence

from fiscalkg.loader.layouts.form import AmountCell, Form
from fiscalkg.loader.layouts.heads import body_of, find_head, tables_of
from fiscalkg.loader.layouts.lattice import Lattice
from fiscalkg.loader.layouts.pairs import Labelled, read_pairs, with_open_labels
from fiscalkg.loader.model import AmountSource, Scope
from fiscalkg.loader.tables import Area

__all__ = ["place_amounts", "read_grid"]

# The label of a whole says the period of its block: 项目资金总额 of the project, 年度资金总额 of the year.
WHOLES = {"total_amount": Scope.TOTAL, "year_amount": Scope.YEAR, "budget": Scope.YEAR}
PARTS = {
    "fiscal_amount": AmountSource.FISCAL,
    "fiscal_year_amount": AmountSource.FISCAL,
    "upper_level_amount": AmountSource.UPPER_LEVEL,
    "carry_over_amount": AmountSource.CARRY_OVER,
    "other_amount": AmountSource.OTHER,
}
SCOPES = (Scope.TOTAL, Scope.MEDIUM_TERM, Scope.YEAR)
SOURCES = (
    AmountSource.ALL, AmountSource.FISCAL, AmountSource.UPPER_LEVEL, AmountSource.CARRY_OVER, AmountSource.OTHER,
)  # fmt: skip


def read_grid(lattice: Lattice) -> Form:
    """Return the form that a lattice holds, whatever its rows and columns; labels alone tell."""
    form = Form()
    start = lattice.rows[0] if lattice.areas else 0
    while lattice.areas and (head := find_head(lattice, start)):
        _read_pairs(form, lattice.part(start, head.row), head.areas)
        start = body_of(lattice, head)
        tables, labels = tables_of(lattice, head, head.bottom, start)
        form.tables += tables
        form.labels += [*head.labels, *labels]
    if lattice.areas:
        _read_pairs(form, lattice.part(start, lattice.rows[-1] + 1), ())
    form.tables.sort(key=lambda table: SCOPES.index(table.scope))
    return form


def _read_pairs(form: Form, part: Lattice, heads: Sequence[Area]) -> None:
    """Read the cells outside the indicator tables; one that spans down into a head is a label of it."""
    labelled = read_pairs(form, with_open_labels(Lattice(tuple(area for area in part.areas if area not in heads))))
    form.amounts += place_amounts(labelled)


def place_amounts(labelled: Sequence[Labelled]) -> list[AmountCell]:
    """Return the money of a form: a part belongs to the whole above it in its column, else to the last one."""
    wholes: list[tuple[Area, Scope]] = []
    amounts: list[AmountCell] = []
    for area, label, cells in labelled:
        concept = label.concept
        if concept in WHOLES:
            wholes.append((area, WHOLES[concept]))
            amounts.append(AmountCell(concept, WHOLES[concept], AmountSource.ALL, cells[0]))
        elif concept in PARTS:
            scope = Scope.YEAR if concept == "fiscal_year_amount" else _scope(area, wholes)
            amounts.append(AmountCell(concept, scope, PARTS[concept], cells[0]))
    return sorted(amounts, key=lambda amount: (SCOPES.index(amount.scope), SOURCES.index(amount.source)))


def _scope(area: Area, wholes: Sequence[tuple[Area, Scope]]) -> Scope:
    above = [scope for whole, scope in wholes if whole.column == area.column]
    return (above or [scope for _, scope in wholes] or [Scope.YEAR])[-1]

"""One form taken apart into one ``Statement``, with each character it used entered in the ledger."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fiscalkg.loader.layouts.form import Form, Section
from fiscalkg.loader.layouts.goals import split_goals
from fiscalkg.loader.layouts.indicators import read_indicators
from fiscalkg.loader.layouts.labels import kind_of
from fiscalkg.loader.layouts.layout import Layout
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.model import Basis, Goal, Scope, Stated, Statement
from fiscalkg.loader.places import LinePlace, Place
from fiscalkg.loader.tables import Cell, concat, cut
from fiscalkg.loader.text import join_lines

__all__ = ["Draft", "read_statement"]

UNIT = re.compile(r"(\d{6})\s*(\D.*)", re.DOTALL)
YEAR = re.compile(r"[(（]?\s*(\d{4})\s*年度?\s*[)）]?")


@dataclass(slots=True)
class Draft:
    """A statement whose unit, year and currency may still have to come from around it."""

    statement: Statement
    form: Form


class _Fields:
    """The printed fields of one form, entered in the ledger as they are taken."""

    def __init__(self, form: Form, ledger: Ledger, sequence: int) -> None:
        self.form = form
        self.ledger = ledger
        self.owner = str(sequence)
        self.places: list[tuple[str, Place]] = []

    def cell(self, concept: str, role: str | None = None) -> Cell | None:
        cells = self.form.fields.get(concept)
        if not cells:
            return None
        cell = concat((cell for cell in cells if cell.text), "\n") if any(cell.text for cell in cells) else cells[0]
        self.note(role or concept, cell)
        return cell

    def note(self, role: str, cell: Cell) -> None:
        self.ledger.enter(role, cell, self.owner)
        self.places.append((role, self.ledger.source.place(cell)))

    def stated(self, concept: str) -> Stated | None:
        cell = self.cell(concept)
        return self.as_stated(cell) if cell is not None and cell.text else None

    def as_stated(self, cell: Cell) -> Stated:
        return Stated(join_lines(cell.text.split("\n")), Basis.PRINTED, self.ledger.source.place(cell))

    def line(self, concept: str) -> str | None:
        cell = self.cell(concept)
        return None if cell is None else join_lines(cell.text.split("\n"))

    def text(self, concept: str) -> str | None:
        cell = self.cell(concept)
        return None if cell is None else "\n".join(line.strip() for line in cell.text.split("\n"))


def read_statement(section: Section, form: Form, layout: Layout, ledger: Ledger, sequence: int) -> Draft:
    """Return the statement a form prints; amounts are read later, when their unit is known."""
    fields = _Fields(form, ledger, sequence)
    if section.heading is not None:
        ledger.enter("heading", section.heading, str(sequence))
    for label in form.labels:
        ledger.enter("label", label, str(sequence))
    code, name, year = _read_loose(form, fields)
    goals = _read_goals(fields)
    statement = Statement(
        document=ledger.document.name,
        sequence=sequence,
        kind=kind_of(section.heading.text if section.heading else ""),
        layout=layout.name,
        place=_extent(section, ledger),
        heading=section.heading.text if section.heading else None,
        unit_code=code,
        unit_name=name,
        supervising_unit=fields.stated("supervising_unit"),
        implementing_unit=fields.stated("implementing_unit"),
        project_name=fields.stated("project_name"),
        fiscal_year=year,
        currency_unit=fields.stated("currency_unit"),
        goals=goals,
        purpose=fields.text("purpose"),
        overall_goal=fields.text("overall_goal"),
        overview=fields.text("overview"),
        use=fields.text("use"),
        project_type=fields.line("project_type"),
        fund_use=fields.line("fund_use"),
        planned_start=fields.line("planned_start"),
        planned_end=fields.line("planned_end"),
        asset_purchase_amount=fields.line("asset_purchase_amount"),
        asset_items=fields.text("asset_items"),
        indicators=read_indicators(form, ledger, sequence),
        places=tuple(fields.places),
    )
    return Draft(statement, form)


def _read_loose(form: Form, fields: _Fields) -> tuple[Stated | None, Stated | None, Stated | None]:
    """Read the cells without a label: the budget code glued to the unit's name, and (2019 年)."""
    code = name = year = None
    for cell in form.loose:
        if (match := UNIT.fullmatch(cell.text)) and code is None:
            parts = cut(cell, *match.span(1)), cut(cell, *match.span(2))
            fields.note("unit_code", parts[0])
            fields.note("unit_name", parts[1])
            code, name = fields.as_stated(parts[0]), fields.as_stated(parts[1])
        elif (match := YEAR.fullmatch(cell.text)) and year is None:
            fields.note("fiscal_year", cell)
            year = fields.as_stated(cut(cell, *match.span(1)))
    return code, name, year


def _read_goals(fields: _Fields) -> tuple[Goal, ...]:
    cell = fields.cell("goals")
    if cell is None:
        return ()
    place = fields.ledger.source.place
    parts = enumerate(split_goals(cell), 1)
    return tuple(Goal(Scope.YEAR, ordinal, part.text, place(part)) for ordinal, part in parts)


def _extent(section: Section, ledger: Ledger) -> Place:
    """Return where a form stands, from its title to its last printed cell."""
    cells: Sequence[Cell] = [cell for row in section.rows for cell in row if cell.text]
    if section.heading is not None:
        cells = [section.heading, *cells]
    place = ledger.source.place(*cells)
    return place if isinstance(place, LinePlace) or not cells else ledger.source.place(cells[0])

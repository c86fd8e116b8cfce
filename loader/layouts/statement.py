"""One form taken apart into one ``Statement``, with each character it used entered in the ledger."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fiscalkg.loader.layouts.form import AmountCell, Form, Section
from fiscalkg.loader.layouts.goals import split_goals
from fiscalkg.loader.layouts.indicators import read_indicators
from fiscalkg.loader.layouts.labels import kind_of
from fiscalkg.loader.layouts.layout import Layout
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.model import Basis, Goal, Scope, Severity, Stated, Statement
from fiscalkg.loader.places import Place
from fiscalkg.loader.tables import Cell, concat, cut
from fiscalkg.loader.text import in_one_line

__all__ = ["Draft", "read_statement"]

UNIT = re.compile(r"(\d{6})\s*[-—]?\s*([^\d\s].*)", re.DOTALL)
# [015001]武汉市水务局, 173-财政部, 302101 天津市…
CODED = re.compile(r"[\[【(（]?(\d{3,})[\]】)）]?\s*[-—–]?\s*([^\d\s].*)", re.DOTALL)
# 202001-202012, 2023年1月至2023年12月, 2023-01-01至2023-12-31
PERIOD = re.compile(r"([^—–~～至到]+?)\s*[—–~～至到]+\s*([^—–~～至到]+)")
PERIOD_BY_HYPHEN = re.compile(r"([^-]+?)\s*-\s*([^-]+)")
YEAR_AT_END = re.compile(r"[(（]\s*(\d{4})\s*年度?\s*[)）]\s*$")
YEAR = re.compile(r"[(（]?\s*(\d{4})\s*年度?\s*[)）]?")


@dataclass(slots=True)
class Draft:
    """A statement whose unit, year and currency may still have to come from around it."""

    statement: Statement
    form: Form
    layout: Layout

    @property
    def amounts(self) -> list[AmountCell]:
        """The cells of money, with scope and source as the layout fixes them or else as the form's blocks say."""
        if not self.layout.amounts:
            return self.form.amounts
        return [
            AmountCell(concept, scope, source, cell)
            for concept, (scope, source) in self.layout.amounts.items()
            for cell in self.form.fields.get(concept, ())[:1]
        ]


class _Fields:
    """The printed fields of one form, entered in the ledger as they are taken."""

    def __init__(self, form: Form, ledger: Ledger, sequence: int) -> None:
        self.form = form
        self.ledger = ledger
        self.owner = str(sequence)
        self.places: list[tuple[str, Place]] = []

    def only(self, concept: str) -> Cell | None:
        cells = self.form.fields.get(concept)
        if not cells:
            return None
        return concat((cell for cell in cells if cell.text), "\n") if any(cell.text for cell in cells) else cells[0]

    def cell(self, concept: str) -> Cell | None:
        cell = self.only(concept)
        if cell is not None:
            self.note(concept, cell)
        return cell

    def note(self, role: str, cell: Cell) -> None:
        self.ledger.enter(role, cell, self.owner)
        self.places.append((role, self.ledger.source.place(cell)))

    def note_parts(self, cell: Cell, match: re.Match[str], roles: tuple[str, str]) -> tuple[Cell, Cell]:
        """Note the two parts of a cell that a pattern tells apart; brackets and dashes around them are labels."""
        first, second = cut(cell, *match.span(1)), cut(cell, *match.span(2))
        for role, part in zip(roles, (first, second), strict=True):
            self.note(role, part)
        edges = (0, *match.span(1), *match.span(2), len(cell.text))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            self.ledger.enter("label", cut(cell, start, stop), self.owner)
        return first, second

    def stated(self, concept: str) -> Stated | None:
        cell = self.cell(concept)
        return self.as_stated(cell) if cell is not None and cell.text else None

    def as_stated(self, cell: Cell) -> Stated:
        return Stated(in_one_line(cell.text), Basis.PRINTED, self.ledger.source.place(cell))

    def line(self, concept: str) -> str | None:
        cell = self.cell(concept)
        return None if cell is None else in_one_line(cell.text)

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
    _enter_rest(form, ledger, sequence)
    code, name, year = _read_loose(form, fields)
    supervising_code, supervising = _read_coded(fields, "supervising_unit", "supervising_unit_code")
    implementing_code, implementing = _read_coded(fields, "implementing_unit", "unit_code")
    goals = _read_goals(fields)
    start, end = _read_period(fields)
    statement = Statement(
        document=ledger.document.name,
        sequence=sequence,
        kind=kind_of(section.heading.text if section.heading else ""),
        layout=layout.name,
        place=_extent(section, ledger),
        heading=section.heading.text if section.heading else None,
        unit_code=code or implementing_code,
        unit_name=name,
        supervising_unit=supervising,
        supervising_unit_code=supervising_code,
        implementing_unit=implementing,
        project_name=fields.stated("project_name"),
        fiscal_year=year or _year_of_heading(section, fields),
        currency_unit=fields.stated("currency_unit"),
        goals=goals,
        purpose=fields.text("purpose"),
        overall_goal=fields.text("overall_goal"),
        overview=fields.text("overview"),
        use=fields.text("use"),
        project_type=fields.line("project_type"),
        fund_use=fields.line("fund_use"),
        planned_start=start,
        planned_end=end,
        asset_purchase_amount=fields.line("asset_purchase_amount"),
        asset_items=fields.text("asset_items"),
        indicators=read_indicators(form, ledger, sequence),
        places=tuple(fields.places),
    )
    return Draft(statement, form, layout)


def _enter_rest(form: Form, ledger: Ledger, sequence: int) -> None:
    """Enter what is masked, and what is known but has no place in the model, which is told."""
    for cell in form.persons:
        ledger.enter("person", cell, str(sequence))
    for label, cells in form.unmodelled:
        ledger.enter("label", label, str(sequence))
        for cell in cells:
            ledger.enter("unmodelled", cell, str(sequence))
        if any(cell.text for cell in cells):
            name = in_one_line(label.text)
            message = (f"“{name}”一栏不在模型之内，内容没有发布", f"the model has no place for “{name}”; not published")
            ledger.find("R-FIELD-NOT-MODELLED", Severity.INFO, message, sequence, ledger.source.place(label), name)


def _read_coded(fields: _Fields, concept: str, code_role: str) -> tuple[Stated | None, Stated | None]:
    """Return code and name of a unit: [015001]武汉市水务局 prints both, most forms the name alone."""
    cell = fields.only(concept)
    if cell is None or not cell.text:
        return None, fields.stated(concept)
    match = CODED.fullmatch(cell.text)
    if match is None:
        return None, fields.stated(concept)
    code, name = fields.note_parts(cell, match, (code_role, concept))
    return fields.as_stated(code), fields.as_stated(name)


def _read_period(fields: _Fields) -> tuple[str | None, str | None]:
    """Return the planned start and end, printed in cells of their own or in one, 202001-202012."""
    cell = fields.only("period")
    match = (PERIOD.fullmatch(cell.text) or PERIOD_BY_HYPHEN.fullmatch(cell.text)) if cell and cell.text else None
    if cell is None or match is None:
        return fields.line("planned_start") or fields.line("period"), fields.line("planned_end")
    start, end = fields.note_parts(cell, match, ("planned_start", "planned_end"))
    return start.text, end.text


def _year_of_heading(section: Section, fields: _Fields) -> Stated | None:
    """Return the year a title ends with, 项目支出绩效目标表（2023年度）."""
    match = YEAR_AT_END.search(section.heading.text) if section.heading else None
    return fields.as_stated(cut(section.heading, *match.span(1))) if match and section.heading else None


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
    return ledger.source.place(*cells)

"""A source into a ``Reading``: its layout, statements, findings, and a role for every character."""

from __future__ import annotations

from collections.abc import Sequence

from fiscalkg.loader.layouts.cover import read_cover
from fiscalkg.loader.layouts.form import Form, Section, read_form
from fiscalkg.loader.layouts.inference import infer
from fiscalkg.loader.layouts.layout import Layout, layout_named, layout_of
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.layouts.refusal import (
    PROJECT_KINDS,
    kind_of_section,
    refuse,
    report_no_table,
    report_truncated,
    report_unknown,
)
from fiscalkg.loader.layouts.sections import cut_sections
from fiscalkg.loader.layouts.sheet_forms import sheet_forms
from fiscalkg.loader.layouts.sheets import cut_sheets
from fiscalkg.loader.layouts.statement import Draft, read_statement
from fiscalkg.loader.layouts.texts import as_grid, layout_of_text, report_wraps
from fiscalkg.loader.model import Document, Severity, Statement
from fiscalkg.loader.reading import Reading, complete, leftover
from fiscalkg.loader.tables import Block, Grid, Source

__all__ = ["Layout", "layout_named", "parse"]


def parse(source: Source, document: Document, named: Layout | None = None) -> Reading:
    """Return what a source says; what cannot be read is a finding and stays in ``spans``: nothing raises.

    ``named`` is the layout that a manifest names; without it each form is known by the words it prints.
    """
    ledger = Ledger(source, document, list(source.spans), list(source.findings))
    layout = layout_of_text(source, named)
    if any(isinstance(block, Grid) for block in source.blocks):
        statements = _read_grids(ledger, source.blocks, named)
    elif layout and source.shape == "cells" and not layout.order:
        statements = _read_grids(ledger, [as_grid(block) for block in source.blocks], named)
    elif layout:
        report_wraps(ledger)
        statements = _read_text(ledger, layout)
    else:
        report_no_table(ledger)
        return Reading(document, (), tuple(ledger.findings), complete(source.text, ledger.spans))
    spans = complete(source.text, ledger.spans)
    return _with_leftover(Reading(document, tuple(statements), tuple(ledger.findings), spans), ledger)


def _read_text(ledger: Ledger, layout: Layout) -> list[Statement]:
    sections = cut_sections(ledger.source, layout)
    drafts: list[Draft] = []
    for section in sections.forms:
        _read_section(ledger, section, read_form(section.rows), layout, drafts)
    year = read_cover(sections.before, ledger, drafts)
    return _finish(ledger, drafts, infer(drafts, ledger, year))


def _read_grids(ledger: Ledger, blocks: Sequence[Block], named: Layout | None) -> list[Statement]:
    sheets = cut_sheets(blocks)
    drafts: list[Draft] = []
    for sheet in sheets.forms:
        cells = (*sheet.lines, *(area.cell for area in sheet.lattice.areas))
        layout = named or layout_of(cell.text for cell in cells)
        for section, form in sheet_forms(sheet):
            if not form.fields and not form.tables and kind_of_section(section) in PROJECT_KINDS:
                report_unknown(ledger, section)
                continue
            _read_section(ledger, section, form, layout, drafts)
    year = read_cover(sheets.before, ledger, drafts)
    if not sheets.forms:
        report_no_table(ledger)
    for cell in (*sheets.before, *sheets.outside):
        ledger.enter("outside", cell)
    return _finish(ledger, drafts, infer(drafts, ledger, year))


def _read_section(ledger: Ledger, section: Section, form: Form, layout: Layout, drafts: list[Draft]) -> None:
    kind = kind_of_section(section)
    if kind not in PROJECT_KINDS:
        refuse(ledger, kind, section)
    elif section.heading or form.fields or form.tables:  # else the tail of a table that began elsewhere
        drafts.append(read_statement(section, form, layout, ledger, len(drafts) + 1))


def _finish(ledger: Ledger, drafts: Sequence[Draft], statements: list[Statement]) -> list[Statement]:
    for draft, statement in zip(drafts, statements, strict=True):
        report_truncated(draft, statement, ledger)
    return statements


def _with_leftover(reading: Reading, ledger: Ledger) -> Reading:
    for place, text in leftover(reading, ledger.source.text):
        message = (f"这里的文字没有归入任何字段：{text[:40]}", f"this text belongs to no field: {text[:40]}")
        ledger.find("R-LEFTOVER", Severity.WARNING, message, place=place, value=text)
    return Reading(reading.document, reading.statements, tuple(ledger.findings), reading.spans)

"""A source into a ``Reading``: its layout, statements, findings, and a role for every character."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fiscalkg.loader.layouts.cover import read_cover
from fiscalkg.loader.layouts.form import read_form
from fiscalkg.loader.layouts.inference import infer
from fiscalkg.loader.layouts.labels import is_title
from fiscalkg.loader.layouts.layout import Layout
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.layouts.refusal import (
    PROJECT_KINDS,
    kind_of_section,
    refuse,
    report_no_table,
    report_truncated,
)
from fiscalkg.loader.layouts.sections import cut_sections
from fiscalkg.loader.layouts.shenzhen import SHENZHEN
from fiscalkg.loader.layouts.statement import Draft, read_statement
from fiscalkg.loader.layouts.tianjin import TIANJIN
from fiscalkg.loader.model import Document, Severity, Statement
from fiscalkg.loader.reading import Reading, complete, leftover
from fiscalkg.loader.tables import Paragraph, Source
from fiscalkg.loader.text import squeeze

__all__ = ["LAYOUTS", "parse"]

LAYOUTS = (TIANJIN, SHENZHEN)
LINE_THAT_ENDS_A_CELL = re.compile(r"\S[ \u3000\u00a0]+[\r\n]")


def parse(source: Source, document: Document) -> Reading:
    """Return what a source says; what cannot be read is a finding and stays in ``spans``: nothing raises."""
    ledger = Ledger(source, document, list(source.spans))
    layout = _recognise(source)
    statements: Sequence[Statement] = ()
    if layout is None:
        report_no_table(ledger)
    else:
        _report_wraps(ledger)
        statements = _read(ledger, layout)
    spans = complete(source.text, ledger.spans)
    reading = Reading(document, tuple(statements), tuple(ledger.findings), spans)
    return _with_leftover(reading, ledger) if layout else reading


def _recognise(source: Source) -> Layout | None:
    """Return the layout most of whose marks the text prints, or ``None`` where not even 项目名称 stands."""
    text = squeeze(source.text)
    paragraphs = (block.cell for block in source.blocks if isinstance(block, Paragraph))
    if "项目名称" not in text and not any(is_title(cell.text) for cell in paragraphs):
        return None
    return max(LAYOUTS, key=lambda layout: sum(mark in text for mark in layout.marks))


def _report_wraps(ledger: Ledger) -> None:
    if ledger.source.shape == "cells" or LINE_THAT_ENDS_A_CELL.search(ledger.source.text):
        return
    message = (
        "各行末尾都没有空格，看不出单元格在哪一行结束，折行的文字可能拼接有误",
        "no line ends in a blank, so where cells end is unknown and wrapped text may be joined wrongly",
    )
    ledger.find("R-WRAP-UNSURE", Severity.WARNING, message)


def _read(ledger: Ledger, layout: Layout) -> list[Statement]:
    sections = cut_sections(ledger.source, layout)
    drafts: list[Draft] = []
    for section in sections.forms:
        kind = kind_of_section(section)
        form = read_form(section.rows)
        if kind not in PROJECT_KINDS:
            refuse(ledger, kind, section)
        elif section.heading or form.fields or form.tables:  # else the tail of a table that began elsewhere
            drafts.append(read_statement(section, form, layout, ledger, len(drafts) + 1))
    cover_year = read_cover(sections.before, ledger, drafts)
    statements = infer(drafts, layout, ledger, cover_year)
    for draft, statement in zip(drafts, statements, strict=True):
        report_truncated(draft, statement, ledger)
    return statements


def _with_leftover(reading: Reading, ledger: Ledger) -> Reading:
    for place, text in leftover(reading, ledger.source.text):
        message = (f"这里的文字没有归入任何字段：{text[:40]}", f"this text belongs to no field: {text[:40]}")
        ledger.find("R-LEFTOVER", Severity.WARNING, message, place=place, value=text)
    return Reading(reading.document, reading.statements, tuple(ledger.findings), reading.spans)

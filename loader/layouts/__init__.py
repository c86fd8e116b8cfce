"""A source into a ``Reading``: its layout, statements, findings, and a role for every character."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fiscalkg.loader.layouts.cover import read_cover
from fiscalkg.loader.layouts.form import Section, read_form
from fiscalkg.loader.layouts.inference import infer
from fiscalkg.loader.layouts.labels import foreign_kind, is_title, kind_of
from fiscalkg.loader.layouts.layout import Layout
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.layouts.sections import cut_sections
from fiscalkg.loader.layouts.shenzhen import SHENZHEN
from fiscalkg.loader.layouts.statement import Draft, read_statement
from fiscalkg.loader.layouts.tianjin import TIANJIN
from fiscalkg.loader.model import Document, Severity, Statement, StatementKind
from fiscalkg.loader.places import LinePlace
from fiscalkg.loader.reading import Reading, complete, leftover
from fiscalkg.loader.tables import Cell, Paragraph, Source
from fiscalkg.loader.text import squeeze

__all__ = ["LAYOUTS", "parse"]

LINE_THAT_ENDS_A_CELL = re.compile(r"\S[ \u3000\u00a0]+[\r\n]")
LAYOUTS = (TIANJIN, SHENZHEN)
PROJECT_KINDS = frozenset({StatementKind.TARGET, StatementKind.APPLICATION})


def parse(source: Source, document: Document) -> Reading:
    """Return what a source says; what cannot be read is a finding and stays in ``spans``: nothing raises."""
    ledger = Ledger(source, document, list(source.spans))
    layout = _recognise(source)
    kind = _document_kind(source)
    statements: Sequence[Statement] = ()
    if source.shape == "wrapped" and layout and not LINE_THAT_ENDS_A_CELL.search(source.text):
        message = (
            "各行末尾都没有空格，看不出单元格在哪一行结束，折行的文字可能拼接有误",
            "no line ends in a blank, so where cells end is unknown and wrapped text may be joined wrongly",
        )
        ledger.find("R-WRAP-UNSURE", Severity.WARNING, message)
    if not source.text.strip():
        message = (f"{document.name}：文件是空的", f"{document.name}: the file is empty")
        ledger.find("R-NO-TABLE", Severity.WARNING, message)
    elif kind not in PROJECT_KINDS:
        _refuse(ledger, kind)
    elif layout is None:
        message = (
            f"{document.name}：没有找到项目绩效目标表（没有“项目名称”等表内文字）",
            f"{document.name}: no table of project targets found (none of its labels, such as 项目名称)",
        )
        ledger.find("R-NO-TABLE", Severity.WARNING, message, place=LinePlace(1, max(len(source.starts), 1)))
    else:
        statements = _read(ledger, layout)
    spans = complete(source.text, ledger.spans)
    reading = Reading(document, tuple(statements), tuple(ledger.findings), spans)
    return _with_leftover(reading, source, ledger) if statements else reading


def _recognise(source: Source) -> Layout | None:
    """Return the layout most of whose marks the text prints, or ``None`` where not even 项目名称 stands."""
    text = squeeze(source.text)
    if "项目名称" not in text and not any(is_title(cell.text) for cell in _paragraphs(source)):
        return None
    return max(LAYOUTS, key=lambda layout: sum(mark in text for mark in layout.marks))


def _paragraphs(source: Source) -> list[Cell]:
    return [block.cell for block in source.blocks if isinstance(block, Paragraph)]


def _document_kind(source: Source) -> StatementKind:
    """Return the kind of a document none of whose tables can be a project's targets, else target."""
    foreign = foreign_kind(source.text)
    if foreign is not None:
        return foreign
    kinds = {kind_of(cell.text) for cell in _paragraphs(source) if is_title(cell.text)}
    if kinds and not kinds & PROJECT_KINDS:
        return min(kinds)
    return StatementKind.TARGET


KIND_NAMES = {
    StatementKind.SELF_EVALUATION: ("绩效自评表", "a self-evaluation"),
    StatementKind.DEPARTMENT: ("部门整体绩效目标表", "targets of a whole department"),
    StatementKind.TRANSFER: ("区域绩效目标表", "targets of a transfer payment"),
    StatementKind.EVALUATION: ("绩效评价表", "an evaluation"),
}


def _refuse(ledger: Ledger, kind: StatementKind, section: Section | None = None) -> None:
    zh, en = KIND_NAMES[kind]
    name = ledger.document.name
    cell = (
        section.heading
        if section
        else next((cell for cell in _paragraphs(ledger.source) if is_title(cell.text)), None)
    )
    place = ledger.source.place(cell) if cell else LinePlace(1, max(len(ledger.source.starts), 1))
    line = place.first if isinstance(place, LinePlace) else 1
    message = (
        f"{name} 第 {line} 行：这是{zh}，不是项目绩效目标表，不作为项目目标发布",
        f"{name} line {line}: this is {en}, not a table of project targets, and is not published as one",
    )
    ledger.find("R-OTHER-KIND", Severity.WARNING, message, place=place, value=kind.value)


def _read(ledger: Ledger, layout: Layout) -> list[Statement]:
    sections = cut_sections(ledger.source, layout)
    drafts: list[Draft] = []
    for section in sections.forms:
        kind = kind_of(section.heading.text if section.heading else "")
        if kind not in PROJECT_KINDS:
            _refuse(ledger, kind, section)
            continue
        form = read_form(section.rows)
        if section.heading or form.fields or form.columns:  # else the tail of a table that began elsewhere
            drafts.append(read_statement(section, form, layout, ledger, len(drafts) + 1))
    cover_year = read_cover(sections.before, ledger, drafts)
    statements = infer(drafts, layout, ledger, cover_year)
    for draft, statement in zip(drafts, statements, strict=True):
        _report_truncated(draft, statement, ledger)
    return statements


def _report_truncated(draft: Draft, statement: Statement, ledger: Ledger) -> None:
    """Note a table that breaks off: no project name, no table head, no row, or a last row that is short."""
    rows = draft.form.rows
    if not draft.form.columns:
        missing = ("没有指标表头", "there is no head of the indicator table")
    elif not rows:
        missing = ("没有一行指标", "there is no row of indicators")
    elif len(rows[-1]) <= draft.form.columns.index("value"):
        missing = ("最后一行不完整", "its last row is incomplete")
    else:
        return
    line = statement.place.last if isinstance(statement.place, LinePlace) else 0
    message = (
        f"{ledger.document.name} 第 {line} 行：表在这里中断，{missing[0]}；已读到的部分照常发布",
        f"{ledger.document.name} line {line}: the table breaks off, {missing[1]}; what was read is published",
    )
    ledger.find("R-TRUNCATED", Severity.WARNING, message, statement.sequence, statement.place)


def _with_leftover(reading: Reading, source: Source, ledger: Ledger) -> Reading:
    for place, text in leftover(reading, source.text):
        message = (f"这里的文字没有归入任何字段：{text[:40]}", f"this text belongs to no field: {text[:40]}")
        ledger.find("R-LEFTOVER", Severity.WARNING, message, place=place, value=text)
    return Reading(reading.document, reading.statements, tuple(ledger.findings), reading.spans)

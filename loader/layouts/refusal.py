"""Tables that are no project's targets, and tables that break off: told with file and line."""

from __future__ import annotations

from fiscalkg.loader.layouts.form import Section
from fiscalkg.loader.layouts.labels import foreign_kind, kind_of
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.layouts.statement import Draft
from fiscalkg.loader.model import Severity, Statement, StatementKind
from fiscalkg.loader.places import LinePlace, told
from fiscalkg.loader.tables import Cell

__all__ = ["PROJECT_KINDS", "kind_of_section", "refuse", "report_no_table", "report_truncated", "report_unknown"]

PROJECT_KINDS = frozenset({StatementKind.TARGET, StatementKind.APPLICATION})
KIND_NAMES = {
    StatementKind.SELF_EVALUATION: ("绩效自评表", "a self-evaluation"),
    StatementKind.DEPARTMENT: ("部门整体绩效目标表", "targets of a whole department"),
    StatementKind.TRANSFER: ("区域绩效目标表", "targets of a transfer payment"),
    StatementKind.EVALUATION: ("绩效评价表", "an evaluation"),
}


def kind_of_section(section: Section) -> StatementKind:
    """Return what a table is, by its title and by columns that no table of targets has."""
    kind = kind_of(section.heading.text if section.heading else "")
    if kind not in PROJECT_KINDS:
        return kind
    words = (word for row in section.rows for cell in row for word in cell.text.split())
    return foreign_kind(words) or kind


def refuse(ledger: Ledger, kind: StatementKind, section: Section) -> None:
    """Note a table that is not published as a project's targets; its characters count as refused."""
    cells: list[Cell] = [cell for row in section.rows for cell in row]
    if section.heading is not None:
        cells.insert(0, section.heading)
    for cell in cells:
        ledger.enter("refused", cell)
    zh, en = KIND_NAMES[kind]
    place = ledger.source.place(*cells[:1])
    name, (zh_place, en_place) = ledger.document.name, told(place)
    message = (
        f"{name} {zh_place}：这是{zh}，不是项目绩效目标表，不作为项目目标发布",
        f"{name} {en_place}: this is {en}, not a table of project targets, and is not published as one",
    )
    ledger.find("R-OTHER-KIND", Severity.WARNING, message, place=place, value=kind.value)


def report_no_table(ledger: Ledger) -> None:
    """Note a document that is empty or prints nothing a table of targets prints."""
    name = ledger.document.name
    if not ledger.source.text.strip():
        ledger.find("R-NO-TABLE", Severity.WARNING, (f"{name}：文件是空的", f"{name}: the file is empty"))
        return
    message = (
        f"{name}：没有找到项目绩效目标表（没有“项目名称”等表内文字）",
        f"{name}: no table of project targets found (none of its labels, such as 项目名称)",
    )
    place = LinePlace(1, len(ledger.source.starts))
    ledger.find("R-NO-TABLE", Severity.WARNING, message, place=place)


def report_unknown(ledger: Ledger, section: Section) -> None:
    """Note a table that stands under a form's title and prints no label that is known: all of it is left over."""
    if section.heading is not None:
        ledger.enter("heading", section.heading)
    place = ledger.source.place(*(cell for row in section.rows for cell in row if cell.text))
    name, (zh_place, en_place) = ledger.document.name, told(place)
    message = (
        f"{name} {zh_place}：标题是绩效目标表，但没有认得的栏目名称；请按 CONTRIBUTING.md 为这种表加一个文件",
        f"{name} {en_place}: titled as a table of targets, but none of its labels is known; see CONTRIBUTING.md how to "
        "add the form",
    )
    ledger.find("R-FORM-UNKNOWN", Severity.WARNING, message, place=place)


def report_truncated(draft: Draft, statement: Statement, ledger: Ledger) -> None:
    """Note a table that breaks off: no table head, no row below it, or a last row without its value."""
    table = draft.form.tables[-1] if draft.form.tables else None
    if table is None:
        missing = ("没有指标表头", "there is no head of the indicator table")
    elif not table.rows:
        missing = ("没有一行指标", "there is no row of indicators")
    elif len(table.rows[-1]) <= table.columns.index("value"):
        missing = ("最后一行不完整", "its last row is incomplete")
    else:
        return
    place = statement.place
    end = LinePlace(place.last, place.last) if isinstance(place, LinePlace) else place
    name, (zh_place, en_place) = ledger.document.name, told(end)
    message = (
        f"{name} {zh_place}：表在这里中断，{missing[0]}；已读到的部分照常发布",
        f"{name} {en_place}: the table breaks off, {missing[1]}; what was read is published",
    )
    ledger.find("R-TRUNCATED", Severity.WARNING, message, statement.sequence, statement.place)

"""An original as a workbook: a sheet for each form, or all forms on one."""

from __future__ import annotations

import io
from random import Random

from openpyxl import Workbook

from renderers.document import Original
from renderers.form import Cell, Form


def write(original: Original, seed: int) -> bytes:
    """Return the bytes of an xlsx; the seed varies how forms are spread over sheets, and where they begin."""
    random = Random(seed)
    book = Workbook()
    single = random.random() < 0.5
    sheet = book.active
    left, row = random.randint(0, 2), 1
    for line in original.cover:
        sheet.cell(row, left + 1, line)
        row += 1
    for number, form in enumerate(original.forms, 1):
        if number > 1 and not single:
            sheet, row = book.create_sheet(f"项目{number}"), 1
        row = _form(sheet, form, row, left, merged_title=random.random() < 0.5) + random.randint(0, 2)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _form(sheet, form: Form, row: int, left: int, merged_title: bool) -> int:
    width = sum(cell.columns for cell in form.tables[0][0])
    for line in ([form.title] if form.title else []) + list(form.lines):
        sheet.cell(row, left + 1, line)
        if merged_title:
            sheet.merge_cells(start_row=row, end_row=row, start_column=left + 1, end_column=left + width)
        row += 1
    for cells in (cells for table in form.tables for cells in table):
        _row(sheet, cells, row, left)
        row += 1
    return row


def _row(sheet, cells: tuple[Cell, ...], row: int, left: int) -> None:
    column = left + 1
    for cell in cells:
        if cell.rows:
            sheet.cell(row, column, cell.text or None).number_format = "@"
            if cell.rows > 1 or cell.columns > 1:
                last = row + cell.rows - 1, column + cell.columns - 1
                sheet.merge_cells(start_row=row, start_column=column, end_row=last[0], end_column=last[1])
        column += cell.columns

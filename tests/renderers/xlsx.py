"""A document of blocks as a workbook: merged ranges, one sheet a project or all in one sheet."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from random import Random
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font

from renderers.form import Block, Form, PageBreak, Paragraph, placed
from renderers.packing import without_clock


def write_xlsx(blocks: Iterable[Block], random: Random, name: str = "绩效目标表") -> bytes:
    """Return the bytes of a workbook.

    A page break begins a sheet or is a blank row, by chance; amounts with two decimals and whole percentages are
    texts or numbers with a number format, by chance. Soft breaks are left out: a spreadsheet wraps by itself.
    """
    sheet_a_project, numbers = random.random() < 0.5, random.random() < 0.5
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    sheet.title = name
    at = 1
    for block in blocks:
        if isinstance(block, PageBreak):
            at += 1
            if sheet_a_project and at > 2:
                sheet, at = workbook.create_sheet(f"{name}{len(workbook.sheetnames) + 1}"), 1
        elif isinstance(block, Paragraph):
            for column, text in enumerate(filter(None, re.split(" {4,}", block.text))):
                sheet.cell(at, 1 + 4 * column, text).font = Font(bold=block.title)
            at += 1
        else:
            _draw(sheet, at, block, numbers)
            at += len(block.rows)
    stream = io.BytesIO()
    workbook.save(stream)
    return without_clock(stream.getvalue())


def _draw(sheet: Any, top: int, form: Form, numbers: bool) -> None:
    for down, right, cell in placed(form):
        text = cell.text.replace("\v", "")
        drawn = sheet.cell(top + down, 1 + right)
        if numbers and re.fullmatch(r"(0|[1-9]\d*)\.\d\d", text):
            drawn.value, drawn.number_format = float(text), "0.00"
        elif numbers and re.fullmatch(r"[1-9]\d*%", text):
            drawn.value, drawn.number_format = int(text[:-1]) / 100, "0%"
        elif text:
            drawn.value = text
            drawn.data_type = "s"  # a value such as =100.00(%) is no formula
        drawn.alignment = Alignment(wrap_text=True, vertical="center")
        if cell.rows * cell.columns > 1:
            sheet.merge_cells(
                start_row=top + down,
                start_column=1 + right,
                end_row=top + down + cell.rows - 1,
                end_column=right + cell.columns,
            )

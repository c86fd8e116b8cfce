"""A document of blocks as docx: real tables, gridSpan and vMerge, repeated head rows, soft breaks."""

from __future__ import annotations

import io
from collections.abc import Iterable
from random import Random
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from renderers.form import Block, Form, PageBreak, Paragraph, placed, width
from renderers.packing import without_clock

FONTS = ("宋体", "仿宋_GB2312", "Noto Serif CJK SC", "SimSun")


def write_docx(blocks: Iterable[Block], random: Random) -> bytes:
    """Return the bytes of a docx; font, size and column widths by chance."""
    document = docx.Document()
    font: Any = document.styles["Normal"].font
    font.name, font.size = random.choice(FONTS), Pt(random.choice((9, 10, 10.5, 12)))
    font.element.rPr.rFonts.set(qn("w:eastAsia"), font.name)
    for block in blocks:
        if isinstance(block, Paragraph):
            paragraph = document.add_paragraph()
            _fill(paragraph, block.text)
            if block.title:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif isinstance(block, PageBreak):
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        else:
            _draw(document, block, random)
    document.add_paragraph()  # Word ends every document with one; a table at the end is lost on the way to doc
    stream = io.BytesIO()
    document.save(stream)
    return without_clock(stream.getvalue())


def _draw(document: Any, form: Form, random: Random) -> None:
    columns = width(form)
    table = document.add_table(len(form.rows), columns, style="Table Grid")
    widths = [random.randint(7, 12) for _ in range(columns)]
    for column, share in zip(table.columns, widths, strict=True):
        column.width = int(Pt(440) * share / sum(widths))
    grid = [list(table_row.cells) for table_row in table.rows]
    for down, right, cell in placed(form):
        drawn = grid[down][right]
        if cell.rows * cell.columns > 1:
            drawn = drawn.merge(grid[down + cell.rows - 1][right + cell.columns - 1])
        first, *rest = cell.text.split("\n")
        _fill(drawn.paragraphs[0], first)
        for text in rest:
            _fill(drawn.add_paragraph(), text)
    for number, table_row in enumerate(table.rows):
        for mark in ["w:cantSplit"] * form.whole_rows + ["w:tblHeader"] * (number in form.repeated):
            table_row._tr.get_or_add_trPr().append(OxmlElement(mark))


def _fill(paragraph: Any, text: str) -> None:
    for number, piece in enumerate(text.split("\v")):
        if number:
            paragraph.add_run().add_break()
        paragraph.add_run(piece)

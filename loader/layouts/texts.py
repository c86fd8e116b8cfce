"""What a text extract is before its forms are cut out: which layout it prints, whether its cells can be told."""

from __future__ import annotations

import re

from fiscalkg.loader.layouts.labels import is_title
from fiscalkg.loader.layouts.layout import Layout, layout_of_folded, layouts, marked
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.model import Severity
from fiscalkg.loader.tables import Area, Block, Grid, Paragraph, Source, Table
from fiscalkg.loader.text import fold, squeeze

__all__ = ["layout_of_text", "report_wraps"]

LINE_THAT_ENDS_A_CELL = re.compile(r"\S[ \u3000\u00a0]+[\r\n]")


def layout_of_text(source: Source, named: Layout | None = None) -> Layout | None:
    """Return the layout most of whose marks the text prints, or ``None`` where not even 项目名称 stands.

    One that is ``named`` holds, unless it does not say in which order its fields run and the lines are wrapped.
    A text whose cells are known is read as a grid where its form is another than those whose order is described.
    """
    text = fold(squeeze(source.text))  # the same, and faster for a whole document
    paragraphs = (block.cell for block in source.blocks if isinstance(block, Paragraph))
    if "项目名称" not in text and not any(is_title(cell.text) for cell in paragraphs):
        return None
    if named and (named.order or source.shape == "cells"):
        return named
    found = layout_of_folded(text)
    if source.shape == "cells" and found.marks and not found.order:
        return found
    # Only where the order of its fields is known can a form be read from wrapped lines.
    ordered = [layout for layout in layouts() if layout.order]
    return max(ordered, key=lambda layout: marked(layout, text) / len(layout.marks))


def as_grid(block: Block) -> Block:
    """Return rows of cells as a grid in which each cell takes one column, as far as such a text can tell."""
    if not isinstance(block, Table):
        return block
    cells = ((row, column, cell) for row, cells in enumerate(block.rows) for column, cell in enumerate(cells))
    return Grid(tuple(Area(cell, row, column) for row, column, cell in cells))


def report_wraps(ledger: Ledger) -> None:
    """Note a text whose lines do not show where a cell ends."""
    if ledger.source.shape == "cells" or LINE_THAT_ENDS_A_CELL.search(ledger.source.text):
        return
    message = (
        "各行末尾都没有空格，看不出单元格在哪一行结束，折行的文字可能拼接有误",
        "no line ends in a blank, so where cells end is unknown and wrapped text may be joined wrongly",
    )
    ledger.find("R-WRAP-UNSURE", Severity.WARNING, message)

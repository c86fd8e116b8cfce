"""Statements of one document into blocks: a cover where the year stands on it, then the forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from renderers.form import Block, Form, PageBreak, Paragraph, Statement, choose, wrap
from renderers.forms import shenzhen, tianjin

FORMS = {"tianjin": tianjin.form, "shenzhen": shenzhen.form}


def compose(statements: Sequence[Statement], random: Random) -> list[Block]:
    """Return the blocks of a document in one style; statements are in document order."""
    style = choose(random)
    blocks: list[Block] = []
    year = statements[0]["fiscal_year"]
    if year and year["basis"] == "cover":
        unit = statements[0]["unit_name"] or statements[0]["implementing_unit"]
        blocks = [
            Paragraph(unit, True),
            Paragraph("项目支出绩效目标表", True),
            Paragraph(f"（{year['value']}年）", True),
        ]
    pages = random.random() < 0.7
    for number, statement in enumerate(statements):
        if blocks:
            blocks.append(PageBreak() if pages or number == 0 else Paragraph(""))
        # the levels of one document may be merged in one table and repeated in the next
        drawn = replace(style, merge=choose(random).merge) if random.random() < 0.3 else style
        made = FORMS[statement["layout"]](statement, random, drawn)
        blocks += [wrap(block, random) if drawn.wraps and isinstance(block, Form) else block for block in made]
    return blocks

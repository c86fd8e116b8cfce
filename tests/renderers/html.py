"""A document of blocks as a page of a portal: rowspan, colspan, UTF-8 or GB18030."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from random import Random

from renderers.form import Block, Cell, Form, PageBreak, Paragraph, placed


def write_html(blocks: Iterable[Block], random: Random) -> bytes:
    """Return the bytes of a page; encoding, and how the markup looks, by chance."""
    encoding, declared = random.choice((("utf-8", "utf-8"), ("gb18030", "gb2312"), ("gb18030", "GB18030")))
    parts = [
        f'<!DOCTYPE html>\n<html><head><meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        "<title>部门预算公开</title>\n<style>td { border: 1px solid #000 }</style></head><body>"
        '<div class="nav"><a href="/">首页</a> &gt; <a href="/gk/">信息公开</a></div>\n<div class="TRS_Editor">'
    ]
    in_paragraphs = random.random() < 0.5
    for block in blocks:
        if isinstance(block, Paragraph):
            tag = '<p align="center"><b>{}</b></p>' if block.title else "<p>{}</p>"
            parts.append(tag.format(_text(block.text)))
        elif isinstance(block, PageBreak):
            parts.append("<p>&nbsp;</p>")
        else:
            parts.append(_table(block, in_paragraphs))
    parts.append("</div></body></html>\n")
    return "\n".join(parts).encode(encoding)


def _text(text: str) -> str:
    kept = escape(text, quote=False).replace("\v", "<br>")
    return kept.replace("  ", " &nbsp;")  # a browser folds runs of blanks


def _table(form: Form, in_paragraphs: bool) -> str:
    list(placed(form))  # the rows fill the grid
    lines = ['<table border="1" cellspacing="0" cellpadding="0">']
    for cells in form.rows:
        lines.append("<tr>" + "".join(_cell(cell, in_paragraphs) for cell in cells) + "</tr>")
    return "\n".join([*lines, "</table>"])


def _cell(cell: Cell, in_paragraphs: bool) -> str:
    spans = f' colspan="{cell.columns}"' * (cell.columns > 1) + f' rowspan="{cell.rows}"' * (cell.rows > 1)
    pieces = [_text(piece) for piece in cell.text.split("\n")]
    inner = "".join(f"<p>{piece or '&nbsp;'}</p>" for piece in pieces) if in_paragraphs else "<br>".join(pieces)
    return f"<td{spans}>{inner}</td>"

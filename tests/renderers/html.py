"""An original as a web page, with a menu and scripts around it as portals have them."""

from __future__ import annotations

from html import escape
from random import Random

from renderers.document import Original
from renderers.form import Cell


def write(original: Original, seed: int) -> bytes:
    """Return the bytes of a page, in UTF-8 or GB18030; the seed varies markup, attributes and encoding."""
    random = Random(seed)
    encoding = random.choice(("utf-8", "gb18030"))
    declared = {"utf-8": "utf-8", "gb18030": random.choice(("gb2312", "gbk", "gb18030"))}[encoding]
    parts = [f"<p>{escape(line)}</p>" for line in original.cover]
    for form in original.forms:
        parts += [f"<{tag}>{escape(form.title)}</{tag}>" for tag in [random.choice(("h1", "h3", "p"))] if form.title]
        parts += [f"<p><span>{escape(line)}</span></p>" for line in form.lines]
        parts += [_table(table, random) for table in form.tables]
    page = (
        f'<!DOCTYPE html><html><head><meta charset="{declared}"><title>预算公开</title>'
        "<script>var 项目名称 = '菜单';</script></head><body>"
        '<nav><ul><li><a href="/">首页</a></li><li>政务公开</li></ul></nav>'
        f'<div class="content">{"".join(parts)}</div><footer>版权所有</footer></body></html>'
    )
    return page.encode(encoding)


def _table(rows: tuple[tuple[Cell, ...], ...], random: Random) -> str:
    body = "".join(f"<tr>{''.join(_cell(cell, random) for cell in row if cell.rows)}</tr>" for row in rows)
    return f"<table><tbody>{body}</tbody></table>" if random.random() < 0.5 else f"<table border=1>{body}</table>"


def _cell(cell: Cell, random: Random) -> str:
    spans = (f' rowspan="{cell.rows}"' if cell.rows > 1 else "") + (
        f" colspan={cell.columns}" if cell.columns > 1 else ""
    )
    lines = [escape(line) for line in cell.text.split("\n")]
    style = random.choice(("br", "p", "span"))
    if style == "p" and cell.text:
        inner = "".join(f"<p>{line}</p>" for line in lines)
    else:
        inner = "<br/>".join(f"<span>{line}</span>" if style == "span" else line for line in lines)
    return f"<td{spans}>{inner}</td>"

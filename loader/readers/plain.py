"""Text into paragraphs and tables of cells: led by a tab, parted by pipes or tabs, one a line,
or lines of a page still wrapped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fiscalkg.loader.readers.lines import has_one_cell_a_line, lined_blocks
from fiscalkg.loader.readers.pipes import separated_blocks, separator_of, separators
from fiscalkg.loader.readers.tabbed import tabbed_blocks
from fiscalkg.loader.readers.wrapped import wrapped_blocks
from fiscalkg.loader.reading import Span
from fiscalkg.loader.tables import Block, Cell, Grid, Paragraph, Source, Table, concat, cut, spans_of
from fiscalkg.loader.text import line_starts, lines_of

__all__ = ["read_text"]

BOOKMARK = re.compile(r"\[bookmark: [^\]\n]*\]")


def read_text(text: str, name: str, sha256: str, encoding: str) -> Source:
    """Return decoded text as a source, with its bookmarks set apart."""
    starts = line_starts(text)
    lines = list(zip(starts, (*starts[1:], len(text)), strict=True))
    contents = lines_of(text, starts)
    led = sum([line.startswith("\t") or line.lstrip(" ").startswith("\t") for line in contents])
    filled = [stripped for line in contents if (stripped := line.strip(" \r\n")) and not stripped.isspace()]
    blocks: Sequence[Block]
    separator = separator_of(filled)
    is_lined = separator is None and led * 2 <= len(filled) and has_one_cell_a_line(text, lines)
    is_known = separator is not None or led * 2 > len(filled) or is_lined
    if separator:
        blocks = separated_blocks(text, lines, separator)
    elif is_lined:
        blocks = lined_blocks(text, lines)
    else:
        blocks = tabbed_blocks(starts, contents) if is_known else wrapped_blocks(text, lines)
    bookmarks: list[Span] = []
    marked = "[bookmark:" in text
    clean = tuple(_without_bookmarks(block, bookmarks) if marked else block for block in blocks)
    return Source(
        name,
        sha256,
        "text/plain",
        encoding,
        text,
        starts,
        "cells" if is_known else "wrapped",
        clean,
        (*bookmarks, *(separators(text, clean, lines) if separator == "|" else ())),
    )


def _without_bookmarks(block: Block, found: list[Span]) -> Block:
    if isinstance(block, Paragraph):
        return Paragraph(_unmark(block.cell, found))
    if isinstance(block, Grid):
        return Grid(tuple(area._replace(cell=_unmark(area.cell, found)) for area in block.areas))
    return Table(tuple(tuple(_unmark(cell, found) for cell in row) for row in block.rows))


def _unmark(cell: Cell, found: list[Span]) -> Cell:
    if "[bookmark:" not in cell.text:
        return cell
    kept: list[Cell] = []
    at = 0
    for match in BOOKMARK.finditer(cell.text):
        kept.append(cut(cell, at, match.start()))
        found += spans_of(cut(cell, match.start(), match.end()), "bookmark")
        at = match.end()
    return concat([*kept, cut(cell, at, len(cell.text))])

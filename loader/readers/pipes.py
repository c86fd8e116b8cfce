"""Text whose cells stand between pipes, or between tabs inside lines, into paragraphs and grids over that text.

Such text has lost its merged cells: every cell is one row and one column, and blank where a merged one went on.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from fiscalkg.loader.reading import Span
from fiscalkg.loader.tables import Area, Block, Cell, Grid, Paragraph, cell_at

__all__ = ["separated_blocks", "separator_of", "separators"]

RULE = re.compile(
    r"[\s|:]*[+\-—=][\s|:+\-—=]*"
)  # the line below a head in Markdown, or around a table drawn in characters
LEAST_CELLS = 3
LEAST_SHARE = 0.5  # of the filled lines: prose may hold a pipe now and then

Lines = Sequence[tuple[int, int]]


def separator_of(filled: Sequence[str]) -> str | None:
    """Return what parts the cells of most filled lines, a pipe or a tab, or ``None``."""
    for separator in "|\t":
        rows = sum([_is_row(line, separator) for line in filled if separator in line])
        if rows > len(filled) * LEAST_SHARE:
            return separator
    return None


def separators(text: str, blocks: Sequence[Block], lines: Lines) -> list[Span]:
    """Return the pipes of the rows of grids, and the rules drawn between them."""
    rows = {cell.pieces[0].start for block in blocks if isinstance(block, Grid) for cell in _firsts(block)}
    starts = [start for start, _ in lines]
    spans: list[Span] = []
    for number in {bisect_right(starts, at) - 1 for at in rows} | {
        n for n, row in enumerate(lines) if _is_rule(text, row)
    }:
        start, end = lines[number]
        marks = re.finditer(r"\S+" if _is_rule(text, lines[number]) else r"\|", text[start:end])
        spans += [Span("separator", start + mark.start(), start + mark.end()) for mark in marks]
    return spans


def _firsts(grid: Grid) -> list[Cell]:
    return [area.cell for area in grid.areas if area.column == 0]


def _is_rule(text: str, row: tuple[int, int]) -> bool:
    line = text[slice(*row)]
    return "|" in line and RULE.fullmatch(line) is not None


def _is_row(line: str, separator: str) -> bool:
    """A line that begins with a tab is one of another shape, where each cell begins a line."""
    if separator == "\t" and line.startswith("\t"):
        return False
    return line.count(separator) >= LEAST_CELLS - 1


def separated_blocks(text: str, lines: Lines, separator: str) -> list[Block]:
    """Return paragraphs and grids: rows on following lines are one grid, a line without a separator ends it."""
    blocks: list[Block] = []
    rows: list[tuple[int, int]] = []
    for start, end in lines:
        line = text[start:end]
        if separator in line:
            rows.append((start, end))
            continue
        blocks += _grid(text, rows, separator)
        rows = []
        if line.strip():
            blocks.append(Paragraph(cell_at(text, start, end)))
    return [*blocks, *_grid(text, rows, separator)]


def _grid(text: str, rows: Lines, separator: str) -> list[Block]:
    areas: list[Area] = []
    kept = [row for row in rows if not (separator == "|" and _is_rule(text, row))]
    # Where one row begins without a pipe, another that begins with one has a blank first cell.
    is_framed = separator == "|" and all(text[slice(*row)].strip().startswith("|") for row in kept)
    for number, (start, end) in enumerate(kept):
        for column, (first, last) in enumerate(_cells(text, start, end, separator, is_framed)):
            areas.append(Area(cell_at(text, first, last), number, column))
    return [Grid(tuple(areas))] if areas else []


def _cells(text: str, start: int, end: int, separator: str, is_framed: bool) -> list[tuple[int, int]]:
    """Return the offsets of each cell; pipes at both ends of a framed line part nothing."""
    line = text[start:end].rstrip("\r\n")
    at = start
    if is_framed:
        at = start + line.index("|") + 1
        line = line[: line.rindex("|")] if line.rstrip().endswith("|") and line.count("|") > 1 else line
    cells: list[tuple[int, int]] = []
    for part in line[at - start :].split(separator):
        cells.append((at, at + len(part)))
        at += len(part) + 1
    return cells

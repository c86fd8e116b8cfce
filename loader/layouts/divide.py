"""The lines below a table head into rows of cells: which blank is a column's edge and which a word's.

A row begins at a level-2 label. Inside it cells come in the order of the columns; a line that extraction
closed ends a cell, a blank inside a line may. The cheapest division is taken: a number keeps its unit
(≥3 个), a date its month (2019年 12月), the value column looks like a value. A page break leaves the rest of
a broken cell after the row: it goes to the cell that reached its column's edge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, groupby, pairwise

from fiscalkg.loader.layouts.labels import is_level
from fiscalkg.loader.tables import Cell, Piece, Row, concat, cut
from fiscalkg.loader.text import tokens

__all__ = ["indicator_rows"]

VALUE = re.compile(r"[≥≤><＞＜=＝≧≦]|不[少低超高大小]|约?\d|-$")
SIGN = re.compile(r"[≥≤><＞＜=＝≧≦]")
COUNT = re.compile(r"(?:[≥≤><＞＜=＝≧≦]|不[少低超高大小]于|约)*\d[\d.,]*")
UNIT = re.compile(r"[^\W\d_]{1,3}(?:/[^\W\d_]{1,3})*")
MOST_TOKENS = 16  # a longer row is text in one column: dividing it further would cost time and find nothing


@dataclass(slots=True)
class _Row:
    level1: Cell | None
    level2: Cell
    lines: list[list[Cell]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(len(line) for line in self.lines)


def indicator_rows(lines: Sequence[Cell], columns: tuple[str, ...]) -> list[Row]:
    """Return one row of cells per indicator, in the order of the columns; a blank level 1 spans down."""
    body = [column for column in columns if column not in ("level1", "level2")]
    rows = _collect(lines, len(body))
    divided = [_divide(row.lines, body, None) for row in rows]
    widths = _widths([cells for cost, cells in divided if cost < _WORDS])
    result: list[Row] = []
    for row, (cost, cells) in zip(rows, divided, strict=True):
        if cost >= _WORDS:
            cells = min((cost, cells), _divide(row.lines, body, widths), key=lambda pair: pair[0])[1]
        level1 = row.level1 or _blank_before(row.level2)
        by_column = {"level1": level1, "level2": row.level2, **dict(zip(body, cells, strict=False))}
        result.append(tuple(by_column[column] for column in columns if column in by_column))
    return result


def _collect(lines: Sequence[Cell], size: int) -> list[_Row]:
    rows: list[_Row] = []
    level1: Cell | None = None
    split = [[cut(line, start, end) for start, end in tokens(line.text)] for line in lines]
    for cells, below in zip(split, [*split[1:], []], strict=False):  # no lines: no rows
        is_open = bool(rows) and rows[-1].size < min(size, 2)
        if not is_open and cells and _is_level1(cells, below):
            level1 = cells.pop(0)
        if not is_open and cells and is_level(cells[0].text, "level2"):
            rows.append(_Row(level1, cells.pop(0)))
            level1 = None
        if not cells:
            continue
        if level1 is not None or not rows:  # text where a level-2 label should be: a row without one
            rows.append(_Row(level1, _blank_before(cells[0])))
            level1 = None
        rows[-1].lines.append(cells)
    return rows


def _is_level1(cells: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """成本指标 and 满意度指标 are labels of both levels: of the first where a level 2 follows."""
    if not is_level(cells[0].text, "level1"):
        return False
    following = cells[1] if len(cells) > 1 else next(iter(below), None)
    return not is_level(cells[0].text, "level2") or (following is not None and is_level(following.text, "level2"))


def _blank_before(cell: Cell) -> Cell:
    return Cell("", (Piece(0, cell.pieces[0].start, cell.pieces[0].start),), cell.place)


_LINE = 6.0  # cost of one cell that goes on after a closed line
_WORDS = 4.0  # cost of one cell that holds two words apart: Chinese prints no blank between words


def _divide(
    lines: Sequence[Sequence[Cell]], columns: Sequence[str], widths: dict[int, int] | None
) -> tuple[float, list[Cell]]:
    """Return cost and cells of the cheapest division; with ``widths`` the last line is a broken cell's."""
    flat = [(number, cell) for number, line in enumerate(lines) for cell in line]
    if widths is not None:
        return _divide_broken(lines, columns, widths)
    if len(flat) > MOST_TOKENS:
        flat = _merge_tail(flat, len(columns))
    if not flat:
        return 0.0, []
    parts = min(len(flat), len(columns))
    best: tuple[float, list[list[tuple[int, Cell]]]] = (float("inf"), [])
    for cuts in combinations(range(1, len(flat)), max(parts - 1, 0)):
        bounds = (0, *cuts, len(flat))
        groups = [flat[first:last] for first, last in pairwise(bounds)]
        cost = _cost(groups, columns)
        if cost < best[0]:
            best = (cost, groups)
    return best[0], _with_blanks([_as_one(group) for group in best[1]], columns)


def _with_blanks(cells: list[Cell], columns: Sequence[str]) -> list[Cell]:
    """Return the cells of a row that prints fewer than its columns: what looks like a value is the value."""
    value = list(columns).index("value") if "value" in columns else 0
    if 1 < len(cells) <= value and VALUE.match(cells[-1].text):
        blanks = [_blank_before(cells[-1])] * (value + 1 - len(cells))
        return [*cells[:-1], *blanks, cells[-1]]
    return cells


def _divide_broken(
    lines: Sequence[Sequence[Cell]], columns: Sequence[str], widths: dict[int, int]
) -> tuple[float, list[Cell]]:
    if len(lines) < 2 or len(lines[-1]) != 1:
        return float("inf"), []
    cost, cells = _divide(lines[:-1], columns, None)
    full = [index for index, cell in enumerate(cells) if len(cell.text) == widths.get(index)]
    if len(cells) < len(columns) or not full:
        return float("inf"), []
    cells[full[0]] = concat([cells[full[0]], lines[-1][0]])
    return cost, cells


def _merge_tail(flat: list[tuple[int, Cell]], columns: int) -> list[tuple[int, Cell]]:
    """Return the tokens with whole lines taken as one, then all beyond the last column as one."""
    by_line: dict[int, list[tuple[int, Cell]]] = {}
    for number, cell in flat:
        by_line.setdefault(number, []).append((number, cell))
    merged = [(number, _as_one(group)) for number, group in by_line.items()]
    head, tail = merged[: columns - 1], merged[columns - 1 :]
    return [*head, (tail[0][0], concat([cell for _, cell in tail], " "))] if tail else merged


def _cost(groups: Sequence[Sequence[tuple[int, Cell]]], columns: Sequence[str]) -> float:
    cost = 0.0
    for index, group in enumerate(groups):
        if index:
            cost += _edge_cost(groups[index - 1][-1], group[0])
        cost += sum(_inside_cost(left, right) for left, right in pairwise(group))
        looks_like_value = VALUE.match(group[0][1].text) is not None
        if columns[index] == "name" and looks_like_value:
            cost += 1
    if len(groups) > (value := list(columns).index("value") if "value" in columns else 0):
        others = [group for index, group in enumerate(groups) if index != value]
        if not VALUE.match(groups[value][0][1].text) and any(VALUE.match(group[0][1].text) for group in others):
            cost += 1.5
    return cost


def _edge_cost(left: tuple[int, Cell], right: tuple[int, Cell]) -> float:
    if left[0] != right[0]:
        return 0.0
    return 3.0 if _belong_together(left[1].text, right[1].text) else 0.5


def _inside_cost(left: tuple[int, Cell], right: tuple[int, Cell]) -> float:
    if left[0] != right[0]:
        return _LINE
    if _belong_together(left[1].text, right[1].text):
        return 0.3
    # a value never goes on from the text before it: no word ends in a blank and a comparison sign
    is_latin = left[1].text[-1].isascii() or right[1].text[0].isascii()
    return 1.0 if is_latin and not SIGN.match(right[1].text) else _WORDS


def _belong_together(left: str, right: str) -> bool:
    is_count = COUNT.fullmatch(left) is not None and UNIT.fullmatch(right) is not None
    is_date = re.search(r"\d年$", left) is not None and re.match(r"\d{1,2}月", right) is not None
    return is_count or is_date


def _as_one(group: Sequence[tuple[int, Cell]]) -> Cell:
    """Return tokens as one cell: a blank where the line had one, closed lines as a reader joins them."""
    lines = groupby(group, key=lambda token: token[0])
    return concat([concat([cell for _, cell in line], " ") for _, line in lines])


def _widths(rows: Sequence[Sequence[Cell]]) -> dict[int, int]:
    """Return how many characters a wrapped piece has in each column: there its edge is."""
    widths: dict[int, int] = {}
    for cells in rows:
        for index, cell in enumerate(cells):
            for piece, following in pairwise(cell.pieces):
                if "\n" not in cell.text[piece.at : following.at]:
                    widths[index] = max(widths.get(index, 0), piece.end - piece.start)
    return widths

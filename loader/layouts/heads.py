"""The indicator table of a grid: its head into columns, the rows below into cells, long-term and annual apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fiscalkg.loader.layouts.form import LEAST_COLUMNS, IndicatorTable, carried
from fiscalkg.loader.layouts.labels import head_of, is_level, label_before, label_of
from fiscalkg.loader.layouts.lattice import Lattice
from fiscalkg.loader.model import Scope
from fiscalkg.loader.places import PagePlace
from fiscalkg.loader.tables import Area, Cell, Row, concat
from fiscalkg.loader.text import squeeze

__all__ = ["Column", "Head", "body_of", "find_head", "tables_of"]

VALUES = frozenset({"value", "total_value"})
# What a row must print to be an indicator: some forms print the level of every class and leave the rest blank.
SUBSTANCE = frozenset({"name", "description", "value", "total_value"})
LEVELS = ("level1", "level2")
KEYS = ("name", "value")
LONG_TERM = re.compile("长期|中期|实施期|总体|总目标")
OF_YEAR = re.compile("年度|当年|本年")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the indicator table: what it holds, where it starts and stops (exclusive), of which period."""

    concept: str
    start: int
    stop: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an indicator table: its row, its cells, and its columns by block, left to right."""

    row: int
    areas: tuple[Area, ...]
    blocks: tuple[tuple[Column, ...], ...]

    @property
    def left(self) -> int:
        """The first column of the table; what stands left of it heads the whole."""
        return min(column.start for block in self.blocks for column in block)

    @property
    def labels(self) -> list[Cell]:
        """The cells of the head whose words are known; what nobody knows is left over, with the cells below it."""
        return [area.cell for area in self.areas if head_of(area.cell.text) or label_of(area.cell.text)]

    @property
    def bottom(self) -> int:
        """The first row below the head."""
        return max(area.row + area.rows for area in self.areas if area.column >= self.left)


def find_head(lattice: Lattice, start: int) -> Head | None:
    """Return the first head of an indicator table from a row on, or ``None``."""
    for row in lattice.rows:
        if row >= start and (head := _head(lattice, row)):
            return head
    return None


def _head(lattice: Lattice, row: int) -> Head | None:
    if not any(head_of(area.cell.text) in VALUES for area in lattice.by_row[row]):
        return None
    areas = [area for area in lattice.across(row) if area.cell.text]
    named = [(area, concept) for area in areas if (concept := head_of(area.cell.text))]
    if len(named) < LEAST_COLUMNS:
        return None
    blocks = _blocks(_without_group(named))
    scoped = tuple(tuple(_scoped(lattice, row, blocks, number)) for number in range(len(blocks)))
    return Head(row, tuple(areas), tuple(part for block in scoped for part in _apart(block)))


def _without_group(named: Sequence[tuple[Area, str]]) -> list[tuple[Area, str]]:
    """绩效指标 left of 一级指标 heads the whole table; elsewhere it is the column of names."""
    concepts = [concept for _, concept in named]
    is_group = concepts[0] == "name" and "name" in concepts[1:]
    return list(named[1:] if is_group else named)


def _blocks(named: Sequence[tuple[Area, str]]) -> list[list[tuple[Area, str]]]:
    """Return the columns of each block: a concept that comes again after a value begins the next one."""
    blocks: list[list[tuple[Area, str]]] = [[]]
    for area, concept in named:
        known = {concept for _, concept in blocks[-1]}
        if concept in known and known & VALUES and concept not in VALUES | {"description"}:
            blocks.append([])
        elif concept in known:
            concept = "description" if concept == "name" and "description" not in known else ""
        blocks[-1].append((area, concept))
    while len(blocks) > 1 and not any(concept in VALUES for _, concept in blocks[-1]):
        tail = [(area, "description" if concept == "name" else "") for area, concept in blocks.pop()]
        blocks[-1] += tail
    return blocks


def _scoped(lattice: Lattice, row: int, blocks: Sequence[Sequence[tuple[Area, str]]], number: int) -> Iterator[Column]:
    """Yield the columns of a block; a later one has its levels from the first, where it prints none."""
    block = blocks[number]
    printed = {concept for _, concept in block}
    shared = [pair for pair in blocks[0] if number and pair[1] in ("level1", "level2") and pair[1] not in printed]
    scope = _scope_above(lattice, row, block[0][0])
    if scope is None:
        scope = Scope.TOTAL if len(blocks) > 1 and number == 0 else Scope.YEAR
    for area, concept in (*shared, *block):
        if concept:
            yield Column(concept, area.column, area.column + area.columns, scope)


def _scope_above(lattice: Lattice, row: int, area: Area) -> Scope | None:
    """Return the period that a cell right above a block, or left of it, names."""
    above = lattice.at(row - 1, area.column) if row else None
    left = lattice.at(row, area.column - 1) if area.column else None
    for head in (above, left):
        text = squeeze(head.cell.text) if head else ""
        label = label_of(text)
        if label is None or head_of(text) in VALUES:
            continue
        if LONG_TERM.search(text):
            return Scope.TOTAL
        if OF_YEAR.search(text):
            return Scope.YEAR
    return None


def _apart(block: Sequence[Column]) -> list[tuple[Column, ...]]:
    """Return one block for each period where the values of both stand side by side under one name."""
    concepts = {column.concept for column in block}
    if "total_value" not in concepts:
        return [tuple(block)]
    long_term = [
        replace(column, concept="value" if column.concept == "total_value" else column.concept, scope=Scope.TOTAL)
        for column in block
        if column.concept != "value"
    ]
    annual = [column for column in block if column.concept != "total_value"]
    return [tuple(long_term), tuple(annual)] if "value" in concepts else [tuple(long_term)]


def body_of(lattice: Lattice, head: Head) -> int:
    """Return the first row below a head that is no row of its table."""
    rows = [row for row in lattice.rows if row >= head.bottom]
    return next((row for row in rows if _ends(lattice, head, row)), lattice.rows[-1] + 1)


def _ends(lattice: Lattice, head: Head, row: int) -> bool:
    if _head(lattice, row):
        return not _repeats(lattice, head, row)
    own = [area for area in lattice.by_row[row] if area.cell.text]
    if not own or own[0].column > head.left:
        return False
    first = own[0]
    if first.columns >= lattice.width - head.left and lattice.width > 1:
        return True
    text = first.cell.text
    if is_level(text, "level1") or is_level(text, "level2"):
        return False
    return label_of(text) is not None or label_before(text) is not None


def _repeats(lattice: Lattice, head: Head, row: int) -> bool:
    again = _head(lattice, row)
    return again is not None and again.blocks == head.blocks


def tables_of(lattice: Lattice, head: Head, start: int, stop: int) -> tuple[list[IndicatorTable], list[Cell]]:
    """Return the indicator tables in rows ``start`` to ``stop``, and the cells that are labels or of blank rows."""
    labels = []
    rows = []
    for row in lattice.rows:
        if not start <= row < stop:
            continue
        if _repeats(lattice, head, row):
            labels += [area.cell for area in lattice.across(row) if area.cell.text]
        else:
            rows.append(row)
            labels += [a.cell for a in lattice.across(row) if a.column < head.left and label_of(a.cell.text)]
    tables = []
    for block in head.blocks:
        concepts = tuple(column.concept for column in block)
        cells = carried(concepts, [_row(lattice, row, block) for row in rows])
        kept = _rejoined(concepts, [row for row in cells if _has_substance(concepts, row)])
        labels += [cell for row in cells if not _has_substance(concepts, row) for cell in row]
        tables.append(IndicatorTable(concepts, kept, block[-1].scope))
    return tables, labels


def _row(lattice: Lattice, row: int, block: Sequence[Column]) -> Row:
    return tuple(_cell(lattice, row, column) for column in block)


def _cell(lattice: Lattice, row: int, column: Column) -> Cell:
    """Return what a column prints in a row; a cell that began in the column before is that one's."""
    areas = [area for area in lattice.across(row) if column.start <= area.column < column.stop]
    return concat((area.cell for area in areas), "") if areas else Cell("", ())


def _has_substance(concepts: Sequence[str], row: Row) -> bool:
    return any(cell.text for concept, cell in zip(concepts, row, strict=True) if concept in SUBSTANCE)


def _rejoined(concepts: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """Return the rows with those that a page's end has cut put together again.

    The rest of a row stands first on the next page and leaves a column blank that every whole row fills.
    """
    whole: list[Row] = []
    for row in rows:
        if whole and _page(row) > _page(whole[-1]) > 0 and _is_rest(concepts, whole[-1], row):
            whole[-1] = tuple(
                above if concept in ("level1", "level2") else concat((above, rest))
                for concept, above, rest in zip(concepts, whole[-1], row, strict=True)
            )
        else:
            whole.append(row)
    return whole


def _page(row: Row) -> int:
    pages = [cell.place.page for cell in row if cell.text and isinstance(cell.place, PagePlace)]
    return max(pages, default=0)


def _is_rest(concepts: Sequence[str], above: Row, row: Row) -> bool:
    pairs = {concept: (one, other) for concept, one, other in zip(concepts, above, row, strict=True)}
    same_group = all(not rest.text or rest.text == one.text for one, rest in (pairs[c] for c in LEVELS if c in pairs))
    return same_group and any(one.text and not rest.text for one, rest in (pairs[c] for c in KEYS if c in pairs))

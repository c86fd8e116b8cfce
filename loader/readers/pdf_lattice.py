"""The rules of a page into lattices: which rules belong together, and which fields they leave open to each other.

Rules are snapped to one another, those of a row are joined, and rules that meet are one lattice. Its fields lie
between neighbouring rules; where no rule stands between two fields they are one cell. So a missing rule is a
merged cell, and sides that a form leaves open (three-line tables) are closed by the lattice's own outline.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fiscalkg.loader.readers.pdf_paths import Rule

__all__ = ["NEAR", "Field", "Lattice", "lattices", "nearest_index", "snapped"]

NEAR = 3.0  # points: rules closer than this are one; no line of text is so low
SHORTEST = 5.0  # points: shorter rules are bullets and parts of letters
MOST_RULES = 4_000  # of a page after joining; a page of small print in cells has some hundreds
MOST_FIELDS = 60_000
COVERED = 0.6  # share of a field's side that a rule must cover to part two fields


@dataclass(frozen=True, slots=True)
class Field:
    """A cell of a lattice: row and column from 0, how many it spans."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Lattice:
    """Where rules stand, from left and from top, and the cells between them.

    ``open_top`` and ``open_bottom`` say that upright rules run on where no rule closes the table: as at a page break.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    fields: tuple[Field, ...]
    open_top: bool
    open_bottom: bool


def lattices(rules: Iterable[Rule]) -> list[Lattice]:
    """Return the lattices of a page's rules, each with at least two cells; none where rules are beyond counting."""
    joined = _joined(rules)
    if len(joined) > MOST_RULES:
        return []
    found = (_lattice(group) for group in _groups(joined))
    return [lattice for lattice in found if lattice and len(lattice.fields) > 1]


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """Return rules with those that lie side by side or follow one another in a row made one."""
    joined: list[Rule] = []
    ordered = sorted(rules)
    for is_horizontal in (False, True):
        same = [rule for rule in ordered if rule.is_horizontal == is_horizontal]
        positions = snapped([rule.at for rule in same])
        rows: dict[float, list[Rule]] = {}
        for rule in same:
            rows.setdefault(nearest(positions, rule.at), []).append(rule)
        for at, row in rows.items():
            joined += _in_row(is_horizontal, at, row)
    return joined


def _in_row(is_horizontal: bool, at: float, row: list[Rule]) -> Iterable[Rule]:
    start = end = None
    for rule in sorted(row, key=lambda rule: rule.start):
        if end is not None and rule.start <= end + NEAR:
            end = max(end, rule.end)
            continue
        if start is not None and end is not None and end - start >= SHORTEST:
            yield Rule(is_horizontal, at, start, end)
        start, end = rule.start, rule.end
    if start is not None and end is not None and end - start >= SHORTEST:
        yield Rule(is_horizontal, at, start, end)


def snapped(values: Iterable[float]) -> list[float]:
    """Return one position for each run of values that lie within ``NEAR`` of the run's first."""
    runs: list[list[float]] = []
    for value in sorted(values):
        if runs and value - runs[-1][0] <= NEAR:
            runs[-1].append(value)
        else:
            runs.append([value])
    return [sum(run) / len(run) for run in runs]


def nearest(positions: Sequence[float], value: float) -> float:
    """Return the position next to a value; positions are in order and at least one."""
    return positions[nearest_index(positions, value)]


def nearest_index(positions: Sequence[float], value: float) -> int:
    """Return the index of the position next to a value; positions are in order and at least one."""
    index = bisect_left(positions, value)
    around = [at for at in (index - 1, index) if 0 <= at < len(positions)]
    return min(around, key=lambda at: abs(positions[at] - value))


def _groups(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return rules that meet, directly or through others, together."""
    level = [rule for rule in rules if rule.is_horizontal]
    heights = [rule.at for rule in level]
    leaders = list(range(len(rules)))
    index_of = {id(rule): index for index, rule in enumerate(rules)}

    def leader(index: int) -> int:
        while leaders[index] != index:
            leaders[index] = leaders[leaders[index]]
            index = leaders[index]
        return index

    for rule in rules:
        if rule.is_horizontal:
            continue
        for other in level[bisect_left(heights, rule.start - NEAR) : bisect_right(heights, rule.end + NEAR)]:
            if other.start - NEAR <= rule.at <= other.end + NEAR:
                leaders[leader(index_of[id(rule)])] = leader(index_of[id(other)])
    groups: dict[int, list[Rule]] = {}
    for index, rule in enumerate(rules):
        groups.setdefault(leader(index), []).append(rule)
    return list(groups.values())


def _lattice(rules: Sequence[Rule]) -> Lattice | None:
    across = [rule for rule in rules if rule.is_horizontal]
    upright = [rule for rule in rules if not rule.is_horizontal]
    if not across or not upright:
        return None
    xs = _positions([rule.at for rule in upright], across)
    ys = _positions([rule.at for rule in across], upright)
    if (len(xs) - 1) * (len(ys) - 1) > MOST_FIELDS or len(xs) < 2 or len(ys) < 2:
        return None
    walls = _sides(upright, xs, ys)
    floors = _sides(across, ys, xs)
    fields = tuple(_fields(walls, floors, len(xs) - 1, len(ys) - 1))
    width = range(len(xs) - 1)
    is_open = [not any((row, column) in floors for column in width) for row in (0, len(ys) - 1)]
    return Lattice(tuple(xs), tuple(ys), fields, *is_open)


def _positions(values: Sequence[float], others: Sequence[Rule]) -> list[float]:
    """Return where rules stand, with the ends of the rules across them where these reach farther."""
    positions = snapped(values)
    start, end = min(rule.start for rule in others), max(rule.end for rule in others)
    if start < positions[0] - 2 * NEAR:
        positions = [start, *positions]
    if end > positions[-1] + 2 * NEAR:
        positions = [*positions, end]
    return positions


def _sides(rules: Sequence[Rule], stands: Sequence[float], steps: Sequence[float]) -> set[tuple[int, int]]:
    """Return (index of the stand, index of the step) of each side between two fields that a rule covers."""
    covered: dict[tuple[int, int], float] = {}
    for rule in rules:
        stand = nearest_index(stands, rule.at)
        first = max(bisect_right(steps, rule.start) - 1, 0)
        for step in range(first, len(steps) - 1):
            if steps[step] >= rule.end:
                break
            length = min(rule.end, steps[step + 1]) - max(rule.start, steps[step])
            covered[stand, step] = covered.get((stand, step), 0.0) + max(length, 0.0)
    lengths = [below - above for above, below in pairwise(steps)]
    return {side for side, length in covered.items() if length >= COVERED * lengths[side[1]]}


def _fields(walls: set[tuple[int, int]], floors: set[tuple[int, int]], width: int, height: int) -> Iterable[Field]:
    """Yield the cells, row by row: each grows to the right, then down while all its bottom is open.

    A cell that would not be a rectangle is as wide as its first row allows; what is left over is a cell of its own.
    """
    taken: set[tuple[int, int]] = set()
    for row in range(height):
        for column in range(width):
            if (row, column) in taken:
                continue
            columns = 1
            while (
                column + columns < width
                and (column + columns, row) not in walls
                and (row, column + columns) not in taken
            ):
                columns += 1
            rows = 1
            while row + rows < height and _goes_down(walls, floors, row + rows, column, columns, width):
                rows += 1
            taken.update((row + down, column + right) for down in range(rows) for right in range(columns))
            yield Field(row, column, rows, columns)


def _goes_down(
    walls: set[tuple[int, int]], floors: set[tuple[int, int]], row: int, column: int, columns: int, width: int
) -> bool:
    """Return whether the fields of ``row`` belong to the cell above: nothing parts them from it nor one another."""
    inside = range(column, column + columns)
    if any((row, at) in floors for at in inside) or any((at, row) in walls for at in inside[1:]):
        return False
    left_closed = column == 0 or (column, row) in walls
    right_closed = column + columns == width or (column + columns, row) in walls
    return left_closed and right_closed

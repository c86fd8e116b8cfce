"""The areas of a grid as a lattice: what stands at a row and column, beside an area and below it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from fiscalkg.loader.tables import Area

__all__ = ["Lattice", "stack"]


@dataclass(frozen=True)
class Lattice:
    """Areas by row and column; their rows need not start at 0, so a part of a grid is a lattice too."""

    areas: tuple[Area, ...]

    @cached_property
    def by_row(self) -> dict[int, list[Area]]:
        """The areas that start in each row, from left to right."""
        rows: dict[int, list[Area]] = {}
        for area in sorted(self.areas, key=lambda area: (area.row, area.column)):
            rows.setdefault(area.row, []).append(area)
        return rows

    @cached_property
    def rows(self) -> Sequence[int]:
        """The rows in which areas start, in order."""
        return sorted(self.by_row)

    @cached_property
    def from_above(self) -> dict[int, list[Area]]:
        """For each row in which areas start, the areas that span it from above."""
        spanned: dict[int, list[Area]] = {}
        for area in self.areas:
            if area.rows > 1:
                first = bisect_right(self.rows, area.row)
                for row in self.rows[first : bisect_left(self.rows, area.row + area.rows)]:
                    spanned.setdefault(row, []).append(area)
        return spanned

    @cached_property
    def width(self) -> int:
        """The first column to the right of all areas."""
        return max((area.column + area.columns for area in self.areas), default=0)

    def at(self, row: int, column: int) -> Area | None:
        """Return the area that covers a row and column."""
        return next((area for area in self.across(row) if area.column <= column < area.column + area.columns), None)

    def across(self, row: int) -> list[Area]:
        """Return the areas that cover a row, from left to right: its own and those that span it from above."""
        own = self.by_row.get(row)
        if own is None:  # a row in which nothing starts is spanned whole
            return sorted((area for area in self.areas if area.row < row < area.row + area.rows), key=_column)
        return sorted((*own, *self.from_above.get(row, ())), key=_column)

    def right_of(self, area: Area, row: int | None = None) -> Area | None:
        """Return the area that follows another in a row, its first by default."""
        return self.at(area.row if row is None else row, area.column + area.columns)

    @cached_property
    def is_open(self) -> bool:
        """Whether no area spans another row or column: merged cells are lost, and blank where they went on."""
        return all(area.rows == area.columns == 1 for area in self.areas)

    def next_to(self, area: Area, row: int | None = None) -> Area | None:
        """Return what stands beside a label: in an open lattice the first filled area after its blank rest."""
        found = self.right_of(area, row)
        beyond = found
        while self.is_open and beyond and not beyond.cell.text:
            beyond = self.right_of(beyond)
        return beyond or found

    def below(self, area: Area) -> Area | None:
        """Return the area that starts right below another, in the same column."""
        found = self.at(area.row + area.rows, area.column)
        return found if found and found.row == area.row + area.rows and found.column == area.column else None

    def part(self, first: int, stop: int) -> Lattice:
        """Return the areas that start in rows ``first`` to ``stop``, exclusive."""
        return Lattice(tuple(area for area in self.areas if first <= area.row < stop))


def _column(area: Area) -> int:
    return area.column


def stack(upper: Lattice, lower: Iterable[Area]) -> Lattice:
    """Return a grid that goes on in another: the lower rows follow the upper ones."""
    bottom = max((area.row + area.rows for area in upper.areas), default=0)
    areas = list(lower)
    top = min((area.row for area in areas), default=0)
    return Lattice((*upper.areas, *(area._replace(row=area.row - top + bottom) for area in areas)))

"""Tables that break at the end of a page into one: what goes on is told by geometry and text, never by labels.

A table goes on where nothing stands between its parts, they are equally wide, and the first part left no room that
the next row could have used. A head that is printed again is dropped. A row that the page end broke is put together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from fiscalkg.loader.readers.assemble import Box
from fiscalkg.loader.readers.pdf_lattice import NEAR, nearest_index, snapped
from fiscalkg.loader.readers.pdf_rows import (
    are_alike,
    closed,
    filled,
    have_same_sides,
    is_broken,
    is_head,
    joined,
    pairs_of,
    paragraphs,
    spans_on,
)
from fiscalkg.loader.readers.pdf_tables import Fragment, PrintedCell
from fiscalkg.loader.text import squeeze

__all__ = ["GrowingTable"]

LONGEST_HEAD = 6  # rows that pages print again
LIKE_ROWS = 3  # below a title: the labels of a unit, a project and its money
LONGEST_SPAN = 300  # rows that one cell spans, over however many pages
SPARE = 24.0  # points a page may leave free for other reasons than that the next row did not fit
MOST_NEAR = 500  # cells before and after a page's end
GUTTER = 60.0  # points by which even and odd pages may be shifted


@dataclass(slots=True)
class GrowingTable:
    """A table as its pages come: cells with rows counted through.

    ``caption`` are the lines printed above it, ``known`` texts that stand whole in cells of the document.
    """

    width: float
    last: Fragment
    known: Collection[str] = ()
    caption: tuple[str, ...] = ()
    rows: int = 0
    cells: list[PrintedCell] = field(default_factory=list)
    _by_row: dict[int, list[int]] = field(default_factory=dict)
    _row_of: dict[tuple[str, ...], int] = field(default_factory=dict)

    @classmethod
    def begin(cls, fragment: Fragment, caption: Sequence[str] = (), known: Collection[str] = ()) -> GrowingTable:
        """Return the table that a fragment begins."""
        table = cls(fragment.right - fragment.left, fragment, known, tuple(caption))
        table._append(fragment.cells, len(fragment.heights))
        return table

    def goes_on(self, fragment: Fragment, room: float, most_room: float, between: Sequence[str]) -> bool:
        """Return whether a fragment, the first of the next page, goes on with this table.

        ``room`` is what the page before had left below the table, in points, ``most_room`` what it may have had;
        ``between`` are the lines above the fragment that are no page furniture.
        """
        is_shifted = abs(fragment.left - self.last.left) > GUTTER
        if is_shifted or abs(fragment.right - fragment.left - self.width) > 2 * NEAR:
            return False
        head = self._repeated_head(fragment)
        has_head = head > 0 and is_head([cell for cell in fragment.cells if cell.row == head - 1])
        if between:
            return has_head and tuple(between) == self.caption[-len(between) :]
        if has_head or self.last.open_bottom or fragment.open_top:
            return True
        if most_room > SPARE + fragment.heights[0] and _is_title(fragment.cells) and _is_title(self._between(0, 1)):
            return False  # two forms that print their titles inside
        return room <= SPARE or (room <= SPARE + max(fragment.heights[:3]) and self._shares_columns(fragment))

    def add(self, fragment: Fragment) -> None:
        """Add a fragment that goes on with this table: without its head, its first row joined where it was broken."""
        head = self._repeated_head(fragment)
        rows = len(fragment.heights) - head
        is_open = self.last.open_bottom or fragment.open_top
        ends = self._ends()
        self.last = fragment
        if not rows:
            return
        added = [_fitted(cell, head, fragment, self.width) for cell in fragment.cells if cell.row >= head]
        first = [cell for cell in added if cell.row == 0]
        pairs = pairs_of([self.cells[index] for index in ends], first)
        is_one_row = len(pairs) == len(ends) == len(first) and (is_open or is_broken(pairs, self.known))
        start = self.rows - 1 if is_one_row else self.rows
        index_of = {id(self.cells[index]): index for index in ends}
        for above, below in pairs:
            if is_one_row or spans_on(above, below, self.known, self._is_spanned(above, below, added)):
                self.cells[index_of[id(above)]] = joined(above, below, start)
                added.remove(below)
        self._append([replace(cell, row=cell.row + start) for cell in added], start + rows)

    def boxes(self) -> list[Box]:
        """Return the table's cells by row and column; where pages' columns contradict, the upper left cell has both."""
        sides = snapped([side for cell in self.cells for side in (cell.left, cell.right)])
        boxes: list[Box] = []
        owners: dict[tuple[int, int], int] = {}
        for cell in sorted(self.cells, key=lambda cell: (cell.row, cell.left)):
            box = _box(cell, sides)
            rows, columns = range(box.row, box.row + box.rows), range(box.column, box.column + box.columns)
            fields = [(row, column) for row in rows for column in columns]
            owner = next((owners[place] for place in fields if place in owners), None)
            if owner is None:
                owners.update(dict.fromkeys(fields, len(boxes)))
                boxes.append(box)
            elif box.text:
                boxes[owner] = replace(boxes[owner], text=f"{boxes[owner].text}\n{box.text}".strip("\n"))
        return boxes

    def _append(self, cells: Iterable[PrintedCell], rows: int) -> None:
        by_row: dict[int, list[int]] = {}
        for cell in cells:
            by_row.setdefault(cell.row, []).append(len(self.cells))
            self.cells.append(cell)
        for row, members in by_row.items():
            self._by_row.setdefault(row, []).extend(members)
            self._row_of.setdefault(_texts([self.cells[index] for index in members]), row)
        self.rows = rows

    def _between(self, start: int, count: int) -> list[PrintedCell]:
        return [self.cells[index] for row in range(start, start + count) for index in self._by_row.get(row, ())]

    def _ends(self) -> list[int]:
        """Return which cells reach the last row, from left to right."""
        rows = range(max(self.rows - LONGEST_SPAN, 0), self.rows)
        ends = [index for row in rows for index in self._by_row.get(row, ()) if self._reaches_end(index)]
        return sorted(ends, key=lambda index: self.cells[index].left)

    def _is_spanned(self, above: PrintedCell, below: PrintedCell, added: Sequence[PrintedCell]) -> bool:
        """Return whether the column of two cells, before or after the page's end, has cells over several rows.

        Where other cells of it are blank too, its labels are printed above blanks and span nothing.
        """
        near = self.cells[-MOST_NEAR:] + list(added[:MOST_NEAR])
        column = [other for other in near if have_same_sides(other, below) and other not in (above, below)]
        is_blank_style = not above.lines and any(other.rows == 1 and not other.lines for other in column)
        return not is_blank_style and any(other.rows > 1 for other in column)

    def _reaches_end(self, index: int) -> bool:
        return self.cells[index].row + self.cells[index].rows == self.rows

    def _shares_columns(self, fragment: Fragment) -> bool:
        def sides(cells: Sequence[PrintedCell]) -> list[float]:
            return [side for cell in cells for side in (cell.left, cell.right) if NEAR < side < self.width - NEAR]

        mine, others = sides(self.last.cells), snapped(sides(fragment.cells))
        if not mine or not others:
            return True
        shared = sum(abs(others[nearest_index(others, side)] - side) <= NEAR for side in snapped(mine))
        return 2 * shared >= min(len(snapped(mine)), len(others))  # one side may be shared by chance

    def _repeated_head(self, fragment: Fragment) -> int:
        """Return how many of a fragment's first rows print again what the table printed before."""
        first = _texts([cell for cell in fragment.cells if cell.row == 0])
        start = self._row_of.get(first)
        if start is None or not any(first):
            return 0
        for count in range(min(LONGEST_HEAD, len(fragment.heights)), 0, -1):
            again = closed([cell for cell in fragment.cells if cell.row < count], 0, count)
            before = closed(self._between(start, count), start, count)
            if again and are_alike(again, before):
                ends_in_head = is_head([cell for cell in again if cell.row == count - 1])
                is_top = start == 0 and any(filled(again, row) > 1 for row in range(count))
                if ends_in_head or is_top or (start == 0 and not self._begins_alike(fragment, count)):
                    return count
        return 0

    def _begins_alike(self, fragment: Fragment, count: int) -> bool:
        """Return whether the rows below a title printed again repeat a text of the rows below this table's title.

        Another form of the same title does: it prints the same labels there.
        """
        mine = {squeeze(cell.text) for cell in self._between(count, LIKE_ROWS)}
        others = {squeeze(cell.text) for cell in fragment.cells if count <= cell.row < count + LIKE_ROWS}
        return bool((mine & others) - {""})


def _texts(cells: Sequence[PrintedCell]) -> tuple[str, ...]:
    return tuple(squeeze(cell.text) for cell in sorted(cells, key=lambda cell: cell.left))


def _is_title(cells: Sequence[PrintedCell]) -> bool:
    """Return whether the first row is one cell, filled: what a form has that prints its title inside."""
    first = [cell for cell in cells if cell.row == 0]
    return len(first) == 1 and bool(first[0].lines)


def _fitted(cell: PrintedCell, head: int, fragment: Fragment, width: float) -> PrintedCell:
    """Return a cell with its row counted from below the head, and the table's right edge where it reaches its own."""
    right = width if abs(cell.right - (fragment.right - fragment.left)) <= NEAR else cell.right
    return replace(cell, row=cell.row - head, right=right)


def _box(cell: PrintedCell, sides: Sequence[float]) -> Box:
    first, last = nearest_index(sides, cell.left), nearest_index(sides, cell.right)
    return Box(paragraphs(cell), cell.row, first, cell.place, cell.rows, max(last - first, 1))

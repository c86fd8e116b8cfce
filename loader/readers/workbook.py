"""The sheets of a workbook, whatever its file format, into grids: merged ranges whole, blank edges left away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import SheetPlace
from fiscalkg.loader.readers.assemble import Box, Part

__all__ = ["MOST_CELLS", "Range", "Sheet", "bound_merged", "column_name", "parts_of"]

MOST_CELLS = 1_000_000
# A sheet of a few cells far apart would need a blank box for each place between.
MOST_BLANKS = 2_000_000
# A range over whole rows or columns of the sheet is a setting, not a cell.
MOST_COLUMNS, MOST_ROWS = 1_000, 10_000


@dataclass(frozen=True, slots=True)
class Range:
    """A merged range: first row and column from 0, and how many of each."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: what its cells show by row and column from 0, merged ranges, and whether it or which of it is hidden."""

    name: str
    texts: Mapping[tuple[int, int], str]
    merged: Sequence[Range] = ()
    hidden: bool = False
    hidden_rows: Set[int] = frozenset()
    hidden_columns: Set[int] = frozenset()


def bound_merged(ranges: Iterable[Range], name: str) -> None:
    """Raise ``DocumentError`` when merged ranges hold more places than a workbook may have cells."""
    if sum(one.rows * one.columns for one in ranges) > MOST_CELLS:
        raise DocumentError(f"{name}: merged ranges of more than {MOST_CELLS} cells; take apart those of whole columns")


def parts_of(sheets: Iterable[Sheet], name: str) -> tuple[list[Part], list[Finding]]:
    """Return one grid for each sheet that shows something; a hidden one is left out and told.

    Raises ``DocumentError`` naming the file when its merged ranges are larger than any.
    """
    sheets = list(sheets)
    bound_merged((one for sheet in sheets for one in sheet.merged), name)
    parts: list[Part] = []
    findings: list[Finding] = []
    for sheet in map(_visible, sheets):
        filled = {at: text for at, text in sheet.texts.items() if text.strip()}
        if not filled:
            continue
        if sheet.hidden:
            findings.append(_hidden(sheet, name))
            continue
        parts.append(_boxes(sheet, filled))
    return parts, findings


def _visible(sheet: Sheet) -> Sheet:
    """Return a sheet without the text of hidden rows and columns; a merged range shows it where it reaches out."""
    rows, columns = sheet.hidden_rows, sheet.hidden_columns
    if not rows and not columns:
        return sheet
    texts = {at: text for at, text in sheet.texts.items() if at[0] not in rows and at[1] not in columns}
    merged = []
    for one in sheet.merged:
        row = next((at for at in range(one.row, one.row + one.rows) if at not in rows), None)
        column = next((at for at in range(one.column, one.column + one.columns) if at not in columns), None)
        if row is not None and column is not None:
            texts[row, column] = texts.get((row, column)) or sheet.texts.get((one.row, one.column), "")
            merged.append(Range(row, column, one.row + one.rows - row, one.column + one.columns - column))
    return replace(sheet, texts=texts, merged=merged)


def _boxes(sheet: Sheet, filled: Mapping[tuple[int, int], str]) -> list[Box]:
    top, left = min(row for row, _ in filled), min(column for _, column in filled)
    bottom, right = _corner(sheet, filled)
    ranges = _kept(sheet.merged, filled, (bottom, right))
    covered = {at for merged in ranges.values() for at in _places(merged, bottom, right)}
    rows = sorted({row for row, _ in filled} | {row for row, _ in covered})
    width = right - left + 1
    places = (
        ((row, column) for row in rows for column in range(left, right + 1))
        if len(rows) * width <= MOST_BLANKS
        else iter(sorted(filled))
    )
    boxes = []
    for at in places:
        if at in covered and at not in ranges:
            continue
        merged = ranges.get(at, Range(*at, 1, 1))
        place = SheetPlace(sheet.name, f"{column_name(at[1])}{at[0] + 1}")
        down, across = min(merged.rows, bottom - at[0] + 1), min(merged.columns, right - at[1] + 1)
        boxes.append(Box(filled.get(at, ""), at[0] - top, at[1] - left, place, max(down, 1), max(across, 1)))
    return boxes


def _corner(sheet: Sheet, filled: Mapping[tuple[int, int], str]) -> tuple[int, int]:
    """Return the last row and column that a filled cell, or the range it begins, reaches."""
    reach = [one for one in sheet.merged if (one.row, one.column) in filled and one.columns <= MOST_COLUMNS]
    bottom = max([row for row, _ in filled] + [one.row + min(one.rows, MOST_ROWS) - 1 for one in reach])
    return bottom, max([column for _, column in filled] + [one.column + one.columns - 1 for one in reach])


def _kept(
    merged: Sequence[Range], filled: Mapping[tuple[int, int], str], corner: tuple[int, int]
) -> dict[tuple[int, int], Range]:
    """Return merged ranges by their first cell: those that lie on another, or hide text, are none."""
    bottom, right = corner
    ranges: dict[tuple[int, int], Range] = {}
    taken: set[tuple[int, int]] = set()
    for one in sorted(merged, key=lambda one: (one.row, one.column)):
        places = set(_places(one, bottom, right))
        hides = any(at in filled for at in places if at != (one.row, one.column))
        if places and not places & taken and not hides:
            ranges[one.row, one.column] = one
            taken |= places
    return ranges


def _places(merged: Range, bottom: int, right: int) -> Iterable[tuple[int, int]]:
    """Yield the places a range covers, up to the last that is filled."""
    last_row, last_column = min(merged.row + merged.rows - 1, bottom), min(merged.column + merged.columns - 1, right)
    for row in range(merged.row, last_row + 1):
        for column in range(merged.column, last_column + 1):
            yield row, column


def column_name(column: int) -> str:
    """Return a column's letters.

    >>> column_name(0), column_name(27)
    ('A', 'AB')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _hidden(sheet: Sheet, name: str) -> Finding:
    zh, en = f"工作表“{sheet.name}”是隐藏的，未读取", f"sheet “{sheet.name}” is hidden and was not read"
    return Finding("R-SHEET-HIDDEN", Severity.INFO, zh, en, name, None, SheetPlace(sheet.name, "A1"))

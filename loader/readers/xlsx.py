"""An Excel workbook (xlsx) into grids: what its cells show, formulas by the value they were saved with."""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
from collections.abc import Iterator

import openpyxl
from lxml import etree
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import SheetPlace
from fiscalkg.loader.readers.assemble import assemble
from fiscalkg.loader.readers.ooxml import opened, parse_xml
from fiscalkg.loader.readers.shown import shown
from fiscalkg.loader.readers.workbook import MOST_CELLS, Range, Sheet, bound_merged, column_name, parts_of
from fiscalkg.loader.tables import Source

__all__ = ["read_xlsx"]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
# What openpyxl raises on files that are damaged in its many ways.
DAMAGE = (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError)


def read_xlsx(data: bytes, name: str) -> Source:
    """Return a workbook as a source; a place is a sheet's name and a cell as ``B7``.

    Raises ``DocumentError`` naming the file when it is cut off, locked, no workbook, or larger than any.
    """
    is_uncomputed = _inspect(data, name)
    try:
        with warnings.catch_warnings():  # of styles and extensions that are not read
            warnings.simplefilter("ignore")
            values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
            # Of the same time again, and needed only where a formula was saved without its value.
            formulas = openpyxl.load_workbook(io.BytesIO(data)).worksheets if is_uncomputed else []
    except DAMAGE as error:
        told = str(error).partition("\n")[0]
        raise DocumentError(f"{name}: damaged ({told}); open it and save it again") from error
    if not values.worksheets:
        raise DocumentError(f"{name}: damaged (names no sheet of cells); open it and save it again")
    sheets = [_sheet(sheet) for sheet in values.worksheets]
    parts, findings = parts_of(sheets, name)
    for sheet in formulas:
        if sheet.sheet_state == "visible":
            findings += _uncomputed(sheet, values[sheet.title], name)
    return assemble(parts, name, hashlib.sha256(data).hexdigest(), MEDIA_TYPE, findings=findings)


def _inspect(data: bytes, name: str) -> bool:
    """Refuse packages that would hurt, and XML with entities; return whether a formula stands without a value."""
    with opened(data, name) as package:
        if "xl/workbook.bin" in package.names:
            raise DocumentError(f"{name}: is a binary workbook (xlsb); open it in Excel and save it as xlsx")
        if not any(member.startswith("xl/worksheets/") for member in package.names):
            raise DocumentError(f"{name}: is no Excel workbook, it has no worksheets; save it as xlsx again")
        cells = 0
        is_uncomputed = False
        merged: list[Range] = []
        for member in sorted(package.names):
            if member.endswith((".xml", ".rels")):
                root = parse_xml(package.read(member) or b"", f"{name}: {member} inside it")
                cells += sum(1 for _ in root.iter("{*}c"))
                merged += [_range(element.get("ref") or "") for element in root.iter("{*}mergeCell")]
                is_uncomputed = is_uncomputed or any(map(_is_uncomputed, root.iter("{*}f")))
    if cells > MOST_CELLS:
        raise DocumentError(f"{name}: more than {MOST_CELLS} cells; split the workbook")
    bound_merged(merged, name)  # openpyxl makes an object of each place in them
    return is_uncomputed


def _is_uncomputed(formula: etree._Element) -> bool:
    cell = formula.getparent()
    return cell is not None and not cell.findtext("{*}v")


def _range(address: str) -> Range:
    """Return the range of an address as A1:C2; one that is none has no places, and openpyxl refuses it."""
    try:
        left, top, right, bottom = range_boundaries(address)
    except (ValueError, TypeError):
        return Range(0, 0, 0, 0)
    # Of whole columns or rows an address names no end.
    rows = (bottom or LAST_ROW) - (top or 1) + 1
    columns = (right or LAST_COLUMN) - (left or 1) + 1
    return Range((top or 1) - 1, (left or 1) - 1, max(rows, 0), max(columns, 0))


def _sheet(sheet: Worksheet) -> Sheet:
    hidden_rows = {row - 1 for row, dimension in sheet.row_dimensions.items() if dimension.hidden}
    hidden_columns = {
        column - 1
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden and dimension.min
        for column in range(dimension.min, min(dimension.max or dimension.min, LAST_COLUMN) + 1)
    }
    texts = {
        (row - 1, column - 1): shown(cell.value, cell.number_format)
        for (row, column), cell in sheet._cells.items()  # only the cells that are there, however large the sheet
        if cell.value is not None
    }
    merged = [
        Range(one.min_row - 1, one.min_col - 1, one.max_row - one.min_row + 1, one.max_col - one.min_col + 1)
        for one in sheet.merged_cells.ranges
    ]
    return Sheet(sheet.title, texts, merged, sheet.sheet_state != "visible", hidden_rows, hidden_columns)


def _uncomputed(formulas: Worksheet, values: Worksheet, name: str) -> Iterator[Finding]:
    """Yield a finding for each formula that was saved without its value: what it shows is not in the file."""
    for (row, column), cell in sorted(formulas._cells.items()):
        value = values.cell(row, column)
        # A type beside no value: the formula was computed, to text that is blank.
        if cell.data_type == "f" and value.value is None and value.data_type == "n":
            place = SheetPlace(formulas.title, f"{column_name(column - 1)}{row}")
            zh = "这一格是公式，文件里没有保存算出的值；请用 Excel 打开后另存"
            en = "this cell is a formula saved without its value; open the file in Excel and save it again"
            yield Finding("R-FORMULA-UNCOMPUTED", Severity.WARNING, zh, en, name, None, place)

"""An old Excel workbook (xls) into grids, as the new one is read."""

from __future__ import annotations

import hashlib
import io

import xlrd  # type: ignore[import-untyped]  # has no py.typed

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.readers.assemble import assemble
from fiscalkg.loader.readers.shown import shown
from fiscalkg.loader.readers.workbook import MOST_CELLS, Range, Sheet, parts_of
from fiscalkg.loader.tables import Source

__all__ = ["read_xls"]

MEDIA_TYPE = "application/vnd.ms-excel"


def read_xls(data: bytes, name: str) -> Source:
    """Return an old workbook as a source; a place is a sheet's name and a cell as ``B7``.

    Raises ``DocumentError`` naming the file when it is cut off, locked, no workbook, or larger than any.
    """
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True)
        sheets = [_sheet(book, sheet) for sheet in book.sheets()]
    except DocumentError:
        raise
    except xlrd.XLRDError as error:
        locked = "encrypted" in str(error).lower()
        advice = "is locked with a password; save it without one" if locked else f"damaged ({error}); save it as xlsx"
        raise DocumentError(f"{name}: {advice}") from error
    except Exception as error:  # the library raises whatever its unpacking of damaged records runs into
        raise DocumentError(f"{name}: damaged ({type(error).__name__}); open it and save it as xlsx") from error
    parts, findings = parts_of(sheets, name)
    return assemble(parts, name, hashlib.sha256(data).hexdigest(), MEDIA_TYPE, findings=findings)


def _sheet(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> Sheet:
    if sheet.nrows * max(sheet.ncols, 1) > MOST_CELLS:
        raise DocumentError(f"sheet {sheet.name}: more than {MOST_CELLS} cells; split the workbook")
    hidden_rows = {row for row, info in sheet.rowinfo_map.items() if info.hidden}
    hidden_columns = {column for column, info in sheet.colinfo_map.items() if info.hidden}
    texts = {
        (row, column): _text(book, sheet.cell(row, column))
        for row in range(sheet.nrows)
        for column in range(sheet.row_len(row))
    }
    merged = [Range(top, left, bottom - top, right - left) for top, bottom, left, right in sheet.merged_cells]
    return Sheet(sheet.name, texts, merged, sheet.visibility != 0, hidden_rows, hidden_columns)


def _text(book: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    number_format = book.format_map[book.xf_list[cell.xf_index].format_key].format_str if cell.xf_index else ""
    if cell.ctype == xlrd.XL_CELL_DATE:
        return shown(xlrd.xldate.xldate_as_datetime(cell.value, book.datemode), number_format)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        whole = int(cell.value) if cell.value == int(cell.value) else cell.value
        return shown(whole, number_format)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(cell.value), number_format)
    return str(cell.value) if cell.ctype == xlrd.XL_CELL_TEXT else ""

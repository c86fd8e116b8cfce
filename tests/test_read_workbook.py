"""Workbooks, new and old, into grids: what cells show, merged ranges, what is hidden, and files that would hurt."""

from __future__ import annotations

import datetime
import io
import re
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from tilings import Tile, tiles_of, tilings

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.places import SheetPlace
from fiscalkg.loader.readers import read_bytes
from fiscalkg.loader.readers.shown import shown
from fiscalkg.loader.readers.xls import read_xls
from fiscalkg.loader.readers.xlsx import read_xlsx
from fiscalkg.loader.tables import Grid, Source
from renderers.office import convert

OLD = Path(__file__).parent / "cases" / "forms" / "yunnan" / "2" / "document.xls"


def written(fill: Callable[[Worksheet], None]) -> bytes:
    """A workbook whose first sheet is named 表."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "表"
    fill(sheet)
    return hostile.saved(book)


def written_tiles(tiles: Iterable[Tile], top: int = 1, left: int = 1) -> bytes:
    def fill(sheet: Worksheet) -> None:
        for row, column, down, across, text in tiles:
            cell = sheet.cell(top + row, left + column)
            cell.value, cell.data_type = text or None, "s" if text else "n"
            if down * across > 1:
                sheet.merge_cells(None, top + row, left + column, top + row + down - 1, left + column + across - 1)

    return written(fill)


def grids(source: Source) -> list[Grid]:
    return [block for block in source.blocks if isinstance(block, Grid)]


def texts(source: Source) -> list[list[str]]:
    return [[area.cell.text for area in grid.areas] for grid in grids(source)]


def places(source: Source) -> list[str]:
    return [
        place.cell for grid in grids(source) for area in grid.areas if isinstance(place := area.cell.place, SheetPlace)
    ]


@settings(deadline=None)
@given(tilings(), st.integers(1, 30), st.integers(1, 30))
def test_merged_cells_come_back_where_they_stand(tiles: list[Tile], top: int, left: int) -> None:
    """Wherever a table stands in its sheet, each cell is one area with its rows, columns and text."""
    source = read_xlsx(written_tiles(tiles, top, left), "表.xlsx")
    assert tiles_of(source) == [tiles]
    assert not source.findings


def test_blank_edges_are_left_away_and_addresses_kept() -> None:
    """A table that begins at C5 begins the grid, and its cells are still named as people name them."""
    source = read_xlsx(written_tiles([(0, 0, 1, 1, "甲"), (0, 1, 1, 1, ""), (0, 2, 1, 1, "乙")], 5, 27), "表.xlsx")
    assert tiles_of(source) == [[(0, 0, 1, 1, "甲"), (0, 1, 1, 1, ""), (0, 2, 1, 1, "乙")]]
    assert places(source) == ["AA5", "AB5", "AC5"]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.95, "0%", "95%"),
        (0.955, "0.0%", "95.5%"),
        (0.955, "0.##%", "95.5%"),
        (1, "0%", "100%"),
        (0.285, "0%", "29%"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (1234567, "#,##0", "1,234,567"),
        (12, "0.00", "12.00"),
        (12.005, "0.00", "12.01"),
        (-12.5, "0.0_);(0.0)", "(12.5)"),
        (-12.5, "0.00", "-12.50"),
        (-1234, "#,##0;-#,##0", "-1,234"),
        (0.5, "#.00", ".50"),
        (7, "000", "007"),
        (1234567, "0.00,", "1234.57"),
        (20, '0"万元"', "20万元"),
        (20, '"≥"0', "≥20"),
        (20, "0\\人", "20人"),
        (1234.5, '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "¥1,234.50"),
        (0, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
        (0, '#,##0;-#,##0;"无"', "无"),
        (0, "0.00", "0.00"),
        (0, "#,##0;-#,##0;;@", ""),
        (5, ";;;", ""),
        (5, 'General"元"', "5元"),
        (-5, 'General;"减"General', "减5"),
        (500, '[>=10000]0.0,"万";0', "500"),
        (0.5, "# ?/?", "0.5"),
        (3, "常规", "3"),
        (12.5, "0.00_ ;[Red]-0.00 ", "12.50"),
        (0.1 + 0.2, "General", "0.3"),
        (100.0, "General", "100"),
        (1e20, "General", "100000000000000000000"),
        (44197, "General", "44197"),
        (306101, "@", "306101"),
        (True, "General", "TRUE"),
        ("≥95%", "0.00", "≥95%"),
        (None, "0%", ""),
        (datetime.datetime(2025, 3, 9), "yyyy-mm-dd", "2025-03-09"),
        (datetime.datetime(2025, 3, 9), "yyyy/m/d", "2025/3/9"),
        (datetime.datetime(2025, 3, 9), 'yyyy"年"m"月"d"日"', "2025年3月9日"),
        (datetime.datetime(2025, 3, 9), 'yyyy"年"m"月";@', "2025年3月"),
        (datetime.datetime(2025, 3, 9), "[$-804]yyyy\\-mm", "2025-03"),
        (datetime.datetime(2025, 3, 9, 14, 5), "yyyy-mm-dd hh:mm", "2025-03-09 14:05"),
        (datetime.datetime(2025, 3, 9), "General", "2025-03-09"),
        (datetime.datetime(2025, 3, 9, 14, 5, 7), "m/d/yy h:mm AM/PM", "3/9/25 2:05 PM"),
        (datetime.datetime(2025, 3, 9, 14, 5, 7), "mm:ss", "05:07"),
        (datetime.datetime(2025, 3, 9, 14, 5, 7), 'h"时"mm"分"', "14时05分"),
        (datetime.datetime(2025, 3, 9), "d-mmm-yy", "9-Mar-25"),
        (datetime.datetime(2025, 3, 9), "m月d日 aaaa", "3月9日 星期日"),
    ],
)
def test_a_value_is_shown_as_the_sheet_shows_it(value: object, number_format: str, text: str) -> None:
    """Percentages, thousands, decimals, signs, text around numbers and dates are as a person reads them."""
    assert shown(value, number_format) == text


@given(
    st.one_of(st.integers(), st.floats(), st.booleans(), st.none(), st.text(), st.datetimes(), st.dates(), st.times()),
    st.one_of(st.text(max_size=12), st.text(alphabet='0#?,.%;"\\_*[]@yYmMdDhHsS/E-() 年', max_size=16)),
)
def test_any_value_in_any_format_is_text(value: object, number_format: str) -> None:
    """Whatever the value and the format, showing gives text and never raises."""
    assert isinstance(shown(value, number_format), str)


def formats_of(sheet: Worksheet) -> None:
    """A form with numbers in formats, a date, merged ranges, a formula, and a hidden row and column."""
    rows: list[list[object]] = [
        ["项目支出绩效目标表", None, None, "单位：万元", "密"],
        ["项目名称", "道路养护", None, 1234.5, "密"],
        ["指标", "完成率", 0.95, datetime.datetime(2025, 3, 9), "密"],
        ["指标", "合计", "=C3*2", True, "密"],
        ["末", "密", "密", "密", "密"],
        [None, -3, "A\nB", 306101, "密"],
    ]
    for row in rows:
        sheet.append(row)
    sheet["D2"].number_format, sheet["C3"].number_format, sheet["C4"].number_format = "#,##0.00", "0%", "0%"
    sheet["D3"].number_format = 'yyyy"年"m"月"d"日"'
    for merged in ("A1:C1", "B2:C2", "A3:A4", "A5:A6"):  # the last begins in a row that is hidden
        sheet.merge_cells(merged)
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["E"].hidden = True


@pytest.fixture(scope="module")
def saved_again() -> dict[str, bytes]:
    """The workbook as LibreOffice saves it, in both formats: its formulas have their values then."""
    given = {"表.xlsx": written(formats_of)}
    return {ending: convert(given, ending)["表"] for ending in ("xlsx", "xls")}


@pytest.mark.needs("soffice")
@pytest.mark.parametrize(("ending", "read"), [("xlsx", read_xlsx), ("xls", read_xls)])
def test_both_formats_give_the_same_cells(
    saved_again: dict[str, bytes], ending: str, read: Callable[[bytes, str], Source]
) -> None:
    """What a person sees in the sheet is what is read, from the new format and the old; nothing hidden is."""
    source = read(saved_again[ending], f"表.{ending}")
    assert tiles_of(source) == [
        [
            (0, 0, 1, 3, "项目支出绩效目标表"), (0, 3, 1, 1, "单位：万元"),
            (1, 0, 1, 1, "项目名称"), (1, 1, 1, 2, "道路养护"), (1, 3, 1, 1, "1,234.50"),
            (2, 0, 2, 1, "指标"), (2, 1, 1, 1, "完成率"), (2, 2, 1, 1, "95%"), (2, 3, 1, 1, "2025年3月9日"),
            (3, 1, 1, 1, "合计"), (3, 2, 1, 1, "190%"), (3, 3, 1, 1, "TRUE"),
            (5, 0, 1, 1, "末"), (5, 1, 1, 1, "-3"), (5, 2, 1, 1, "A\nB"), (5, 3, 1, 1, "306101"),
        ]
    ]  # fmt: skip
    assert places(source)[:4] == ["A1", "D1", "A2", "B2"]
    assert "密" not in source.text
    assert not source.findings


def test_a_formula_saved_without_its_value_is_told() -> None:
    """Such a cell is blank, and a finding names it; the cells beside it are read."""

    def fill(sheet: Worksheet) -> None:
        sheet["B2"], sheet["C2"], sheet["D2"] = "合计", "=1+1", "末"

    source = read_xlsx(written(fill), "表.xlsx")
    assert texts(source) == [["合计", "", "末"]]
    (finding,) = source.findings
    assert (finding.code, finding.place) == ("R-FORMULA-UNCOMPUTED", SheetPlace("表", "C2"))


def test_a_formula_whose_value_is_blank_is_not_told() -> None:
    """Excel saves a formula that gives blank text as such: nothing is missing."""
    cells = '<c r="A1" t="str"><f>IF(1,"","")</f><v></v></c><c r="B1" t="inlineStr"><is><t>甲</t></is></c>'
    source = read_xlsx(with_sheet_data(f'<sheetData><row r="1">{cells}</row></sheetData>'.encode()), "表.xlsx")
    assert (texts(source), source.findings) == ([["甲"]], ())


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_left_out_and_told(state: str) -> None:
    """What a portal does not show is not published; a finding says that the sheet is there."""
    book = Workbook()
    assert isinstance(book.active, Worksheet)
    book.active["A1"] = "看得见"
    hidden = book.create_sheet("底稿")
    hidden["A1"], hidden["A2"] = "密", "=1+1"
    hidden.sheet_state = state  # type: ignore[assignment]  # one of three words
    source = read_xlsx(hostile.saved(book), "表.xlsx")
    assert texts(source) == [["看得见"]]
    assert "密" not in source.text
    assert [(one.code, one.place) for one in source.findings] == [("R-SHEET-HIDDEN", SheetPlace("底稿", "A1"))]


def test_each_sheet_is_a_grid_of_its_own() -> None:
    """One sheet a project: grids in the order of the tabs, places by the sheet's name, blank sheets left away."""
    book = Workbook()
    for name in ("项目 一", "空", "项目'二"):
        book.create_sheet(name)["A1"] = name if name != "空" else None
    source = read_xlsx(hostile.saved(book), "表.xlsx")
    assert texts(source) == [["项目 一"], ["项目'二"]]
    assert [grid.areas[0].cell.place for grid in grids(source)] == [
        SheetPlace("项目 一", "A1"), SheetPlace("项目'二", "A1"),
    ]  # fmt: skip


def test_text_under_a_merged_range_is_not_shown() -> None:
    """Only the first cell of a merged range shows its text; what lies under it is not read."""
    under = b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>\xe4\xb8\x8a</t></is></c>'
    under += (
        '<c r="B1" t="inlineStr"><is><t>密</t></is></c><c r="C1" t="inlineStr"><is><t>末</t></is></c></row>'.encode()
    )
    under += b'</sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    source = read_xlsx(with_sheet_data(under), "表.xlsx")
    assert tiles_of(source) == [[(0, 0, 1, 2, "上"), (0, 2, 1, 1, "末")]]


def with_sheet_data(content: bytes) -> bytes:
    """A workbook of one sheet with its data and merged ranges exchanged."""
    good = hostile.sheet_file()
    with zipfile.ZipFile(io.BytesIO(good)) as package:
        sheet = package.read(hostile.SHEET)
    changed = re.sub(rb"<sheetData>.*</sheetData>", lambda _: content, sheet, flags=re.DOTALL)
    assert changed != sheet
    return hostile.with_part(good, hostile.SHEET, changed)


ONE = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c></row>'.encode()
FAR = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>乙</t></is></c></row>'.encode()
WHOLE = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
MANY = "".join(f'<mergeCell ref="{letter}1:{letter}1048576"/>' for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ").encode()


@pytest.mark.parametrize(
    "content",
    [
        ONE + b"</sheetData>" + WHOLE,
        ONE + FAR + b"</sheetData>" + WHOLE,
        ONE + FAR + b"</sheetData><mergeCells>" + MANY + b"</mergeCells>",
        ONE + b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:SZ9999"/>' * 2_000 + b"</mergeCells>",
        ONE + b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:B1"/>' * 10_000 + b"</mergeCells>",
        ONE + FAR + b"</sheetData>",
        b'<cols><col min="1" max="16384" hidden="0" width="9"/></cols>' + ONE + b"</sheetData>",
        ONE + b'</sheetData><mergeCells><mergeCell ref="B9:A1"/></mergeCells>',
        ONE + b'</sheetData><mergeCells><mergeCell ref="A0:ZZZZ9"/></mergeCells>',
        ONE + b'</sheetData><mergeCells><mergeCell ref="#REF!"/><mergeCell/></mergeCells>',
    ],
)
def test_ranges_and_addresses_of_any_size_are_bounded(content: bytes) -> None:
    """A merged range over the whole sheet, or one cell at its far end, costs no time; its text is read or refused."""
    began = time.monotonic()
    try:
        source = read_xlsx(with_sheet_data(content), "表.xlsx")
    except DocumentError as error:
        assert "表.xlsx" in str(error)
    else:
        assert "甲" in [text for grid in texts(source) for text in grid]
    assert time.monotonic() - began < 10


def test_a_sheet_that_says_it_is_larger_than_it_is_costs_nothing() -> None:
    """The declared dimension is not believed."""
    good = written_tiles([(0, 0, 1, 1, "甲")])
    with zipfile.ZipFile(io.BytesIO(good)) as package:
        sheet = package.read(hostile.SHEET)
    lying = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', sheet)
    assert lying != sheet
    began = time.monotonic()
    assert texts(read_xlsx(hostile.with_part(good, hostile.SHEET, lying), "表.xlsx")) == [["甲"]]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (hostile.sheet_file()[:2000], "cut off or damaged"),
        (hostile.with_part(hostile.sheet_file(), hostile.SHEET, b"<worksheet"), "well-formed"),
        (hostile.with_part(hostile.sheet_file(), hostile.SHEET, bytes(64 << 20)), "zip bomb"),
        (hostile.with_entities(hostile.sheet_file(), hostile.SHEET, "laughs", "l9"), "表.xlsx"),
        (hostile.with_entities(hostile.sheet_file(), hostile.SHEET, "external", "e"), "表.xlsx"),
        (hostile.with_part(hostile.sheet_file(), "xl/workbook.xml", b"<x/>"), "damaged"),
        (hostile.word_file(), "no Excel workbook"),
        (hostile.archive({"xl/workbook.bin": b"", "xl/worksheets/sheet1.bin": b""}), "xlsb"),
        (b"", "damaged"),
    ],
)
def test_a_bad_new_workbook_is_refused_by_name(data: bytes, word: str) -> None:
    """What cannot be read is told in one line that names the file, what is wrong and what to do."""
    with pytest.raises(DocumentError, match=word) as caught:
        read_xlsx(data, "表.xlsx")
    assert str(caught.value).startswith("表.xlsx")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", OLD.read_bytes()[:3000], hostile.locked_office_file(), b"\x09\x08\x10\x00" * 9])
def test_a_bad_old_workbook_is_refused_by_name(data: bytes) -> None:
    """A cut-off, locked or invented file of the old format is refused in one line."""
    with pytest.raises(DocumentError, match=r"表\.xls") as caught:
        read_xls(data, "表.xls")
    assert "\n" not in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_parts_of_a_new_workbook_are_a_source_or_refused(data: st.DataObject) -> None:
    """Whatever bytes of a sheet, the styles or the workbook are changed, reading gives a source or a DocumentError."""
    good = written(formats_of)
    part = data.draw(st.sampled_from([hostile.SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]))
    with zipfile.ZipFile(io.BytesIO(good)) as package:
        content = bytearray(package.read(part))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(
            st.one_of(st.binary(max_size=3), st.sampled_from([b"9", b"-1", b"A", b"", b"s", b'"']))
        )
    read_or_refused(read_xlsx, hostile.with_part(good, part, bytes(content)), "表.xlsx")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_bytes_of_an_old_workbook_are_a_source_or_refused(data: st.DataObject) -> None:
    """The same for the records of the old format."""
    content = bytearray(OLD.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refused(read_xls, bytes(content), "表.xls")


def read_or_refused(read: Callable[[bytes, str], Source], data: bytes, name: str) -> None:
    try:
        source = read(data, name)
    except DocumentError as error:
        assert name in str(error)
        assert "\n" not in str(error)
        return
    for grid in grids(source):
        covered = [(a.row + i, a.column + j) for a in grid.areas for i in range(a.rows) for j in range(a.columns)]
        assert len(covered) == len(set(covered))


def test_workbooks_are_known_by_their_bytes() -> None:
    """Both formats are found by what they hold."""
    assert texts(read_bytes(hostile.sheet_file(), "表.xlsx")) == [["项目", "金额"]]
    assert read_bytes(OLD.read_bytes(), "表.xls").media_type == "application/vnd.ms-excel"

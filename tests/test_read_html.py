"""Web pages into grids and lines: spans, nested markup, encodings, and what of a page does not count."""

from __future__ import annotations

import codecs
import time
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tilings import Tile, tiles_of, tilings

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.places import CellPlace
from fiscalkg.loader.readers import read_bytes
from fiscalkg.loader.readers.html import read_html
from fiscalkg.loader.tables import Grid, Paragraph, Source

PAGE = "<html><head><title>t</title></head><body>{}</body></html>"


def read_page(body: str) -> Source:
    return read_html(PAGE.format(body).encode(), "页.html")


def grids(source: Source) -> list[Grid]:
    return [block for block in source.blocks if isinstance(block, Grid)]


def texts(source: Source) -> list[list[str]]:
    return [[area.cell.text for area in grid.areas] for grid in grids(source)]


def lines(source: Source) -> list[str]:
    return [block.cell.text for block in source.blocks if isinstance(block, Paragraph)]


def page_of(tiles: list[Tile]) -> str:
    height = max(row + down for row, _, down, _, _ in tiles)
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td rowspan={down} colspan='{across}'>{escape(text)}</td>"
            for at, _, down, across, text in tiles
            if at == row
        )
        + "</tr>"
        for row in range(height)
    )
    return f"<table>{rows}</table>"


@given(tilings())
def test_merged_cells_come_back_where_they_stand(tiles: list[Tile]) -> None:
    """Whatever is merged, each cell is one area with its rows, columns, text and place."""
    source = read_page(page_of(tiles))
    assert tiles_of(source) == [tiles]
    assert [area.cell.place for area in grids(source)[0].areas] == [
        CellPlace(1, row + 1, column + 1) for row, column, *_ in tiles
    ]
    assert not source.findings


@given(st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=5), min_size=1, max_size=6))
def test_contradicting_spans_lose_no_text_and_never_overlap(spans: list[list[tuple[int, int]]]) -> None:
    """Spans of any size, overlapping or past the end: every text is read once, and no two areas share a place."""
    rows = "".join(
        "<tr>" + "".join(f"<td rowspan={a} colspan={b}>格{i}.{j}</td>" for j, (a, b) in enumerate(row)) + "</tr>"
        for i, row in enumerate(spans)
    )
    source = read_page(f"<table>{rows}</table>")
    found = [tile for tiles in tiles_of(source) for tile in tiles]
    assert sorted(tile[4] for tile in found) == sorted(
        f"格{i}.{j}" for i, row in enumerate(spans) for j in range(len(row))
    )
    covered = [(row + i, column + j) for row, column, a, b, _ in found for i in range(a) for j in range(b)]
    assert len(covered) == len(set(covered))
    assert all(row + down <= len(spans) for row, _, down, _, _ in found)


def test_overlapping_spans_are_told_with_their_place() -> None:
    """A cell whose span runs into the one above is cut back and named; its text stays."""
    source = read_page("<table><tr><td>甲<td rowspan=2>乙<td>丙</tr><tr><td colspan=3>丁</tr></table>")
    assert tiles_of(source) == [[(0, 0, 1, 1, "甲"), (0, 1, 2, 1, "乙"), (0, 2, 1, 1, "丙"), (1, 0, 1, 1, "丁")]]
    (finding,) = source.findings
    assert (finding.code, finding.place) == ("R-GRID-CONTRADICTS", CellPlace(1, 2, 1))
    assert finding.message_zh
    assert finding.message_en


def test_a_span_of_no_rows_reaches_the_end_and_a_huge_one_is_bounded() -> None:
    """rowspan=0 reaches to the end of the table; a million columns cost neither time nor memory."""
    source = read_page("<table><tr><td rowspan=0>甲<td>乙</tr><tr><td>丙</tr><tr><td>丁</tr></table>")
    assert tiles_of(source)[0][0] == (0, 0, 3, 1, "甲")
    began = time.monotonic()
    wide = read_page("<table>" + "<tr><td rowspan=999999 colspan=999999>甲</td><td>乙</td></tr>" * 100 + "</table>")
    assert time.monotonic() - began < 10
    assert max(column + across for _, column, _, across, _ in tiles_of(wide)[0]) <= 2_000
    assert sum(tile[4] == "乙" for tile in tiles_of(wide)[0]) == 100


@pytest.mark.parametrize("span", ["", "x", "-3", "0.5", "1.5"])
def test_a_span_that_is_no_number_counts_as_one(span: str) -> None:
    """As in a browser, what is no whole number of columns spans one; digits before other signs count."""
    source = read_page(f"<table><tr><td colspan='{span}'>甲<td>乙</tr><tr><td>丙</tr></table>")
    assert tiles_of(source) == [[(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "乙"), (1, 0, 1, 1, "丙")]]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>一</p><p>二</p>", "一\n二"),
        ("一<br>二<br/>三", "一\n二\n三"),
        ("<div><span>一</span><b>二</b></div>", "一二"),
        ("10<sup>4</sup>m<sub>2</sub>", "104m2"),
        ("<ul><li>一</li><li>二</li></ul>", "一\n二"),
        ("一&nbsp;二&lt;三&#x4e07;", "一\xa0二<三万"),
        ("\n  一\n  二  ", "一 二"),
        ("<!-- 注 -->一<!-- <b>二</b> -->", "一"),
        ("一<script>var x = '<td>二</td>'</script><style>b{}</style>", "一"),
        ("一<span style='display: none'>二</span><i hidden>三</i>", "一"),
        ("<font><o:p>一</o:p></font>", "一"),
        ("<a href='x'>一</a><img alt='图'>", "一"),
        ("", ""),
    ],
)
def test_the_text_of_a_cell_is_what_a_browser_shows(markup: str, text: str) -> None:
    """Line-making elements end lines, others do not; comments, scripts and what is hidden are no text."""
    assert texts(read_page(f"<table><tr><td>{markup}</td><td>末</td></tr></table>")) == [[text, "末"]]


def test_only_tables_and_the_lines_beside_them_count() -> None:
    """Menus, page heads and feet, forms and scripts give nothing, whatever stands in them."""
    around = "".join(
        f"<{tag}><p>丢</p><table><tr><td>丢</td></tr></table></{tag}>"
        for tag in ("nav", "menu", "header", "footer", "aside", "noscript", "dialog", "template")
    )
    body = (
        f"{around}<h1>部门预算</h1><select><option>丢</option></select><button>丢</button><textarea>丢</textarea>"
        "<p>表一 <b>单位</b>：万元</p><table><tr><td>甲</td></tr></table>后<br>末<script>丢()</script>"
    )
    source = read_page(body)
    assert lines(source) == ["部门预算", "表一 单位：万元", "后", "末"]
    assert texts(source) == [["甲"]]
    assert "丢" not in source.text
    assert [type(block).__name__ for block in source.blocks] == ["Paragraph"] * 2 + ["Grid"] + ["Paragraph"] * 2


def test_a_table_that_arranges_the_page_yields_what_it_holds() -> None:
    """Tables inside a layout table are grids of their own, in order; its own text is lines."""
    inner = "<table><tr><td>{}</td><td>值</td></tr></table>"
    body = f"<table><tr><td>左栏</td><td>题{inner.format('甲')}{inner.format('乙')}尾</td></tr></table>"
    source = read_page(body)
    assert texts(source) == [["甲", "值"], ["乙", "值"]]
    assert lines(source) == ["左栏", "题", "尾"]
    assert [area.cell.place for area in grids(source)[1].areas] == [CellPlace(2, 1, 1), CellPlace(2, 1, 2)]


def test_a_table_in_a_cell_of_a_form_follows_it() -> None:
    """A form one of whose many cells holds a table keeps its cells; the inner table is the next grid."""
    outer = "".join(f"<tr><td>标{n}</td><td>值{n}</td></tr>" for n in range(5))
    source = read_page(f"<table>{outer}<tr><td>末</td><td>前<table><tr><td>内</td></tr></table>后</td></tr></table>")
    assert len(texts(source)) == 2
    assert texts(source)[0][-2:] == ["末", "前后"]
    assert texts(source)[1] == ["内"]
    assert [area.cell.place for area in grids(source)[1].areas] == [CellPlace(2, 1, 1)]


def test_heads_bodies_and_a_caption_are_one_table() -> None:
    """thead, tbody and tfoot are rows of one grid; the caption is a line before it."""
    source = read_page(
        "<table><caption>表名</caption><colgroup><col></colgroup><thead><tr><th>头</th></tr></thead>"
        "<tbody><tr><td>体</td></tr></tbody><tfoot><tr><td>尾</td></tr></tfoot></table>"
    )
    assert lines(source) == ["表名"]
    assert texts(source) == [["头", "体", "尾"]]


BODY = "<p>绩效目标表</p><table><tr><td>项目名称</td><td>道路养护</td></tr></table>"


@pytest.mark.parametrize(
    ("encoding", "mark", "label"),
    [
        ("utf-8", b"", ""),
        ("utf-8", b"", '<meta charset="utf-8">'),
        ("utf-8", codecs.BOM_UTF8, '<meta charset="gb2312">'),
        ("utf-16-le", codecs.BOM_UTF16_LE, ""),
        ("utf-16-be", codecs.BOM_UTF16_BE, '<meta charset="utf-8">'),
        ("gb18030", b"", ""),
        ("gb18030", b"", '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'),
        ("gb18030", b"", "<META charset=GBK>"),
        ("gb18030", b"", '<meta charset="no-such-code">'),
        ("gb18030", b"", '<meta charset="utf-8">'),
        ("utf-8", b"", '<meta charset="gb2312">'),
        ("big5", b"", '<meta charset="big5">'),
    ],
)
def test_every_encoding_gives_the_same_page(encoding: str, mark: bytes, label: str) -> None:
    """A mark goes before what the page says, that before a guess; a page that says wrong is read as it is."""
    value = "道路養護" if encoding == "big5" else "道路\u3480\U00020000镕"
    body = f"<p>表</p><table><tr><td>甲</td><td>{value}</td></tr></table>"
    data = mark + f"<html><head>{label}</head><body>{body}</body></html>".encode(encoding)
    source = read_html(data, "页.html")
    assert texts(source) == [["甲", value]]
    assert source.encoding.startswith(encoding[:6])


def test_broken_markup_is_read_as_browsers_read_it() -> None:
    """Unclosed cells and rows, attributes without quotes, and a table the file breaks off in lose no cell."""
    source = read_page("<TABLE border=1><TR><TD>甲<TD>乙<TR><TD>丙<TD>丁<TABLE></TABLE>")
    assert texts(source)[0] == ["甲", "乙", "丙", "丁"]


def test_what_would_hurt_is_refused_in_one_line() -> None:
    """A page of elements in elements without end is read within bounds or refused by name; entities fetch nothing."""
    for data in ("<div>" * 100_000 + "x", "<table><tr><td>" * 20_000, "<td>" * 100_000):
        try:
            read_page(data)
        except DocumentError as error:
            assert "页.html" in str(error)
            assert "\n" not in str(error)
    laughs = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]><table><tr><td>甲&a;&b;</table>'
    assert "root:" not in read_html(laughs.encode(), "页.html").text


@pytest.mark.parametrize("data", [b"", b" \n", b"<html></html>", b"<!-- x -->"])
def test_a_page_without_text_is_an_empty_source(data: bytes) -> None:
    """A page that shows nothing has no blocks; that is no error of the reader."""
    assert read_html(data, "页.html").blocks == ()


@settings(max_examples=200)
@given(st.data())
def test_mutated_bytes_are_a_source_or_refused(data: st.DataObject) -> None:
    """Whatever bytes of a page are changed, cut off or put in, reading gives a source or a DocumentError."""
    page = bytearray(PAGE.format(BODY * 2).encode("gb18030"))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(page) - 1))
        page[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=6))
    try:
        source = read_html(bytes(page), "页.html")
    except DocumentError as error:
        assert "页.html" in str(error)
        return
    for block in source.blocks:
        for area in block.areas if isinstance(block, Grid) else ():
            assert source.text[area.cell.pieces[0].start : area.cell.pieces[0].end] == area.cell.text


def test_a_page_is_known_by_its_bytes() -> None:
    """A page that a portal saved under another name is read as a page."""
    assert texts(read_bytes(PAGE.format(BODY).encode(), "表.htm")) == [["项目名称", "道路养护"]]

"""Text whose cells stand between pipes or tabs, into grids over the same text, each cell with its characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscalkg.loader.places import LinePlace
from fiscalkg.loader.readers import read_bytes
from fiscalkg.loader.tables import Grid, Paragraph, Source, Table

CELL = st.text(alphabet="绩效目标≥95%万元 A1.-", max_size=6).map(str.strip)


def read_lines(*lines: str) -> Source:
    return read_bytes("\n".join(lines).encode(), "表.txt")


def grids(source: Source) -> list[list[list[str]]]:
    """The texts of each grid, by row; every row begins at column 0 and has no gap."""
    found = []
    for block in source.blocks:
        if not isinstance(block, Grid):
            continue
        rows: dict[int, list[str]] = {}
        for area in block.areas:
            row = rows.setdefault(area.row, [])
            assert (area.column, area.rows, area.columns) == (len(row), 1, 1)
            row.append(area.cell.text)
        assert list(rows) == list(range(len(rows)))
        found.append(list(rows.values()))
    return found


def paragraphs(source: Source) -> list[str]:
    return [block.cell.text for block in source.blocks if isinstance(block, Paragraph)]


def assert_cells_are_their_text(source: Source) -> None:
    for block in source.blocks:
        for cell in (area.cell for area in block.areas) if isinstance(block, Grid) else ():
            (piece,) = cell.pieces
            assert source.text[piece.start : piece.end] == cell.text
            assert cell.place is None


ROWS = st.integers(3, 6).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1))


@given(ROWS, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_framed_cells_come_back(rows: list[list[str]], end: str, with_rule: bool) -> None:
    """Whatever is written between pipes comes back, blank cells too; the rule below a head is no row."""
    rows = [["头", *row[1:]] for row in rows]  # a row of nothing but dashes would be a rule
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines[1:1] = ["|" + "---|" * len(rows[0])] if with_rule else []
    source = read_bytes(end.join(lines).encode(), "表.txt")
    assert grids(source) == [rows]
    assert_cells_are_their_text(source)


@given(ROWS)
def test_cells_between_tabs_come_back(rows: list[list[str]]) -> None:
    """A sheet pasted as text: its rows, blank cells too, where a line does not begin with a tab."""
    rows = [["头", *row[1:]] for row in rows]
    source = read_lines(*("\t".join(row) for row in rows))
    assert grids(source) == [rows]
    assert_cells_are_their_text(source)


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (["a|b|c", "d|e|f"], [["a", "b", "c"], ["d", "e", "f"]]),
        (["a|b|c", "|e|f"], [["a", "b", "c"], ["", "e", "f"]]),
        (["| a | b |", "| c | d |"], [["a", "b"], ["c", "d"]]),
        (["  | a | b |  ", "  |||"], [["a", "b"], ["", ""]]),
        (["| a | b | c", "| d | e | f"], [["a", "b", "c"], ["d", "e", "f"]]),
        (["+---+---+", "| a | b |", "|:--|--:|", "| c | d |"], [["a", "b"], ["c", "d"]]),
        (["| a | b |", "| c |", "| d | e | f |"], [["a", "b"], ["c"], ["d", "e", "f"]]),
    ],
)
def test_pipes_at_the_ends_part_nothing_where_every_line_has_them(lines: list[str], rows: list[list[str]]) -> None:
    """Framed lines have their frame left away; where one line has none, a leading pipe follows a blank cell."""
    assert grids(read_lines(*lines)) == [rows]


def test_lines_between_tables_are_paragraphs_that_end_them() -> None:
    """A title and a line of its own stand between two grids; each cell's place is its line."""
    source = read_lines("表一", "", "|项目|金额|", "|甲|3|", "|乙|4|", "表二", "|项目|金额|", "|丙|5|")
    assert grids(source) == [[["项目", "金额"], ["甲", "3"], ["乙", "4"]], [["项目", "金额"], ["丙", "5"]]]
    assert paragraphs(source) == ["表一", "表二"]
    assert [type(block) for block in source.blocks] == [Paragraph, Grid, Paragraph, Grid]
    second = source.blocks[3]
    assert isinstance(second, Grid)
    assert source.place(second.areas[-1].cell) == LinePlace(8, 8)


def test_no_character_of_the_text_is_left_without_a_role() -> None:
    """What is in no cell and is no blank is a separator: pipes and rules, so that coverage finds nothing left."""
    source = read_lines("表一", "+---+---+", "| 项目 | 金额 |", "|:---|---:|", "| 甲 | 3 |", "| 乙 | |")
    covered = {at for span in source.spans for at in range(span.start, span.end)}
    for block in source.blocks:
        cells = [area.cell for area in block.areas] if isinstance(block, Grid) else []
        cells += [block.cell] if isinstance(block, Paragraph) else []
        for piece in (piece for cell in cells for piece in cell.pieces):
            assert covered.isdisjoint(range(piece.start, piece.end))
            covered |= set(range(piece.start, piece.end))
    assert [source.text[at] for at in range(len(source.text)) if at not in covered and source.text[at].strip()] == []


def test_bookmarks_in_cells_are_set_apart() -> None:
    """A bookmark that extraction left in a cell is no text of the cell."""
    source = read_lines("|[bookmark: _x]项目|金额|", "|甲|3|")
    assert grids(source) == [[["项目", "金额"], ["甲", "3"]]]
    assert "bookmark" in {span.role for span in source.spans}


@pytest.mark.parametrize(
    "lines",
    [
        ["绩效目标：完成甲|乙两项", "一、总体情况", "二、资金安排", "三、绩效|目标|设定"],
        ["\t项目\t金额\t单位", "\t甲\t3\t万元"],
        ["项目\t金额", "甲\t3"],
        ["|", "一", "二"],
    ],
)
def test_prose_and_other_shapes_are_left_to_their_readers(lines: list[str]) -> None:
    """Pipes here and there, lines led by a tab, and pairs are no grid."""
    source = read_lines(*lines)
    assert grids(source) == []
    assert any(isinstance(block, Paragraph | Table) for block in source.blocks)


@given(st.text(alphabet="|\t\n\r-+:  甲1", max_size=60))
def test_any_mix_of_pipes_and_tabs_keeps_its_text(text: str) -> None:
    """However pipes, tabs and rules are mixed, reading ends and no other character gets lost from a grid's lines."""
    source = read_bytes(text.encode(), "表.txt")
    assert source.text == text
    assert_cells_are_their_text(source)
    if not any(isinstance(block, Grid) for block in source.blocks):
        return
    cells = [area.cell for block in source.blocks if isinstance(block, Grid) for area in block.areas]
    cells += [block.cell for block in source.blocks if isinstance(block, Paragraph)]
    kept = "".join(cell.text for cell in cells)
    assert (kept.count("甲"), kept.count("1")) == (text.count("甲"), text.count("1"))

"""Bytes into text, lines and cells: encodings, line ends, wraps, and what is refused."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.places import LinePlace
from fiscalkg.loader.readers import read, read_bytes
from fiscalkg.loader.tables import Cell, Paragraph, Piece, Source, Table, concat, cut
from fiscalkg.loader.text import LABEL_MARKS, fold, join_lines, line_number, line_starts

EXAMPLES = Path(__file__).parent.parent / "examples"
TABBED = EXAMPLES / "002_bd19f970089ac40a.txt"
TEXT = TABBED.read_text(encoding="utf-8")


def cells_of(source: Source) -> list[str]:
    tables = [block for block in source.blocks if isinstance(block, Table)]
    return [cell.text for table in tables for row in table.rows for cell in row]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("gb18030", b""),
        ("gbk", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_every_encoding_of_a_text_gives_the_same_cells(encoding: str, mark: bytes) -> None:
    """A text in GB18030, UTF-16 or with a byte order mark is read like the same text in UTF-8."""
    text = TEXT.replace("垄", "上") if encoding == "gbk" else TEXT
    plain = read_bytes(text.encode(), "a.txt")
    other = read_bytes(mark + text.encode(encoding), "a.txt")
    assert other.text == plain.text
    assert cells_of(other) == cells_of(plain)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_at_each_of_three_line_ends(end: str) -> None:
    """Cells and their lines are the same whether lines end at LF, CRLF or CR."""
    expected = read_bytes(TEXT.encode(), "a.txt")
    source = read_bytes(TEXT.replace("\n", end).encode(), "a.txt")
    assert cells_of(source) == cells_of(expected)
    assert [source.place(block.rows[0][0]) for block in source.blocks if isinstance(block, Table)] == [
        expected.place(block.rows[0][0]) for block in expected.blocks if isinstance(block, Table)
    ]


def test_form_feed_and_line_separator_end_no_line() -> None:
    """Only LF, CRLF and CR end a line, so places agree with any other tool's."""
    assert line_starts("a\fb\u2028c\nd") == (0, 6)
    assert line_number((0, 6), 5) == 1


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"%PDF-1.7 x", "PDF"),
        (b"PK\x03\x04rest", "docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "doc"),
        (b"MIME-Version: 1.0\r\n\r\n<html><table>", "docx"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>', "xlsx"),
        (bytes(range(256)) * 4, "not text"),
        (b"\x00\x01\x02\x03" * 50, "not text"),
    ],
)
def test_binary_is_refused_by_name(data: bytes, word: str) -> None:
    """What is no text raises DocumentError that names the file and what it is."""
    with pytest.raises(DocumentError, match=word) as caught:
        read_bytes(data, "plan.txt")
    assert "plan.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that cannot be opened raises DocumentError with its path and the reason."""
    with pytest.raises(DocumentError, match=r"nowhere\.txt.*No such file"):
        read(tmp_path / "nowhere.txt")


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    """A folder given as a file is told in one line, without a traceback of the system."""
    with pytest.raises(DocumentError, match="cannot be read"):
        read(tmp_path)


def test_cells_of_a_tab_led_text() -> None:
    """A cell starts at a tab, a row ends at a blank line, and a blank before a tab begins a new table."""
    source = read(TABBED)
    tables = [block for block in source.blocks if isinstance(block, Table)]
    assert len(tables) == 13
    assert [cell.text for cell in tables[1].rows[0]] == ["306101天津市人民政府合作交流办公室", "单位：万元"]
    assert tables[1].rows[4][1].text == "1.保障机关正常运转\n2.维护好工作人员工作环境"
    assert source.place(tables[1].rows[4][1]) == LinePlace(107, 108)
    assert tables[0].rows[2][6].text == ""
    assert source.place(tables[0].rows[2][6]) == LinePlace(14, 14)


def test_a_bookmark_is_no_text() -> None:
    """Bookmarks that extraction leaves are set apart and counted, in paragraphs and in cells."""
    source = read(EXAMPLES / "001_6faa1905088193ec.txt")
    assert not any("bookmark" in text for text in cells_of(source))
    assert len(source.spans) == source.text.count("[bookmark: ") == 19
    first = next(block for block in source.blocks if isinstance(block, Paragraph))
    assert first.cell.text == "1.2025冬季达沃斯年会项目绩效目标表"


def test_a_wrapped_piece_joins_the_next() -> None:
    """Extraction ends a cell with a blank and a wrapped line with none; pieces are joined by that."""
    source = read(EXAMPLES / "003_1c3d2c2c6bd79ef7.txt")
    lines = [block.cell for block in source.blocks if isinstance(block, Paragraph)]
    texts = [line.text for line in lines]
    assert "实施单位：深圳市人民政府外事办公室（行政）" in texts
    assert "为市民和企业提供优质高效服务，投诉率" in texts
    assert "受理 APEC卡申请数" in texts
    assert source.place(lines[texts.index("≥2019.3&&≤2019.9")]) == LinePlace(870, 872)


def test_joining_keeps_blanks_between_latin_words_only() -> None:
    """Chinese is joined without a blank, Latin words with one."""
    assert join_lines(["服务对象满", "意度"]) == "服务对象满意度"
    assert join_lines(["Belt and", "Road"]) == "Belt and Road"
    assert fold("项目总（中期） 目标") == fold("项目总(中期)目标")


@given(st.lists(st.text(alphabet="天津 ab", max_size=8), min_size=1, max_size=5), st.data())
def test_a_cut_cell_knows_where_its_text_stands(parts: list[str], data: st.DataObject) -> None:
    """However cells are joined and cut, every piece names exactly the source characters of its text."""
    source = "\n".join(parts)
    cells, at = [], 0
    for part in parts:
        cells.append(Cell(part, (Piece(0, at, at + len(part)),)))
        at += len(part) + 1
    whole = concat(cells, "\n")
    first = data.draw(st.integers(0, len(whole.text)))
    part_of = cut(whole, first, data.draw(st.integers(first, len(whole.text))))
    for piece in part_of.pieces:
        length = piece.end - piece.start
        assert part_of.text[piece.at : piece.at + length] == source[piece.start : piece.end]


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    """Whatever the bytes, reading gives a source or a DocumentError, nothing else."""
    try:
        source = read_bytes(data, "x.txt")
    except DocumentError:
        return
    assert isinstance(source.text, str)


@given(
    st.text(st.one_of(st.sampled_from("中Aa１％（①㈠⼈ﬁ가각\u0301\u0307é"), st.characters(exclude_categories=["Cs"])))
)
def test_a_label_folds_as_its_whole_normal_form(text: str) -> None:
    """Characters replaced one by one give the NFKC of the whole text, composed characters too."""
    words = LABEL_MARKS.sub("", text)
    assert fold(words) == LABEL_MARKS.sub("", unicodedata.normalize("NFKC", words)).lower()

"""Word documents into grids and lines: merged cells, what wraps them, tracked changes, symbols, and damage."""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tilings import Tile, tiles_of, tilings
from words import SPACES, cell, declared, lines, paragraph, read_body, run, table, texts, word

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.places import CellPlace
from fiscalkg.loader.readers import read_bytes
from fiscalkg.loader.readers.docx import read_docx
from fiscalkg.loader.tables import Grid

WRAPPERS = (
    "{}",
    "<w:sdt><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>",
    "<w:ins w:id='1' w:author='x'>{}</w:ins>",
    "<w:moveTo w:id='2' w:author='x'>{}</w:moveTo>",
    "<w:customXml w:element='x'><w:customXmlPr/>{}</w:customXml>",
    "<mc:AlternateContent><mc:Choice Requires='x'>{0}</mc:Choice><mc:Fallback>{0}</mc:Fallback></mc:AlternateContent>",
)


def drawn(tiles: Sequence[Tile], random: Random) -> str:
    """A table of tiles, whose rows, cells, paragraphs and runs are wrapped by chance in what changes nothing."""

    def wrapped(content: str) -> str:
        return random.choice(WRAPPERS).format(content) if random.random() < 0.3 else content

    rows = []
    for row in range(max(tile[0] + tile[2] for tile in tiles)):
        cells = ""
        for top, _, down, across, text in sorted((t for t in tiles if t[0] <= row < t[0] + t[2]), key=lambda t: t[1]):
            at = random.randint(0, len(text))
            runs = "".join(wrapped(run(part)) for part in (text[:at], text[at:])) if top == row else ""
            merge = "" if down == 1 else "<w:vMerge w:val='restart'/>" if top == row else "<w:vMerge/>"
            content = wrapped(paragraph(runs + "<w:del w:id='3'><w:r><w:delText>删</w:delText></w:r></w:del>"))
            cells += wrapped(f"<w:tc><w:tcPr><w:gridSpan w:val='{across}'/>{merge}</w:tcPr>{content}</w:tc>")
        rows.append(wrapped(f"<w:tr>{cells}</w:tr>"))
    return wrapped(f"<w:tbl><w:tblPr/>{''.join(rows)}</w:tbl>")


@settings(deadline=None)
@given(tilings(), st.randoms(use_true_random=False))
def test_merged_cells_come_back_where_they_stand(tiles: list[Tile], random: Random) -> None:
    """Whatever is merged, split into runs or wrapped, each cell is one area with its rows, columns, text and place."""
    source = read_body(drawn(tiles, random))
    assert tiles_of(source) == [tiles]
    assert [area.cell.place for block in source.blocks if isinstance(block, Grid) for area in block.areas] == [
        CellPlace(1, row + 1, column + 1) for row, column, *_ in tiles
    ]
    assert not source.findings


MERGES = st.sampled_from(["", "<w:vMerge/>", "<w:vMerge w:val='restart'/>", "<w:hMerge/>", "<w:vMerge w:val='x'/>"])
SPANS = st.sampled_from(["0", "1", "2", "3", "-1", "x", "", "63", "999", "1001", "9" * 5000])


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(SPANS, MERGES), max_size=5), min_size=1, max_size=6))
def test_contradicting_merges_lose_no_text_and_never_overlap(rows: list[list[tuple[str, str]]]) -> None:
    """Spans of any size and merges with nothing above: every text is read once, no two areas share a place."""
    source = read_body(
        table(
            *(
                "".join(
                    cell(f"格{i}.{j};", f"<w:gridSpan w:val='{span}'/>{merge}") for j, (span, merge) in enumerate(row)
                )
                for i, row in enumerate(rows)
            )
        )
    )
    found = [tile for tiles in tiles_of(source) for tile in tiles]
    read = "".join(tile[4] for tile in found).replace("\n", "").split(";")[:-1]
    assert sorted(read) == sorted(f"格{i}.{j}" for i, row in enumerate(rows) for j in range(len(row)))
    covered = [(row + i, column + j) for row, column, a, b, _ in found for i in range(a) for j in range(b)]
    assert len(covered) == len(set(covered))
    assert all(row + down <= len(rows) and column + across < 2_100 for row, column, down, across, _ in found)


@pytest.mark.parametrize(
    ("rows", "place", "word"),
    [
        ((cell("甲") + cell("乙"), cell("丙", "<w:vMerge/>") + cell("丁")), CellPlace(1, 2, 1), "the one above"),
        (
            (cell("甲", "<w:vMerge w:val='restart'/>") + cell("乙"), cell("丙", "<w:gridSpan w:val='2'/><w:vMerge/>")),
            CellPlace(1, 2, 1), "none of its width",
        ),
        ((cell("甲") + cell("乙", "<w:gridSpan w:val='1000'/>"), cell("丙")), CellPlace(1, 1, 2), "more columns"),
        ((cell("甲", f"<w:gridSpan w:val='{'9' * 5000}'/>") + cell("乙"),), CellPlace(1, 1, 1), "more columns"),
        ((f"<w:trPr><w:gridBefore w:val='{'9' * 5000}'/></w:trPr>{cell('甲')}",), CellPlace(1, 1, 1), "more columns"),
        ((cell("甲") + run("乙"), cell("丙")), CellPlace(1, 1, 1), "none of its cells"),
        ((cell("甲"), table(cell("乙"))), CellPlace(1, 2, 1), "none of its cells"),
    ],
)  # fmt: skip
def test_what_contradicts_is_told_with_its_place(rows: tuple[str, ...], place: CellPlace, word: str) -> None:
    """Merges with nothing above, spans wider than any table and text outside of cells are named; the text is read."""
    source = read_body(table(*rows))
    (finding,) = source.findings
    assert (finding.code, finding.place) == ("R-GRID-CONTRADICTS", place)
    assert word in finding.message_en
    assert finding.message_zh
    assert [character for character in "".join(rows) if character in "甲乙丙丁"] == sorted(
        (character for character in source.text if not character.isspace()), key="甲乙丙丁".index
    )


def test_a_table_of_very_many_columns_is_read() -> None:
    """A row of 1,500 cells, more than any span may reach, costs no cell."""
    assert texts(read_body(table("".join(cell(str(number)) for number in range(1_500)))))[0][-1] == "1499"


def test_a_long_merge_is_read_in_time() -> None:
    """Text in every row of one merged cell is gathered once: 30,000 rows take seconds, not minutes."""
    rows = [cell("目标" * 100, "<w:vMerge/>" if number else "<w:vMerge w:val='restart'/>") for number in range(30_000)]
    data = word(table(*rows))
    began = time.process_time()
    assert [tile[2] for tile in tiles_of(read_docx(data, "表.docx"))[0]] == [30_000]
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (cell("甲") + cell("乙", "<w:hMerge/>") + cell("丙"), [(0, 0, 1, 2, "甲\n乙"), (0, 2, 1, 1, "丙")]),
        (f"<w:trPr><w:gridBefore w:val='2'/></w:trPr>{cell('甲')}", [(0, 2, 1, 1, "甲")]),
        (cell("甲") + cell("密", "<w:cellDel w:id='1'/>") + cell("乙"), [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "乙")]),
        (f"{cell('甲')}</w:tr><w:tr><w:trPr><w:del w:id='1'/></w:trPr>{cell('密')}", [(0, 0, 1, 1, "甲")]),
        (f"{cell('甲')}</w:tr><w:tr><w:trPr><w:hidden/></w:trPr>{cell('密')}", [(0, 0, 1, 1, "甲")]),
        (f"<w:trPr><w:ins w:id='1'/></w:trPr>{cell('甲', '<w:cellIns/>')}", [(0, 0, 1, 1, "甲")]),
    ],
)  # fmt: skip
def test_rows_and_cells_are_those_that_are_shown(row: str, expected: list[Tile]) -> None:
    """Old merges to the right, rows that begin further in, and rows and cells taken out, put in or hidden."""
    assert tiles_of(read_body(table(row))) == [expected]


def font(name: str) -> str:
    return f"<w:rFonts w:ascii='{name}' w:hAnsi='{name}'/>"


def alternate(first: str, second: str) -> str:
    choice, fallback = f"<mc:Choice Requires='wps'>{first}</mc:Choice>", f"<mc:Fallback>{second}</mc:Fallback>"
    return f"<mc:AlternateContent>{choice}{fallback}</mc:AlternateContent>"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<w:r><w:t>一</w:t><w:tab/><w:t>二</w:t><w:br/><w:t>三</w:t><w:noBreakHyphen/></w:r>", "一\t二\n三-"),
        ("<w:r><w:t>一<!-- 注 -->二</w:t></w:r>", "一二"),
        (f"<w:del>{run('密')}</w:del><w:ins>{run('新')}</w:ins>", "新"),
        (f"<w:moveFrom>{run('密')}</w:moveFrom><w:moveTo>{run('来')}</w:moveTo>", "来"),
        (f"<w:ins>{run('甲')}<w:del>{run('密')}</w:del></w:ins>", "甲"),
        (run("密", "<w:vanish/>") + run("显", "<w:vanish w:val='0'/>"), "显"),
        (f"<w:hyperlink>{run('链接')}</w:hyperlink><w:smartTag>{run('标记')}</w:smartTag>", "链接标记"),
        (f"<w:r><w:instrText>密</w:instrText></w:r><w:fldSimple w:instr='密'>{run('结果')}</w:fldSimple>", "结果"),
        (f"<w:r><w:ruby><w:rt>{run('yīn')}</w:rt><w:rubyBase>{run('音')}</w:rubyBase></w:ruby></w:r>", "音"),
        ("<w:r><w:sym w:font='Symbol' w:char='F0B3'/><w:t>95%</w:t></w:r>", "≥95%"),
        ("<w:r><w:sym w:font='Symbol' w:char='00A3'/><w:t>5</w:t></w:r>", "≤5"),
        ("<w:r><w:sym w:font='Wingdings' w:char='F0FE'/><w:sym w:font='wingdings 2' w:char='F0A3'/></w:r>", "☑□"),
        ("<w:r><w:sym w:font='宋体' w:char='221A'/><w:sym w:font='宋体' w:char='D800'/><w:sym/></w:r>", "√"),
        (run("\uf0b3", font("Symbol")) + run("≤m", font("Symbol")) + run("g/m", font("Arial")), "≥≤μg/m"),
        (run("þ是", font("Wingdings")), "☑是"),
        ("<m:oMathPara><m:oMath><m:r><m:t>投诉率≤5%</m:t></m:r></m:oMath></m:oMathPara>", "投诉率≤5%"),
        (
            "<m:oMath><m:f><m:num><m:r><m:t>甲</m:t></m:r></m:num><m:den><m:r><m:t>乙</m:t></m:r></m:den></m:f>"
            "<m:d><m:dPr><m:endChr m:val=']'/></m:dPr><m:e><m:r><m:t>丙</m:t></m:r></m:e></m:d></m:oMath>",
            "甲/乙(丙]",
        ),
        ("<w:r><w:fldChar><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>", "☑"),
        ("<w:r><w:fldChar><w:ffData><w:checkBox><w:default w:val='0'/></w:checkBox></w:ffData></w:fldChar></w:r>", "□"),
        (f"<w:r>{alternate('<w:t>新</w:t>', '<w:t>旧</w:t>')}</w:r>", "新"),
        (f"<w:r>{alternate('<w:drawing/>', '<w:t>旧</w:t>')}</w:r>", "旧"),
    ],
)  # fmt: skip
def test_a_paragraph_is_the_text_that_word_shows(content: str, text: str) -> None:
    """In a paragraph and in a cell alike: nothing deleted or hidden, everything shown, once."""
    source = read_body(paragraph(content + run("。")) + table(f"<w:tc>{paragraph(content + run('。'))}</w:tc>"))
    assert lines(source) == [text.replace("\t", " ") + "。"]
    assert texts(source) == [[text.replace("\t", " ") + "。"]]
    assert not source.findings


def test_a_symbol_that_nobody_knows_is_told() -> None:
    """A character of an unknown picture font stays as it is stored, and a finding names it and its cell."""
    symbol = "<w:r><w:sym w:font='X' w:char='F021'/></w:r>"
    source = read_body(table(f"<w:tc>{paragraph(symbol)}</w:tc>"))
    assert texts(source) == [["\uf021"]]
    (finding,) = source.findings
    assert (finding.code, finding.place, finding.value) == ("R-SYMBOL-UNKNOWN", CellPlace(1, 1, 1), "U+F021")


def test_objects_of_other_programs_are_told() -> None:
    """A sheet of Excel in a Word document is not read, and neither is a page taken in whole: one finding names both."""
    sheet = "<w:r><w:object><o:OLEObject xmlns:o='urn:schemas-microsoft-com:office:office' ProgID='Excel.Sheet.12'/>"
    source = read_body(paragraph(run("甲") + sheet + "</w:object></w:r>") + "<w:altChunk/>")
    assert lines(source) == ["甲"]
    (finding,) = source.findings
    assert (finding.code, finding.value) == ("R-OBJECT-UNREAD", "Excel.Sheet.12, altChunk")


MARK = "<w:rPr><w:{}/></w:rPr>"


def box(text: str) -> str:
    return f"<w:r><w:pict><v:textbox><w:txbxContent>{paragraph(run(text))}</w:txbxContent></v:textbox></w:pict></w:r>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (paragraph(run("甲"), MARK.format("del")) + paragraph(run("乙")) + paragraph(run("丙")), ["甲乙", "丙"]),
        (paragraph(run("甲"), MARK.format("moveFrom")) + paragraph(run("乙")), ["甲乙"]),
        (paragraph(run("甲"), MARK.format("vanish")) + paragraph(run("乙")), ["甲乙"]),
        (paragraph(run("甲"), MARK.format("ins")) + paragraph(run("乙")), ["甲", "乙"]),
        (paragraph(f"<w:del>{run('密')}</w:del>", MARK.format("del")) + paragraph(run("乙")), ["乙"]),
        (paragraph(run("甲"), MARK.format("del")), ["甲"]),
        (WRAPPERS[1].format(paragraph(run("甲"))) + WRAPPERS[2].format(paragraph(run("乙"))), ["甲", "乙"]),
        (alternate(paragraph(run("新")), paragraph(run("旧"))), ["新"]),
        (paragraph(run("甲") + alternate(box("新框"), box("旧框"))), ["甲", "新框"]),
        (paragraph(box("框") + run("甲")), ["甲", "框"]),
        (paragraph(f"<w:del>{box('密')}</w:del>" + run("甲")), ["甲"]),
        (run("甲") + paragraph(run("乙")), ["甲", "乙"]),
    ],
)  # fmt: skip
def test_paragraphs_are_those_that_word_shows(body: str, expected: list[str]) -> None:
    """Ends that are taken out join paragraphs; wrapped ones, and text boxes after their paragraph, are read once."""
    assert lines(read_body(body)) == expected


def test_an_inner_table_follows_its_outer_one() -> None:
    """A table in a cell, and one in a text box of a cell, are grids of their own, numbered after the outer table."""
    inner = table(cell("内一") + cell("内二"))
    boxed = paragraph(f"<w:r><w:pict><w:txbxContent>{table(cell('框内'))}</w:txbxContent></w:pict></w:r>")
    source = read_body(table(f"<w:tc>{paragraph(run('外'))}{inner}{boxed}</w:tc>", cell("末")) + table(cell("后")))
    assert texts(source) == [["外", "末"], ["内一", "内二"], ["框内"], ["后"]]
    assert [block.areas[0].cell.place for block in source.blocks if isinstance(block, Grid)] == [
        CellPlace(number, 1, 1) for number in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_strict_document_is_read(encoding: str) -> None:
    """The namespaces of ISO 29500 Strict, in either encoding of XML, and a main part of another name."""
    main = declared(f"<w:document><w:body>{paragraph(run('严格'))}{table(cell('甲'))}</w:body></w:document>")
    main = main.replace(SPACES["w"], "http://purl.oclc.org/ooxml/wordprocessingml/main")
    relations = (
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='a' "
        "Type='http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument' Target='/word/other.xml'/>"
        "</Relationships>"
    )
    members = {"[Content_Types].xml": b"<Types/>", "_rels/.rels": relations.encode()}
    data = hostile.archive(
        members | {"word/other.xml": f"<?xml version='1.0' encoding='{encoding}'?>{main}".encode(encoding)}
    )
    source = read_bytes(data, "表.docx")
    assert (lines(source), texts(source)) == (["严格"], [["甲"]])


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (hostile.word_file()[:9000], "cut off or damaged"),
        (hostile.with_part(hostile.word_file(), hostile.WORD, b"<w:document"), "well-formed"),
        (hostile.with_part(hostile.word_file(), hostile.WORD, b"<x/>"), "no Word document"),
        (hostile.with_part(hostile.word_file(), hostile.WORD, b"<a>" * 1000 + b"</a>" * 1000), "well-formed"),
        (hostile.with_part(hostile.word_file(), hostile.WORD, bytes(64 << 20)), "zip bomb"),
        (hostile.with_entities(hostile.word_file(), hostile.WORD, "laughs", "l9"), "document.xml"),
        (hostile.with_entities(hostile.word_file(), hostile.WORD, "external", "e"), "document type"),
        (hostile.sheet_file(), "no Word document"),
        (b"", "damaged"),
    ],
)
def test_a_bad_document_is_refused_by_name(data: bytes, word: str) -> None:
    """What cannot be read is told in one line that names the file, what is wrong and what to do."""
    with pytest.raises(DocumentError, match=word) as caught:
        read_docx(data, "表.docx")
    assert str(caught.value).startswith("表.docx")
    assert "\n" not in str(caught.value)

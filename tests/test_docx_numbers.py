"""The numbers of automatic lists, as Word prints them, and parts that say anything."""

from __future__ import annotations

import io
import zipfile

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from words import cell, lines, paragraph, read_body, run, table, texts, word

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.readers.docx import read_docx
from fiscalkg.loader.tables import Grid


def level(depth: int, text: str, form: str = "decimal", more: str = "") -> str:
    printed = f"<w:start w:val='1'/><w:numFmt w:val='{form}'/><w:lvlText w:val='{text}'/>"
    return f"<w:lvl w:ilvl='{depth}'>{printed}{more}</w:lvl>"


def pattern(name: int, *levels: str) -> str:
    return f"<w:abstractNum w:abstractNumId='{name}'>{''.join(levels)}</w:abstractNum>"


def listing(name: int, pattern: int, more: str = "") -> str:
    return f"<w:num w:numId='{name}'><w:abstractNumId w:val='{pattern}'/>{more}</w:num>"


def item(name: int | str, depth: int | str = 0, text: str = "项", style: str = "") -> str:
    numbers = f"<w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='{name}'/></w:numPr>" if name else ""
    return paragraph(run(text), f"<w:pStyle w:val='{style}'/>" * bool(style) + numbers)


START = "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='5'/></w:lvlOverride>"
TWO = pattern(0, level(0, "%1、", "chineseCounting"), level(1, "%1.%2", more="<w:suff w:val='space'/>"))
STYLES = (
    "<w:style w:styleId='a'><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:style>"
    "<w:style w:styleId='b'><w:basedOn w:val='a'/></w:style>"
    "<w:style w:styleId='c'><w:basedOn w:val='c'/></w:style>"
)


FORMS = {
    "upperRoman": "I II III", "lowerLetter": "a b c", "decimalEnclosedCircle": "① ② ③", "decimalZero": "01 02 03",
    "ideographTraditional": "甲 乙 丙", "ideographDigital": "一 二 三", "decimalFullWidth": "１ ２ ３", "x": "1 2 3",
}  # fmt: skip


@pytest.mark.parametrize(
    ("numbering", "body", "expected"),
    [
        (TWO + listing(1, 0), item(1) + item(1, 1) + item(1, 1) + item(1) + item(1, 1),
         ["一、项", "一.1 项", "一.2 项", "二、项", "二.1 项"]),
        # lists of one pattern count on; one that says where it starts does not
        (TWO + listing(1, 0) + listing(2, 0), item(1) + item(2), ["一、项", "二、项"]),
        (TWO + listing(1, 0) + listing(2, 0, START), item(1) + item(2) + item(2), ["一、项", "五、项", "六、项"]),
        (TWO + listing(1, 0, f"<w:lvlOverride w:ilvl='0'>{level(0, '(%1)')}</w:lvlOverride>"), item(1), ["(1)项"]),
        (pattern(0, level(0, "%1."), level(1, "%1.%2.", more="<w:lvlRestart w:val='0'/>")) + listing(1, 0),
         item(1) + item(1, 1) + item(1) + item(1, 1), ["1.项", "1.1.项", "2.项", "2.2.项"]),
        (pattern(0, level(0, "%1", "chineseCounting"), level(1, "%1.%2", more="<w:isLgl/>")) + listing(1, 0),
         item(1) + item(1, 1), ["一 项", "1.1 项"]),
        # by a style, by one based on it, and taken away again
        (TWO + listing(1, 0), item("", style="a") + item("", style="b") + item("0", style="a") + item("", style="c"),
         ["一、项", "二、项", "项", "项"]),
        (pattern(0, level(0, "%1."), level(1, "(%2)", more="<w:pStyle w:val='a'/>")) + listing(1, 0),
         item("", style="a"), ["(1)项"]),
        ("<w:abstractNum w:abstractNumId='0'><w:numStyleLink w:val='s'/></w:abstractNum>"
         "<w:abstractNum w:abstractNumId='1'><w:styleLink w:val='s'/>" + level(0, "%1)") + "</w:abstractNum>"
         + listing(1, 0), item(1), ["1)项"]),
        # a blank paragraph shows its number, a deleted one none
        (TWO + listing(1, 0), item(1, text="") + item(1), ["一、", "二、项"]),
        (pattern(0, level(0, "●", "bullet")) + listing(1, 0), item(1), ["项"]),
        *((pattern(0, level(0, "%1)", form)) + listing(1, 0), item(1) * 3, [f"{each})项" for each in printed.split()])
          for form, printed in FORMS.items()),
        # nothing of any size or kind raises
        (TWO + listing(1, 0), item(1, "9" * 5000) + item(1, "x") + item(7) + item(1, "²"),
         ["项", "一、项", "项", "二、项"]),
        (pattern(0, level(0, "%1.").replace("'1'", f"'{'9' * 5000}'", 1)) + listing(1, 0), item(1), ["10000000.项"]),
    ],
)  # fmt: skip
def test_automatic_numbers_are_as_printed(numbering: str, body: str, expected: list[str]) -> None:
    """Numbers of lists, levels and styles, in the forms of Word, where each begins anew and where it counts on."""
    assert lines(read_body(body, numbering=numbering, styles=STYLES)) == expected


def test_a_column_of_numbers_counts_rows() -> None:
    """Blank cells of an automatic list show their numbers; the hidden rest of a merged cell is counted, not shown."""
    blank = "<w:tc><w:tcPr>{}</w:tcPr>" + item(1, text="") + "</w:tc>"
    rows = [blank.format(merge) + cell("项") for merge in ("", "<w:vMerge w:val='restart'/>", "<w:vMerge/>", "")]
    source = read_body(table(*rows), numbering=pattern(0, level(0, "%1")) + listing(1, 0))
    assert texts(source) == [["1", "项", "2", "项", "项", "4", "项"]]


NUMBERED = "<w:tc>" + item(1) + "</w:tc>"
UPPER, LOWER = cell("乙", "<w:vMerge w:val='restart'/>"), cell("", "<w:vMerge/>")
JOINED = paragraph("<w:r><w:sym w:font='Symbol' w:char='F0B3'/></w:r>" + run("甲"), "<w:rPr><w:del/></w:rPr>")
GOOD = word(
    table(NUMBERED + UPPER, cell("丙") + LOWER) + JOINED + item("", style="b"),
    numbering=TWO + listing(1, 0, START),
    styles=STYLES,
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_mutated_parts_are_a_source_or_refused(data: st.DataObject) -> None:
    """Whatever names, values and bytes of any part are changed, reading gives a source or a DocumentError."""
    part = data.draw(st.sampled_from([hostile.WORD, "word/numbering.xml", "word/styles.xml"]))
    with zipfile.ZipFile(io.BytesIO(GOOD)) as package:
        content = package.read(part)
    words = [b"w:p>", b"w:r>", b"w:t>", b"w:tc>", b"w:tr>", b"w:tbl>", b"w:pPr>", b"'1'", b"'0'", b"w:val", b"w:lvl"]
    for _ in range(data.draw(st.integers(1, 3))):
        old, new = data.draw(st.sampled_from(words)), data.draw(st.sampled_from([*words, b"'99'", b"''", b"'-'", b"x"]))
        content = content.replace(old, new)
    at = data.draw(st.integers(0, len(content)))
    content = content[:at] + data.draw(st.sampled_from([b"", b"", b"9", b"'", b"<w:t/>"])) + content[at:]
    try:
        source = read_docx(hostile.with_part(GOOD, part, content), "表.docx")
    except DocumentError as error:
        assert str(error).startswith("表.docx")
        assert "\n" not in str(error)
        return
    for block in source.blocks:
        if isinstance(block, Grid):
            covered = [(a.row + i, a.column + j) for a in block.areas for i in range(a.rows) for j in range(a.columns)]
            assert len(covered) == len(set(covered))

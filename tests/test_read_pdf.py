"""PDFs into grids and paragraphs: ruled tables over pages, text around them, scans, and what is hostile."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paper import Paper
from PIL import Image
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import ImageReader

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.places import PagePlace
from fiscalkg.loader.readers.pdf import read_pdf
from fiscalkg.loader.readers.scan import is_installed
from fiscalkg.loader.tables import Grid, Paragraph, Source
from fiscalkg.loader.text import join_lines, squeeze
from grids import Written, boxes

HEAD: list[Written] = ["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值"]
WIDTHS = [60.0, 80.0, 100.0, 155.0, 80.0]
NARROW = [19.5, 90.0, 110.0, 175.0, 80.0]


def form(name: str, count: int = 9, seed: int = 1) -> list[list[Written]]:
    """Return the rows of a form with merged cells: label and value, then indicators under merged levels."""
    rng = random.Random(seed)
    rows: list[list[Written]] = [
        ["项目名称", (name, 1, 4)],
        [("资金", 2, 1), "预算数", "470.00", "其他资金", ""],
        [("用于" + name + "的各项支出，保障工作正常开展。" * rng.randint(1, 3), 1, 4)],
        ["绩效目标", ("1.通过参会扩大交流。\n2.提升影响力。" * rng.randint(1, 4), 1, 4)],
        HEAD,
    ]
    for at in range(count):
        text = f"按计划完成的第{at + 1}项工作" + "及其后续" * rng.randint(0, 6)
        row: list[Written] = ["数量指标", f"完成工作{at + 1}", text, f"≥{rng.randint(1, 900)}人"]
        if at % 3 == 0:
            row = [("产出指标" if at < 6 else "效益指标", min(3, count - at), 1), *row]
        rows.append(row)
    return rows


Read = dict[tuple[int, int], tuple[str, int, int]]


def grids_of(source: Source) -> list[Grid]:
    return [block for block in source.blocks if isinstance(block, Grid)]


def lines_of(source: Source) -> list[str]:
    return [block.cell.text for block in source.blocks if isinstance(block, Paragraph)]


def read_cells(grid: Grid) -> Read:
    """Return a grid's cells by place, wraps joined."""
    joined = {area: squeeze(join_lines(area.cell.text.split("\n"))) for area in grid.areas}
    return {(area.row, area.column): (text, area.rows, area.columns) for area, text in joined.items()}


def written_cells(rows: Sequence[Sequence[Written]]) -> Read:
    return {(box.row, box.column): (squeeze(box.text), box.rows, box.columns) for box in boxes(rows)}


def codes(source: Source) -> list[str]:
    return [finding.code for finding in source.findings]


@pytest.mark.parametrize("rules", ["lines", "bars", "boxes"])
def test_a_ruled_table_is_a_grid_with_its_spans(rules: str) -> None:
    """Rules of every kind make the same cells, merged ones with their spans, between their paragraphs."""
    rows = form("冬季年会")
    data = Paper(rules=rules).line("1.冬季年会绩效目标表").table(rows, WIDTHS).line("附注：无").bytes()
    source = read_pdf(data, "a.pdf")
    assert [read_cells(grid) for grid in grids_of(source)] == [written_cells(rows)]
    assert lines_of(source) == ["1.冬季年会绩效目标表", "附注：无"]
    assert (source.media_type, source.shape, source.findings) == ("application/pdf", "cells", ())


def test_each_cell_knows_its_box_on_its_page() -> None:
    """Places are pages from 1 and boxes in points from the top left corner, to a tenth."""
    data = Paper().line("一").page().table([["甲", "乙"], ["丙", "丁"]], [100, 200]).bytes()
    areas = grids_of(read_pdf(data, "a.pdf"))[0].areas
    assert [area.cell.place for area in areas[:2]] == [
        PagePlace(2, 60.0, 60.0, 100.0, 17.6),
        PagePlace(2, 160.0, 60.0, 200.0, 17.6),
    ]


@pytest.mark.parametrize("seed", range(30))
def test_a_table_over_several_pages_is_one_grid(seed: int) -> None:
    """Whatever the print, rules, widths and page ends, forms come back whole: spans, broken rows, heads dropped."""
    rng = random.Random(seed)
    paper = Paper(
        size=rng.choice([A4, landscape(A4)]),
        letter=rng.choice([7.5, 9, 10.5]),
        rules=rng.choice(["lines", "bars", "boxes", "open"]),
        footer=rng.choice(["", "- {} -", "{}", "第 {} 页"]),
        head=rng.choice(["", "某市2025年部门预算"]),
    )
    widths, splits = rng.choice([WIDTHS, NARROW]), rng.random() < 0.6
    forms = [form(f"第{at}个项目", rng.randint(1, 40), seed * 7 + at) for at in range(4)]
    for at, rows in enumerate(forms):
        paper.line(f"{at + 1}.某项目绩效目标表").table(rows, widths, splits=splits)
    source = read_pdf(paper.bytes(), "a.pdf")
    assert [read_cells(grid) for grid in grids_of(source)] == [written_cells(rows) for rows in forms]
    titles = [f"{at + 1}.某项目绩效目标表" for at in range(4)]
    assert [line for line in lines_of(source) if line != paper.head] == titles


@pytest.mark.parametrize("heads", [1, 2])
def test_a_head_that_pages_print_again_is_dropped(heads: int) -> None:
    """Rows that repeat the head exactly stand once in the grid, at its top."""
    title: list[list[Written]] = [[("部门项目支出绩效目标", 1, 5)]] * (heads - 1)
    rows = [*title, HEAD, *([f"项目{at}", "数量指标", f"数量{at}", "说明", f"≥{at}"] for at in range(150))]
    source = read_pdf(Paper(footer="{}").table(rows, WIDTHS, repeat=heads).bytes(), "a.pdf")
    assert [read_cells(grid) for grid in grids_of(source)] == [written_cells(rows)]


def test_a_caption_printed_again_with_the_head_does_not_part_a_table() -> None:
    """A sheet that prints its title, unit and head on each page is one table, its caption printed once."""
    head: list[Written] = ["项目名称", "指标", "指标值"]
    pages = [[[f"项目{page}{at}", "数量", f"≥{at}"] for at in range(20)] for page in range(3)]
    paper = Paper()
    for at, page in enumerate(pages):
        paper.line("部门预算项目绩效目标表").line("金额单位：元").table([head, *page], [150, 150, 150])
        if at < 2:
            paper.page()
    source = read_pdf(paper.bytes(), "a.pdf")
    assert lines_of(source) == ["部门预算项目绩效目标表", "金额单位：元"]
    assert [read_cells(grid) for grid in grids_of(source)] == [written_cells([head, *pages[0], *pages[1], *pages[2]])]


def test_tables_that_only_look_alike_stay_apart() -> None:
    """Forms of one width, one a page, their titles printed inside and nothing between, are as many grids."""
    forms = [[[("项目支出绩效目标表", 1, 5)], *form(f"项目{at}", 6, at)] for at in range(3)]
    paper = Paper(footer="{}")
    for at, rows in enumerate(forms):
        paper.table(rows, WIDTHS)
        if at < 2:
            paper.page()
    source = read_pdf(paper.bytes(), "a.pdf")
    assert [read_cells(grid) for grid in grids_of(source)] == [written_cells(rows) for rows in forms]


def budget() -> tuple[Paper, list[list[list[Written]]]]:
    """Draw 35 pages of a budget: a cover, narrative, ordinary tables, and five target forms at the end."""
    paper = Paper(footer="- {} -", head="某局2025年部门预算")
    paper.line("某局2025年部门预算公开说明").page()
    for chapter in range(7):
        paper.line(f"{chapter + 1}、部门预算情况说明")
        for _ in range(14):
            paper.line(
                "　　本年度收入预算总额为1234.56万元，比上年增加，主要原因是人员经费调整，支出按功能分类列示。" * 2
            )
        if chapter:
            rows: list[list[Written]] = [["科目编码", "科目名称", "合计", "基本支出", "项目支出"]]
            rows += [[f"201{at:02}", f"一般公共服务支出{at}", f"{at}.00", f"{at}.00", ""] for at in range(90)]
            paper.page().line(f"表{chapter} 一般公共预算支出表").line("单位：万元")
            paper.table(rows, [70, 160, 80, 80, 85], repeat=1).page()
    forms = [form(f"第{at}个项目", 12 + 3 * at, at) for at in range(5)]
    while paper.number < 30:
        paper.line("　　其他需要说明的情况。").page()
    for at, rows in enumerate(forms):
        paper.line(f"{at + 1}.第{at}个项目绩效目标表").line("单位：万元").table(rows, WIDTHS, splits=True)
        if at < 4 and paper.down > 500:
            paper.page()
    return paper, forms


def test_five_forms_at_the_end_of_a_budget_are_its_last_five_grids() -> None:
    """A 35-page budget with narrative and ordinary tables ends in exactly its five target forms, whole."""
    paper, forms = budget()
    assert paper.number == 35
    source = read_pdf(paper.bytes(), "预算.pdf")
    grids = grids_of(source)
    assert [read_cells(grid) for grid in grids[-5:]] == [written_cells(rows) for rows in forms]
    assert [len({area.row for area in grid.areas}) for grid in grids[:-5]] == [91] * 6
    assert not [line for line in lines_of(source) if re.fullmatch(r"- ?\d+ ?-", line)]
    assert lines_of(source).count("某局2025年部门预算") == 1


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_shown_turned_is_read_as_shown(rotation: int) -> None:
    """A page whose contents its rotation turns back is read upright, and places are where a reader sees them."""
    paper = Paper(rotation=rotation, size=landscape(A4) if rotation % 180 else A4)
    width, height = paper.size
    turns = {90: (0, 1, -1, 0, height, 0), 180: (-1, 0, 0, -1, width, height), 270: (0, -1, 1, 0, 0, width)}
    paper.canvas.transform(*turns[rotation])
    rows = form("项目", 3)
    source = read_pdf(paper.table(rows, WIDTHS).bytes(), "a.pdf")
    assert [read_cells(grid) for grid in grids_of(source)] == [written_cells(rows)]
    assert grids_of(source)[0].areas[0].cell.place == PagePlace(1, 60.0, 60.0, 60.0, 17.6)


def test_a_wide_table_drawn_sideways_on_an_upright_page_is_read() -> None:
    """Where most text of a page stands turned, the page is read turned, and places stay those of the page as shown."""
    paper = Paper(size=A4)
    paper.canvas.translate(A4[0], 0)
    paper.canvas.rotate(90)
    paper.size = landscape(A4)
    rows = form("项目", 3)
    source = read_pdf(paper.table(rows, WIDTHS).bytes(), "a.pdf")
    assert [read_cells(grid) for grid in grids_of(source)] == [written_cells(rows)]
    assert grids_of(source)[0].areas[0].cell.place == PagePlace(1, 60.0, 721.9, 17.6, 60.0)


def test_text_turned_inside_a_cell_is_read_along_its_line() -> None:
    """A level printed from bottom to top in its cell is one line of text."""
    paper = Paper()
    paper.table([[("", 2, 1), "数量指标", "≥1"], ["质量指标", "≥2"]], [30, 200, 200])
    paper.canvas.saveState()
    paper.canvas.translate(78, paper.size[1] - 94)
    paper.canvas.rotate(90)
    paper.canvas.setFont("STSong-Light", 7)
    paper.canvas.drawString(0, 0, "产出指标")
    paper.canvas.restoreState()
    cells = read_cells(grids_of(read_pdf(paper.bytes(), "a.pdf"))[0])
    assert cells[0, 0] == ("产出指标", 2, 1)


def test_a_table_without_outer_sides_has_its_cells() -> None:
    """Sides that a table leaves open are closed by where its other rules end."""
    paper = Paper()
    for down in (100, 120, 140):
        paper.canvas.line(60, 842 - down, 460, 842 - down)
    paper.canvas.line(200, 842 - 100, 200, 842 - 140)
    for left, down, text in ((65, 113, "项目名称"), (205, 113, "甲"), (65, 133, "预算数"), (205, 133, "1.00")):
        paper.write(left, down + 0.11, text)
    cells = read_cells(grids_of(read_pdf(paper.bytes(), "a.pdf"))[0])
    assert cells == written_cells([["项目名称", "甲"], ["预算数", "1.00"]])


def test_page_numbers_go_and_other_numbers_stay() -> None:
    """A number at the foot is left out where it grows with the pages; a year on one page's foot is not."""
    paper = Paper(footer="{}")
    for _ in range(3):
        paper.line("预算说明").page()
    numbered = lines_of(read_pdf(paper.bytes(), "a.pdf"))
    assert numbered == ["预算说明"] * 3
    paper = Paper(footer="2025")
    assert lines_of(read_pdf(paper.line("预算说明").bytes(), "a.pdf")) == ["预算说明", "2025"]


def test_a_paragraph_that_wraps_at_the_margin_is_one() -> None:
    """Narrative beside a ruled table comes back in its paragraphs."""
    texts = ["一、" + "部门职责和机构设置情况说明，" * 12 + "完。", "二、预算收支总体情况。"]
    paper = Paper().line(texts[0]).line(texts[1]).table([["甲", "乙"]], [100, 100])
    assert lines_of(read_pdf(paper.bytes(), "a.pdf")) == texts


def test_without_rules_a_pdf_is_wrapped_lines() -> None:
    """A PDF without any ruled table is shape wrapped: a paragraph for each line, columns apart by a blank."""
    paper = Paper()
    for down, cells in enumerate((("项目名称", "冬季年会"), ("预算数", "470.00"))):
        for column, text in enumerate(cells):
            paper.write(60 + 150 * column, 80 + 20 * down, text)
    source = read_pdf(paper.bytes(), "a.pdf")
    assert (source.shape, lines_of(source)) == ("wrapped", ["项目名称 冬季年会", "预算数 470.00"])


def test_a_watermark_stays_out_of_the_cells_and_is_named() -> None:
    """Slanted text is no cell's; a finding says what was left out."""
    paper = Paper()
    rows = form("项目", 3)
    paper.table(rows, WIDTHS)
    paper.canvas.translate(200, 500)
    paper.canvas.rotate(45)
    paper.canvas.setFont("STSong-Light", 40)
    paper.canvas.drawString(0, 0, "内部资料")
    source = read_pdf(paper.bytes(), "a.pdf")
    assert read_cells(grids_of(source)[0]) == written_cells(rows)
    assert [(finding.code, finding.value) for finding in source.findings] == [("R-PDF-SLANTED", "内部资料")]


FORM: list[list[Written]] = [
    ["项目名称", ("冬季年会", 1, 3)],
    [("预算", 2, 1), "预算数", "其中：财政资金", "其他资金"],
    ["470.00", "400.00", "70.00"],
    [("产出指标", 2, 1), "数量指标", "参加活动的单位和人员的数量", "≥1000人"],
    ["质量指标", "活动完成度", "≥95%"],
]


def picture_page(turn: int = 0, lean: float = 0) -> bytes:
    """Return a PDF of one page that is a picture of a form, as a scanner makes it, on its side or askew by degrees."""
    sheet = Paper(letter=12, size=(480, 330), margin=20)
    drawn = sheet.line("冬季年会项目绩效目标表").table(FORM, [90, 100, 110, 140]).bytes()
    page = pypdfium2.PdfDocument(drawn)[0]
    picture = page.render(scale=2).to_pil().rotate(lean, fillcolor="white").rotate(turn, expand=True)
    paper = Paper(size=sheet.size[::-1] if turn % 180 else sheet.size)
    paper.canvas.drawImage(ImageReader(picture), 0, 0, *paper.size)
    return paper.bytes()


def test_a_scan_is_named_with_what_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF whose pages are pictures is refused by name, saying which extra reads it."""
    monkeypatch.setattr("fiscalkg.loader.readers.pdf.is_installed", lambda: False)
    with pytest.raises(DocumentError, match=r"扫描\.pdf: this PDF is a scan without text; install fiscalkg\[ocr\]"):
        read_pdf(picture_page(), "扫描.pdf")


def test_pages_that_are_pictures_are_named_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """One scanned page among pages of text is a finding with its page; the other pages are read."""
    monkeypatch.setattr("fiscalkg.loader.readers.pdf.is_installed", lambda: False)
    paper = Paper().line("预算说明").page()
    paper.canvas.drawImage(ImageReader(Image.new("L", (300, 400), 200)), 0, 0, *A4)
    source = read_pdf(paper.bytes(), "a.pdf")
    assert lines_of(source) == ["预算说明"]
    assert [(finding.code, finding.place) for finding in source.findings] == [
        ("R-PDF-SCAN", PagePlace(2, 0, 0, 595.3, 841.9))
    ]


@pytest.mark.skipif(not is_installed(), reason="rapidocr is missing: pip install 'fiscalkg[ocr]'")
@pytest.mark.parametrize(("turn", "lean"), [(0, 0.0), (270, 0.6)])
def test_a_scan_is_read_where_it_can_be_and_marked(turn: int, lean: float) -> None:
    """With the extra ocr a scanned form is a grid with its spans, and a finding says that its text was recognised."""
    source = read_pdf(picture_page(turn, lean), "a.pdf")
    assert [read_cells(grid) for grid in grids_of(source)] == [written_cells(FORM)]
    assert lines_of(source) == ["冬季年会项目绩效目标表"]
    assert codes(source)[0] == "R-OCR"


def test_letters_without_meaning_are_named() -> None:
    """A page whose font does not say which characters it prints gives a finding, not silent garbage."""
    private = "".join(chr(0xE000 + at) for at in range(60))
    source = read_pdf(Paper().line(private).bytes(), "a.pdf")
    assert "R-PDF-NO-UNICODE" in codes(source)


def test_what_cannot_be_opened_is_named() -> None:
    """Locked, empty and damaged files raise DocumentError with the file's name and what to do."""
    whole = Paper().line("预算").bytes()
    for data, words in (
        (Paper(protected="secret").line("预算").bytes(), "locked with a password"),
        (Paper().bytes(), "holds no text"),
        (whole[:300], "damaged"),
        (b"%PDF-1.7\n", "damaged"),
        (b"", "damaged"),
    ):
        with pytest.raises(DocumentError, match=rf"^b\.pdf: .*{words}"):
            read_pdf(data, "b.pdf")


def test_a_file_cut_off_is_read_and_named() -> None:
    """A PDF whose end is missing gives what it still has, and a finding."""
    paper = Paper()
    for at in range(5):
        paper.line(f"第{at}部分").page()
    data = paper.bytes()
    source = read_pdf(data[: data.rindex(b"startxref")], "a.pdf")
    assert (lines_of(source)[0], codes(source)) == ("第0部分", ["R-PDF-TRUNCATED"])


def test_a_page_with_more_characters_than_any_page_costs_only_itself() -> None:
    """A page no reader can read is a finding; the other pages are read."""
    paper = Paper().line("一")
    paper.page()
    paper.canvas.setFont("STSong-Light", 0.5)
    for at in range(120):
        paper.canvas.drawString(20, 20 + at, "预" * 1000)
    source = read_pdf(paper.page().line("二").bytes(), "a.pdf")
    assert (lines_of(source), codes(source)) == (["一", "二"], ["R-PDF-PAGE-UNREAD"])


def test_a_page_of_a_hundred_thousand_rules_costs_only_its_tables() -> None:
    """A drawing with more strokes than any table is not taken for one; text beside it is read."""
    paper = Paper().line("一")
    path = paper.canvas.beginPath()
    for at in range(100_000):
        path.moveTo(at % 500, at / 200)
        path.lineTo(at % 500 + 20, at / 200)
    paper.canvas.drawPath(path)
    source = read_pdf(paper.bytes(), "a.pdf")
    assert (lines_of(source), codes(source)) == (["一"], ["R-PDF-PAGE-UNREAD"])


def raw_pdf(pages: bytes, count: int, media: bytes = b"[0 0 595 842]") -> bytes:
    """Return a PDF written by hand: its page tree's kids are ``pages``, its count is what is claimed."""
    content = b"BT /F 12 Tf 50 700 Td (abc) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (pages, count),
        b"<</Type/Page/Parent 2 0 R/MediaBox%s/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>" % media,
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (at + 1, text) for at, text in enumerate(objects))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.mark.parametrize(
    ("pages", "count", "media"),
    [
        (b"3 0 R", 1, b"[0 0 1e30 1e30]"),
        (b"3 0 R", 1, b"[0 0 0 0]"),
        (b"3 0 R", 1, b"[500 500 -500 -500]"),
        (b"3 0 R 2 0 R", 2, b"[0 0 595 842]"),
        (b"2 0 R", 4, b"[0 0 595 842]"),
        (b"3 0 R", 2_000_000_000, b"[0 0 595 842]"),
        (b"3 0 R", -1, b"[0 0 595 842]"),
    ],
)
def test_a_page_tree_that_lies_is_read_or_refused(pages: bytes, count: int, media: bytes) -> None:
    """Loops, endless counts and boundless pages give what is there, or DocumentError; they cost no time."""
    try:
        assert "abc" in read_pdf(raw_pdf(pages, count, media), "a.pdf").text
    except DocumentError as error:
        assert str(error).startswith("a.pdf: ")


SMALL = Paper(footer="- {} -").line("标题").table(form("项目", 3), WIDTHS).bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), max_size=30), st.integers(0, len(SMALL))
)
def test_damaged_bytes_give_a_source_or_a_document_error(changes: list[tuple[int, int]], end: int) -> None:
    """Whatever becomes of a PDF's bytes, it is read or refused by name; nothing else is raised."""
    data = bytearray(SMALL)
    for at, byte in changes:
        data[at] = byte
    try:
        source = read_pdf(bytes(data if end % 3 else data[:end]), "a.pdf")
    except DocumentError as error:
        assert str(error).startswith("a.pdf: ")
    else:
        source.text.encode()


def tiling(seed: int) -> list[list[Written]]:
    """Return a table whose cells are merged at random; every row and column has a cell of its own."""
    rng = random.Random(seed)
    height, width = rng.randint(2, 12), rng.randint(2, 7)
    taken: set[tuple[int, int]] = set()
    rows: list[list[Written]] = []
    for row in range(height):
        rows.append([])
        for column in range(width):
            if (row, column) in taken:
                continue
            across = rng.choice([1, 1, 1, 2, 3]) if column else 1
            while column + across > width or any((row, column + at) in taken for at in range(across)):
                across -= 1
            down = min(rng.choice([1, 1, 1, 2, 3]), height - row) if row and across == 1 and column < width - 1 else 1
            taken.update((row + i, column + j) for i in range(down) for j in range(across))
            rows[-1].append((rng.choice(["", "指标", f"{row}行{column}列", "很长的文字" * 5]), down, across))
    return [[f"第{at}列" for at in range(width)], *rows, [("末" if at else "尾") for at in range(width)]]


@pytest.mark.parametrize("seed", range(40))
def test_cells_merged_at_random_come_back(seed: int) -> None:
    """Whatever the merges and the kind of rules, a missing rule is a span and nothing else is."""
    rows = tiling(seed)
    paper = Paper(rules=("lines", "bars", "boxes")[seed % 3], letter=(6, 8, 10)[seed % 3])
    source = read_pdf(paper.table(rows, [60 + 5 * (seed % 3)] * len(rows[0])).bytes(), "a.pdf")
    assert [read_cells(grid) for grid in grids_of(source)] == [written_cells(rows)]

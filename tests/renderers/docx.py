"""An original as a Word document with merged cells, written as XML: faster than a library, and as plain."""

from __future__ import annotations

import io
import zipfile
from random import Random
from xml.sax.saxutils import escape

from renderers.document import Original
from renderers.form import Cell

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
PAGE_WIDTH = 9600  # twentieths of a point
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def write(original: Original, seed: int) -> bytes:
    """Return the bytes of a docx; the seed varies fonts, widths, whether rows may break, and how lines are set."""
    random = Random(seed)
    size = random.choice((16, 18, 20, 21))
    blocks = [_paragraph(line, size, random) for line in original.cover]
    for form in original.forms:
        blocks += [_paragraph(form.title, size + 8, random)] if form.title else []
        blocks += [_paragraph(line, size, random) for line in form.lines]
        for table in form.tables:
            blocks += [_table(table, size, random), _paragraph("", size, random)]
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    document = f"{head}<w:document {NAMESPACE}><w:body>{''.join(blocks)}</w:body></w:document>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", head + TYPES)
        archive.writestr("_rels/.rels", head + RELATIONS)
        archive.writestr("word/document.xml", document)
    return buffer.getvalue()


def _paragraph(text: str, size: int, random: Random) -> str:
    """Return a paragraph in one run or several: editing leaves a text in pieces."""
    cuts = sorted(random.sample(range(1, len(text)), min(2, len(text) - 1))) if len(text) > 3 else []
    pieces = [text[first:last] for first, last in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    font = f'<w:rPr><w:rFonts w:eastAsia="WenQuanYi Zen Hei"/><w:sz w:val="{size}"/></w:rPr>'
    runs = "".join(f'<w:r>{font}<w:t xml:space="preserve">{escape(piece)}</w:t></w:r>' for piece in pieces)
    return f"<w:p>{runs}</w:p>"


def _table(rows: tuple[tuple[Cell, ...], ...], size: int, random: Random) -> str:
    width = max(sum(cell.columns for cell in row) for row in rows)
    weights = [random.uniform(0.8, 1.4) for _ in range(width)]
    widths = [int(PAGE_WIDTH * weight / sum(weights)) for weight in weights]
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    breaks = "" if random.random() < 0.5 else "<w:cantSplit/>"
    body = "".join(_row(row, widths, breaks, size, random) for row in rows)
    properties = (
        f'<w:tblW w:w="{PAGE_WIDTH}" w:type="dxa"/><w:tblBorders>{BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/>'
    )
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"


def _row(row: tuple[Cell, ...], widths: list[int], breaks: str, size: int, random: Random) -> str:
    column = 0
    cells = []
    for cell in row:
        width = sum(widths[column : column + cell.columns])
        merge = '<w:vMerge w:val="restart"/>' if cell.rows > 1 else "<w:vMerge/>" if cell.rows == 0 else ""
        span = f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else ""
        lines = "".join(_paragraph(line, size, random) for line in cell.text.split("\n"))
        cells.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}</w:tcPr>{lines}</w:tc>')
        column += cell.columns
    return f"<w:tr><w:trPr>{breaks}</w:trPr>{''.join(cells)}</w:tr>"

"""Files that are damaged, locked, contradictory or made to harm, for tests: each as bytes."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from openpyxl import Workbook
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

EXAMPLES = Path(__file__).parent.parent / "examples"
GOOD = (EXAMPLES / "000_a0eefc0601dc6091.txt").read_bytes()
LARGE = (EXAMPLES / "004_1bfb6324b7dc7cff.txt").read_bytes()
WORD = "word/document.xml"
SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "哈"}">' for n in range(10))
ENTITIES = {
    "external": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "laughs": f"<!DOCTYPE x [{LAUGHS}]>",
}


def word_file() -> bytes:
    """A Word document with a ruled table of six cells."""
    document = docx.Document()
    table = document.add_table(2, 3)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"项目{number}"
    return saved(document)


def contradicting_word_file() -> bytes:
    """A table whose second row continues a merge that no cell began, and spans more columns than there are."""
    document = docx.Document()
    table = document.add_table(2, 3)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"项目{number}"
    first, second = table.rows[1].cells[0]._tc, table.rows[0].cells[1]._tc
    first.get_or_add_tcPr().append(OxmlElement("w:vMerge"))
    span = OxmlElement("w:gridSpan")
    span.set(qn("w:val"), "60")
    second.get_or_add_tcPr().append(span)
    return saved(document)


def saved(document: object) -> bytes:
    """The bytes of an Office document."""
    stream = io.BytesIO()
    document.save(stream)  # type: ignore[attr-defined]  # both libraries save alike
    return stream.getvalue()


def sheet_file() -> bytes:
    """A workbook of one sheet."""
    book = Workbook()
    book.active.append(["项目", "金额"])
    return saved(book)


def with_part(package: bytes, part: str, content: bytes) -> bytes:
    """A package with one of its parts exchanged."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            made.writestr(name, content if name == part else source.read(name))
    return stream.getvalue()


def with_entities(package: bytes, part: str, kind: str, name: str) -> bytes:
    """A package with a document type in one part, whose entity is used before the part's first text."""
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        text = source.read(part).decode()
    declaration = text[: text.index("?>") + 2] if text.startswith("<?xml") else ""
    body = text.removeprefix(declaration).replace("项目0", f"&{name};").replace("<v>0</v>", f"<v>&{name};</v>")
    return with_part(package, part, f"{declaration}{ENTITIES[kind]}{body}".encode())


def archive(members: dict[str, bytes]) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return stream.getvalue()


def locked_archive() -> bytes:
    """An archive whose member says it is encrypted."""
    data = bytearray(archive({"表.txt": GOOD}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def pdf_file(locked: bool = False) -> bytes:
    """A PDF of one line, which asks for a password where it is locked."""
    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=StandardEncryption("secret") if locked else None)
    canvas.drawString(100, 700, "budget")
    canvas.save()
    return stream.getvalue()


def crowded_pdf() -> bytes:
    """A PDF with a million characters on its only page."""
    stream = io.BytesIO()
    canvas = Canvas(stream)
    text = canvas.beginText(10, 800)
    for _ in range(1000):
        text.textLine("x" * 1000)
    canvas.drawText(text)
    canvas.save()
    return stream.getvalue()


def locked_office_file() -> bytes:
    """What Office writes when a password is set: a compound file with the stream EncryptedPackage."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    head += struct.pack("<108I", *[free] * 108)
    table = [0xFFFFFFFD, end, *range(3, 10), end]
    entries = _entry("Root Entry", 5, 1, end, 0) + _entry("EncryptedPackage", 2, free, 2, 4096) + bytes(256)
    return head + struct.pack("<128I", *table, *[free] * (128 - len(table))) + entries + bytes(4096)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    letters = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBBIII", len(letters), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return letters.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def form_page(rows: list[list[str]]) -> bytes:
    """A web page with one table."""
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<html><meta charset=utf-8><body><p>项目支出绩效目标表</p><table>{cells}</table></body></html>".encode()


def form(number: int) -> list[list[str]]:
    """The rows of a small form; the fourth is the head of its indicators."""
    return [
        ["项目名称", f"项目{number}", "主管部门", "市财政局"],
        ["年度目标", "完成任务", "实施单位", "市财政局"],
        ["年度", "2025", "", ""],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", f"场次{number}", "≥3场"],
        ["效益指标", "社会效益指标", "满意度", "≥90%"],
    ]

"""Word documents written as XML, for tests: what no library writes."""

from __future__ import annotations

from xml.sax.saxutils import escape

import hostile

from fiscalkg.loader.readers.docx import read_docx
from fiscalkg.loader.tables import Grid, Paragraph, Source

SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
}
NAMESPACES = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in SPACES.items())


def word(body: str, **parts: str) -> bytes:
    """A Word document of a body; further parts by name, as ``numbering``."""
    members = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document><w:body>{body}</w:body></w:document>",
    }
    members |= {f"word/{name}.xml": f"<w:{name}>{content}</w:{name}>" for name, content in parts.items()}
    return hostile.archive({name: declared(content).encode() for name, content in members.items()})


def declared(content: str) -> str:
    return content.replace(">", f" {NAMESPACES}>", 1) if content.startswith("<w:") else content


def read_body(body: str, **parts: str) -> Source:
    return read_docx(word(body, **parts), "表.docx")


def run(text: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'>{escape(text)}</w:t></w:r>"


def paragraph(content: str, look: str = "") -> str:
    return f"<w:p><w:pPr>{look}</w:pPr>{content}</w:p>"


def cell(text: str, look: str = "") -> str:
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{paragraph(run(text))}</w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def lines(source: Source) -> list[str]:
    return [block.cell.text for block in source.blocks if isinstance(block, Paragraph)]


def texts(source: Source) -> list[list[str]]:
    return [[area.cell.text for area in block.areas] for block in source.blocks if isinstance(block, Grid)]

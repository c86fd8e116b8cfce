"""A file into a ``Source``: its text, and the paragraphs and tables of cells that layouts read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path, PurePath

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.readers.decode import decode
from fiscalkg.loader.readers.plain import read_text
from fiscalkg.loader.readers.recognise import DOC, DOCX, ENDINGS, HTML, PDF, TEXT, XLS, XLSX, ZIP, recognise
from fiscalkg.loader.tables import Source

__all__ = ["LARGEST", "read", "read_bytes"]

# An old Office file or a scan renamed to .txt is stopped by its bytes; this stops a disk image.
LARGEST = 256 * 1024 * 1024
# Module and function of each reader: imported when the first file of its kind comes, for some libraries are large.
READERS = {
    DOC: ("doc", "read_doc"),
    DOCX: ("docx", "read_docx"),
    HTML: ("html", "read_html"),
    PDF: ("pdf", "read_pdf"),
    XLS: ("xls", "read_xls"),
    XLSX: ("xlsx", "read_xlsx"),
}


def read(path: Path) -> Source:
    """Return a file as a source.

    Raises ``DocumentError`` naming the file when it cannot be opened, or what it is cannot be read.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise DocumentError(f"{path.name}: larger than {LARGEST >> 20} MiB; split it")
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError(f"{path}: cannot be read ({reason}); check the path and its permissions") from error
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> Source:
    """Return the bytes of a file as a source; ``name`` is the file's name, for messages and places."""
    media_type = recognise(data, name)
    if media_type == ZIP:
        raise DocumentError(f"{name}: an archive inside an archive is not opened; unpack it")
    if media_type == TEXT:
        text, encoding = decode(data, name)
        source = read_text(text, name, hashlib.sha256(data).hexdigest(), encoding)
    else:
        module, function = READERS[media_type]
        reader: Callable[[bytes, str], Source] = getattr(import_module(f"{__name__}.{module}"), function)
        source = reader(data, name)
    found = _wrong_ending(name, media_type)
    return replace(source, findings=(*source.findings, found)) if found else source


def _wrong_ending(name: str, media_type: str) -> Finding | None:
    """Return a finding where a file's name says another kind than it is."""
    ending = PurePath(name).suffix.lower()
    named = next((kind for kind, endings in ENDINGS.items() if ending in endings), None)
    if named is None or named == media_type:
        return None
    right = ENDINGS[media_type][0]
    zh, en = (
        f"文件名以 {ending} 结尾，内容却是 {right}；按内容读取",
        f"named {ending}, but is a {right} file; read as what it is",
    )
    return Finding("R-EXTENSION", Severity.INFO, zh, en, name)

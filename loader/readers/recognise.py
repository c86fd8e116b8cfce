"""The bytes of a file into its media type: by what it holds, never by its name alone."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath

import olefile

from fiscalkg.loader.errors import DocumentError

__all__ = ["DOC", "DOCX", "ENDINGS", "HTML", "PDF", "TEXT", "XLS", "XLSX", "ZIP", "recognise"]

TEXT, HTML, PDF, DOC, XLS = (
    "text/plain", "text/html", "application/pdf", "application/msword", "application/vnd.ms-excel",
)  # fmt: skip
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX, ZIP = f"{OFFICE}wordprocessingml.document", f"{OFFICE}spreadsheetml.sheet", "application/zip"
ENDINGS = {
    TEXT: (".txt", ".text", ".csv", ".tsv", ".md"),
    HTML: (".html", ".htm", ".xhtml", ".shtml"),
    PDF: (".pdf",),
    DOC: (".doc", ".wps", ".dot"),
    XLS: (".xls", ".et"),
    DOCX: (".docx", ".docm"),
    XLSX: (".xlsx", ".xlsm"),
    ZIP: (".zip",),
}
REFUSED = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x1f\x8b", "gzip data; unpack it"),
    (b"Rar!", "a RAR archive; unpack it, or pack it as zip"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it, or pack it as zip"),
    (b"{\\rtf", "an RTF file; open it in Word or LibreOffice and save it as docx"),
    (b"MIME-Version:", "a web page with its parts in one file (mht); open it in Word and save it as docx"),
)
OLE = b"\xd0\xcf\x11\xe0"
HEAD = 4096  # bytes in which a PDF has its mark and a page its first tag
PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta)[\s>]", re.IGNORECASE)
XML_2003 = b"<?mso-application"
LOCKED = "is locked with a password; open it and save it without one"


def recognise(data: bytes, name: str) -> str:
    """Return the media type of a file that can be read; anything else is taken for text.

    Raises ``DocumentError`` naming what the file is where it cannot be read: a picture, an archive of another kind, a
    file locked with a password.
    """
    for signature, kind in REFUSED:
        if data.startswith(signature):
            raise DocumentError(f"{name}: this is {kind}, not a document with tables")
    if XML_2003 in data[:HEAD]:
        raise DocumentError(
            f"{name}: this is a file of Word or Excel in XML of 2003; open it and save it as docx or xlsx"
        )
    if b"%PDF-" in data[:HEAD] and not PAGE.search(data[:HEAD]):
        return PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _package(data, name)
    if data.startswith(OLE):
        return _compound(data, name)
    return HTML if PAGE.search(data[:HEAD].replace(b"\0", b"")) else TEXT


def _package(data: bytes, name: str) -> str:
    """Tell Word and Excel files from other zip archives by the parts they must have."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
        kind = _by_name(name, (DOCX, XLSX))
        if kind:
            return kind  # its reader says what is wrong with it
        raise DocumentError(f"{name}: a zip archive (docx, xlsx), cut off or damaged; get the file again") from error
    if "[Content_Types].xml" in members:
        if any(member.startswith("word/") for member in members):
            return DOCX
        if any(member.startswith("xl/") for member in members):
            return XLSX
    if "mimetype" in members and "content.xml" in members:
        raise DocumentError(f"{name}: this is an OpenDocument file; save it as docx or xlsx")
    return ZIP


def _compound(data: bytes, name: str) -> str:
    """Tell old Word and Excel files, and new ones locked with a password, by their streams."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as compound:
            streams = {"/".join(path).lower() for path in compound.listdir()}
    except Exception as error:  # the library raises whatever its reading of damaged sectors runs into
        raise DocumentError(f"{name}: an old Office file (doc, xls), cut off or damaged; get it again") from error
    if "encryptedpackage" in streams:
        raise DocumentError(f"{name}: {LOCKED}")
    if "worddocument" in streams:
        return DOC
    if streams & {"workbook", "book"}:
        return XLS
    raise DocumentError(f"{name}: an Office file that is neither Word nor Excel; save it as docx, xlsx or PDF")


def _by_name(name: str, kinds: tuple[str, ...]) -> str | None:
    ending = PurePath(name).suffix.lower()
    return next((kind for kind in kinds if ending in ENDINGS[kind]), None)

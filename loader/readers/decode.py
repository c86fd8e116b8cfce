"""Bytes into text: UTF-8, UTF-16, UTF-32 and GB18030 recognised, with or without a mark; binary refused."""

from __future__ import annotations

import codecs
import re

from fiscalkg.loader.errors import DocumentError

__all__ = ["decode"]

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What the codecs say of a sequence that the end of the file breaks off.
CUT_OFF = frozenset({"unexpected end of data", "incomplete multibyte sequence", "truncated data"})
LONGEST_CHARACTER = 4  # bytes
STRANGE = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\ue000-\uf8ff]")  # controls that no text has, private characters


def decode(data: bytes, name: str) -> tuple[str, str]:
    """Return the text and the name of its encoding.

    Raises ``DocumentError`` naming the file when the bytes are not text.
    """
    for encoding in _candidates(data):
        text = _decoded(data, encoding)
        if text is not None and not _is_binary(text):
            return text, encoding
    raise DocumentError(f"{name}: not text in UTF-8, UTF-16 or GB18030; save it as UTF-8 text")


def _decoded(data: bytes, encoding: str) -> str | None:
    """Return the text, or ``None``; a file cut off inside its last character ends in U+FFFD."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.reason not in CUT_OFF or not 0 < len(data) - error.start < LONGEST_CHARACTER:
            return None
        return data[: error.start].decode(encoding) + "\ufffd"
    except UnicodeError:
        return None


def _candidates(data: bytes) -> list[str]:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return [encoding]
    # UTF-16 without a mark shows by its line ends and tabs, whose other byte is zero.
    if b"\0" in data:
        little = sum(data[0::2].count(byte) for byte in (9, 10, 32)) if b"\0" in data[1::2] else 0
        big = sum(data[1::2].count(byte) for byte in (9, 10, 32)) if b"\0" in data[0::2] else 0
        if not (little or big):
            return []
        return ["utf-16-le", "utf-16-be"] if little >= big else ["utf-16-be", "utf-16-le"]
    return ["utf-8", "gb18030"]


def _is_binary(text: str) -> bool:
    if "\0" in text:
        return True
    return len(STRANGE.findall(text)) * 100 > len(text)

"""A file into a ``Source``: its text, and the paragraphs and tables of cells that layouts read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.readers.decode import decode
from fiscalkg.loader.readers.plain import read_text
from fiscalkg.loader.tables import Source

__all__ = ["read", "read_bytes"]

# An old Office file or a scan renamed to .txt is stopped by its bytes; this stops a disk image.
LARGEST = 256 * 1024 * 1024


def read(path: Path) -> Source:
    """Return a text file as a source.

    Raises ``DocumentError`` naming the file when it cannot be opened or is not text.
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
    """Return the bytes of a text file as a source; ``name`` is the file's name, for messages and places."""
    text, encoding = decode(data, name)
    return read_text(text, name, hashlib.sha256(data).hexdigest(), encoding)

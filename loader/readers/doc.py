"""An old Word document (doc) into paragraphs and grids: LibreOffice makes a docx of it, which is read."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.readers.docx import read_docx
from fiscalkg.loader.tables import Source

__all__ = ["read_doc"]

MEDIA_TYPE = "application/msword"
SECONDS = 60
PROGRAMS = ("soffice", "libreoffice")


def read_doc(data: bytes, name: str) -> Source:
    """Return an old Word document as a source; places are those of the docx that LibreOffice makes of it.

    Raises ``DocumentError`` that says how to get LibreOffice where it is missing, or that it could not open the file.
    """
    program = next((found for each in PROGRAMS if (found := shutil.which(each))), None)
    if program is None:
        raise DocumentError(
            f"{name}: an old Word file needs LibreOffice to be read; install it (apt-get install libreoffice-writer) "
            "or save the file as docx"
        )
    with tempfile.TemporaryDirectory(prefix="fiscalkg-doc-") as folder:
        converted = _convert(program, data, name, Path(folder))
        source = read_docx(converted, name)
    return replace(source, sha256=hashlib.sha256(data).hexdigest(), media_type=MEDIA_TYPE)


def _convert(program: str, data: bytes, name: str, folder: Path) -> bytes:
    """Return the docx that LibreOffice makes, in a profile of its own where no macro may run."""
    original, profile = folder / "original.doc", folder / "profile"
    original.write_bytes(data)
    command = [
        program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
        "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder / "out"), str(original),
    ]  # fmt: skip
    # A group of its own, to be ended whole; in the session of its worker, which ends it when the worker is ended.
    process = subprocess.Popen(  # noqa: S603  # the program found on PATH, with a file name of ours
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
    )
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired as error:
        raise DocumentError(f"{name}: LibreOffice did not open it within {SECONDS} s; save it as docx") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    made = folder / "out" / "original.docx"
    if not made.is_file():
        raise DocumentError(f"{name}: LibreOffice could not open it; open it in Word and save it as docx")
    return made.read_bytes()

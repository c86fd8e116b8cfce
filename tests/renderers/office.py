"""Documents into other formats through LibreOffice: many at once, in a profile of its own, bounded in time."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

SECONDS = 240
FILTERS = {"pdf": "pdf", "doc": "doc:MS Word 97", "xls": "xls:MS Excel 97"}


def convert(documents: Mapping[str, bytes], ending: str) -> dict[str, bytes]:
    """Return documents by name, converted to another ending; names come without their endings."""
    with tempfile.TemporaryDirectory(prefix="fiscalkg-office-") as name:
        folder = Path(name)
        for file, data in documents.items():
            (folder / file).write_bytes(data)
        command = [
            *("soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"),
            *("--convert-to", FILTERS[ending], "--outdir", str(folder / "out")),
            *(str(folder / file) for file in documents),
        ]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        made = {Path(file).stem: folder / "out" / f"{Path(file).stem}.{ending}" for file in documents}
        return {stem: path.read_bytes() for stem, path in made.items()}

"""Office files turned into other formats by LibreOffice: docx into PDF and doc, xlsx into xls."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

SECONDS_A_FILE = 20
SECONDS_TO_START = 60


def convert(files: Mapping[str, bytes], extension: str) -> dict[str, bytes]:
    """Return the files, by the same names without extension, as LibreOffice saves them under another extension.

    ``files`` are by name with extension (``a.docx``); ``extension`` is pdf, doc or xls. One run for all of them, in a
    profile of its own. Raises ``subprocess.TimeoutExpired`` past 60 s and 20 s a file, ``FileNotFoundError`` for a
    file that was not made.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given", Path(folder) / "made"
        given.mkdir()
        for name, content in files.items():
            (given / name).write_bytes(content)
        subprocess.run(
            [
                "soffice", f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}", "--headless", "--norestore",
                "--convert-to", extension, "--outdir", str(made), *(str(given / name) for name in files),
            ],
            capture_output=True,
            check=True,
            timeout=SECONDS_TO_START + SECONDS_A_FILE * len(files),
        )  # fmt: skip
        return {Path(name).stem: (made / f"{Path(name).stem}.{extension}").read_bytes() for name in files}

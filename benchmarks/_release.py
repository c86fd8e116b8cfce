"""Generated documents into a release to measure on: made once for a size and a version of the code, then kept."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from _documents import write_documents

from fiscalkg.loader.publish import Settings, publish
from fiscalkg.loader.shards import code_version

__all__ = ["folder_of"]


def folder_of(statements: int) -> Path:
    """Return the folder of a release with so many statements, published when it is not there yet; without pages."""
    out = Path(tempfile.gettempdir()) / f"fiscalkg-bench-{code_version()}-{statements}"
    if not (out / "current").exists():
        sys.stderr.write(f"publishing {statements} generated statements into {out} …\n")
        with tempfile.TemporaryDirectory() as written:
            write_documents(Path(written), statements, "text")
            publish([Path(written)], out, Settings(), lambda *_: None, lambda *_: None)
    return out

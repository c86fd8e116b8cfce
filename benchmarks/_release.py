"""Generated documents into a release to measure on: made once for a size and a version of the code, then kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from _documents import write_documents

from fiscalkg.loader.shards import code_version

__all__ = ["folder_of"]

PUBLISH = """
import sys
from pathlib import Path
from fiscalkg.loader.publish import Settings, publish
publish([Path(sys.argv[1])], Path(sys.argv[2]), Settings(), lambda *_: None, lambda *_: None)
"""


def folder_of(statements: int) -> Path:
    """Return the folder of a release with so many statements, published when it is not there yet; without pages."""
    out = Path(tempfile.gettempdir()) / f"fiscalkg-bench-{code_version()}-{statements}"
    if not (out / "current").exists():
        sys.stderr.write(f"publishing {statements} generated statements into {out} …\n")
        with tempfile.TemporaryDirectory() as written:
            write_documents(Path(written), statements, "text")
            # Not here: the helpers of publishing would stay, and be measured with what comes after.
            subprocess.run([sys.executable, "-c", PUBLISH, written, str(out)], check=True)
    return out

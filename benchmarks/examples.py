"""The examples published as ``make demo`` does it, pages included: what a reader of the README sees first."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from _results import Figure, record

ROOT = Path(__file__).parent.parent
TOLD = re.compile(r"^(statements|triples|seconds) +([\d.]+)$", re.MULTILINE)


def main() -> None:
    """Publish once and record what the command says of it."""
    command = [Path(sys.executable).parent / "fiscalkg", "publish", ROOT / "examples", "--out"]
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run([*command, out], capture_output=True, encoding="utf-8", check=True)
    told = {name: float(number) for name, number in TOLD.findall(done.stdout)}
    units = {"statements": "", "triples": "", "seconds": "s"}
    record("The examples", [Figure(name, told[name], units[name]) for name in units])


if __name__ == "__main__":
    main()

"""A release's checksums into a signature of them by minisign, where whoever publishes has a key."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from fiscalkg.loader.errors import ReleaseError

__all__ = ["sign"]

SECONDS = 60


def sign(path: Path, key: Path, comment: str) -> None:
    """Write ``<path>.minisig``; the comment, which is signed too, says what is signed and holds no time.

    The key has no password (``minisign -G -W``), as one that machines use. Raises ``ReleaseError``.
    """
    program = shutil.which("minisign")
    if program is None:
        raise ReleaseError("minisign is missing: install it (apt-get install minisign), or publish without --sign")
    command = [program, "-S", "-s", str(key.absolute()), "-m", str(path), "-t", comment, "-c", "fiscalkg"]
    try:
        done = subprocess.run(  # noqa: S603  # our own words and two paths, no shell
            command, input="", capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ReleaseError(f"{key}: minisign did not end; give a key without password (minisign -G -W)") from error
    if done.returncode:
        told = " ".join((done.stderr or done.stdout).split())[-200:]
        raise ReleaseError(f"{key}: minisign could not sign ({told}); give a secret key without password")

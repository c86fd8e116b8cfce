"""publish --sign: the checksums of a release are signed by minisign, and what cannot sign publishes nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import fiscalkg

from fiscalkg.loader.release import open_release

SMALL = Path(__file__).parent.parent / "examples" / "000_a0eefc0601dc6091.txt"


@pytest.mark.needs("minisign")
def test_the_checksums_are_signed_and_verify(tmp_path: Path) -> None:
    """minisign -V accepts the signature with the public key, not after a byte of the checksums changed."""
    made = ["minisign", "-G", "-W", "-p", tmp_path / "key.pub", "-s", tmp_path / "key"]
    subprocess.run(made, check=True, capture_output=True)
    done = fiscalkg("publish", SMALL, "--out", tmp_path / "out", "--sign", tmp_path / "key")
    assert done.returncode == 0, done.stderr
    release = open_release(tmp_path / "out")
    verify = ["minisign", "-V", "-p", tmp_path / "key.pub", "-m", "SHA256SUMS"]
    found = subprocess.run(verify, cwd=release.path, capture_output=True, encoding="utf-8", check=False)
    assert (found.returncode, f"fiscalkg release {release.id}" in found.stdout) == (0, True), found.stderr
    sums = release.path / "SHA256SUMS"
    sums.write_text(sums.read_text(encoding="utf-8").replace("0", "1", 1), encoding="utf-8")
    assert subprocess.run(verify, cwd=release.path, capture_output=True, check=False).returncode != 0


@pytest.mark.needs("minisign")
def test_a_key_that_is_none_publishes_nothing(tmp_path: Path) -> None:
    """One line says which key could not sign; no release stands."""
    (tmp_path / "key").write_text("no key", encoding="utf-8")
    done = fiscalkg("publish", SMALL, "--out", tmp_path / "out", "--sign", tmp_path / "key")
    assert (done.returncode, "minisign could not sign" in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "out" / "current").exists()

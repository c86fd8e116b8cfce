"""The downloads page: every file is described, and every command it shows does what it says."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_browser import hosted

from fiscalkg.endpoint.pages.downloads import offered
from fiscalkg.loader.described import about_file
from fiscalkg.loader.release import open_release

LANGUAGES = pytest.mark.parametrize("page", ["downloads/index.html", "en/downloads/index.html"])


@pytest.fixture(scope="module")
def site(published: Path) -> Path:
    return published / "current" / "site"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The frozen site on a plain file server."""
    with hosted(site) as found:
        yield found.rstrip("/")


def command(site: Path, page: str, name: str) -> str:
    """The text of a block of the page, as a reader would copy it."""
    (found,) = re.findall(f'<pre id="{name}" tabindex="0">([^<]*)</pre>', (site / page).read_text(encoding="utf-8"))
    return html.unescape(found)


def shell(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, encoding="utf-8", check=False)


@LANGUAGES
@pytest.mark.needs("curl", "rapper")
def test_the_commands_of_the_page_work_as_they_stand(
    published: Path, site: Path, address: str, page: str, tmp_path: Path
) -> None:
    """Fetched and verified by the four lines; rapper and rdflib count what the page says; the paths are there."""
    fetch = command(site, page, "fetch")
    (placeholder,) = re.findall(r"^SITE=(\S+)", fetch)
    done = shell(fetch.replace(placeholder, address), tmp_path)
    files = [each.path for each in offered(open_release(published).path)]
    assert (done.returncode, sorted(done.stdout.splitlines())) == (0, sorted(f"{name}: OK" for name in files))
    counted = shell(command(site, page, "rapper"), tmp_path)
    assert f"returned {open_release(published).info['counts']['triples']} triples" in counted.stderr
    assert shell(f"SITE={address}\n{command(site, page, 'slice')}", tmp_path).returncode == 0
    script = command(site, page, "rdflib")
    read = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True
    )
    index = json.loads((tmp_path / "dumps/slices/slices.json").read_text(encoding="utf-8"))["slices"]
    (entry,) = [each for each in index if f"slices/{each['name']}.ttl.gz" in script]
    assert int(read.stdout) == entry["triples"]
    named = re.findall(r"tables/\w+\.\w+", command(site, page, "pandas") + command(site, page, "datasette"))
    assert len(named) == 2
    assert all((tmp_path / name).is_file() for name in named)
    (tmp_path / files[0]).write_bytes(b"altered")
    assert f"{files[0]}: FAILED" in shell("sha256sum -c SHA256SUMS", tmp_path).stdout


@LANGUAGES
def test_every_file_and_slice_by_place_is_told(published: Path, site: Path, page: str) -> None:
    """Each file stands there with what it is, and each slice of a place and year with its formats and size."""
    text = html.unescape((site / page).read_text(encoding="utf-8"))
    language = "en" if page.startswith("en/") else "zh"
    release = open_release(published)
    for each in offered(release.path):
        told = about_file(each.path)[language]
        assert told
        assert f"{each.path}</a><br><small>{told}</small>" in text
    index = json.loads((release.path / "dumps/slices/slices.json").read_text(encoding="utf-8"))["slices"]
    for entry in index:
        if entry["name"].startswith("places/"):
            assert all(f"dumps/slices/{entry['name']}{ending}" in text for ending in entry["formats"])
            assert f"{entry['triples']:,}" in text

"""What others wrote to check such files: Frictionless, CSVW, Croissant and Datasette read a release without complaint.

They are many packages and nothing of ours needs them, so they are installed here, into an environment of their own.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fiscalkg.loader.release import Release, open_release

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def tools() -> Path:
    """The folder of the tools' commands; installed once, again when what is asked for changed."""
    folder, asked = ROOT / "build" / "outside", (ROOT / "tests" / "outside.txt").read_text(encoding="utf-8")
    done = folder / "asked.txt"
    if not done.exists() or done.read_text(encoding="utf-8") != asked:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", ROOT / "tests" / "outside.txt"], check=True, timeout=550)
        done.write_text(asked, encoding="utf-8")
    return folder / "bin"


@pytest.fixture(scope="module")
def release(published: Path) -> Release:
    return open_release(published)


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool; one that calls home would fail here, and none needs to."""
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=120)


def test_frictionless_finds_nothing(tools: Path, release: Release) -> None:
    """Every table of the data package is valid: names, types, keys, references, sizes and checksums."""
    done = run(tools / "frictionless", "validate", "datapackage.json", "--json", folder=release.path / "tables")
    report: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode, report["valid"], report["stats"]["tasks"]) == (0, True, 4), done.stdout[-3000:]


def test_csvw_finds_nothing(tools: Path, release: Release) -> None:
    """The tables are what their CSVW metadata say."""
    done = run(tools / "csvwvalidate", "csv-metadata.json", folder=release.path / "tables")
    assert (done.returncode, done.stdout.strip().splitlines()[-1:]) == (0, ["OK"]), done.stdout + done.stderr


def test_croissant_describes_tables_that_load(tools: Path, release: Release, tmp_path: Path) -> None:
    """Valid, and the records it describes come out of the files: as many as there are, with the numbers there are."""
    content = json.loads((release.path / "catalogue" / "croissant.json").read_text(encoding="utf-8"))
    for each in content["distribution"]:
        each["contentUrl"] = str(release.path / each["@id"])
    (tmp_path / "croissant.json").write_text(json.dumps(content), encoding="utf-8")
    done = run(tools / "mlcroissant", "validate", "--jsonld", "croissant.json", folder=tmp_path)
    assert (done.returncode, "error(s)" in done.stderr) == (0, False), done.stderr
    script = (
        "import mlcroissant; rows = list(mlcroissant.Dataset('croissant.json').records('indicators'))\n"
        "numbers = [row['indicators/number'] for row in rows if row['indicators/number'] is not None]\n"
        "print(len(rows), len(numbers), sum(numbers))"
    )
    done = run(tools / "python", "-c", script, folder=tmp_path)
    with (release.path / "tables" / "indicators.csv").open(encoding="utf-8-sig", newline="") as file:
        expected = [row["number"] for row in csv.DictReader(file)]
    stated = [float(number) for number in expected if number]
    rows, numbers, total = done.stdout.split()
    assert (int(rows), int(numbers)) == (len(expected), len(stated)), done.stderr
    assert float(total) == pytest.approx(sum(stated))


def test_datasette_and_pandas_open_the_tables(tools: Path, release: Release) -> None:
    """The SQLite file as Datasette serves it, and Parquet as the downloads page reads it, hold every row."""
    counts = release.info["counts"]
    folder = release.path / "tables"
    done = run(tools / "datasette", "inspect", "fiscalkg.sqlite", folder=folder)
    tables = json.loads(done.stdout)["fiscalkg"]["tables"]
    assert {name: tables[name]["count"] for name in ("statements", "indicators")} == {
        name: counts[name] for name in ("statements", "indicators")
    }
    script = "import pandas; print(pandas.read_parquet('indicators.parquet').groupby('class').size().sum())"
    done = run(tools / "python", "-c", script, folder=folder)
    assert 0 < int(done.stdout) <= counts["indicators"], done.stderr

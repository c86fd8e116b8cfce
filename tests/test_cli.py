"""The command as a whole: one word in four places, help, exit codes, and one line for whatever goes wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest

from fiscalkg.endpoint.commands.cli import cli

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "examples" / "000_a0eefc0601dc6091.txt"
NAMES = ("check", "diff", "extract", "init", "mcp", "publish", "query", "serve")


def fiscalkg(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "fiscalkg", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **options)


def headings(text: str, language: str) -> set[str]:
    """The first words of the third-level headings of one half of the README."""
    half = text.partition("## English")[0 if language == "zh" else 2]
    return set(re.findall(r"^### ([a-z]+)", half, re.MULTILINE))


def test_one_word_in_four_places() -> None:
    """Command, function, README heading in both languages and test file bear the same name."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert sorted(cli.commands) == sorted(NAMES)
    for name, command in cli.commands.items():
        assert isinstance(command, click.Command)
        assert command.callback is not None
        assert command.callback.__name__ == name
        assert command.callback.__module__ == f"fiscalkg.endpoint.commands.{name}"
        assert {name} <= headings(readme, "zh") & headings(readme, "en")
        assert (ROOT / "tests" / f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_goes_in_comes_out_and_can_fail(name: str) -> None:
    """Each command's help has its usage, every option explained, and its exit codes."""
    done = fiscalkg(name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: fiscalkg {name}")
    assert "Exit code" in done.stdout
    options = [option for option in cli.commands[name].params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_help_documents_the_exit_codes() -> None:
    """The help of the whole lists 0, 1 and 2; without arguments it is printed as an error."""
    done = fiscalkg("--help")
    assert [line.split()[0] for line in done.stdout.splitlines() if re.match(r"\s+[0-9]  ", line)] == ["0", "1", "2"]
    bare = fiscalkg()
    assert (bare.returncode, bare.stdout) == (2, "")
    assert "extract" in bare.stderr


def test_the_version_is_that_of_the_distribution() -> None:
    """fiscalkg --version prints name and version."""
    assert fiscalkg("--version").stdout == f"fiscalkg {version('fiscalkg')}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "nonsense"),
        (["publish", "examples"], "--out"),
        (["publish", "examples", "--out", "x", "--jobs", "-1"], "--jobs"),
        (["publish", "examples", "--out", "x", "--base-iri", "not an iri"], "--base-iri"),
        (["publish", "no-such-folder", "--out", "x"], "no-such-folder"),
        (["publish", "README.md", "--out", "README.md"], "README.md"),
        (["extract"], "PATH"),
        (["extract", "no-such-file.txt"], "no-such-file.txt"),
        (["check", "no-such-file.txt"], "no-such-file.txt"),
        (["check", "examples", "--lang", "fr"], "--lang"),
        (["query", "no-such-folder", "x.rq"], "no-such-folder"),
        (["query", "examples", "no-such.rq"], "no-such.rq"),
        (["serve", "examples"], "holds no release"),
        (["serve", "examples", "--port", "0"], "--port"),
    ],
)
def test_what_cannot_run_says_so_in_one_line(arguments: list[str], says: str, tmp_path: Path) -> None:
    """Exit code 2, nothing on standard output, and lines on standard error that name what is wrong."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "README.md").write_text("no table here\n")
    done = fiscalkg(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    errors = [line for line in done.stderr.splitlines() if line.startswith("fiscalkg: ")]
    assert any(says in line for line in errors), done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_is_one_line_too(tmp_path: Path) -> None:
    """An unforeseen exception becomes one line that asks for a report; the traceback is there on request."""
    (tmp_path / "sitecustomize.py").write_text(
        "import fiscalkg.loader.manifest as m\n"
        "def broken(paths): raise ZeroDivisionError('seeded')\n"
        "m.find_documents = broken\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = fiscalkg("extract", SMALL, env=environment)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "ZeroDivisionError: seeded" in done.stderr
    told = fiscalkg("extract", SMALL, env={**environment, "FISCALKG_TRACEBACK": "1"})
    assert "Traceback" in told.stderr


def test_a_reader_that_leaves_is_no_error() -> None:
    """`fiscalkg extract … | head -1` ends quietly."""
    command = f"'{Path(sys.executable).parent}/fiscalkg' extract '{ROOT}/examples' | head -c 10"
    done = subprocess.run(["sh", "-c", command], capture_output=True, encoding="utf-8", check=False)
    assert (len(done.stdout), done.stderr) == (10, "")


def test_a_worker_imports_no_command() -> None:
    """The program that each worker process imports again brings neither commands nor what they need."""
    code = "import sys; from fiscalkg.endpoint.cli import main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    brought = {name for name in done.stdout.split() if name.startswith("fiscalkg.endpoint")}
    assert brought == {"fiscalkg.endpoint", "fiscalkg.endpoint.cli"}

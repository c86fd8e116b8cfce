"""fiscalkg extract: JSON Lines in document order, coverage, and what happens to files that hold no table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"
SMALL = EXAMPLES / "000_a0eefc0601dc6091.txt"


def extract(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "fiscalkg", "extract", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_one_line_a_table_in_document_order() -> None:
    """The examples give 134 objects, document by document, numbered from 1 in each."""
    done = extract(EXAMPLES)
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    counts: dict[str, list[int]] = {}
    for statement in found:
        counts.setdefault(statement["document"], []).append(statement["sequence"])
    assert [(name[:3], len(numbers)) for name, numbers in counts.items()] == [
        ("000", 4), ("001", 12), ("002", 13), ("003", 5), ("004", 100),
    ]  # fmt: skip
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in counts.values())


def test_coverage_names_what_is_left_over(tmp_path: Path) -> None:
    """The examples leave nothing; a seeded line that belongs to no field is printed with its place, exit 1."""
    done = extract(EXAMPLES, "--coverage")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 5
    assert "left over" not in done.stdout
    text = SMALL.read_text(encoding="utf-8")
    (tmp_path / "seeded.txt").write_text("此行不属于任何字段\n" * 2 + text, encoding="utf-8")
    seeded = extract(tmp_path / "seeded.txt", "--coverage")
    assert seeded.returncode == 1
    assert "left over: 此行不属于任何字段" in seeded.stdout


def test_a_file_without_tables_is_named_and_the_others_are_printed(tmp_path: Path) -> None:
    """Exit 1, one line on standard error for the bad file, all four tables of the good one."""
    (tmp_path / "a.txt").write_bytes(b"\x00\x01\x02" * 50)
    (tmp_path / "b.txt").write_bytes(SMALL.read_bytes())
    done = extract(tmp_path)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 4
    assert done.stderr.count("\n") == 1
    assert "a.txt" in done.stderr

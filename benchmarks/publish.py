"""Publishing as it grows: ten times the documents in a process of their own, one in a hundred changed, all questions.

``python benchmarks/publish.py [STATEMENTS …]``; without numbers 1000 and 10000. Pages are left out: they are as many
as there are units and projects, and a portal may freeze them elsewhere.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from _documents import write_documents
from _results import Figure, record

from fiscalkg.endpoint.canned_queries import canned_queries

SIZES = (1000, 10_000)
LARGEST_MARKED = 100_000  # statements the marks in minutes and gigabytes speak of
PUBLISH = """
import sys
from pathlib import Path
from fiscalkg.loader.publish import Settings, publish
publish([Path(sys.argv[1])], Path(sys.argv[2]), Settings(), lambda *_: None, lambda *_: None)
"""


@dataclass(frozen=True)
class Built:
    """One build: seconds by the clock and of processors, the first process's memory and the release's size in MB."""

    seconds: float
    cpu: float
    peak: float
    disk: float


def built(folder: Path, out: Path) -> Built:
    """Publish a folder in a process of its own; raises ``RuntimeError`` when that fails."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", PUBLISH, str(folder), str(out)])
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"publishing {folder} failed with status {status}")
    seconds = time.perf_counter() - started
    release = (out / "current").resolve()
    disk = sum(path.stat().st_size for path in release.rglob("*") if path.is_file())
    return Built(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, disk / 1e6)


def change(folder: Path, share: float) -> int:
    """Change a share of the documents, at least one: their first form loses its last indicator's last character."""
    paths = sorted(folder.iterdir())
    chosen = paths[:: max(int(1 / share), 1)][: max(round(len(paths) * share), 1)]
    for path in chosen:
        path.write_text(path.read_text(encoding="utf-8").rstrip()[:-1] + "\n", encoding="utf-8")
    return len(chosen)


def asked(release: Path) -> list[float]:
    """Return the seconds of a processor that each canned query takes, read to its end."""
    store = ox.Store.read_only(str(release / "store"))
    seconds = []
    for query in canned_queries():
        started = time.process_time()
        found = store.query(query.text)
        assert isinstance(found, ox.QuerySolutions), query.name
        rows = sum(1 for _ in found)
        seconds.append(time.process_time() - started)
        sys.stderr.write(f"  {query.name}: {rows} rows, {seconds[-1]:.2f} s\n")
    return seconds


def measure(statements: int, folder: Path) -> tuple[list[Figure], float]:
    """Return the figures of one size and the seconds of processors that its first build took."""
    source, out = folder / "in", folder / "out"
    write_documents(source, statements, "text")
    sys.stderr.write(f"{statements:,} statements: publishing …\n")
    first = built(source, out)
    changed = change(source, 0.01)
    sys.stderr.write(f"{statements:,} statements: {changed} documents changed, publishing again …\n")
    again = built(source, out)
    queries = asked(out / "current")
    marked = statements >= LARGEST_MARKED
    size = f"{statements:,}"
    figures = [
        Figure(f"publish {size}", first.seconds / 60, "minutes", 20 if marked else None, at_most=True),
        Figure(f"publish {size}: all processors", first.cpu / 60, "minutes"),
        Figure(f"publish {size}: first process", first.peak, "MB", 3000, at_most=True),
        Figure(f"publish {size}: release on disk", first.disk, "MB"),
        Figure(f"publish {size} again, 1 % changed", again.cpu / first.cpu, "of the first", 0.2, at_most=True),
        Figure(f"canned queries at {size}: slowest", max(queries), "s", 2, at_most=True),
        Figure(f"canned queries at {size}: median", statistics.median(queries), "s", 0.2, at_most=True),
    ]
    return figures, first.cpu


def main(sizes: Sequence[int]) -> None:
    """Measure each size and how the time grows from one to the next, and record it."""
    figures: list[Figure] = []
    before: tuple[int, float] | None = None
    for size in sizes:
        folder = Path(tempfile.mkdtemp(prefix="fiscalkg-bench-"))
        try:
            found, seconds = measure(size, folder)
        finally:
            shutil.rmtree(folder)
        figures += found
        if before:
            growth = (seconds / before[1]) / (size / before[0]) * 10
            figures.append(
                Figure(f"processors for 10 × the statements, {before[0]:,} to {size:,}", growth, "×", 11, at_most=True)
            )
        before = size, seconds
    record("Publishing", figures)


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or SIZES)

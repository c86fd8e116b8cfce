"""Publishing as it grows: each stage at ten times the documents, again with one in a hundred changed, all questions.

``python benchmarks/publish.py [STATEMENTS …]``; without numbers the four below. Pages are left out: they are as
many as there are units and projects, and a portal may freeze them elsewhere.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from _documents import change, write_documents
from _processes import Taken, run
from _results import Figure, record

from fiscalkg.endpoint.canned_queries import CannedQuery, canned_queries

SIZES = (134, 1000, 10_000, 100_000)
LARGEST_MARKED = 100_000  # statements the marks in minutes and gigabytes speak of
SMALLEST_COMPARED = 1000  # below, starting processes is most of the time
SLOWEST, MEDIAN = 2, 0.2  # seconds of canned queries
TRIED = (
    "Each takes some microseconds for every row it looks at, and there are as many rows as units, years and classes or "
    "rules. What helped: counts of all units from the cube, which is summed when the release is made; rows one by one "
    "of one unit; sums before names and places are joined to them; sorting by a text at hand, since each comparison "
    "of IRIs looks both up; ranking the names that units share, which grow faster than the statements, and counting "
    "their printed values when the release is made; reading the tables of those units only whose highest ratio of cost "
    "ceilings to budget is among the 50 highest. Left: thirteen queries look among all units for the first that has "
    "rows, some 0.1 s of each at 100,000; the release could name it."
)
STORE = (
    "The part *store* is the engine's own bulk load and optimizer; its load takes 4.9 µs a triple up to a million "
    "triples and 6.9 at 3.7 million: perhaps where the facts exceed one of its batches. Loading in pieces of "
    "370,000 triples took less memory and 9 % more time, and was left."
)
PARTS = ("read and check", "facts", "dumps", "tables and report", "catalogue", "store")
PUBLISH = """
import sys
from pathlib import Path
from fiscalkg.loader.publish import Settings, publish
def tell(stage, done, total, statements=0):
    if stage == "write" or (stage == "read" and done == total):
        print(stage, done, flush=True)
publish([Path(sys.argv[1])], Path(sys.argv[2]), Settings(), lambda *_: None, tell)
print("end", flush=True)
"""


@dataclass(frozen=True)
class Built:
    """One build: what it took, and the release's size in MB."""

    taken: Taken
    disk: float

    def parts(self) -> Iterator[tuple[str, float, float]]:
        """Yield each part with its seconds by the clock and of processors."""
        told = {stage.name: stage for stage in self.taken.stages}
        ends = ["read", "write 0"], ["write 1"], ["write 2"], ["write 3"], ["write 4"], ["write 5"]
        for name, words in zip(PARTS, ends, strict=True):
            own = [stage for key, stage in told.items() if any(key.startswith(word) for word in words)]
            yield name, sum(stage.wall for stage in own), sum(stage.cpu for stage in own)


def built(folder: Path, out: Path) -> Built:
    """Publish a folder in a process of its own; raises ``RuntimeError`` when that fails."""
    taken = run([sys.executable, "-c", PUBLISH, str(folder), str(out)])
    release = (out / "current").resolve()
    disk = sum(path.stat().st_size for path in release.rglob("*") if path.is_file())
    return Built(taken, disk / 1e6)


def asked(release: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Return the seconds of a processor that each canned query takes by its name, read to its end.

    As a process answers that has just opened the store, and once more as one that goes on answering.
    """
    store = ox.Store.read_only(str(release / "store"))
    times = [{query.name: _taken(store, query) for query in canned_queries()} for _ in range(2)]
    for name, seconds in times[0].items():
        sys.stderr.write(f"  {name}: {seconds:.2f} s, again {times[1][name]:.2f} s\n")
    return times[0], times[1]


def _taken(store: ox.Store, query: CannedQuery) -> float:
    started = time.process_time()
    found = store.query(query.text)
    assert isinstance(found, ox.QuerySolutions), query.name
    deque(found, maxlen=0)
    return time.process_time() - started


def measure(statements: int, folder: Path) -> tuple[list[Figure], Built, str]:
    """Return the figures of one size, its first build, and which queries take longer than their mark."""
    source, out = folder / "in", folder / "out"
    write_documents(source, statements, "text")
    sys.stderr.write(f"{statements:,} statements: publishing …\n")
    first = built(source, out)
    changed = change(source, 0.01)
    sys.stderr.write(f"{statements:,} statements: {changed} documents changed, publishing again …\n")
    again = built(source, out)
    fresh, queries = asked(out / "current")
    marked = statements >= LARGEST_MARKED
    size = f"{statements:,}"
    figures = [
        Figure(f"publish {size}", first.taken.wall / 60, "minutes", 20 if marked else None, at_most=True),
        Figure(f"publish {size}: all processors", first.taken.cpu / 60, "minutes"),
        Figure(f"publish {size}: peak memory of all processes", first.taken.peak, "MB", 3000, at_most=True),
        Figure(f"publish {size}: first process", first.taken.first, "MB", 3000, at_most=True),
        Figure(f"publish {size}: release on disk", first.disk, "MB"),
        *(Figure(f"publish {size}: {name}, by the clock", wall, "s") for name, wall, _ in first.parts()),
        *(Figure(f"publish {size}: {name}, all processors", cpu, "s") for name, _, cpu in first.parts()),
        Figure(f"publish {size}: canned queries, all processors", sum(queries.values()), "s"),
        Figure(f"publish {size} again, 1 % changed: by the clock", again.taken.wall / 60, "minutes"),
        Figure(
            f"publish {size} again, 1 % changed",
            again.taken.cpu / first.taken.cpu,
            "of the first",
            0.2 if marked else None,
            at_most=True,
        ),
        Figure(f"publish {size} again: peak memory of all processes", again.taken.peak, "MB", 3000, at_most=True),
        Figure(f"canned queries at {size}, first asked: slowest", max(fresh.values()), "s"),
        Figure(f"canned queries at {size}, first asked: median", statistics.median(fresh.values()), "s"),
        Figure(f"canned queries at {size}: slowest", max(queries.values()), "s", SLOWEST, at_most=True),
        Figure(f"canned queries at {size}: median", statistics.median(queries.values()), "s", MEDIAN, at_most=True),
    ]
    slow = sorted(((took, name) for name, took in queries.items() if took > SLOWEST), reverse=True)
    named = ", ".join(f"`{name}` {took:.1f} s" for took, name in slow) or "none"
    missed = slow or statistics.median(queries.values()) > MEDIAN
    return figures, first, f"Canned queries over {SLOWEST} s at {size}: {named}. {TRIED}" if missed else ""


def growth(before: tuple[int, Built], after: tuple[int, Built]) -> list[Figure]:
    """Return how the processors' time of the whole and of each part grows, for ten times the statements."""
    scale = 10 * before[0] / after[0]
    name = f"for 10 × the statements, {before[0]:,} to {after[0]:,}"
    whole = after[1].taken.cpu / before[1].taken.cpu * scale
    parts = zip(before[1].parts(), after[1].parts(), strict=True)
    return [
        Figure(f"processors {name}", whole, "×", 11, at_most=True),
        *(
            Figure(f"{part} {name}", cpu / max(was, 0.01) * scale, "×", 11, at_most=True)
            for (part, _, was), (_, _, cpu) in parts
        ),
        Figure(f"memory {name}", after[1].taken.peak / before[1].taken.peak, "×"),
    ]


def main(sizes: Sequence[int]) -> None:
    """Measure each size and how it grows from one to the next, and record it."""
    figures: list[Figure] = []
    notes = ["From text, all dumps, tables and the store, without pages."]
    before: tuple[int, Built] | None = None
    for size in sizes:
        folder = Path(tempfile.mkdtemp(prefix="fiscalkg-bench-"))
        try:
            found, first, slow = measure(size, folder)
        finally:
            shutil.rmtree(folder)
        figures += found
        notes += [slow] if slow else []
        if before and before[0] >= SMALLEST_COMPARED:
            figures += growth(before, (size, first))
        before = size, first
        missed = any(each.name.startswith("store ") and each.verdict == "missed" for each in figures)
        record("Publishing", figures, "\n\n".join([*notes, *([STORE] if missed else [])]))  # a long run may be cut


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or SIZES)

"""The endpoint beside the engine alone and other servers, in one run and as ratios: small, repeated, large answers.

Needs wrk (``apt-get install wrk``); Virtuoso is measured where it is installed. No two queries are the same unless a
repeated one is measured, so no answer comes from a cache. An argument names a published folder to measure on.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from _release import folder_of
from _results import Figure, record
from _serving import Rate, others, ours, paths_of, rate, side_by_side

from fiscalkg.endpoint.canned_queries import CannedQuery, canned_queries
from fiscalkg.loader.formats import Format
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores import Store, answer_of, rows
from fiscalkg.loader.stores.embedded import open_store

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from servers import descendants  # it stands beside the tests

STATEMENTS = 10_000
ASKED = 2_000
STREAMED = 1_000_000
REPEATS = 5
WORKERS = 2
TURNS, LEAST = 5, 0.5  # turns of a canned query, and seconds they take together: a short one has more turns
SHORT = 0.02  # seconds of a query, under which a ratio says more of HTTP than of the query
SLOWEST = 1.0
MB = 1024 * 1024
REST = (
    "Of a small query's processor time (from /proc/PID/stat, in turn with Oxigraph's server on a busy machine) the "
    "server took 74 µs and the worker 100 where Oxigraph's took 117 in all. Server: 30 of Python that reads, decides "
    "and notes, 17 in the kernel, the rest the event loop. Worker: 68 of the engine as it runs alone, 5 in the kernel, "
    "4 of Python, the rest caches that are cold after each switch between processes. Tried besides: a second worker in "
    "the lane (more processor in all), fewer collections of garbage (no effect); see docs/decisions/0014."
)
STATEMENT = "SELECT ?s WHERE {{ ?s a <https://w3id.org/fiscalkg/ontology#Statement> }} LIMIT {count}"

SMALL = """PREFIX fp: <https://w3id.org/fiscalkg/ontology#>
SELECT ?project ?year ?unit WHERE { <> fp:projectName ?project ; fp:unit ?unit OPTIONAL { <> fp:fiscalYear ?year } }"""


def small_queries(store: Store) -> list[str]:
    """Return a query for each of many statements: its project, year and unit, which is one row."""
    found = rows(store, STATEMENT.format(count=ASKED))
    return [SMALL.replace("<>", str(row["s"])) for row in found]


def http(out: Path, release: Release, queries: list[str]) -> Iterator[Figure]:
    """Yield small and repeated queries over HTTP as ratios to the other servers."""
    with tempfile.TemporaryDirectory() as folder, ours(out, Path(folder)) as (address, _):
        home = Path(folder)
        with others(release, home) as services:
            services = {"ours": f"{address}/sparql", **services}
            small = _measured(services, queries, home, salted=True)
            repeated = _measured(services, queries[:1], home, salted=False)
        answer = httpx.get(f"{address}/sparql", params={"query": queries[0]}, headers={"Accept-Encoding": "identity"})
        paths = paths_of(f"{address}/sparql", queries[:1], home)
        unchanged = rate(address, paths, salted=False, tag=answer.headers["etag"])
    yield from _against(small, "small query", 0.6)
    yield Figure(
        "small query, p99 by oxigraph serve-read-only's", small["ours"].p99 / small["oxigraph"].p99, "", 2, True
    )
    yield from _against(repeated, "repeated query", 1)
    yield Figure(
        "304, by oxigraph serve-read-only's repeated query", unchanged.requests / repeated["oxigraph"].requests, ""
    )


def _measured(services: dict[str, str], queries: list[str], home: Path, salted: bool) -> dict[str, Rate]:
    def measure(service: str) -> Callable[[], Rate]:
        paths = paths_of(service, queries, home)
        return lambda: rate(service, paths, salted)

    return side_by_side({name: measure(service) for name, service in services.items()})


def _against(rates: dict[str, Rate], what: str, mark: float) -> Iterator[Figure]:
    yield Figure(f"{what}, ours", rates["ours"].requests, "requests/s")
    yield Figure(
        f"{what}, by oxigraph serve-read-only's", rates["ours"].requests / rates["oxigraph"].requests, "", mark
    )
    if "virtuoso" in rates:
        yield Figure(f"{what}, by Virtuoso 7's", rates["ours"].requests / rates["virtuoso"].requests, "", 3)


def canned(out: Path, store: Store) -> Iterator[Figure]:
    """Yield what the canned queries take over HTTP by what they take in process, the slowest, and those refused."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address, _ = stack.enter_context(ours(out, home, WORKERS))
        client = stack.enter_context(httpx.Client(base_url=address, timeout=60))
        tried = {query.name: _both(client, store, query) for query in canned_queries()}
    taken = {name: both for name, both in tried.items() if both}
    for name, both in sorted(tried.items()):
        told = f"{both[0] * 1000:.1f} ms, in process {both[1] * 1000:.1f} ms" if both else "refused at a limit"
        sys.stderr.write(f"{name}: {told}\n")
    ratios = {name: over_http / inside for name, (over_http, inside) in taken.items() if inside >= SHORT}
    added = {name: over_http - inside for name, (over_http, inside) in taken.items() if inside < SHORT}
    worst = max(ratios, key=lambda name: ratios[name])
    most = max(added, key=lambda name: added[name])
    slowest = max(taken, key=lambda name: taken[name][0])
    size = f"{SHORT * 1000:.0f} ms"
    yield Figure(
        f"canned queries of {size} or more ({len(ratios)}), the worst ratio to pyoxigraph in process ({worst})",
        ratios[worst],
        "",
        1.1,
        True,
    )
    yield Figure(f"canned queries of {size} or more, the median ratio", statistics.median(ratios.values()), "")
    yield Figure(
        f"canned queries under {size} ({len(added)}), the most that HTTP adds ({most})", added[most] * 1000, "ms"
    )
    yield Figure(f"canned queries, the slowest ({slowest})", taken[slowest][0], "s", SLOWEST, True)
    yield Figure(f"canned queries of {len(tried)} ended at a limit of the server", len(tried) - len(taken), "", 0, True)


def _both(client: httpx.Client, store: Store, query: CannedQuery) -> tuple[float, float] | None:
    """Return the best seconds over HTTP and in process, in turn, of new texts; ``None`` where a limit ends one.

    As many turns as there are workers come first and do not count: each process reads its own blocks of the store.
    """
    over_http, inside = [], []
    headers = {"Accept": Format.json.media_type, "Accept-Encoding": "identity"}
    while len(inside) < WORKERS + TURNS or sum(inside) < LEAST:
        text = f"{query.text}\n# {time.monotonic_ns()}"
        started = time.perf_counter()
        answer = client.post("/sparql", data={"query": text}, headers=headers)
        over_http.append(time.perf_counter() - started)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return None
        started = time.perf_counter()
        expected = answer_of(store, text, Format.json)
        inside.append(time.perf_counter() - started)
        if answer.content != expected:
            raise SystemExit(f"{query.name}: the answer over HTTP is another one ({answer.status_code})")
    return min(over_http[WORKERS:]), min(inside[WORKERS:])


def streamed(out: Path) -> Iterator[Figure]:
    """Yield the first byte of a million rows, and how much memory server and workers grow while they are sent."""
    query = f"SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {STREAMED}"
    firsts = []
    with ExitStack() as stack:
        address, process = stack.enter_context(ours(out, Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        client = stack.enter_context(httpx.Client(base_url=address, timeout=120))
        for _ in range(REPEATS):  # the first requests pay for what is opened late
            _stream(client, f"{query.replace(str(STREAMED), '1000')} # {time.monotonic_ns()}")
        for number in range(REPEATS):
            before = _memory(process)
            with watched(process) as peaks:
                first, count, total = _stream(client, f"{query} # {number}")
            if count != STREAMED:
                raise SystemExit(f"{count} rows came instead of {STREAMED}")
            firsts.append((first, total, max(peaks.get(each, 0) - size for each, size in before.items())))
    first, total, growth = (statistics.median(each) for each in zip(*firsts, strict=True))
    yield Figure("1 million rows, first byte", first * 1000, "ms", 50, True)
    yield Figure("1 million rows, whole", total, "s")
    yield Figure("1 million rows, growth of the process that grew most", growth / MB, "MB", 20, True)


def _stream(client: httpx.Client, query: str) -> tuple[float, int, float]:
    """Return seconds to the first byte, rows, and seconds to the end of an answer as TSV."""
    headers = {"Accept": Format.tsv.media_type, "Accept-Encoding": "identity"}
    started, first, lines = time.perf_counter(), 0.0, 0
    with client.stream("POST", "/sparql", data={"query": query}, headers=headers) as answer:
        answer.raise_for_status()
        for piece in answer.iter_raw():
            first = first or time.perf_counter() - started
            lines += piece.count(b"\n")
    return first, lines - 1, time.perf_counter() - started


def _memory(process: int) -> dict[int, int]:
    """Return the bytes that belong to the server and each process below it alone, the store's mapped files aside."""
    found = {}
    for each in {process, *descendants(process)}:
        status = Path(f"/proc/{each}/status").read_text(encoding="ascii", errors="replace")
        found[each] = int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1]) * 1024
    return found


@contextmanager
def watched(process: int) -> Iterator[dict[int, int]]:
    """Give the most memory of a process and each one below it while a block runs, looked at every 20 ms."""
    peaks: dict[int, int] = {}
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            for each, size in _memory(process).items():
                peaks[each] = max(size, peaks.get(each, 0))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peaks
    finally:
        done.set()
        thread.join()


def main() -> None:
    """Measure and record."""
    if not shutil.which("wrk"):
        raise SystemExit("endpoint: wrk is missing: apt-get install wrk")
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else folder_of(STATEMENTS)
    release = open_release(out)
    store = open_store(release.store)
    figures = [*http(out, release, small_queries(store)), *canned(out, store), *streamed(out)]
    missed = any(each.name.startswith("small query, by") and each.verdict == "missed" for each in figures)
    counts = release.info["counts"]
    size = f"{counts['statements']:,} generated statements, {counts['triples']:,} triples"
    how = f"{size}; `serve --workers {WORKERS}`, wrk with 8 connections, medians of rounds in turn."
    record("The endpoint", figures, "\n\n".join([how, *([REST] if missed else [])]))


if __name__ == "__main__":
    main()

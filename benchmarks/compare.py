"""The same work beside what a user would pick instead, as ratios: rdflib, pySHACL, Oxigraph, Virtuoso, the floor.

``python benchmarks/compare.py [STATEMENTS]``; 1000 without a number.
"""

from __future__ import annotations

import csv
import gzip
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

import httpx
import pyoxigraph as ox
import rdflib
from _documents import write_documents
from _release import folder_of
from _results import Figure, measured, record
from check import by_pyshacl, in_time
from stages import BASE, mapped, read

from fiscalkg.endpoint.canned_queries import canned_queries
from fiscalkg.loader.check import batch_store, check
from fiscalkg.loader.dumps import write_sorted
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.reading import Reading
from fiscalkg.loader.stores.embedded import build_store
from sparql_servers import oxigraph, virtuoso  # beside the tests, as _documents found it

STATEMENTS = 1000
FEW = 20  # statements that pySHACL checks as one graph in a minute
GRAPH = "https://example.org/compared"
# Neither is a dependency: measured once by hand on the CSV that rdflib reads, cut into a file for each datatype.
ONCE = (
    "Once, 2026-11-29, from the CSV of the same 288,117 facts and with the start of their process: morph-kgc 2.10.0 "
    "(RML, one process) 2.5 s of a core, 5.7 × ours, 992 blank texts left out; maplib 0.20.19 (OTTR) 2.1 s, 4.9 × "
    "ours, languages of labels left out."
)


def write_csv(lines: Sequence[str], path: Path) -> None:
    """Write the facts as a spreadsheet has them: subject, property, value, datatype (blank for an IRI), language."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        for triple in ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES):
            value = triple.object
            literal = isinstance(value, ox.Literal)
            kind, language = (value.datatype.value, value.language or "") if literal else ("", "")
            out.writerow([triple.subject.value, triple.predicate.value, value.value, kind, language])


def by_rdflib(source: Path, target: Path) -> int:
    """Read the facts from CSV into one rdflib graph and write it as N-Triples; returns its size."""
    graph = rdflib.Graph()
    with source.open(newline="", encoding="utf-8") as file:
        for subject, name, value, datatype, language in csv.reader(file):
            kind = rdflib.URIRef(datatype) if datatype and not language else None
            node = rdflib.Literal(value, lang=language or None, datatype=kind) if datatype else rdflib.URIRef(value)
            graph.add((rdflib.URIRef(subject), rdflib.URIRef(name), node))
    graph.serialize(target, format="nt", encoding="utf-8")
    return len(graph)


def floor(paths: Sequence[Path], lines: Sequence[str], target: Path) -> None:
    """Read the bytes of the documents and write lines that are there already: the least that any program can do."""
    for path in paths:
        path.read_bytes()
    target.write_text("".join(lines), encoding="utf-8")


def mapping(paths: Sequence[Path], folder: Path) -> Iterator[Figure]:
    """Yield documents to N-Triples by us, by rdflib from CSV, and at the floor, as processors' seconds and ratios."""
    readings, reading = measured(lambda: read(list(paths)))
    batches, mapped_in = measured(lambda: mapped(readings))
    lines = sorted({line for batch in batches for line in batch})
    _, written = measured(lambda: write_sorted(lines, folder / "facts.nt"))
    write_csv(lines, folder / "facts.csv")
    size, plain = measured(lambda: by_rdflib(folder / "facts.csv", folder / "rdflib.nt"))
    if size != len(lines):
        raise ValueError(f"rdflib wrote {size} facts of {len(lines)}")
    _, least = measured(lambda: floor(paths, lines, folder / "floor.nt"))
    ours = mapped_in.cpu + written.cpu
    yield Figure("triples", len(lines), "")
    yield Figure("statements to N-Triples, ours", ours, "s of a core")
    yield Figure("CSV to N-Triples by rdflib, by ours", plain.cpu / ours, "×")
    yield Figure("documents to N-Triples, reading too, ours by the floor", (reading.cpu + ours) / least.cpu, "×")
    yield Figure("facts on disk, N-Triples", (folder / "facts.nt").stat().st_size / 1e6, "MB")
    yield from checking(readings[0])


def checking(reading: Reading) -> Iterator[Figure]:
    """Yield all rules by pySHACL on one graph of a few statements, by ours on the same."""
    chosen = reading.statements[:FEW]
    lines = set(document_graph(reading.document, BASE))
    lines.update(line for one in chosen for line in graph_of(one, reading.document, BASE))
    _, ours = measured(lambda: check(batch_store(sorted(lines)), BASE))
    if theirs := in_time(by_pyshacl, sorted(lines)):
        yield Figure(f"all rules by pySHACL, one graph of {len(chosen)}, by ours", theirs / ours.cpu, "×")


def asked(address: str, graph: str = "") -> tuple[list[float], list[int]]:
    """Return the seconds by the clock of canned queries a server answers, and the rows of each: -1 where it refuses."""
    seconds, rows = list[float](), list[int]()
    for query in canned_queries():
        parameters = {"query": query.text, **({"default-graph-uri": graph} if graph else {})}
        start = time.perf_counter()
        answer = httpx.post(address, data=parameters, headers={"Accept": "text/csv"}, timeout=120)
        if answer.is_success:
            seconds.append(time.perf_counter() - start)
        rows.append(rows_in(answer.content) if answer.is_success else -1)
    return seconds, rows


def embedded(path: Path) -> tuple[list[float], list[int]]:
    """Return the seconds by the clock and the rows of each canned query in our own store, written as CSV."""
    store = ox.Store.read_only(str(path))
    seconds, rows = list[float](), list[int]()
    for query in canned_queries():
        start = time.perf_counter()
        answer = store.query(query.text).serialize(format=ox.QueryResultsFormat.CSV)
        seconds.append(time.perf_counter() - start)
        rows.append(rows_in(answer))
    return seconds, rows


def rows_in(answer: bytes) -> int:
    """Return how many rows a CSV file has below its head."""
    return sum(1 for _ in csv.reader(StringIO(answer.decode(), newline=""))) - 1


def stores(statements: int, folder: Path) -> Iterator[Figure]:
    """Yield loading and the canned queries in our store, Oxigraph's server and Virtuoso 7, by the clock.

    Of a whole release, since most canned queries ask what it counts; without its report, which is a graph of its own.
    What a server's loading takes has its start in it; Virtuoso is left out where the machine has none.
    """
    facts = folder / "release.nt"
    with gzip.open(folder_of(statements) / "current" / "dumps" / "fiscalkg.nt.gz") as packed, facts.open("wb") as file:
        shutil.copyfileobj(packed, file)
    _, loaded = measured(lambda: build_store(folder / "store", facts, []))
    yield Figure("load and optimise, ours", loaded.wall, "s")
    disk = sum(path.stat().st_size for path in (folder / "store").rglob("*") if path.is_file())
    yield Figure("store on disk", disk / 1e6, "MB")
    own, expected = embedded(folder / "store")
    ours = statistics.median(own)
    yield Figure("canned queries, median, ours", 1000 * ours, "ms")
    yield Figure("canned queries, rows, ours", sum(expected), "")
    servers = {"oxigraph serve": lambda home: (oxigraph(home, facts, {}), "")}
    if shutil.which("virtuoso-t"):
        servers["Virtuoso 7"] = lambda home: (virtuoso(home, {GRAPH: facts}, buffers=80_000), GRAPH)
    for name, make in servers.items():
        (home := folder / name.replace(" ", "-")).mkdir()
        server, graph = make(home)
        start = time.perf_counter()
        with server as address:
            yield Figure(f"start and load by {name}, by ours", (time.perf_counter() - start) / loaded.wall, "×")
            seconds, rows = asked(address, graph)
            yield Figure(f"canned queries, median, {name} by ours", statistics.median(seconds) / ours, "×")
            yield Figure(f"canned queries refused by {name}", rows.count(-1), "")
            other = sum(1 for one, two in zip(rows, expected, strict=True) if one not in (two, -1))
            yield Figure(f"canned queries with more or fewer rows by {name}", other, "")


def main(statements: int) -> None:
    """Measure everything on the same generated documents and record it."""
    with tempfile.TemporaryDirectory(prefix="fiscalkg-compare-") as name:
        folder = Path(name)
        paths = write_documents(folder / "in", statements, "text")
        figures = [*mapping(paths, folder), *stores(statements, folder)]
    note = "generated statements from text, all in one run; stores hold a release; servers are asked by HTTP, ours not."
    record("Side by side", figures, f"{statements:,} {note}\n\n{ONCE}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STATEMENTS)

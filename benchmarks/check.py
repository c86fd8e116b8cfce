"""How fast statements are checked by all rules, and whether memory stays flat: ours, plain pySHACL, pyrudof.

The statements are generated as ``_documents`` does, then repeated under other IRIs: what a batch costs does not depend
on what other batches hold.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from _documents import write_documents
from _results import Figure, record

from fiscalkg.loader.check import BATCH, batch_store, check
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.manifest import Entry, find_documents
from fiscalkg.loader.pipeline import extract
from fiscalkg.loader.portal import Portal
from fiscalkg.loader.reading import Reading
from fiscalkg.loader.rules import SHAPES

ROOT = Path(__file__).parent.parent
BASE = Portal().base
STATEMENTS = 10_000
GENERATED = 1_000
PATIENCE = 240  # seconds that another engine may take
FEW = 20  # statements for pySHACL, which reads every query anew for every one of them
RULES = (SHAPES / "prefixes.ttl", *sorted((SHAPES / "rules").glob("*.ttl")))


def lines_of(reading: Reading) -> Iterator[list[str]]:
    """Yield each statement's lines, with its document's."""
    about = list(document_graph(reading.document, BASE))
    for statement in reading.statements:
        yield [*about, *graph_of(statement, reading.document, BASE)]


def generated(folder: Path) -> Iterator[list[str]]:
    """Yield the lines of generated statements."""
    for path in write_documents(folder, GENERATED, "text"):
        yield from lines_of(extract(Entry(path))[1])


def repeated(statements: list[list[str]], count: int) -> Iterator[list[str]]:
    """Yield statements over and over, each time under other IRIs."""
    for number in range(count):
        copy = number // len(statements)
        yield [line.replace(BASE, f"{BASE}{copy}/") for line in statements[number % len(statements)]]


def resident() -> float:
    """Return the memory this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def ours(statements: list[list[str]]) -> Iterator[Figure]:
    """Yield the rate of our runner, batch by batch, and how much its memory grows."""
    source, spent, triples, memory = repeated(statements, STATEMENTS), 0.0, 0, []
    while batch := list(islice(source, BATCH)):
        lines = [line for one in batch for line in one]
        triples += len(lines)
        start = time.process_time()
        check(batch_store(lines), BASE)
        spent += time.process_time() - start
        memory.append(resident())
    yield Figure("all rules, ours, batches of 200", STATEMENTS / spent, "statements/s a core", 300)
    yield Figure("triples checked", triples, "")
    tenth = len(memory) // 10
    yield Figure("memory after a tenth", memory[tenth], "MB")
    yield Figure("memory growth from then to the end", memory[-1] - memory[tenth], "MB", 50, at_most=True)


def by_pyshacl(lines: list[str]) -> None:
    """Check a graph as a whole with pySHACL."""
    from fiscalkg.loader.reference import validate

    validate("".join(lines), RULES)


def by_pyrudof(lines: list[str]) -> None:
    """Check a graph as a whole with pyrudof."""
    import pyrudof

    engine = pyrudof.Rudof(pyrudof.RudofConfig())
    engine.read_data("".join(lines), pyrudof.RDFFormat.NTriples)
    engine.read_shacl("".join(path.read_text(encoding="utf-8") for path in RULES), pyrudof.ShaclFormat.Turtle)
    engine.validate_shacl()


def in_time(work: Callable[[list[str]], None], lines: list[str]) -> float | None:
    """Return the seconds of a processor that a process of its own takes; nothing where it does not end well in time."""
    process = multiprocessing.get_context("fork").Process(target=work, args=(lines,))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process.start()
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return spent if process.exitcode == 0 else None


def others(statements: list[list[str]]) -> Iterator[Figure]:
    """Yield the rates of engines that take one graph, on statements of the examples."""
    engines = (("pySHACL", by_pyshacl, statements[:FEW]), ("pyrudof", by_pyrudof, statements))
    for name, work, some in engines:
        told = f"all rules, {name}, one graph of {len(some)}"
        if importlib.util.find_spec(name.lower()) is None:
            sys.stderr.write(f"check: {name} is not installed, left out\n")
            continue
        spent = in_time(work, sorted({line for one in some for line in one}))
        if spent:
            yield Figure(told, len(some) / spent, "statements/s a core")
        else:
            sys.stderr.write(f"check: {told}: not done in {PATIENCE} s\n")


def main() -> None:
    """Measure and record."""
    readings = [extract(entry)[1] for entry in find_documents([ROOT / "examples"])]
    examples = [lines for reading in readings for lines in lines_of(reading)]
    sys.stderr.write(f"check: {STATEMENTS} statements …\n")
    with tempfile.TemporaryDirectory() as folder:
        made = list(generated(Path(folder)))
    figures = [*ours([*examples, *made]), *others(examples)]
    note = f"{len(examples)} statements of the examples and {len(made)} generated ones, repeated under other IRIs."
    record("Checking", figures, note)


if __name__ == "__main__":
    main()

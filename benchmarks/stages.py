"""What each stage of publishing does in a second of one core: extract by format, map, validate, write, load."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from _documents import SHAPES, documents, write_documents
from _profile import explained
from _results import Figure, measured, record

from fiscalkg.loader.check import CheckResult, batch_store, check
from fiscalkg.loader.cube import contributions
from fiscalkg.loader.dumps import write_sorted
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.manifest import Entry
from fiscalkg.loader.names import name_rows
from fiscalkg.loader.pipeline import BATCH, extract
from fiscalkg.loader.portal import Portal
from fiscalkg.loader.reading import Reading
from fiscalkg.loader.stores.embedded import build_store

STATEMENTS = 1000
MARKS = {"text": 1000, "docx": 100, "html": 100, "xlsx": 100, "pdf": 20}
BASE = Portal().base
# What was tried at each mark, for the results to say where it is missed; kept by hand.
TRIED = {
    "extract, text": "Tried: lines cut once; labels folded by their few odd characters; dates, numbers and persons "
    "looked for only where one character says there may be some; named tuples for pieces, cells and spans; the "
    "collector of cycles held back. What is left is spread over many small functions, a few microseconds a cell.",
    "extract, xlsx": "Tried: one load of the workbook instead of two. The rest is openpyxl, most of it the borders of "
    "merged cells; its read-only mode knows no merged cells, and python-calamine no number formats or hidden rows.",
    "map, to N-Triples": "Tried: places written once for a row and its value, codes and classes once each.",
}


@dataclass(frozen=True)
class Stage:
    """A figure, and the work it is of, to be looked into where its mark is missed."""

    figure: Figure
    work: Callable[[], object]


def printed(folder: Path) -> list[Path]:
    """Write generated documents as PDF, made by LibreOffice of docx, and return them."""
    from renderers import office  # beside the tests, as _documents found it

    made = {document.name: document.content for document in documents(STATEMENTS // 4, "docx")}
    folder.mkdir(parents=True)
    for name, content in office.convert(made, "pdf").items():
        (folder / f"{name}.pdf").write_bytes(content)
    return sorted(folder.iterdir())


def read(paths: list[Path]) -> list[Reading]:
    """Read documents as ``fiscalkg extract`` does."""
    return [extract(Entry(path))[1] for path in paths]


def mapped(readings: list[Reading]) -> list[list[str]]:
    """Return the N-Triples of each batch of statements."""
    return [
        [
            *document_graph(reading.document, BASE),
            *(
                line
                for one in reading.statements[start : start + BATCH]
                for line in graph_of(one, reading.document, BASE)
            ),
        ]
        for reading in readings
        for start in range(0, len(reading.statements), BATCH)
    ]


def validate(lines: Sequence[str]) -> CheckResult:
    """Check a batch of statements, given as N-Triples, by all rules."""
    return check(batch_store(lines), BASE)


def counted(store: ox.Store) -> int:
    """Return how many rows a batch adds to the derived cube and to the names."""
    return sum(1 for rows in (contributions(store), name_rows(store)) for _ in rows)


def extraction(folder: Path) -> Iterator[Stage]:
    """Yield statements a second of a core by format, and those each document's text gives for what it prints."""
    for shape in (*SHAPES, "pdf"):
        paths = printed(folder / shape) if shape == "pdf" else write_documents(folder / shape, STATEMENTS, shape)
        read(paths[:1])  # the first document pays for what is imported
        readings, spent = measured(lambda paths=paths: read(paths))
        rate = sum(len(reading.statements) for reading in readings) / spent.cpu
        figure = Figure(f"extract, {shape}", rate, "statements/s", MARKS[shape])
        yield Stage(figure, lambda paths=paths: read(paths))


def graph(folder: Path) -> Iterator[Stage]:
    """Yield the rates of what turns statements into triples, findings, sorted lines and a store."""
    readings = read(sorted((folder / "text").iterdir()))
    batches, spent = measured(lambda: mapped(readings))
    triples = sum(map(len, batches))
    yield Stage(Figure("map, to N-Triples", triples / spent.cpu, "triples/s", 500_000), lambda: mapped(readings))
    statements = sum(len(reading.statements) for reading in readings)
    yield _stage("validate, all rules", statements, "statements/s", 300, lambda: [validate(one) for one in batches])
    stores = [batch_store(one) for one in batches]
    yield _stage("count for the cube", statements, "statements/s", None, lambda: [counted(one) for one in stores])
    lines = sorted({line for batch in batches for line in batch})
    facts = folder / "facts.nt"
    yield _stage("write, checksum included", triples, "triples/s", None, lambda: write_sorted(lines, facts))
    _, ours = measured(lambda: build_store(folder / "store", facts, []))
    _, theirs = measured(lambda: _plain_store(folder / "plain", facts))
    yield Stage(
        Figure("load and optimise, pyoxigraph's own time by ours", theirs.wall / ours.wall, "", 0.9),
        lambda: build_store(folder / "again", facts, []),
    )


def _stage(name: str, count: int, unit: str, mark: float | None, work: Callable[[], object]) -> Stage:
    _, spent = measured(work)
    return Stage(Figure(name, count / spent.cpu, unit, mark), work)


def _plain_store(path: Path, facts: Path) -> None:
    store = ox.Store(str(path))
    store.bulk_load(path=str(facts), format=ox.RdfFormat.N_TRIPLES)
    store.optimize()
    store.flush()


def main() -> None:
    """Measure every stage on generated documents and record it."""
    sys.stderr.write(f"stages: {STATEMENTS} statements in each format …\n")
    with tempfile.TemporaryDirectory() as folder:
        stages = [*extraction(Path(folder)), *graph(Path(folder))]
        missed = [stage for stage in stages if stage.figure.verdict == "missed"]
        notes = [explained(one.figure.name, one.work, TRIED.get(one.figure.name, "")) for one in missed]
    made = f"{STATEMENTS:,} generated statements a format, pdf a quarter of it."
    record("Stages, a second of one core", [stage.figure for stage in stages], "\n\n".join([made, *notes]))


if __name__ == "__main__":
    main()

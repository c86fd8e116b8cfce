"""The road of one document, and many documents on it at once: read → parse → graph_of → check → put.

A document costs only itself: what cannot be read, and what ends its worker, is noted by name, and the others
go on. Memory is bounded by the largest document in each worker and by a short queue of chunks.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from fiscalkg.loader.check import BATCH, batch_store, check
from fiscalkg.loader.collector import held_back
from fiscalkg.loader.corrected import apply_corrections
from fiscalkg.loader.cube import contributions
from fiscalkg.loader.dumps import turtle_of
from fiscalkg.loader.errors import DocumentError, FiscalkgError
from fiscalkg.loader.findings import by_severity, finding_to_json, order
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.iati import activity
from fiscalkg.loader.interchange import to_json
from fiscalkg.loader.iris import statement_iris
from fiscalkg.loader.layouts import Layout, layout_named, parse
from fiscalkg.loader.manifest import Entry, describe
from fiscalkg.loader.measurements import document_row
from fiscalkg.loader.model import Document, Finding, Severity, Statement
from fiscalkg.loader.names import name_rows
from fiscalkg.loader.persons import mask
from fiscalkg.loader.readers import read_bytes
from fiscalkg.loader.reading import Reading, counted
from fiscalkg.loader.shards import Section, Shard, read_shard, shard_path, write_shard
from fiscalkg.loader.table_rows import finding_row, statement_rows
from fiscalkg.loader.tables import Source, anchors

__all__ = [
    "UNREADABLE",
    "Job",
    "absolute",
    "extract",
    "fingerprint",
    "fingerprints",
    "jobs_of",
    "process",
    "unreadable",
]

UNREADABLE = "R-DOCUMENT-UNREADABLE"


@dataclass(frozen=True, slots=True)
class Job:
    """One document to do: ``shard`` is where its result goes, and stands already when nothing has changed."""

    entry: Entry
    sha256: str
    base: str
    profile: str | None
    shard: Path
    keep_persons: bool = False


def process(job: Job) -> Shard:
    """Return what a document became, from the cache where it stands there.

    Raises ``DocumentError`` naming the file when it cannot be read.
    """
    if known := read_shard(job.shard):
        return known
    source, reading = extract(job.entry, job.keep_persons)
    if reading.document.sha256 != job.sha256:
        raise DocumentError(f"{job.entry.name}: changed while it was read; run again")
    return _put(job, source, reading)


def absolute(job: Job) -> Job:
    """Return a job whose files are found from any folder, by a worker that was started elsewhere."""
    path = job.entry.path
    entry = replace(job.entry, path=path.absolute()) if isinstance(path, Path) else job.entry
    return replace(job, entry=entry, shard=job.shard.absolute())


def fingerprint(entry: Entry) -> str:
    """Return the SHA-256 of a document's bytes; raises ``DocumentError`` when they cannot be had."""
    return hashlib.sha256(entry.read_bytes()).hexdigest()


def fingerprints(entries: Sequence[Entry]) -> Iterator[tuple[Entry, str | FiscalkgError]]:
    """Yield each document with its SHA-256, or with the error that stands for it, in this process."""
    for entry in entries:
        try:
            yield entry, fingerprint(entry)
        except DocumentError as error:
            yield entry, error


@held_back()
def extract(entry: Entry, keep_persons: bool = False) -> tuple[Source, Reading]:
    """Return a document as text and as statements, with persons masked unless kept; raises ``DocumentError``."""
    named = _named_layout(entry)
    source = read_bytes(entry.read_bytes(), entry.name)
    if not keep_persons:
        source, _ = mask(source)
    text_sha256 = hashlib.sha256(source.text.encode("utf-8", "replace")).hexdigest()
    document = replace(describe(entry, source.sha256, source.media_type), text_sha256=text_sha256)
    reading = parse(source, document, named)
    statements, corrected = apply_corrections(reading.statements, entry.corrections, document.name)
    return source, replace(reading, statements=statements, findings=(*reading.findings, *corrected))


def _named_layout(entry: Entry) -> Layout | None:
    try:
        return layout_named(entry.layout) if entry.layout else None
    except KeyError as error:
        raise DocumentError(
            f"{entry.name}: the manifest names layout {entry.layout!r}; known are {error.args[0]}"
        ) from error


def _put(job: Job, source: Source, reading: Reading) -> Shard:
    characters, unread = counted(reading, source.text)
    document = replace(reading.document, characters=characters, unread=unread)
    findings: list[Finding] = []
    named = list(_named(reading.statements, document, job.base, findings))
    names = {statement.sequence: iri for iri, _, statement in named}
    findings += [replace(found, focus=found.focus or names.get(found.statement or 0)) for found in reading.findings]
    about = list(document_graph(document, job.base))
    facts, report, cube, names_used = set(about), set[str](), list[str](), list[str]()
    quality = [document_row(document, job.base)]
    for start in range(0, len(named), BATCH):
        lines = [
            line
            for _, suffix, one in named[start : start + BATCH]
            for line in graph_of(one, document, job.base, suffix)
        ]
        batch = batch_store([*about, *lines])
        checked = check(batch, job.base, job.profile)
        facts.update(lines, checked.marks, checked.measurements)
        report.update(checked.report)
        cube += sorted(contributions(batch))
        names_used += sorted(name_rows(batch))
        quality += checked.tallies
        findings += checked.findings
    findings.sort(key=order)
    rows = [
        *(_json(row) for iri, _, one in named for row in statement_rows(iri, one, document, job.base)),
        *(_json(("findings", finding_row(finding))) for finding in findings),
    ]
    sections: dict[Section, list[str]] = {
        "facts": sorted(facts),
        "report": (results := sorted(report)),
        "cube": cube,
        "names": names_used,
        "quality": quality,
        "rows": rows,
        "iati": [_json(activity(iri, one, document, job.base)) for iri, _, one in named],
        "turtle": [turtle_of(results, job.base)],
        "statements": [_json(to_json(statement)) for statement in reading.statements],
        "findings": [_json(finding_to_json(finding)) for finding in findings],
        "source": [_json({"text": source.text, "anchors": [astuple(each) for each in anchors(source)]})],
    }
    shard = Shard(
        job.shard,
        document,
        tuple(iri for iri, _, _ in named),
        sum(len(statement.indicators) for statement in reading.statements),
        {name: len(lines) for name, lines in sections.items()},
        by_severity(findings),
    )
    return write_shard(shard, sections)


def _named(
    statements: Sequence[Statement], document: Document, base: str, findings: list[Finding]
) -> Iterator[tuple[str, str, Statement]]:
    """Yield each statement with its IRI and the suffix that tells it from earlier ones of the same name."""
    seen: Counter[str] = Counter()
    for statement in statements:
        iri = statement_iris(base, statement, document).statement
        seen[iri] += 1
        suffix = f"-{seen[iri]}" if seen[iri] > 1 else ""
        if suffix:
            findings.append(_collision(statement, document, iri + suffix))
        yield iri + suffix, suffix, statement


def _collision(statement: Statement, document: Document, iri: str) -> Finding:
    return Finding(
        "R-STATEMENT-REPEATED",
        Severity.WARNING,
        "同一单位、同一年度已有同名项目的目标表；本表另行发布，不与前表合并",
        "another table of this unit and year has the same project name; this one is published beside it, not merged",
        document.name,
        statement.sequence,
        statement.place,
        iri,
    )


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"


def jobs_of(
    entries: Sequence[Entry],
    folder: Path,
    base: str,
    profile: str | None,
    keep_persons: bool = False,
    hashed: Callable[[Sequence[Entry]], Iterable[tuple[Entry, str | FiscalkgError]]] = fingerprints,
) -> tuple[list[Job], list[Finding]]:
    """Return one job for each distinct content, and findings for repeated and unreadable files.

    Of files with the same bytes the one a manifest describes is read, else the first by name. ``hashed`` says where
    documents are fetched for it.
    """
    jobs: dict[str, Job] = {}
    findings: list[Finding] = []
    first_of_all = sorted(entries, key=lambda entry: (not entry.described, entry.name, entry.path.parts))
    for entry, sha256 in hashed(first_of_all):
        if isinstance(sha256, FiscalkgError):
            findings.append(unreadable(entry, sha256))
            continue
        if first := jobs.get(sha256):
            findings.append(_repeated(entry, first.entry))
        else:
            shard = shard_path(folder, entry, sha256, (base, profile, keep_persons))
            jobs[sha256] = Job(entry, sha256, base, profile, shard, keep_persons)
    ordered = sorted(jobs.values(), key=lambda job: (job.entry.name, job.sha256))
    return ordered, findings


def unreadable(entry: Entry, error: Exception) -> Finding:
    """Return the finding that stands for a document of which nothing could be read."""
    reason = " ".join(str(error).split())
    message = f"整份文件未能读取，其余文件照常处理：{reason}", f"nothing of this file could be read: {reason}"
    return Finding(UNREADABLE, Severity.VIOLATION, *message, entry.name)


def _repeated(entry: Entry, first: Entry) -> Finding:
    name = first.name
    message = f"与 {name} 内容完全相同，只读一次", f"holds the same bytes as {name}, which is read once for both"
    return Finding("R-DOCUMENT-REPEATED", Severity.INFO, *message, entry.name)

"""Shards into the files of a release: facts, dumps, tables, reports, sources, catalogue, store, release.json."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from fiscalkg.loader.catalogue import catalogue_lines
from fiscalkg.loader.catalogue_files import write_catalogue_files
from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.collisions import Renames, rename, renamed
from fiscalkg.loader.cube import renamed_rows, sum_cube
from fiscalkg.loader.described import describe_release
from fiscalkg.loader.dumps import pack, write_sorted
from fiscalkg.loader.facts import write_facts
from fiscalkg.loader.findings import finding_from_json, finding_to_json, order
from fiscalkg.loader.iati import activity, write_iati
from fiscalkg.loader.interchange import from_json
from fiscalkg.loader.iris import graph_iri
from fiscalkg.loader.lines import sort_lines
from fiscalkg.loader.measurements import sum_measurements
from fiscalkg.loader.model import Document, Finding, Severity, Statement
from fiscalkg.loader.names import sum_names
from fiscalkg.loader.pipeline import UNREADABLE
from fiscalkg.loader.portal import Portal, portal_to_json
from fiscalkg.loader.release import Release, Staging
from fiscalkg.loader.renewal import renewed
from fiscalkg.loader.report_files import write_report
from fiscalkg.loader.shards import Section, Shard, lines_of, values_of
from fiscalkg.loader.slices import write_slices
from fiscalkg.loader.stores.embedded import build_store
from fiscalkg.loader.table_descriptions import write_descriptions
from fiscalkg.loader.table_files import write_tables
from fiscalkg.loader.table_rows import Row, finding_row, statement_rows
from fiscalkg.loader.void import Example

__all__ = ["Contents", "source_name", "write_contents"]

PACKAGE = Path(__file__).parent.parent
SH = "http://www.w3.org/ns/shacl#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a release: shards with the files they were read from, and ``renames`` by their position.

    ``findings`` are those that belong to no shard.
    """

    shards: tuple[Shard, ...]
    renames: Mapping[int, Renames]
    findings: tuple[Finding, ...]
    portal: Portal
    profile: str | None
    keep_persons: bool = False
    examples: tuple[Example, ...] = ()

    @property
    def base(self) -> str:
        """The base IRI of the data."""
        return self.portal.base

    def lines(self, section: Section) -> list[Iterable[str]]:
        """Return the sorted lines of a section, one part a shard, under the IRIs they have in this release."""
        return [self._part(position, shard, section) for position, shard in enumerate(self.shards)]

    def _part(self, position: int, shard: Shard, section: Section) -> Iterable[str]:
        lines = lines_of(shard, section)
        names = self.renames.get(position)
        return sorted(renamed(lines, names)) if names else lines

    def cube_rows(self, position: int, section: Section) -> Iterable[str]:
        """Return what one document adds to the cube, or to the names, under the IRIs of this release."""
        rows = lines_of(self.shards[position], section)
        return renamed_rows(rows, names) if (names := self.renames.get(position)) else rows

    def all_findings(self) -> Iterator[Finding]:
        """Yield the findings of one document after another, then those of the whole."""
        for position in range(len(self.shards)):
            yield from self.own_findings(position)
        yield from sorted(self.findings, key=order)

    def findings_of(self, codes: frozenset[str]) -> Iterator[Finding]:
        """Yield the findings with some codes, in the same order, without reading what others say."""
        words = [json.dumps(code) for code in codes]
        for position in range(len(self.shards)):
            yield from (finding for finding in self.own_findings(position, words) if finding.code in codes)
        yield from (finding for finding in sorted(self.findings, key=order) if finding.code in codes)

    def own_findings(self, position: int, words: Sequence[str] = ("",)) -> Iterator[Finding]:
        """Yield the findings of one document whose lines hold one of some words."""
        names = self.renames.get(position, {})
        for line in lines_of(self.shards[position], "findings"):
            if not any(word in line for word in words):
                continue
            finding = finding_from_json(json.loads(line))
            yield replace(finding, focus=rename(finding.focus, names)) if finding.focus else finding


def write_contents(stage: Staging, contents: Contents, tell: Callable[[str, int, int], None], jobs: int = 1) -> Release:
    """Write all but pages and checksums into the staged folder, by ``jobs`` processes; ``tell`` hears of parts."""
    facts, report = stage.scratch / "facts.nt", stage.scratch / "report.nt"
    tell("write", 0, 5)
    others = _terms(), *(sort_lines(lines, stage.scratch / name) for name, lines in _sums(contents).items())
    triples, digest = write_facts(contents.shards, contents.renames, others, facts)
    identifier = f"{version('fiscalkg')}-{digest[:8]}"
    dumps = stage.path / "dumps"
    tell("write", 1, 5)
    write_slices(facts, dumps, contents.base, stage.out / "current" / "dumps", jobs)
    _copy_turtle(dumps)
    tell("write", 2, 5)
    counts = _write_tables(stage, contents, report)
    write_descriptions(stage.path / "tables", identifier, contents.portal)
    _write_sources(stage.path / "sources", contents)
    tell("write", 3, 5)
    info = _info(identifier, contents, {**counts, "triples": triples}) | {"rdfc_1_0": digest}
    _write_json(stage.path / "release.json", info)
    release = Release(stage.path, identifier, contents.base, info)
    about = stage.path / "catalogue" / "catalogue.nt"
    known = describe_release(release)
    write_sorted(catalogue_lines(known, facts, contents.examples), about)
    write_catalogue_files(known, stage.path / "catalogue")
    tell("write", 4, 5)
    if not renewed(stage, release, contents.shards, contents.renames):
        build_store(release.store, facts, _graphs(contents.base, report, about))
    tell("write", 5, 5)
    return release


def _terms() -> list[str]:
    """Return the lines every release states: code lists, the cube's structure, each term with its labels."""
    terms = [
        quad.triple
        for path in sorted((PACKAGE / "ontology").glob("*.ttl"))
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        if path.stem == "cube"
        or (isinstance(quad.subject, ox.NamedNode) and quad.predicate.value in {RDF_TYPE, RDFS_LABEL})
    ]
    text = ox.serialize([*code_lists(), *terms], format=ox.RdfFormat.N_TRIPLES) or b""
    return sorted(text.decode().splitlines(keepends=True))


def _sums(contents: Contents) -> dict[str, Iterator[str]]:
    """Return what is counted and measured of units, places and years, summed from what each document adds to it."""
    places = range(len(contents.shards))
    rows = chain.from_iterable(contents.cube_rows(position, "cube") for position in places)
    names = chain.from_iterable(contents.cube_rows(position, "names") for position in places)
    measured = chain.from_iterable(lines_of(shard, "quality") for shard in contents.shards)
    return {
        "cube": sum_cube(rows, contents.base),
        "names": sum_names(names, contents.base),
        "quality": sum_measurements(measured, contents.base),
    }


def _turtle_files(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.ttl"))


def _copy_turtle(dumps: Path) -> None:
    for folder in ("ontology", "shapes"):
        for path in _turtle_files(folder):
            target = dumps / path.relative_to(PACKAGE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _graphs(base: str, report: Path, about: Path) -> list[tuple[str, Path]]:
    files = [(folder, path) for folder in ("ontology", "shapes") for path in _turtle_files(folder)]
    return [(graph_iri(base, name), path) for name, path in [*files, ("report", report), ("catalogue", about)]]


def _write_tables(stage: Staging, contents: Contents, report: Path) -> dict[str, Any]:
    """Write statements, findings and report; return the counts."""
    reports = stage.path / "reports"
    reports.mkdir()
    write_sorted(_findings(contents), reports / "findings.jsonl")
    write_report(contents.shards, contents.renames, contents.base, report, reports / "report.ttl.gz")
    write_tables(_rows(contents), stage.path / "tables")
    write_iati(_activities(contents), stage.path / "tables" / "iati-results.xml")
    statements = stage.scratch / "statements.jsonl"
    write_sorted(chain.from_iterable(lines_of(shard, "statements") for shard in contents.shards), statements)
    pack(statements, stage.path / "tables" / "statements.jsonl.gz")
    return {
        "documents": len(contents.shards),
        "statements": sum(len(shard.statements) for shard in contents.shards),
        "indicators": sum(shard.indicators for shard in contents.shards),
        "findings": _severities(contents),
    }


def _severities(contents: Contents) -> dict[str, int]:
    counts = Counter({severity.value: 0 for severity in Severity})
    counts.update(finding.severity.value for finding in contents.findings)
    for shard in contents.shards:
        counts.update(shard.severities)
    return dict(counts)


def _findings(contents: Contents) -> Iterator[str]:
    """Yield all findings as JSON, one a line, by document; those of a document with new names are written anew."""
    for position, shard in enumerate(contents.shards):
        if position in contents.renames:
            yield from map(_finding_line, contents.own_findings(position))
        else:
            yield from lines_of(shard, "findings")
    yield from map(_finding_line, sorted(contents.findings, key=order))


def _finding_line(finding: Finding) -> str:
    return json.dumps(finding_to_json(finding), ensure_ascii=False) + "\n"


def _renamed(contents: Contents, position: int) -> Iterator[tuple[str, Statement, Document]]:
    """Yield each statement of a shard with its IRI in this release and its document."""
    shard, renames = contents.shards[position], contents.renames[position]
    for name, line in zip(shard.statements, lines_of(shard, "statements"), strict=True):
        yield rename(name, renames), from_json(json.loads(line)), shard.document


def _activities(contents: Contents) -> Iterator[str]:
    for position, shard in enumerate(contents.shards):
        if position in contents.renames:
            yield from (activity(*one, contents.base) for one in _renamed(contents, position))
        else:
            yield from values_of(shard, "iati")


def _rows(contents: Contents) -> Iterator[Row]:
    """Yield the rows of every table, each with its table's name: by document, then the findings of no document."""
    for position, shard in enumerate(contents.shards):
        if position in contents.renames:
            for one in _renamed(contents, position):
                yield from statement_rows(*one, contents.base)
            yield from (("findings", finding_row(finding)) for finding in contents.own_findings(position))
        else:
            yield from values_of(shard, "rows")
    yield from (("findings", finding_row(finding)) for finding in sorted(contents.findings, key=order))


def _write_sources(folder: Path, contents: Contents) -> None:
    """Write the text read from each document, with persons masked, and the lines at which its places begin.

    The documents themselves stay where they were: a release holds no name or telephone number of a person.
    """
    folder.mkdir()
    for shard in contents.shards:
        source = next(values_of(shard, "source"))
        path = folder / source_name(shard.document)
        path.write_bytes(source["text"].encode("utf-8", "replace"))
        _write_json(path.with_suffix(".anchors.json"), source["anchors"])


def source_name(document: Document) -> str:
    """Return the file name of a document's text in ``sources/``: as its IRI.

    >>> source_name(Document("目标.docx", "ab" * 32, "text/plain"))
    'abababababab.txt'
    """
    return document.sha256[:12] + ".txt"


def _info(identifier: str, contents: Contents, counts: Mapping[str, Any]) -> dict[str, Any]:
    dates = [shard.document.date for shard in contents.shards if shard.document.date]
    clock = os.environ.get("SOURCE_DATE_EPOCH", "")
    date = time.strftime("%Y-%m-%d", time.gmtime(int(clock))) if clock.isdigit() else max(dates, default=None)
    return {
        "id": identifier,
        "version": version("fiscalkg"),
        "date": date,
        "base_iri": contents.base,
        "portal": portal_to_json(contents.portal),
        "profile": contents.profile,
        "persons": "kept" if contents.keep_persons else "masked",
        "counts": counts,
        "documents": [_document(shard) for shard in contents.shards],
        "left_out": [finding.document for finding in contents.findings if finding.code == UNREADABLE],
    }


def _document(shard: Shard) -> dict[str, Any]:
    known = {name: value for name, value in asdict(shard.document).items() if value is not None}
    return {**known, "source": f"sources/{source_name(shard.document)}", "statements": len(shard.statements)}


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

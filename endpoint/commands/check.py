"""A release, documents or a graph into the report of what is violated: for people in zh or en, or as SHACL."""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

import click
import pyoxigraph as ox

from fiscalkg.endpoint.commands.bounds import bounded
from fiscalkg.endpoint.commands.progress import progress
from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.check import BATCH, batch_store
from fiscalkg.loader.check import check as check_statements
from fiscalkg.loader.dumps import write_sorted
from fiscalkg.loader.findings import by_severity, finding_from_json
from fiscalkg.loader.graph_files import is_graph_file, load_graph, statement_batches
from fiscalkg.loader.iris import BASE
from fiscalkg.loader.locations import Location, location_of
from fiscalkg.loader.measurements import sum_measurements
from fiscalkg.loader.model import Finding
from fiscalkg.loader.publish import Settings, gather
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.report import Names, check_report_text, names_in, report_turtle
from fiscalkg.loader.report_files import write_report
from fiscalkg.loader.results import Result, report_head, result_lines
from fiscalkg.loader.rules import PROFILES
from fiscalkg.loader.shards import lines_of

__all__ = ["check"]

COUNTS = {"zh": ("违反", "警告", "提示"), "en": ("violations", "warnings", "notes")}
Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a report is told: in which language, as text or Turtle, and whether every finding is listed."""

    language: Language
    form: str
    everything: bool


def _existing(text: str) -> Location:
    location = location_of(text)
    if isinstance(location, Path) and not location.exists():
        raise click.BadParameter(f"Path {text!r} does not exist.")
    return location


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="DIR|PATH…", type=_existing)
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), default="en", help="Language of the report.")
@click.option("--format", "form", type=click.Choice(["text", "ttl"]), default="text", help="ttl: the SHACL report.")
@click.option("--profile", type=click.Choice(PROFILES), help="Check every table by these rules, not by its own form's.")
@click.option("--structural", is_flag=True, help="Check the graph's structure instead, by the shapes of every class.")
@click.option("--all", "everything", is_flag=True, help="List every finding of a table, not the first of each rule.")
@bounded
def check(
    paths: tuple[Location, ...],
    language: Language,
    form: str,
    profile: str | None,
    structural: bool,
    everything: bool,
    bounds: Bounds,
) -> int:
    """Print what the tables of a release, of documents or of a graph violate: by unit and rule, then counts.

    DIR is a folder that publish wrote; PATH a document or a folder of them, which is read and checked and not
    published, or a graph in Turtle or N-Triples (.ttl, .nt, also .gz), ours or from elsewhere. Warnings and notes of
    rules and of reading are listed too.

    Exit code 0: no violation. 1: violations, or a document that could not be read. 2: nothing could be checked.
    """
    settings, style = Settings(profile=profile, bounds=bounds), Style(language, form, everything)
    if structural:
        return _check_structure(paths, style, settings)
    if folder := _release(paths):
        if profile:
            raise click.UsageError("a release was checked when it was published: give --profile to publish")
        return _check_release(folder, style)
    if graphs := _graph_files(paths):
        if len(graphs) < len(paths):
            raise click.UsageError("check graphs and documents one after the other")
        return _check_graphs(graphs, style, settings)
    return _check_documents(paths, style, settings)


def _release(paths: Sequence[Location]) -> Path | None:
    folder = paths[0] if len(paths) == 1 else None
    return folder if isinstance(folder, Path) and (folder / "current").is_symlink() else None


def _graph_files(paths: Sequence[Location]) -> list[Path]:
    return [path for path in paths if isinstance(path, Path) and is_graph_file(path)]


def _check_release(folder: Path, style: Style) -> int:
    release = open_release(folder)
    reports = release.path / "reports"
    with gzip.open(release.path / "dumps" / "fiscalkg.nt.gz", "rt", encoding="utf-8", newline="\n") as facts:
        names = names_in(facts, release.base)
    with (reports / "findings.jsonl").open(encoding="utf-8") as file:
        findings = [finding_from_json(json.loads(line)) for line in file]
    with gzip.open(reports / "report.ttl.gz", "rt", encoding="utf-8") as report:
        return _print(findings, names, report, style)


def _check_documents(paths: Sequence[Location], style: Style, settings: Settings) -> int:
    with tempfile.TemporaryDirectory(prefix="fiscalkg-") as name, progress() as tell:
        folder = Path(name)
        contents = gather(paths, folder, settings, tell)
        findings = list(contents.all_findings())
        write_report(contents.shards, contents.renames, contents.base, folder / "report.nt", folder / "report.ttl.gz")
        rows = chain.from_iterable(lines_of(shard, "quality") for shard in contents.shards)
        facts = chain.from_iterable(contents.lines("facts"))
        names = names_in(chain(facts, sum_measurements(rows, contents.base)), contents.base)
        with gzip.open(folder / "report.ttl.gz", "rt", encoding="utf-8") as report:
            return _print(findings, names, report, style)


def _check_graphs(paths: Sequence[Path], style: Style, settings: Settings) -> int:
    """Check the statements of graphs by the rules, a batch at a time."""
    findings: list[Finding] = []
    report: list[str] = []
    rows: list[str] = []
    names = Names()
    with tempfile.TemporaryDirectory(prefix="fiscalkg-") as name:
        store = ox.Store(name)
        for path in paths:
            load_graph(store, path)
        for lines in statement_batches(store, BATCH):
            checked = check_statements(batch_store(lines), BASE, settings.profile)
            findings += checked.findings
            report += checked.report
            rows += checked.tallies
            found = names_in(lines, BASE)
            names.units.update(found.units)
            names.tables.update(found.tables)
    names.tallies.update(names_in(sum_measurements(rows, BASE), BASE).tallies)
    turtle = [report_turtle([*report_head(not findings, BASE), *report])] if style.form == "ttl" else []
    return _print(findings, names, turtle, style)


def _check_structure(paths: Sequence[Location], style: Style, settings: Settings) -> int:
    """Check what graphs are made of; documents are read first."""
    # pySHACL takes half a second to import, which the other ways need not wait for
    from fiscalkg.loader.structure import Held, check_structure, finding_of

    findings: list[Finding] = []
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="fiscalkg-") as name:
        folder = Path(name)
        for number, (files, title, shapes) in enumerate(_graphs(paths, folder, settings)):
            held = Held(files, title, shapes)
            own = folder / str(number)
            own.mkdir()
            for result in check_structure(held, own, settings.bounds):
                results.append(result)
                findings.append(finding_of(result, title))
    lines = chain.from_iterable(result_lines(result, BASE) for result in results)
    turtle = [report_turtle([*report_head(not results, BASE), *lines])] if style.form == "ttl" else []
    return _print(findings, Names(), turtle, style)


def _graphs(paths: Sequence[Location], folder: Path, settings: Settings) -> Iterator[tuple[tuple[Path, ...], str, str]]:
    """Yield files of graphs with a name for people and the name of the shapes they are held to."""
    graphs = _graph_files(paths)
    documents = [path for path in paths if path not in graphs]
    for path in graphs:
        yield (path,), path.name, "structure"
    if release := _release(documents):
        yield from _graphs_of(open_release(release))
    elif documents:
        with progress() as tell:
            contents = gather(documents, folder / "cache", settings, tell)
        facts = folder / "facts.nt"
        write_sorted(chain.from_iterable(contents.lines("facts")), facts)
        yield (facts,), "facts", "structure"


def _graphs_of(release: Release) -> Iterator[tuple[tuple[Path, ...], str, str]]:
    dumps = release.path / "dumps"
    terms = (*sorted((dumps / "ontology").rglob("*.ttl")), *sorted((dumps / "shapes" / "rules").glob("*.ttl")))
    yield (dumps / "fiscalkg.nt.gz",), "fiscalkg.nt.gz", "structure"
    yield (release.path / "catalogue" / "catalogue.nt",), "catalogue.nt", "catalogue"
    yield terms, "ontology", "ontology"


def _print(findings: Sequence[Finding], names: Names, turtle: Iterable[str], style: Style) -> int:
    if style.form == "ttl":
        sys.stdout.writelines(turtle)
    else:
        print(check_report_text(findings, style.language, names, style.everything))
        sys.stdout.writelines(line + "\n" for line in _totals(findings, style.language))
    return 1 if by_severity(findings)["violation"] else 0


def _totals(findings: Sequence[Finding], language: Language) -> list[str]:
    counts = zip(COUNTS[language], by_severity(findings).values(), strict=True)
    codes = [f"{code} {count}" for code, count in sorted(Counter(finding.code for finding in findings).items())]
    if language == "zh":
        total = "共计：" + "、".join(f"{name} {count} 处" for name, count in counts)
        return [total, "按规则：" + "、".join(codes)] if codes else [total]
    total = "total: " + ", ".join(f"{count} {name}" for name, count in counts)
    return [total, "by rule: " + ", ".join(codes)] if codes else [total]

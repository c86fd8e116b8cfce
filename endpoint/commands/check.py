"""A release or documents into the report of what their tables violate: for people in zh or en, or as SHACL."""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Literal

import click
import pyoxigraph as ox

from fiscalkg.endpoint.commands.bounds import bounded
from fiscalkg.endpoint.commands.progress import progress
from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.contents import write_report
from fiscalkg.loader.findings import by_severity, finding_from_json
from fiscalkg.loader.model import Finding
from fiscalkg.loader.publish import Settings, gather
from fiscalkg.loader.release import open_release
from fiscalkg.loader.report import check_report_text
from fiscalkg.loader.rules import PROFILES

__all__ = ["check"]

LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
COUNTS = {"zh": ("违反", "警告", "提示"), "en": ("violations", "warnings", "notes")}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="DIR|PATH…", type=click.Path(path_type=Path, exists=True))
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), default="en", help="Language of the report.")
@click.option("--format", "form", type=click.Choice(["text", "ttl"]), default="text", help="ttl: the SHACL report.")
@click.option("--profile", type=click.Choice(PROFILES), help="Check every table by these rules, not by its own form's.")
@bounded
def check(
    paths: tuple[Path, ...], language: Literal["zh", "en"], form: str, profile: str | None, bounds: Bounds
) -> int:
    """Print what the tables of a release, or of documents, violate: by unit and rule, then counts.

    DIR is a folder that publish wrote; PATH a document or a folder of them, which is read and checked and not
    published. Warnings and notes of rules and of reading are listed too.

    Exit code 0: no violation. 1: violations, or a document that could not be read. 2: nothing could be checked.
    """
    if len(paths) == 1 and (paths[0] / "current").is_symlink():
        if profile:
            raise click.UsageError(
                "a release was checked when it was published; give --profile to publish, or documents here"
            )
        return _check_release(paths[0], language, form)
    return _check_documents(paths, language, form, Settings(profile=profile, bounds=bounds))


def _check_release(folder: Path, language: Literal["zh", "en"], form: str) -> int:
    release = open_release(folder)
    reports = release.path / "reports"
    with gzip.open(release.path / "dumps" / "fiscalkg.nt.gz", "rt", encoding="utf-8", newline="\n") as facts:
        units = _unit_names(facts, release.base)
    with (reports / "findings.jsonl").open(encoding="utf-8") as file:
        findings = [finding_from_json(json.loads(line)) for line in file]
    return _print(findings, units, reports / "report.ttl.gz", language, form)


def _check_documents(paths: Sequence[Path], language: Literal["zh", "en"], form: str, settings: Settings) -> int:
    with tempfile.TemporaryDirectory(prefix="fiscalkg-") as name, progress() as tell:
        folder = Path(name)
        contents = gather(paths, folder, settings, tell)
        findings = list(contents.all_findings())
        write_report(contents, folder, folder / "report.nt", folder / "report.ttl.gz")
        units = _unit_names(chain.from_iterable(contents.lines("facts")), contents.base)
        return _print(findings, units, folder / "report.ttl.gz", language, form)


def _unit_names(facts: Iterable[str], base: str) -> dict[str, str]:
    """Return the names of units by place and code, as ``check_report_text`` asks for them."""
    start = f"<{base}unit/"
    lines = [line for line in facts if line.startswith(start) and f"> {LABEL} " in line]
    triples = (quad.triple for quad in ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES))
    return {str(triple.subject)[len(start) : -1]: triple.object.value for triple in triples}


def _print(
    findings: Sequence[Finding], units: Mapping[str, str], report: Path, language: Literal["zh", "en"], form: str
) -> int:
    if form == "ttl":
        with gzip.open(report, "rt", encoding="utf-8") as file:
            sys.stdout.writelines(file)
    else:
        print(check_report_text(findings, language, units))
        sys.stdout.writelines(line + "\n" for line in _totals(findings, language))
    return 1 if by_severity(findings)["violation"] else 0


def _totals(findings: Sequence[Finding], language: Literal["zh", "en"]) -> list[str]:
    counts = zip(COUNTS[language], by_severity(findings).values(), strict=True)
    codes = [f"{code} {count}" for code, count in sorted(Counter(finding.code for finding in findings).items())]
    if language == "zh":
        total = "共计：" + "、".join(f"{name} {count} 处" for name, count in counts)
        return [total, "按规则：" + "、".join(codes)] if codes else [total]
    total = "total: " + ", ".join(f"{count} {name}" for name, count in counts)
    return [total, "by rule: " + ", ".join(codes)] if codes else [total]

"""Documents into a release in a folder, with a bar while it runs and a summary at the end."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from fiscalkg.endpoint.canned_queries import examples
from fiscalkg.endpoint.changelog import write_changes
from fiscalkg.endpoint.commands.bounds import bounded
from fiscalkg.endpoint.commands.progress import progress
from fiscalkg.endpoint.freeze import freeze
from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.findings import finding_line
from fiscalkg.loader.locations import Location, location_of
from fiscalkg.loader.portal import check_base, read_portal
from fiscalkg.loader.publish import Settings, Summary
from fiscalkg.loader.publish import publish as publish_documents
from fiscalkg.loader.rules import PROFILES

__all__ = ["publish"]


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=location_of)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of releases.")
@click.option("--base-iri", help="What the IRIs of the data begin with; default: base_iri of portal.toml.")
@click.option("--profile", type=click.Choice(PROFILES), help="Check every table by these rules, not by its own form's.")
@click.option(
    "--sign",
    "key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Sign the checksums by minisign's key.",
)
@click.option("--keep-persons", is_flag=True, help="Keep names and telephone numbers; for a unit's own use.")
@click.option(
    "--executor", metavar="dask://HOST:PORT", help="Read by the workers of a Dask cluster (fiscalkg[cluster])."
)
@bounded
def publish(
    paths: tuple[Location, ...],
    out: Path,
    base_iri: str | None,
    profile: str | None,
    keep_persons: bool,
    key: Path | None,
    executor: str | None,
    bounds: Bounds,
) -> int:
    """Read documents, map, check, and make their release the current one of a folder.

    PATH is a document (docx, pdf, xlsx, html, doc, xls, txt), a zip archive or a folder of them, also by an address
    that fsspec reads (s3://…, https://…; fiscalkg[cluster]), with an optional manifest.toml. Names and telephone
    numbers of persons (填表人, 联系电话 …) are left out. The folder then holds
    current/{dumps,tables,reports,catalogue,sources,site,store} and older releases. Whoever reads it meanwhile
    sees the old release or the new one; a build that fails or is killed leaves the old one. What the portal says of
    itself is read from its portal.toml (see fiscalkg init).

    Exit code 1: some documents could not be read, hold no table of targets, break off, or exceed a limit;
    they are named, and all that was read is published. Exit code 2: nothing was published.
    """
    portal = read_portal(out)
    if base_iri is not None:
        portal = replace(portal, base=check_base(base_iri, "--base-iri"))
    with progress() as tell:
        settings = Settings(portal, profile, bounds, keep_persons, examples(), executor, key)
        freezing = partial(freeze, jobs=bounds.workers())
        summary = publish_documents(paths, out, settings, freezing, tell, write_changes)
    _print(summary, out)
    return 1 if summary.failed else 0


def _print(summary: Summary, out: Path) -> None:
    for finding in summary.failed:
        print(f"fiscalkg: {finding_line(finding, 'en')}", file=sys.stderr)
    failed = f" ({len(summary.failed)} not wholly read)" if summary.failed else ""
    severities = ", ".join(f"{count} {name}" for name, count in summary.findings.items())
    print(f"release     {summary.release.id} in {out}")
    print(f"documents   {summary.documents}{failed}")
    print(f"statements  {summary.statements}")
    print(f"indicators  {summary.indicators}")
    print(f"triples     {summary.triples}")
    print(f"findings    {severities}")
    print(f"seconds     {summary.seconds:.1f}")

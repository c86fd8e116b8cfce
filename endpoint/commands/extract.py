"""Documents into JSON Lines, one table a line, or into a list of the characters that went into no field."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import partial

import click

from fiscalkg.endpoint.commands.bounds import bounded
from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.errors import ManifestError
from fiscalkg.loader.interchange import to_json
from fiscalkg.loader.locations import Location, location_of
from fiscalkg.loader.manifest import Entry, find_documents
from fiscalkg.loader.model import Severity
from fiscalkg.loader.pipeline import extract as extract_document
from fiscalkg.loader.reading import Reading, counted, furniture, leftover
from fiscalkg.loader.tables import Source

__all__ = ["extract"]


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=location_of)
@click.option("--format", "form", type=click.Choice(["jsonl"]), default="jsonl", help="One JSON object a line.")
@click.option("--coverage", is_flag=True, help="Instead list the text that went into no field, and page furniture.")
@click.option("--keep-persons", is_flag=True, help="Keep names and telephone numbers; for a unit's own use.")
@bounded
def extract(paths: tuple[Location, ...], form: str, coverage: bool, keep_persons: bool, bounds: Bounds) -> int:
    """Print the tables of documents as JSON Lines, in document order, values as printed.

    PATH is a document (docx, pdf, xlsx, html, doc, xls, or txt in UTF-8, UTF-16 or GB18030), a zip archive or a
    folder of them, also by an address (s3://…, https://…); a manifest.toml beside them says where they come from.
    Names and telephone numbers of persons are masked. With --coverage one line a document says how many characters
    are accounted for.

    Exit code 1: a document could not be read, or holds no table, or (with --coverage) left text over; standard
    error names it, the others are printed. Exit code 2: nothing could be read.
    """
    entries = find_documents(paths)
    failed = 0
    for entry, result in run_all(partial(_extracted, coverage=coverage, keep_persons=keep_persons), entries, bounds):
        if isinstance(result, Printed):
            sys.stdout.write(result.text)
            sys.stderr.write(result.complaints)
        else:
            reason = str(result)
            print(f"fiscalkg: {reason if entry.name in reason else f'{entry.name}: {reason}'}", file=sys.stderr)
        failed += not (isinstance(result, Printed) and result.is_whole)
    if not entries or (failed == len(entries) and not coverage):
        raise ManifestError("no document could be read; name documents with target tables, or folders of them")
    return 1 if failed else 0


@dataclass(frozen=True, slots=True)
class Printed:
    """What a document prints on standard output and standard error, and whether nothing is wrong with it."""

    text: str
    complaints: str
    is_whole: bool


def _extracted(entry: Entry, coverage: bool, keep_persons: bool) -> Printed:
    source, reading = extract_document(entry, keep_persons)
    if coverage:
        return _coverage(source, reading)
    lines = [json.dumps(to_json(statement), ensure_ascii=False) + "\n" for statement in reading.statements]
    found = [one for one in reading.findings if not reading.statements and one.severity is not Severity.INFO]
    return Printed("".join(lines), "".join(f"fiscalkg: {one.message_en}\n" for one in found), bool(lines))


def _coverage(source: Source, reading: Reading) -> Printed:
    rest = leftover(reading, source.text)
    characters, over = counted(reading, source.text)
    names = ", ".join(f"{name} {count}" for name, count in sorted(furniture(reading).items())) or "none"
    lines = [f"{source.name}: {characters - over} of {characters} characters accounted for; furniture: {names}\n"]
    lines += [f"{source.name}:{at.first}-{at.last}: left over: {' '.join(text.split())}\n" for at, text in rest]
    return Printed("".join(lines), "", not rest)

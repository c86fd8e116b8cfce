"""Documents into JSON Lines, one table a line, or into a list of the characters that went into no field."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from fiscalkg.loader.errors import DocumentError, ManifestError
from fiscalkg.loader.interchange import to_json
from fiscalkg.loader.manifest import Entry, find_documents
from fiscalkg.loader.model import Severity
from fiscalkg.loader.pipeline import extract as extract_document
from fiscalkg.loader.reading import Reading, furniture, leftover
from fiscalkg.loader.tables import Source

__all__ = ["extract"]


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["jsonl"]), default="jsonl", help="One JSON object a line.")
@click.option("--coverage", is_flag=True, help="Instead list the text that went into no field, and page furniture.")
@click.option("--keep-persons", is_flag=True, help="Keep names and telephone numbers; for a unit's own use.")
def extract(paths: tuple[Path, ...], form: str, coverage: bool, keep_persons: bool) -> int:
    """Print the tables of documents as JSON Lines, in document order, values as printed.

    PATH is a document (docx, pdf, xlsx, html, doc, xls, or txt in UTF-8, UTF-16 or GB18030), a zip archive or a
    folder of them; a manifest.toml beside them says where they come from. Names and telephone numbers of persons
    are masked. With --coverage one line a document says how many characters are accounted for.

    Exit code 1: a document could not be read, or holds no table, or (with --coverage) left text over; standard
    error names it, the others are printed. Exit code 2: nothing could be read.
    """
    entries = find_documents(paths)
    failed = sum(not _extract_one(entry, coverage, keep_persons) for entry in entries)
    if not entries or (failed == len(entries) and not coverage):
        raise ManifestError("no document could be read; name documents with target tables, or folders of them")
    return 1 if failed else 0


def _extract_one(entry: Entry, coverage: bool, keep_persons: bool) -> bool:
    try:
        source, reading = extract_document(entry, keep_persons)
    except DocumentError as error:
        print(f"fiscalkg: {error}", file=sys.stderr)
        return False
    if coverage:
        return _print_coverage(source, reading)
    for statement in reading.statements:
        sys.stdout.write(json.dumps(to_json(statement), ensure_ascii=False) + "\n")
    for finding in reading.findings:
        if not reading.statements and finding.severity is not Severity.INFO:
            print(f"fiscalkg: {finding.message_en}", file=sys.stderr)
    return bool(reading.statements)


def _print_coverage(source: Source, reading: Reading) -> bool:
    rest = leftover(reading, source.text)
    characters = sum(not character.isspace() for character in source.text)
    over = sum(not character.isspace() for _, text in rest for character in text)
    names = ", ".join(f"{name} {count}" for name, count in sorted(furniture(reading).items())) or "none"
    print(f"{source.name}: {characters - over} of {characters} characters accounted for; furniture: {names}")
    for place, text in rest:
        print(f"{source.name}:{place.first}-{place.last}: left over: {' '.join(text.split())}")
    return not rest

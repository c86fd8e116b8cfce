"""A SPARQL query on a release into a table for people or a stream in a standard format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click
from pyoxigraph import Literal, NamedNode
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fiscalkg.endpoint.limits import inspect
from fiscalkg.loader.dumps import PREFIXES
from fiscalkg.loader.errors import QueryError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.release import open_release
from fiscalkg.loader.stores import Store, Term, rows
from fiscalkg.loader.stores.embedded import open_store

__all__ = ["query"]

FORMS = ("table", "json", "xml", "csv", "tsv", "ttl", "nt", "jsonld")
NUMBERS = frozenset({"integer", "decimal", "double", "float"})
UNBOUNDED = 10_000  # columns: what is read by another program is never wrapped


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("file", metavar="QUERY.rq|-", type=click.File("rb"))
@click.option(
    "--format", "form", type=click.Choice(FORMS), help="Default: table on a terminal, elsewhere csv; ttl for graphs."
)
def query(folder: Path, file: BinaryIO, form: str | None) -> int:
    """Print the answer of a release to a SPARQL query.

    DIR is a folder that publish wrote, QUERY.rq a file with a query in UTF-8, or - for standard input. SELECT and
    ASK answer as table, json, xml, csv or tsv; CONSTRUCT and DESCRIBE as ttl, nt, jsonld or xml (RDF).

    Exit code 2: DIR holds no release, or the query is not SPARQL or asks for an update or another server; the
    message says where.
    """
    text = _decoded(file.read())
    asked = inspect(text)
    graph = asked in {"CONSTRUCT", "DESCRIBE"}
    release = open_release(folder)
    store = open_store(release.store)
    try:
        form = form or ("ttl" if graph else "table" if sys.stdout.isatty() else "csv")
        if form == "table" and asked == "SELECT":
            _print_table(rows(store, text), release.base)
        else:
            _stream(store, text, _format(form, graph))
    finally:
        store.close()
    return 0


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryError(f"the query is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _format(form: str, graph: bool) -> Format:
    if form == "table":
        return Format.ttl if graph else Format.csv
    return Format.rdf if graph and form == "xml" else Format[form]


def _stream(store: Store, text: str, asked: Format) -> None:
    output = _Output()
    store.query(text, asked, output)
    output.end()


class _Output:
    """Standard output, where an answer ends with its last line."""

    def __init__(self) -> None:
        self._last = b""

    def write(self, piece: bytes) -> None:
        sys.stdout.buffer.write(piece)
        self._last = piece

    def end(self) -> None:
        if not self._last.endswith(b"\n"):
            sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()


def _print_table(found: list[dict[str, Term]], base: str) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = list(dict.fromkeys(name for row in found for name in row))
    for name in names:
        numeric = all(_is_number(row[name]) for row in found if name in row)
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in found:
        table.add_row(*(Text(_shown(row[name], base) if name in row else "") for name in names))
    console = Console(width=None if sys.stdout.isatty() else UNBOUNDED, highlight=False)
    console.print(table if found else Text("no rows"))


def _is_number(term: Term) -> bool:
    return isinstance(term, Literal) and term.datatype.value.rpartition("#")[2] in NUMBERS


def _shown(term: Term, base: str) -> str:
    """Return a term as people read it: a literal's text, an IRI by prefix or as a path below the base."""
    if not isinstance(term, NamedNode):
        return term.value
    if term.value.startswith(base):
        return f"<{term.value.removeprefix(base)}>"
    for name, iri in PREFIXES.items():
        if term.value.startswith(iri):
            return f"{name}:{term.value.removeprefix(iri)}"
    return f"<{term.value}>"

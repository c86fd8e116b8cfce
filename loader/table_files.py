"""Rows into files: CSV for spreadsheets, Parquet for data frames, and one SQLite file with all tables.

The same rows give the same bytes: no file holds a time, and SQLite's note of its own version is overwritten.
"""

from __future__ import annotations

import csv
import errno
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from fiscalkg.loader.columns import TABLES, Column, ColumnKind, Table
from fiscalkg.loader.table_rows import Cell, Row

__all__ = ["SQLITE", "write_tables"]

SQLITE = "fiscalkg.sqlite"
BATCH = 20_000  # rows in memory at once, and in a row group
MARK = "\ufeff"  # without it Excel takes UTF-8 for the code page of its machine
DIGITS, PLACES = 38, 12  # what Parquet readers know; a fraction such as 三分之二 is cut at 12 places
VERSION_AT = 96  # SQLite notes here which version of it wrote the file
ARROW: Mapping[ColumnKind, Any] = {
    "iri": pa.string(),
    "text": pa.string(),
    "integer": pa.int32(),
    "year": pa.int16(),
    "decimal": pa.decimal128(DIGITS, PLACES),
}
DDL: Mapping[ColumnKind, str] = {
    "iri": "TEXT", "text": "TEXT", "integer": "INTEGER", "year": "INTEGER", "decimal": "NUMERIC",
}  # fmt: skip
INDEXED = ("statement", "unit", "fiscal_year", "name", "code")


class _Writer(Protocol):
    def __call__(self, rows: Sequence[Sequence[Cell]], /) -> object: ...


def write_tables(rows: Iterable[Row], folder: Path) -> None:
    """Write every table in every form from rows that come with the name of their table, a batch in memory at a time.

    Raises ``OSError`` where a file cannot be written.
    """
    try:
        _write_tables(rows, folder)
    except sqlite3.Error as error:
        number = errno.ENOSPC if "full" in str(error) else errno.EIO
        raise OSError(number, str(error), str(folder / SQLITE)) from error


def _write_tables(rows: Iterable[Row], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        base = stack.enter_context(closing(sqlite3.connect(folder / SQLITE, isolation_level=None)))
        _open_sqlite(base)
        writers = {table.name: _writers(table, folder, base, stack) for table in TABLES}
        source = iter(rows)
        while batch := list(islice(source, BATCH)):
            own: dict[str, list[Sequence[Cell]]] = defaultdict(list)
            for name, row in batch:
                own[name].append(row)
            for name, cells in own.items():
                for write in writers[name]:
                    write(cells)
        _close_sqlite(base)
    with (folder / SQLITE).open("r+b") as file:
        file.seek(VERSION_AT)
        file.write(bytes(4))


def _writers(table: Table, folder: Path, base: sqlite3.Connection, stack: ExitStack) -> list[_Writer]:
    return [_csv(table, folder, stack), _parquet(table, folder, stack), _sqlite(table, base)]


def _csv(table: Table, folder: Path, stack: ExitStack) -> _Writer:
    file = stack.enter_context((folder / f"{table.name}.csv").open("w", encoding="utf-8", newline=""))
    file.write(MARK)
    writer = csv.writer(file)
    writer.writerow(table.names)

    def write(rows: Sequence[Sequence[Cell]]) -> None:
        writer.writerows(rows)

    return write


def _parquet(table: Table, folder: Path, stack: ExitStack) -> _Writer:
    fields = [
        pa.field(column.name, ARROW[column.kind], metadata={"zh": column.zh, "en": column.en})
        for column in table.columns
    ]
    schema = pa.schema(fields, metadata={"zh": table.zh, "en": table.en})
    writer = stack.enter_context(pq.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd"))

    def write(rows: Sequence[Sequence[Cell]]) -> None:
        columns = [
            pa.array(map(_fitting, cells) if column.kind == "decimal" else cells, ARROW[column.kind])
            for column, cells in zip(table.columns, zip(*rows, strict=True), strict=True)
        ]
        writer.write_table(pa.Table.from_arrays(columns, schema=schema))

    return write


def _fitting(cell: Cell) -> Decimal | None:
    """Return a number as Parquet can hold it: one of more digits than it knows is left to the printed text."""
    if cell is None:
        return None
    number = Decimal(cell)
    places = -int(number.normalize().as_tuple().exponent)
    return number if number.adjusted() < DIGITS - PLACES and places <= PLACES else None


def _sqlite(table: Table, base: sqlite3.Connection) -> _Writer:
    columns = ", ".join(_column(column, table) for column in table.columns)
    base.execute(f'CREATE TABLE "{table.name}" ({columns})')
    marks = ", ".join("?" * len(table.columns))
    insert = f'INSERT INTO "{table.name}" VALUES ({marks})'  # noqa: S608  # the name is one of four of ours

    def write(rows: Sequence[Sequence[Cell]]) -> None:
        base.executemany(insert, rows)

    return write


def _column(column: Column, table: Table) -> str:
    parts = [f'"{column.name}"', DDL[column.kind]]
    if column.name == table.key:
        parts.append("PRIMARY KEY NOT NULL")
    if column.target:
        parts.append(f'REFERENCES "{column.target}"')
    return " ".join(parts)


def _open_sqlite(base: sqlite3.Connection) -> None:
    for setting in ("page_size = 4096", "journal_mode = OFF", "synchronous = OFF", "encoding = 'UTF-8'"):
        base.execute(f"PRAGMA {setting}")
    base.execute("BEGIN")


def _close_sqlite(base: sqlite3.Connection) -> None:
    for table in TABLES:
        for name in INDEXED:
            if name in table.names and name != table.key:
                base.execute(f'CREATE INDEX "{table.name}_{name}" ON "{table.name}" ("{name}")')
    base.execute("COMMIT")

"""Row limits on answers cut into pieces anywhere, and the process that reaches no other."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import pyoxigraph as ox
import pytest

from fiscalkg.endpoint.rows import first_rows
from fiscalkg.loader.formats import Format
from fiscalkg.loader.stores import Sink

ROWS = ["plain", 'quo"te', "line\nbreak", "brace } { \\ end\\", "</result>", '满意 \\" }', "", "last"]


def whole(asked: Format) -> bytes:
    """Return all rows in a format, as the engine writes them."""
    values = " ".join(str(ox.Literal(row)) for row in ROWS)
    found = ox.Store().query(f"SELECT ?x ?y {{ VALUES ?x {{ {values} }} BIND(<https://e/x> AS ?y) }}")
    return found.serialize(format=asked.engine)  # type: ignore[return-value, arg-type, union-attr]  # rows are bytes


def cut(text: bytes, size: int, asked: Format, most: int) -> bytes:
    """Return the first rows of a document that arrives in pieces of a size."""

    def query(sink: Sink) -> None:
        for start in range(0, len(text), size):
            sink.write(text[start : start + size])

    out = io.BytesIO()
    first_rows(query, out, asked, most)
    return out.getvalue()


@pytest.mark.parametrize("asked", [Format.json, Format.xml, Format.csv, Format.tsv], ids=lambda each: each.name)
def test_the_first_rows_are_whole_wherever_pieces_end(asked: Format) -> None:
    """Cut into pieces of any size and limited to any number, the answer is the document of its first rows."""
    text = whole(asked)
    for size in (1, 2, 3, 7, 64, 10_000):
        for most in range(1, len(ROWS) + 2):
            limited = cut(text, size, asked, most)
            assert values_of(limited, asked) == ROWS[:most], (size, most)
            assert (f"row-limit:{most}" in limited.decode()) == (asked in {Format.json, Format.xml})


def values_of(text: bytes, asked: Format) -> list[str]:
    if asked is Format.csv:
        return [row[0] for row in csv.reader(io.StringIO(text.decode(), newline=""))][1:]
    parsed = ox.parse_query_results(text, asked.engine)  # type: ignore[arg-type]  # a format of results
    assert isinstance(parsed, ox.QuerySolutions)
    return [row["x"].value for row in parsed]  # type: ignore[union-attr]  # each row has a literal


def test_a_worker_can_open_no_socket() -> None:
    """After ``forbid_sockets`` the kernel refuses every new socket, to this machine too; files still open."""
    program = """import socket
from fiscalkg.endpoint.sandbox import forbid_sockets
assert forbid_sockets()
open("/dev/null").close()
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    try:
        socket.socket(family)
    except PermissionError:
        print("refused")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["refused"] * 3

"""An answer of rows into its first so many rows, still a whole document of its format, which says so where it can."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from fiscalkg.loader.formats import Format

__all__ = ["first_rows"]

Ends = Callable[[bytes], Iterator[int]]
MARKS = {
    Format.csv: re.compile(rb'"|\n'),
    Format.json: re.compile(rb'\\(?:.|\Z)|["{}]', re.DOTALL),
    Format.tsv: re.compile(rb"\n"),
    Format.xml: re.compile(rb"</result>"),
}
# What stands in a document's head, and what stands there instead; a JSON head begins the document.
HEADS = {
    Format.json: (b'{"head":{', b'{"head":{"link":["urn:fiscalkg:row-limit:%d"],'),
    Format.xml: (b"</head>", b'<link href="urn:fiscalkg:row-limit:%d"/></head>'),
}
ROW_DEPTH = 3  # of the braces of a JSON row


def first_rows(pieces: Iterable[bytes], asked: Format, most: int) -> Iterator[bytes]:
    """Yield the pieces up to row ``most``, then the end of the document.

    JSON and XML state the limit as a link in their head, the only place where readers allow more than rows.
    """
    pieces = _stated(pieces, asked, most)
    count = -1 if asked in {Format.csv, Format.tsv} else 0  # their first line is no row
    ends = _ends_in(asked)
    held: list[bytes] = []  # what follows the last row: the document's own end, or one row too many
    for piece in pieces:
        start = 0
        for end in ends(piece):
            count += 1
            if count == most:
                yield piece[:end]
                start = end
            elif count > most:
                yield _tail(asked, most)
                return
        if count < most:
            yield piece
        else:
            held.append(piece[start:])
    yield from held


def _stated(pieces: Iterable[bytes], asked: Format, most: int) -> Iterator[bytes]:
    """Yield the pieces with the limit in the head, which may come in several."""
    if asked not in HEADS:
        yield from pieces
        return
    mark, link = HEADS[asked]
    head = b""
    remaining = iter(pieces)
    for piece in remaining:
        head += piece
        if mark in head:
            break
    yield head.replace(mark, link % most, 1)
    yield from remaining


def _tail(asked: Format, most: int) -> bytes:
    match asked:
        case Format.json:
            return b"]}}"
        case Format.xml:
            return b"</results><!-- only the first %d rows: this server's limit --></sparql>" % most
        case _:
            return b""


def _ends_in(asked: Format) -> Ends:
    """Return what finds the ends of rows in one piece after another."""
    if asked is Format.json:
        return _json_ends()
    if asked is Format.csv:
        return _csv_ends()
    overlap = b""

    def ends(piece: bytes) -> Iterator[int]:
        nonlocal overlap
        known = len(overlap)
        text = overlap + piece
        overlap = text[-len("</result>") + 1 :] if asked is Format.xml else b""
        yield from (match.end() - known for match in MARKS[asked].finditer(text))

    return ends


def _csv_ends() -> Ends:
    quoted = False

    def ends(piece: bytes) -> Iterator[int]:
        nonlocal quoted
        for match in MARKS[Format.csv].finditer(piece):
            if match.group() == b'"':
                quoted = not quoted
            elif not quoted:
                yield match.end()

    return ends


def _json_ends() -> Ends:
    quoted = escaped = False
    depth = 0

    def ends(piece: bytes) -> Iterator[int]:
        nonlocal quoted, escaped, depth
        start, escaped = int(escaped), False  # the character after a backslash that ended the last piece
        for match in MARKS[Format.json].finditer(piece, start):
            mark = match.group()
            if mark[:1] == b"\\":
                escaped = len(mark) == 1
            elif mark == b'"':
                quoted = not quoted
            elif not quoted:
                depth += 1 if mark == b"{" else -1
                if mark == b"}" and depth == ROW_DEPTH - 1:
                    yield match.end()

    return ends

"""An answer of rows into its first so many rows, still a whole document of its format, which says so where it can."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fiscalkg.loader.formats import Format
from fiscalkg.loader.stores import Sink

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


def first_rows(query: Callable[[Sink], None], sink: Sink, asked: Format, most: int) -> None:
    """Write into ``sink`` what ``query`` writes up to row ``most``, then the end of the document.

    JSON and XML state the limit as a link in their head, the only place where readers allow more than rows.
    """
    limited = _Limited(sink, asked, most)
    try:
        query(limited)
    except _Enough:
        sink.write(_tail(asked, most))
    else:
        limited.end()


class _Enough(Exception):  # noqa: N818  # no error: it ends a query that has more rows than are asked for
    pass


class _Limited:
    """A sink that passes on the head with the limit in it, and the rows up to the last one allowed."""

    def __init__(self, sink: Sink, asked: Format, most: int) -> None:
        self._sink = sink
        self._asked = asked
        self._most = most
        self._count = -1 if asked in {Format.csv, Format.tsv} else 0  # their first line is no row
        self._ends = _ends_in(asked)
        self._head: bytes | None = b"" if asked in HEADS else None  # which may come in several pieces
        self._held: list[bytes] = []  # what follows the last row: the document's own end, or one row too many

    def write(self, piece: bytes) -> None:
        if self._head is not None:
            mark, link = HEADS[self._asked]
            self._head += piece
            if mark not in self._head:
                return
            piece, self._head = self._head.replace(mark, link % self._most, 1), None
        start = 0
        for end in self._ends(piece):
            self._count += 1
            if self._count > self._most:
                raise _Enough
            if self._count == self._most:
                self._sink.write(piece[:end])
                start = end
        if self._count < self._most:
            self._sink.write(piece)
        else:
            self._held.append(piece[start:])

    def end(self) -> None:
        """Write what was held back of an answer that has no more rows than allowed."""
        self._sink.write(b"".join([self._head or b"", *self._held]))


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

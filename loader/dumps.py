"""Sorted lines of many shards into the files people download: N-Triples, Turtle, JSON Lines, checksums.

Nothing here knows the time, the machine or the order of input: the same lines give the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import heapq
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Protocol

import pyoxigraph as ox

__all__ = [
    "PREFIXES",
    "gzip_member",
    "lines_from",
    "merge",
    "pack",
    "packed",
    "sha256_of",
    "turtle_body",
    "turtle_head",
    "turtle_of",
    "write_checksums",
    "write_sorted",
]

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "fp": "https://w3id.org/fiscalkg/ontology#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "shape": "https://w3id.org/fiscalkg/shapes#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
} | {
    name: f"https://w3id.org/fiscalkg/scheme/{name}/"
    for name in (
        "base88", "basis", "central101", "comparator", "confidence", "direction", "kind", "metric", "place", "rule",
        "scope", "shenzhen2019", "source", "statement-kind", "taxonomy", "unit", "value-state",
    )
}  # fmt: skip
# Each open shard takes a file and a buffer; above this, merged parts are merged again.
MERGED_AT_ONCE = 256
PIECE = 1 << 16  # bytes of a file that are taken apart at once
LEVEL = 6
PART = re.compile(
    r"/(?:correction/[^/]+|(?:amount|goal|indicator|quality)/[^/]+(?:/target)?(?:/correction(?:/[^/]+)?)?)$"
)
NUMBER = re.compile(r"\d+")
HEAD = re.compile(rb"\A(?:@[^\n]*\n)*")


class Readable(Protocol):
    """Gives its bytes, at most so many at a time; none at its end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""


def merge(parts: Sequence[Iterable[str]], folder: Path) -> Iterator[str]:
    """Yield the lines of sorted parts in order, each once; ``folder`` takes what does not merge at once."""
    while len(parts) > MERGED_AT_ONCE:
        parts = [_merged_file(group, folder) for group in _groups(parts)]
    for line, _ in groupby(heapq.merge(*parts)):
        yield line


def _groups(parts: Sequence[Iterable[str]]) -> Iterator[Sequence[Iterable[str]]]:
    for start in range(0, len(parts), MERGED_AT_ONCE):
        yield parts[start : start + MERGED_AT_ONCE]


def _merged_file(parts: Sequence[Iterable[str]], folder: Path) -> Iterable[str]:
    number = sum(1 for _ in folder.glob("part-*"))
    path = folder / f"part-{number}"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line for line, _ in groupby(heapq.merge(*parts)))
    return _lines_once(path)


def _lines_once(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        yield from lines_from(file)
    path.write_bytes(b"")  # its name stays taken, its space is given back


def lines_from(file: Readable) -> Iterator[str]:
    """Yield the lines of UTF-8, each with its line feed, a piece of the file in memory: twice as fast as a text file.

    Nothing but a line feed ends a line. Raises ``UnicodeError`` where the bytes are no UTF-8.
    """
    rest = b""
    while piece := file.read(PIECE):
        whole, feed, rest = (rest + piece).rpartition(b"\n")
        yield from io.StringIO((whole + feed).decode(), newline="\n").readlines()
    if rest:
        yield rest.decode()


@contextmanager
def packed(path: Path) -> Iterator[IO[bytes]]:
    """Open a gzip file for writing that names neither itself nor the time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("wb"))
        file = stack.enter_context(gzip.GzipFile("", "wb", LEVEL, raw, mtime=0))
        buffer = io.BufferedWriter(file, 1 << 20)
        yield buffer
        buffer.flush()


def write_sorted(lines: Iterable[str], path: Path) -> tuple[int, str]:
    """Write lines as they come and return how many there are and the SHA-256 of the whole text."""
    digest, count = hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=1 << 20) as file:
        lines = iter(lines)
        while group := list(islice(lines, 10_000)):
            text = "".join(group).encode()
            digest.update(text)
            count += len(group)
            file.write(text)
    return count, digest.hexdigest()


def pack(source: Path, path: Path) -> None:
    """Write a file's gzip form."""
    with source.open("rb") as file, packed(path) as out:
        while piece := file.read(1 << 20):
            out.write(piece)


def gzip_member(data: bytes) -> bytes:
    """Return one member of a gzip file, which names neither itself nor the time; members laid end to end are a file."""
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", LEVEL, buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def turtle_of(lines: Iterable[str], base: str) -> str:
    """Return sorted N-Triples as Turtle without a head: IRIs of the data relative to the base, a table with its parts.

    >>> turtle_of(['<http://x/a> <http://x/p> "v" .\\n'], "http://x/")
    '<a> <p> "v" .\\n'
    """
    triples = (quad.triple for quad in ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES))
    groups = ((_text(subject), list(own)) for subject, own in groupby(triples, key=lambda triple: triple.subject))
    return turtle_body(groups, base).decode()


def turtle_head(base: str) -> bytes:
    """Return the head of Turtle: base and all prefixes, sorted."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in sorted(PREFIXES.items()))
    return f"@base <{base}> .\n{prefixes}".encode()


def turtle_body(groups: Iterable[tuple[str, Iterable[ox.Triple]]], base: str) -> bytes:
    """Return sorted subjects with their triples as Turtle without a head.

    A table comes before its parts, and these as people count.
    """
    ordered: list[ox.Triple] = []
    for whole, parts in groupby(groups, key=lambda group: _whole(group[0])):
        for _, own in sorted(parts, key=lambda group: _part(group[0], whole)):  # used up in this turn
            ordered += own
    return _turtle_body(ordered, base)


def _whole(subject: str) -> str:
    """Return the IRI of the thing a subject is part of: in sorted lines its parts stand right before it."""
    return PART.sub("", subject)


def _part(subject: str, whole: str) -> str:
    """Return a sort key that puts the whole first and counts its parts as people do."""
    return NUMBER.sub(lambda found: found[0].zfill(6), subject[len(whole) :])


def _text(subject: ox.NamedNode | ox.BlankNode | ox.Triple) -> str:
    return subject.value if isinstance(subject, ox.NamedNode) else str(subject)


def _turtle_body(triples: Iterable[ox.Triple], base: str) -> bytes:
    """Return Turtle without its head, which the engine writes with prefixes in no fixed order."""
    text = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES, base_iri=base) or b""
    return HEAD.sub(b"", text)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path, left_out: frozenset[str]) -> str:
    """Write ``SHA256SUMS`` over all files but those in folders left out; return its own SHA-256."""
    files = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in left_out
    )
    text = "".join(f"{sha256_of(folder / name)}  {name}\n" for name in files if name != "SHA256SUMS")
    (folder / "SHA256SUMS").write_text(text, encoding="utf-8", newline="\n")
    return hashlib.sha256(text.encode()).hexdigest()

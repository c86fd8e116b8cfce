"""What differs from release to release on a page that stays: left open while the page is made, and filled in last.

Such are the release's name, the checksum of its dump, and where a target stands among those of all units. A page is
first made with a mark in each such place. A mark begins with a digest of all that the page is made from, so that no
text on the page can look like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from fiscalkg.endpoint.pages.asked import digest_of_dump
from fiscalkg.endpoint.pages.asking import rows_by
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.pages.peers import peers_of, told_peers
from fiscalkg.endpoint.pages.shown import shown

__all__ = ["Hole", "dump_of", "filled", "left_open", "place_among_peers", "refilled"]

Hole = tuple[int, int, str]  # where it begins in a page, how many bytes fill it, what is asked for
RELEASE, DUMP, PEERS = "release", "dump", "peers"


def left_open(edition: Edition, key: str) -> Edition:
    """Return an edition whose pages have marks where releases differ; ``key`` is a page's own, 32 hex digits."""
    _value(edition, RELEASE)  # remembered by both before the mark takes its place: who weighs a page fills it in too
    return replace(edition, key=key, identifier=_mark(key, RELEASE))


def dump_of(edition: Edition) -> str:
    """Return the SHA-256 of the N-Triples that a page names, or the mark of it."""
    digest = digest_of_dump(edition.folder)
    return _mark(edition.key, DUMP) if edition.key and digest else digest


def place_among_peers(edition: Edition, kind: str, direction: str, share: str) -> str:
    """Return where a share stands among those of its class and direction, in words or as a mark; empty among few."""
    words = (PEERS, kind, direction, share)
    return _mark(edition.key, *words) if edition.key else _value(edition, " ".join(words)).decode()


def filled(edition: Edition, body: bytes, key: str) -> tuple[bytes, list[Hole]]:
    """Return a page with its marks filled in, and where they were."""
    parts: list[bytes] = []
    asked: list[str] = []
    for at, part in enumerate(re.split(f"{key}-([0-9a-f]+)-".encode(), body)):
        if at % 2:
            asked.append(bytes.fromhex(part.decode()).decode())
        else:
            parts.append(part)
    return _joined(edition, parts, asked)


def refilled(edition: Edition, body: bytes, holes: Sequence[Hole]) -> tuple[bytes, list[Hole]]:
    """Return a page of another release, whose holes are known, as it is in this one, and where they are now."""
    ends = [0, *(end for at, size, _ in holes for end in (at, at + size)), len(body)]
    parts = [body[start:end] for start, end in list(pairwise(ends))[::2]]
    return _joined(edition, parts, [asked for *_, asked in holes])


def _joined(edition: Edition, parts: Sequence[bytes], asked: Sequence[str]) -> tuple[bytes, list[Hole]]:
    made = list(_alternating(parts, [_value(edition, each) for each in asked]))
    holes: list[Hole] = []
    at = 0
    for number, piece in enumerate(made):
        if number % 2:
            holes.append((at, len(piece), asked[number // 2]))
        at += len(piece)
    return b"".join(made), holes


def _alternating(parts: Iterable[bytes], values: Sequence[bytes]) -> Iterator[bytes]:
    for number, part in enumerate(parts):
        yield part
        if number < len(values):
            yield values[number]


def _value(edition: Edition, asked: str) -> bytes:
    if asked not in edition.filled:
        name, *words = asked.split()
        text = {
            RELEASE: lambda: edition.identifier, DUMP: lambda: digest_of_dump(edition.folder),
            PEERS: lambda: _peers(edition, *words),
        }[name]()  # fmt: skip
        edition.filled[asked] = text.encode()
    return edition.filled[asked]


def _peers(edition: Edition, kind: str, direction: str, share: str) -> str:
    known = rows_by(edition, shown(edition, "peers"), "class").get(kind, [])
    group = [each for each in known if each["direction"] == direction]
    found = peers_of(group, Decimal(share), falling=direction == "down")
    return told_peers(found) if found else ""


def _mark(key: str, *words: str) -> str:
    return f"{key}-{' '.join(words).encode().hex()}-"

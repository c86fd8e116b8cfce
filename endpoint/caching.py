"""What is asked of which release into the headers that let others keep an answer, into 304, and into answers kept."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from fastapi import Request

from fiscalkg.endpoint.negotiate import parse
from fiscalkg.loader.release import INFO, Release

__all__ = ["TAG", "Kept", "coding", "coding_of", "headers_of", "is_known", "tag_of"]

Known = Literal["tag", "date"] | None
RELEASE = "Fiscalkg-Release"
TAG = re.compile(r'(?:W/)?("[^"]*")')


class Kept:
    """Small answers by their ETag, which names release, query, format and coding: the least used go first."""

    def __init__(self, most: int) -> None:
        """Take how many bytes may be kept."""
        self._most = most
        self._size = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()

    def get(self, tag: str) -> bytes | None:
        """Return the answer with a tag, if it is still kept."""
        if tag in self._bodies:
            self._bodies.move_to_end(tag)
        return self._bodies.get(tag)

    def put(self, tag: str, body: bytes) -> None:
        """Keep an answer."""
        if tag in self._bodies or len(body) > self._most:
            return
        self._bodies[tag] = body
        self._size += len(body) + len(tag)
        while self._size > self._most:
            old, dropped = self._bodies.popitem(last=False)
            self._size -= len(dropped) + len(old)


def coding(request: Request) -> str:
    """Return the content coding an answer to a request goes out in."""
    return coding_of(request.headers.get("accept-encoding", ""))


def coding_of(accepted: str) -> str:
    """Return the coding for an Accept-Encoding header: gzip where it is accepted, else none (``identity``)."""
    given = dict(parse(accepted))
    gzip = given.get("gzip", given.get("x-gzip", given.get("*", 0.0)))
    return "gzip" if gzip > 0 and gzip >= given.get("identity", 0.0) else "identity"


@lru_cache(maxsize=64)
def _date_of(folder: Path) -> str:
    return formatdate((folder / INFO).stat().st_mtime, usegmt=True)


def headers_of(release: Release, coded: str, max_age: int, *known: str) -> dict[str, str]:
    """Return the headers of an answer that ``known`` (query, format, graphs) decides, with the release's name."""
    headers = {
        "ETag": tag_of(release, coded, *known),
        "Last-Modified": _date_of(release.path),
        "Cache-Control": f"public, max-age={max_age}",
        "Vary": "Accept, Accept-Encoding",
        RELEASE: release.id,
    }
    return headers if coded == "identity" else {**headers, "Content-Encoding": coded}


def tag_of(release: Release, coded: str, *known: str) -> str:
    """Return the ETag of an answer: it differs by release, content coding and all that decides the answer."""
    digest = hashlib.sha256("\n".join((coded, *known)).encode("utf-8", "replace")).hexdigest()[:24]
    return f'"{release.path.name}.{digest}"'


def is_known(request: Request, headers: Mapping[str, str]) -> Known:
    """Return how a client is known to hold this answer: by its tag, by its date, or not; for GET and HEAD only.

    A tag counts before a date.
    """
    if request.method not in {"GET", "HEAD"}:
        return None
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return "tag" if headers["ETag"] in TAG.findall(tags) else "date" if tags.strip() == "*" else None
    since = request.headers.get("if-modified-since")
    if since is None:
        return None
    try:
        return "date" if parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(since) else None
    except (ValueError, TypeError):  # no date, or one without a zone: as if it were not there
        return None

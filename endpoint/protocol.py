"""A SPARQL 1.1 Protocol request into the question it asks."""

from __future__ import annotations

import asyncio
from binascii import a2b_qp
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from fastapi import Request
from pyoxigraph import NamedNode
from starlette.requests import ClientDisconnect

from fiscalkg.endpoint.refusals import ProtocolError
from fiscalkg.endpoint.settings import Limits
from fiscalkg.loader.stores import Dataset

__all__ = ["METHODS", "Question", "pairs", "read_question"]

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
UPDATE = "application/sparql-update"
MOST_FIELDS = 100
READ_ON = 16  # times the largest body
CLOSE = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class Question:
    """A query, the graphs it is put to, and the format and the release asked for, where they were."""

    text: str
    format: str | None = None
    dataset: Dataset | None = None
    release: str | None = None


async def read_question(request: Request, limits: Limits) -> Question | None:
    """Return what a request asks, ``None`` for a GET without a query; raises ``ProtocolError`` for what is no query."""
    parameters = pairs(request.scope["query_string"].decode("latin-1"))
    if request.method == "POST":
        kind, _, rest = request.headers.get("content-type", "").partition(";")
        kind = kind.strip().lower()
        _refuse_type(kind, rest.lower(), request.headers.get("content-encoding", "identity"))
        body = _text(await _body(request, limits))
        parameters += [("query", body)] if kind == DIRECT else pairs(body)
    elif not any(name in {"query", "update"} for name, _ in parameters):
        return None
    return _question(parameters)


def _refuse_type(kind: str, parameters: str, coding: str) -> None:
    if kind == UPDATE:
        raise ProtocolError(400, UPDATES)
    if kind not in {FORM, DIRECT}:
        raise ProtocolError(415, f"send a query as {FORM} or {DIRECT}, not {kind or 'without a type'}")
    charset = parameters.partition("charset=")[2].strip().strip('"')
    if charset and charset not in {"utf-8", "utf8", "us-ascii"}:
        raise ProtocolError(415, f"a query is sent in UTF-8, not {charset[:40]}")
    if coding != "identity":
        raise ProtocolError(415, "a query is sent without a content coding")


UPDATES = "updates are refused: a release never changes; publish a new one"


def _question(parameters: Sequence[tuple[str, str]]) -> Question:
    names = [name for name, _ in parameters]
    if "update" in names:
        raise ProtocolError(400, UPDATES)
    if names.count("query") != 1:
        raise ProtocolError(400, f"send exactly one query, not {names.count('query')}")
    values = dict(parameters)
    return Question(values["query"], values.get("format"), _dataset(parameters), values.get("release"))


def _dataset(parameters: Sequence[tuple[str, str]]) -> Dataset | None:
    default = tuple(value for name, value in parameters if name == "default-graph-uri")
    named = tuple(value for name, value in parameters if name == "named-graph-uri")
    for graph in (*default, *named):
        try:
            NamedNode(graph)
        except ValueError as error:
            raise ProtocolError(400, f"{graph[:200]!r} is no IRI of a graph; give it in full") from error
    return Dataset(default, named) if default or named else None


def pairs(text: str) -> list[tuple[str, str]]:
    """Return the names and values of a form in UTF-8; raises ``ProtocolError`` 400 for what is none.

    >>> pairs("query=ASK+%7B%7D&format=json")
    [('query', 'ASK {}'), ('format', 'json')]
    """
    try:
        if text.count("&") >= MOST_FIELDS:
            raise ValueError(f"more than {MOST_FIELDS} fields")
        found = []
        for field in text.split("&"):
            name, _, value = field.partition("=")
            if field:
                found.append((_decoded(name), _decoded(value)))
        return found
    except ValueError as error:
        raise ProtocolError(400, f"the parameters cannot be read: {error}") from error


def _decoded(text: str) -> str:
    """Return what ``unquote_plus`` does, by a decoder of mail where that does the same: it is not written in Python."""
    if "%" not in text and "+" not in text:
        return text
    if text.isascii() and "\n" not in text and "\r" not in text:
        found = a2b_qp(text.replace("+", " ").replace("=", "%3D").replace("%", "="))
        if len(found) == len(text) - 2 * text.count("%"):  # each percent sign had two digits behind it
            return found.decode()
    return unquote_plus(text, errors="strict")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError(400, f"the body is not UTF-8 at byte {error.start}") from error


async def _body(request: Request, limits: Limits) -> bytes:
    """Return the body; one that is too large is read on for a while, so that its sender gets to read the refusal."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.receive):
            async for part in request.stream():
                size += len(part)
                if size <= limits.body:
                    parts.append(part)
                elif size > READ_ON * limits.body:
                    break
    except TimeoutError:
        raise ProtocolError(408, f"the request took longer than {limits.receive:g} seconds to arrive", CLOSE) from None
    except ClientDisconnect:
        raise ProtocolError(400, "the client left") from None
    if size > limits.body:
        raise ProtocolError(413, f"the request is larger than {limits.body} bytes", CLOSE)
    return b"".join(parts)

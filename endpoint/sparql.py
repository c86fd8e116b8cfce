"""A SPARQL 1.1 Protocol request into its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from fiscalkg.endpoint.limits import inspect
from fiscalkg.endpoint.negotiate import choose
from fiscalkg.endpoint.releases import Served
from fiscalkg.endpoint.settings import Settings
from fiscalkg.loader.errors import FiscalkgError, QueryError
from fiscalkg.loader.formats import GRAPHS, RESULTS, Format

__all__ = ["ProtocolError", "Question", "answer", "read_question", "refusal"]

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"


class ProtocolError(FiscalkgError):
    """A request that the protocol does not allow: ``status`` says which way."""

    def __init__(self, status: int, message: str) -> None:
        """Take the HTTP status and one line of what is wrong and what to do."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the format asked for by ``format=``, where it was."""

    text: str
    format: str | None


async def read_question(request: Request, settings: Settings) -> Question:
    """Return what a request asks; raises ``ProtocolError`` for what is no query request."""
    parameters = _pairs(request.url.query)
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = _text(await _body(request, settings))
        if kind == DIRECT:
            parameters.append(("query", body))
        elif kind == FORM:
            parameters += _pairs(body)
        else:
            raise ProtocolError(415, f"send a query as {FORM} or {DIRECT}, not {kind or 'without a type'}")
    return _question(parameters)


def _question(parameters: Sequence[tuple[str, str]]) -> Question:
    names = [name for name, _ in parameters]
    if "update" in names:
        raise ProtocolError(400, "updates are refused: a release never changes; publish a new one")
    if names.count("query") != 1:
        raise ProtocolError(400, f"send exactly one query, not {names.count('query')}")
    if {"default-graph-uri", "named-graph-uri"} & set(names):
        raise ProtocolError(400, "name graphs with FROM and FROM NAMED inside the query")
    values = dict(parameters)
    return Question(values["query"], values.get("format"))


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise ProtocolError(400, f"the parameters cannot be read: {error}") from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError(400, f"the body is not UTF-8 at byte {error.start}") from error


async def _body(request: Request, settings: Settings) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > settings.body:
            raise ProtocolError(413, f"the query is larger than {settings.body} bytes")
        parts.append(part)
    return b"".join(parts)


async def answer(request: Request, question: Question, served: Served, settings: Settings) -> Response:
    """Return the whole answer as a stream, or 304 where the client has it already."""
    form = inspect(question.text)
    chosen = _format(request, question, RESULTS if form in {"SELECT", "ASK"} else GRAPHS)
    known = "\n".join((served.release.id, chosen.name, question.text))
    headers = {
        "ETag": f'"{hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()[:24]}"',
        "Cache-Control": f"public, max-age={settings.max_age}",
        "Vary": "Accept",
        "Content-Type": _content_type(chosen),
    }
    if request.method != "POST" and headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    pieces = await run_in_threadpool(_begin, served, question.text, chosen)
    if request.method == "HEAD":
        return Response(headers=headers)
    return StreamingResponse(pieces, headers=headers)


def _begin(served: Served, text: str, chosen: Format) -> Iterator[bytes]:
    """Return the answer once its first piece is there, so that what fails at once is a status and no torn body."""
    pieces = iter(served.store.query(text, chosen))
    return chain([next(pieces, b"")], pieces)


def _format(request: Request, question: Question, offered: Sequence[Format]) -> Format:
    names = ", ".join(item.name for item in offered)
    if question.format:
        for item in offered:
            if question.format in {item.name, item.media_type, item.extension}:
                return item
        raise ProtocolError(406, f"this query cannot be answered as {question.format}; ask for {names}")
    chosen = choose(request.headers.get("accept"), offered)
    if chosen is None:
        raise ProtocolError(406, f"none of the formats accepted can be made; ask for {names}")
    return chosen


def _content_type(chosen: Format) -> str:
    text = chosen.media_type.startswith("text/") or chosen is Format.nt
    return f"{chosen.media_type}; charset=utf-8" if text else chosen.media_type


def refusal(request: Request, error: FiscalkgError) -> Response:
    """Return an error as a person reads it, or as ``application/problem+json`` where JSON is asked for."""
    status = error.status if isinstance(error, ProtocolError) else 400 if isinstance(error, QueryError) else 503
    headers = {"Vary": "Accept", "Cache-Control": "no-store"}
    if "json" in request.headers.get("accept", ""):
        problem: dict[str, object] = {"type": "about:blank", "status": status, "title": str(error)}
        if isinstance(error, QueryError) and error.line:
            problem |= {"line": error.line, "column": error.column}
        return JSONResponse(problem, status, headers, "application/problem+json")
    return PlainTextResponse(f"{error}\n", status, headers)

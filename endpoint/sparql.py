"""A question into the delivery of its answer: the form of the query, the format, what may be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from fiscalkg.endpoint.caching import Kept, coding, headers_of, is_known
from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.delivery import Delivery, Parcel
from fiscalkg.endpoint.engine import Engine
from fiscalkg.endpoint.limits import Form, inspect
from fiscalkg.endpoint.negotiate import NAMED, choose
from fiscalkg.endpoint.protocol import Question
from fiscalkg.endpoint.refusals import ProtocolError
from fiscalkg.endpoint.settings import Settings
from fiscalkg.endpoint.work import Asked, check, in_pieces
from fiscalkg.loader.formats import GRAPHS, RESULTS, Format

__all__ = ["Desk", "content_type", "deliver", "format_of", "known_of", "not_modified", "respond"]

SMALL = 20_000  # characters whose inspection does not hold up others
ROW_LIMIT = "Fiscalkg-Row-Limit"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where questions to one release are answered: its workers, the server's settings, and the answers kept."""

    engine: Engine
    settings: Settings
    kept: Kept


async def respond(request: Request, question: Question, desk: Desk) -> Response:
    """Return the delivery of a query's answer, or 304 where the client has it already."""
    text = question.text
    form: Form = inspect(text) if len(text) < SMALL else await run_in_threadpool(inspect, text)
    chosen = format_of(request.headers.get("accept"), question.format, RESULTS if form in {"SELECT", "ASK"} else GRAPHS)
    rows = desk.settings.limits.rows if form == "SELECT" else 0
    return await deliver(request, Asked(text, chosen, question.dataset, rows), desk)


async def deliver(request: Request, asked: Asked, desk: Desk) -> Response:
    """Return the delivery of what was asked, or 304; HEAD finds out whether the question can be answered, no more."""
    headers = _headers(request, asked, desk)
    client = client_of(request, desk.settings.proxies)
    known = is_known(request, headers)
    if known == "date":  # unlike a tag it does not say that the question was ever answered
        await desk.engine.result(client, check, asked)
    if known:
        return not_modified(headers)
    body = desk.kept.get(headers["ETag"])
    if body is not None:
        length = {"Content-Length": str(len(body))}
        return Response(b"" if request.method == "HEAD" else body, headers={**headers, **length})
    work = check if request.method == "HEAD" else in_pieces
    parcel = Parcel(desk.engine, client, asked, work, headers, desk.settings.limits, desk.kept)
    return Delivery(request, parcel)


def _headers(request: Request, asked: Asked, desk: Desk) -> dict[str, str]:
    headers = headers_of(desk.engine.release, coding(request), desk.settings.max_age, *known_of(asked))
    headers["Content-Type"] = content_type(asked.format)
    if asked.rows:
        headers[ROW_LIMIT] = str(asked.rows)
    return headers


def known_of(asked: Asked) -> tuple[str, ...]:
    """Return all that decides an answer besides its release and coding."""
    return asked.format.name, asked.text, repr(asked.dataset), str(asked.rows)


def not_modified(headers: Mapping[str, str]) -> Response:
    """Return 304 with the headers of the answer that the client holds."""
    left_out = {"Content-Type", "Content-Encoding"}
    return Response(status_code=304, headers={name: headers[name] for name in headers if name not in left_out})


@lru_cache(maxsize=64)  # most clients accept the same
def format_of(accept: str | None, named: str | None, offered: tuple[Format, ...]) -> Format:
    """Return the format named by ``format=`` or liked most; raises ``ProtocolError`` 406 for none of those offered."""
    names = ", ".join(item.name for item in offered)
    if named:
        for item in offered:
            if named in {item.name, item.media_type, item.extension}:
                return item
        if (alias := NAMED.get(named)) in offered and alias is not None:
            return alias
        raise ProtocolError(406, f"this query cannot be answered as {named[:100]}; ask for {names}")
    chosen = choose(accept, offered)
    if chosen is None:
        raise ProtocolError(406, f"none of the formats accepted can be made; ask for {names}")
    return chosen


def content_type(chosen: Format) -> str:
    """Return the media type with its charset where it is text."""
    text = chosen.media_type.startswith("text/") or chosen is Format.nt
    return f"{chosen.media_type}; charset=utf-8" if text else chosen.media_type

"""A question to an engine into an HTTP answer that is whole, or an error, or cut so that the client sees it."""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from fiscalkg.endpoint.caching import Kept
from fiscalkg.endpoint.engine import Answer, Engine
from fiscalkg.endpoint.mistakes import explained
from fiscalkg.endpoint.refusals import refusal
from fiscalkg.endpoint.settings import MIB, Limits
from fiscalkg.endpoint.work import PIECE, Asked
from fiscalkg.loader.errors import FiscalkgError, QueryError, QueryLimitError

__all__ = ["Delivery", "Parcel", "packed"]

LOG = logging.getLogger("fiscalkg.delivery")
GZIP = 31  # zlib's window bits for the format of gzip
LEVEL = 5


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to a client: the question, who puts it, the work that answers it, and the headers of the answer.

    ``kept`` takes the answer where it is small.
    """

    engine: Engine
    client: str
    asked: Asked
    work: Callable[[Asked], Iterable[bytes]]
    headers: Mapping[str, str]
    limits: Limits
    kept: Kept


class Delivery(Response):
    """A response of the web framework (which asks for a subclass) that runs the question while it is sent.

    The question is ended as soon as the client leaves. An error before the first byte is a refusal with its status;
    one after it ends the connection in the midst of the body.
    """

    def __init__(self, request: Request, parcel: Parcel) -> None:
        """Take the request that is answered; nothing runs yet."""
        super().__init__(headers=dict(parcel.headers))
        del self.headers["content-length"]
        self._request = request
        self._parcel = parcel
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the question and send its answer, until it is sent or the client leaves."""
        left = asyncio.create_task(_left(receive))
        sent = asyncio.create_task(self._deliver(scope, receive, send))
        try:
            await asyncio.wait({left, sent}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()
            if not sent.done():
                sent.cancel()
            with suppress(asyncio.CancelledError):
                await sent

    async def _deliver(self, scope: Scope, receive: Receive, send: Send) -> None:
        parcel = self._parcel
        whole: bytes | None = None
        try:
            async with parcel.engine.ask(parcel.client, parcel.work, parcel.asked) as answered:
                first = await answered.piece() or b""
                if len(first) < PIECE:  # so it is all there is
                    await answered.piece()
                    whole = first
                else:
                    await self._stream(answered, first, send)
        except FiscalkgError as error:
            if self._begun:
                LOG.warning("an answer was cut: %s", error)
            else:
                told = explained(parcel.asked.text, error) if isinstance(error, QueryError) else error
                await refusal(self._request, told)(scope, receive, send)
        else:
            if whole is not None:
                await self._send_whole(whole, send)

    async def _stream(self, answered: Answer[bytes], first: bytes, send: Send) -> None:
        await self._start(send)
        pieces = _limited(answered, first, self._parcel.limits.result * MIB)
        async for piece in self._coded(pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _send_whole(self, whole: bytes, send: Send) -> None:
        body = b""
        if self._request.method != "HEAD":
            body = packed(whole) if self._is_packed() else whole
            self.headers["Content-Length"] = str(len(body))
            self._parcel.kept.put(self.headers["etag"], body)
        await self._start(send)
        await send({"type": "http.response.body", "body": body})

    async def _start(self, send: Send) -> None:
        self._begun = True
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

    def _is_packed(self) -> bool:
        return self.headers.get("content-encoding") == "gzip"

    async def _coded(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        packer = zlib.compressobj(LEVEL, wbits=GZIP) if self._is_packed() else None
        async for piece in pieces:
            if packer is None:
                yield piece
            elif coded := await asyncio.to_thread(packer.compress, piece):
                yield coded
        if packer:
            yield packer.flush()


def packed(whole: bytes) -> bytes:
    """Return bytes in the coding gzip, the same for the same bytes."""
    return zlib.compress(whole, LEVEL, GZIP)


async def _limited(answered: Answer[bytes], first: bytes, most: int) -> AsyncIterator[bytes]:
    """Yield the pieces of an answer; raises ``QueryLimitError`` once they are more than allowed."""
    size = 0
    piece: bytes | None = first
    while piece:
        size += len(piece)
        if size > most:
            raise QueryLimitError(f"the answer is larger than {most // MIB} MiB; ask for less, or take the dumps")
        yield piece
        piece = await answered.piece()


async def _left(receive: Receive) -> None:
    """Return when the client leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass

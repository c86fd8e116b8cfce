"""A question to an engine into an HTTP answer that is whole, or an error, or cut so that the client sees it."""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from fiscalkg.endpoint.caching import Kept
from fiscalkg.endpoint.engine import Answer, Begun, Engine
from fiscalkg.endpoint.mistakes import explained
from fiscalkg.endpoint.refusals import refusal
from fiscalkg.endpoint.settings import MIB, Limits
from fiscalkg.endpoint.work import PIECE, Asked
from fiscalkg.loader.errors import FiscalkgError, QueryError, QueryLimitError
from fiscalkg.loader.workers import Work

__all__ = ["BEGUN", "Delivery", "Parcel", "packed"]

LOG = logging.getLogger("fiscalkg.delivery")
BEGUN = "fiscalkg.begun"  # of a scope: what there is of the answer
GZIP = 31  # zlib's window bits for the format of gzip
LEVEL = 5
SOON = 0.005  # seconds


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to a client: the question, who puts it, the work that answers it, and the headers of the answer.

    ``kept`` takes the answer where it is small.
    """

    engine: Engine
    client: str
    asked: Asked
    work: Work[bytes]
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
        watch = _Watch(receive)
        try:
            await self._deliver(scope, receive, send)
        except asyncio.CancelledError:
            if not watch.left:
                raise
        finally:
            watch.end()

    async def _deliver(self, scope: Scope, receive: Receive, send: Send) -> None:
        parcel = self._parcel
        whole: bytes | None = None
        try:
            async with parcel.engine.ask(
                parcel.client, parcel.work, parcel.asked, self._begun_answer(scope)
            ) as answered:
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

    def _begun_answer(self, scope: Scope) -> Answer[bytes] | None:
        """Return the answer that is under way, if there is one from this release; raises why it failed already."""
        begun: Begun | None = scope.get(BEGUN)
        if begun is None or begun.taken or begun.engine is not self._parcel.engine:
            return None
        begun.taken = True
        if isinstance(begun.answer, BaseException):
            raise begun.answer
        return begun.answer

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


class _Watch:
    """Cancels the task that made it when the client leaves, from ``SOON`` on: most answers have been sent by then."""

    def __init__(self, receive: Receive) -> None:
        self._watched = asyncio.current_task()
        self._receive = receive
        self._waiting: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(SOON, self._begin)
        self.left = False

    def end(self) -> None:
        self._timer.cancel()
        if self._waiting:
            self._waiting.cancel()

    def _begin(self) -> None:
        self._waiting = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.left = True
        if self._watched:
            self._watched.cancel()

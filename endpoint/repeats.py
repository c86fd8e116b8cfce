"""A request that was answered before into the same bytes, without a look at what it asks: as long as the release is.

What decides an answer is the head of the request, byte by byte, and the release. A portal that embeds a query, and a
crawler, send the same head again and again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEAD", "Repeated", "Repeating", "Repeats", "once_a_tick", "status_line"]

HEAD = "fiscalkg.head"  # of a scope: the bytes of a head whose answer may be repeated
LARGEST = 64 * 1024


class Repeated(NamedTuple):
    """An answer as bytes: its status line, then without the date its other headers and its body.

    ``release`` and ``type`` are for the log.
    """

    status: int
    line: bytes
    rest: bytes
    size: int
    release: str = ""
    type: str = ""


class Repeats:
    """Small answers by the head that asked for them, until another release is current; the least used go first."""

    def __init__(self, link: Callable[[], str], most: int) -> None:
        """Take what tells where the current release is, blank where that cannot be told, and how many bytes to keep."""
        self._link = link
        self._most = most
        self.current = ""  # as it was last found
        self._size = 0
        self._kept: OrderedDict[bytes, Repeated] = OrderedDict()

    def get(self, head: bytes) -> Repeated | None:
        """Return the answer to a head, if it is still kept."""
        if not self.release():
            return None
        known = self._kept.get(head)
        if known:
            self._kept.move_to_end(head)
        return known

    def put(self, head: bytes, answer: Repeated, release: str) -> None:
        """Keep an answer that was begun while ``release`` was what ``release()`` returned.

        Whether another is current by now is not looked up: ``get`` does, and then lets go of all.
        """
        if answer.size > LARGEST or not release or release != self.current or head in self._kept:
            return
        self._kept[head] = answer
        self._size += _weight(head, answer)
        while self._size > self._most:
            self._size -= _weight(*self._kept.popitem(last=False))

    def release(self) -> str:
        """Return where the current release is; another one than before empties what is kept."""
        current = self._link()
        if current != self.current:
            self._kept.clear()
            self.current, self._size = current, 0
        return current


def once_a_tick(look: Callable[[], str]) -> Callable[[], str]:
    """Return what looks once for all requests that an event loop finds at once, by its clock, which stands meanwhile.

    The clock of uvloop does; with another loop, and outside of one, each call looks.
    """
    seen, at = "", -1.0

    def looked() -> str:
        nonlocal seen, at
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:
            return look()
        if now != at:
            seen, at = look(), now
        return seen

    return looked


class Repeating:
    """Middleware that keeps small whole answers which name their release, where the head of the request is known."""

    def __init__(self, app: ASGIApp, repeats: Repeats) -> None:
        """Wrap an application."""
        self.app = app
        self._repeats = repeats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        head = scope.get(HEAD)
        if head is None:
            await self.app(scope, receive, send)
            return
        heard, release = _Heard(), self._repeats.release()

        async def hearing(message: Message) -> None:
            heard.hear(message)
            await send(message)

        await self.app(scope, receive, hearing)
        if answer := heard.answer():
            self._repeats.put(head, answer, release)


@dataclass(slots=True)
class _Heard:
    """The messages of one answer, as far as it may be repeated."""

    messages: list[Message] = field(default_factory=list)
    size: int = 0

    def hear(self, message: Message) -> None:
        self.size += len(message.get("body", b""))
        if self.size <= LARGEST:
            self.messages.append(message)

    def answer(self) -> Repeated | None:
        """Return what was heard, if it is a whole small answer that names its release."""
        if self.size > LARGEST or len(self.messages) != 2 or self.messages[1].get("more_body"):
            return None
        start, body = self.messages[0], self.messages[1].get("body", b"")
        headers = {name.lower(): value for name, value in start["headers"]}
        if start["status"] not in {200, 304} or b"etag" not in headers:
            return None
        lines = b"".join(b"%s: %s\r\n" % (name.lower(), value) for name, value in start["headers"])
        told = (headers.get(name, b"").decode("latin-1") for name in (b"fiscalkg-release", b"content-type"))
        return Repeated(start["status"], status_line(start["status"]), lines + b"\r\n" + body, len(body), *told)


def status_line(status: int) -> bytes:
    """Return how an answer begins.

    >>> status_line(304)
    b'HTTP/1.1 304 Not Modified\\r\\n'
    """
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()


def _weight(head: bytes, answer: Repeated) -> int:
    return len(head) + len(answer.rest) + 1024  # objects

"""A request that was answered before into the same answer, without a look at what it asks: as long as the release is.

What decides an answer is the address, the headers that ``Vary`` and conditional requests name, and the release. A
portal that embeds a query, and a crawler, send the same of all three again and again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Repeats"]

# The headers that an answer of these addresses may depend on; a request with any other condition is not looked up.
DECIDING = (b"accept", b"accept-encoding", b"if-none-match")
CONDITIONS = frozenset({b"if-modified-since", b"if-match", b"if-unmodified-since", b"range", b"if-range"})
VARY = frozenset({"accept", "accept-encoding"})
LARGEST = 64 * 1024
Key = tuple[bytes, ...]


@dataclass(slots=True)
class _Heard:
    """The messages of one answer, as far as it may be repeated."""

    messages: list[Message] = field(default_factory=list)
    size: int = 0

    def hear(self, message: Message) -> None:
        self.size += len(message.get("body", b""))
        if self.size <= LARGEST:
            self.messages.append(message)

    def is_repeatable(self) -> bool:
        """Say whether it is a whole small answer that names its release and depends on nothing else."""
        if self.size > LARGEST or len(self.messages) != 2 or self.messages[1].get("more_body"):
            return False
        headers = {name.lower(): value.decode("latin-1") for name, value in self.messages[0]["headers"]}
        vary = {name.strip().lower() for name in headers.get(b"vary", "").split(",")}
        return self.messages[0]["status"] in {200, 304} and b"etag" in headers and vary <= VARY


class Repeats:
    """Middleware that keeps small answers to GET requests for queries until another release is current."""

    def __init__(self, app: ASGIApp, link: Callable[[], str], most: int) -> None:
        """Wrap an application.

        ``link`` tells where the current release is, blank where that cannot be told; ``most`` bytes are kept, the
        least used go first.
        """
        self.app = app
        self._link = link
        self._most = most
        self._current = ""
        self._size = 0
        self._kept: OrderedDict[Key, _Heard] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        key = self._key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        if known := self._kept.get(key):
            self._kept.move_to_end(key)
            for message in known.messages:
                await send(message)
            return
        heard, release = _Heard(), self._current

        async def hearing(message: Message) -> None:
            heard.hear(message)
            await send(message)

        await self.app(scope, receive, hearing)
        if heard.is_repeatable() and release == self._release() and key not in self._kept:
            self._keep(key, heard)

    def _key(self, scope: Scope) -> Key | None:
        """Return what decides the answer to a request, ``None`` where it must be looked at."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or not scope["path"].startswith(("/sparql", "/queries/"))
        ):
            return None
        if b"release=" in scope["query_string"]:  # a pinned one may be removed at any time
            return None
        given = dict(scope["headers"])
        if not CONDITIONS.isdisjoint(given) or len(given) != len(scope["headers"]) or not self._release():
            return None
        return (scope["path"].encode(), scope["query_string"], *(given.get(name, b"-") for name in DECIDING))

    def _release(self) -> str:
        """Return where the current release is; another one than before empties what is kept."""
        current = self._link()
        if current and current != self._current:
            self._kept.clear()
            self._current, self._size = current, 0
        return current

    def _keep(self, key: Key, heard: _Heard) -> None:
        self._kept[key] = heard
        self._size += _weight(key, heard)
        while self._size > self._most:
            self._size -= _weight(*self._kept.popitem(last=False))


def _weight(key: Key, heard: _Heard) -> int:
    return heard.size + sum(map(len, key)) + 1024  # headers and objects

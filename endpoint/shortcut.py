"""A question that was just answered into the same answer, before any of it is parsed again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fiscalkg.endpoint.caching import TAG

__all__ = ["Shortcut"]

LARGEST = 64 * 1024  # bytes of an answer that is kept
LONGEST = 8 * 1024  # bytes of an address that is kept
DECIDING = frozenset({b"accept", b"accept-encoding", b"accept-language"})
CONDITION, DATE = b"if-none-match", b"if-modified-since"
OF_A_BODY = frozenset({b"content-type", b"content-length", b"content-encoding"})
Headers = list[tuple[bytes, bytes]]
Key = tuple[bytes | str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    headers: Headers
    body: bytes
    tag: str


class Shortcut:
    """Middleware that keeps small whole answers by release, address and what the client accepts.

    Only answers to GET that name their release by an ETag are kept. Another current release, which ``release`` tells
    at each request, is another key.
    """

    def __init__(self, app: ASGIApp, release: Callable[[], str], most: int) -> None:
        """Wrap an application; ``most`` bytes are kept."""
        self.app = app
        self._release = release
        self._most = most
        self._size = 0
        self._answers: OrderedDict[Key, _Answer] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        key = self._key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        known = self._answers.get(key)
        if known is None:
            await self.app(scope, receive, self._keeping(key, send))
            return
        self._answers.move_to_end(key)
        tags = next((value for name, value in scope["headers"] if name == CONDITION), None)
        if tags is not None and (tags.strip() == b"*" or known.tag in TAG.findall(tags.decode("latin-1"))):
            headers = [pair for pair in known.headers if pair[0].lower() not in OF_A_BODY]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": 200, "headers": known.headers})
        await send({"type": "http.response.body", "body": known.body})

    def _key(self, scope: Scope) -> Key | None:
        """Return what decides the answer, ``None`` where it is not one to be kept."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        asked: bytes = scope["query_string"]
        path: str = scope["path"]
        if not ((path == "/sparql" and b"query=" in asked) or path.startswith("/queries/")):
            return None
        if len(asked) > LONGEST or b"release=" in asked:
            return None
        deciding = sorted(pair for pair in scope["headers"] if pair[0] in DECIDING)
        if sum(len(value) for _, value in deciding) > LONGEST or any(name == DATE for name, _ in scope["headers"]):
            return None
        return self._release(), path, asked, *(part for pair in deciding for part in pair)

    def _keeping(self, key: Key, send: Send) -> Send:
        headers: Headers = []

        async def keeping(message: Message) -> None:
            nonlocal headers
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ())) if message["status"] == 200 else []
            elif headers and not message.get("more_body", False):
                self._keep(key, headers, message.get("body", b""))
            else:
                headers = []
            await send(message)

        return keeping

    def _keep(self, key: Key, headers: Headers, body: bytes) -> None:
        tag = next((value.decode("latin-1") for name, value in headers if name.lower() == b"etag"), "")
        if not tag or len(body) > LARGEST or key in self._answers:
            return
        release = str(key[0]).rpartition("/")[2]
        if release and not tag.startswith(f'"{release}.'):  # switched meanwhile, or the current one is refused
            return
        self._answers[key] = _Answer(headers, body, tag)
        self._size += _size(key, body)
        while self._size > self._most:
            old, dropped = self._answers.popitem(last=False)
            self._size -= _size(old, dropped.body)


def _size(key: Key, body: bytes) -> int:
    return len(body) + sum(map(len, key)) + 1024  # about what the headers take

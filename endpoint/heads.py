"""Heads of requests into what the rest relies on: one host, and each header that is a list in one line."""

from __future__ import annotations

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from fiscalkg.endpoint.refusals import ProtocolError, refusal

__all__ = ["Heads"]

LISTS = frozenset({b"accept", b"accept-encoding", b"accept-language", b"if-none-match"})
Lines = list[tuple[bytes, bytes]]


class Heads:
    """Middleware that refuses a request without the host it must name, and joins headers given in several lines."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        hosts = sum(name == b"host" for name, _ in scope["headers"])
        if hosts > 1 or (not hosts and scope["http_version"] != "1.0"):  # RFC 9112, 3.2
            error = ProtocolError(400, "a request names its host in one header Host")
            await refusal(Request(scope), error)(scope, receive, send)
            return
        scope["headers"] = joined(scope["headers"])
        await self.app(scope, receive, send)


def joined(lines: Lines) -> Lines:
    r"""Return headers of which each that is a list stands in one line, where its first one stood (RFC 9110, 5.3).

    >>> joined([(b"accept", b"a/b"), (b"cookie", b"x"), (b"accept", b"c/d"), (b"cookie", b"y")])
    [(b'accept', b'a/b, c/d'), (b'cookie', b'x'), (b'cookie', b'y')]
    """
    own = [(name, value) for name, value in lines if name in LISTS]
    if len(own) == len({name for name, _ in own}):
        return lines
    found: dict[bytes, bytes] = {}
    for name, value in own:
        found[name] = found[name] + b", " + value if name in found else value
    return [(name, found.pop(name, b"") if name in LISTS else value) for name, value in lines
            if name not in LISTS or name in found]  # fmt: skip

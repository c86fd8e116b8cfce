"""Every answer into one that says what a browser may do with it."""

from __future__ import annotations

import logging
from typing import Any

from fastapi.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fiscalkg.endpoint.policy import FRAMES, policy

__all__ = ["SecurityHeaders", "headers_for"]

LOG = logging.getLogger("fiscalkg.faults")
COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Last-Modified, Link, Retry-After, Fiscalkg-Release, Fiscalkg-Row-Limit"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


def _policy(path: str) -> bytes:
    """Return the Content-Security-Policy of a path: only pages below ``embed/`` may stand in a frame."""
    embedded = path.lstrip("/").removeprefix("en/").startswith("embed/")
    return (policy(path) + ("" if embedded else FRAMES)).encode()


def headers_for(path: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers that every answer at a path has."""
    return (*COMMON, (b"content-security-policy", _policy(path)))


class SecurityHeaders:
    """Middleware that adds the headers to every answer, and answers where the program fails."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        own = headers_for(scope["path"])
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
                given = {name.lower() for name, _ in headers}
                changed: dict[str, Any] = {
                    **message,
                    "headers": headers + [pair for pair in own if pair[0] not in given],
                }
                message = changed
            await send(message)

        try:
            await self.app(scope, receive, with_headers)
        except Exception:
            LOG.exception("a fault of the program; please report it")
            if begun:
                raise
            answer = PlainTextResponse("程序出错 · a fault of this server, which has been noted\n", 500)
            await answer(scope, receive, with_headers)

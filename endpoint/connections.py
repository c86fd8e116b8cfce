"""Bytes of a connection into requests, with a limit of time and size before and after the application sees them.

The web server waits for ever for a request that arrives byte by byte, and for a reader that stops reading: a few
thousand such connections stop it. This is its own protocol class with these two clocks added.
"""

from __future__ import annotations

import asyncio
from functools import cache

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fiscalkg.endpoint.settings import Limits, Settings

__all__ = ["Timed"]


@cache
def _limits() -> Limits:
    return Settings.from_environment().limits


class Timed(HttpToolsProtocol):
    """A connection that is closed when its client takes too long, by the limits in the environment."""

    _arriving: asyncio.TimerHandle | None = None
    _leaving: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the web server's own
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks."""
        self._clear()
        self._stop_leaving()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        if self._arriving is None and self._is_idle():
            self._await_head()
        if self._arriving is not None:
            self._head += len(data)
        super().data_received(data)
        if self._arriving is not None and self._head > _limits().head:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        """Stop waiting: from here on the application has its own clock."""
        self._clear()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """Begin to wait for a reader who has left too much unread."""
        super().pause_writing()
        if self._leaving is None:
            self._leaving = self.loop.call_later(_limits().stall, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop waiting: the reader reads."""
        self._stop_leaving()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection between two requests."""
        if self.transport.get_write_buffer_size():  # a reader that left its answer unread
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        self._head = 0
        self._arriving = self.loop.call_later(_limits().receive, self._refuse, b"408 Request Timeout")

    def _clear(self) -> None:
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def _stop_leaving(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def _refuse(self, status: bytes) -> None:
        self._clear()
        if not self.transport.is_closing() and self._head:
            head = b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % status
            self.transport.write(head)
        self.transport.close()

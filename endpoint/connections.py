"""Bytes of a connection into requests, with a limit of time and size before and after the application sees them.

The web server waits for ever for a request that arrives byte by byte, and for a reader that stops reading: a few
thousand such connections stop it. This is its own protocol class with these two clocks added, and with the
``shortcut`` asked first whenever a whole head arrives between two requests.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fiscalkg.endpoint.delivery import BEGUN
from fiscalkg.endpoint.engine import Begun
from fiscalkg.endpoint.repeats import HEAD, Repeated
from fiscalkg.endpoint.settings import Limits, Settings
from fiscalkg.endpoint.shortcut import Head, Passage, Shortcut, head_of

__all__ = ["Timed"]


@cache
def _limits() -> Limits:
    return Settings.from_environment().limits


class Timed(HttpToolsProtocol):
    """A connection that is closed when its client takes too long, by the limits in the environment."""

    _arriving: asyncio.TimerHandle | None = None
    _leaving: asyncio.TimerHandle | None = None
    _resting = 0.0  # since when it waits for a request, by the loop's clock
    _dated: list[tuple[bytes, bytes]] | None = None  # the headers of this second
    _date = b""  # as they are sent
    _head = 0
    _between = True  # no part of a request has been given to the parser
    _passage: Passage | None = None
    _begun: Begun | None = None  # of the request under way, until somebody goes on with it
    _held = b""
    _last = False
    _shortcut: Shortcut | None = None
    address = ""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Take what the web server gives; its application may know a shortcut."""
        super().__init__(*arguments, **named)
        self._known: dict[str, Any] = {}  # for the scope of the next request, and of no other
        self._shortcut = getattr(self.app, "shortcut", None)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the web server's own
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks, and what is under way."""
        self._clear()
        self._stop_leaving()
        if self._passage is not None:
            self._passage.leave()
            self._passage = None
        self._drop_begun()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        if self._passage is not None:
            self._hold(data)
            return
        head = head_of(data) if self._shortcut and self._between and self._is_idle() else None
        if head is not None and self._may_be_short() and self._take(head):
            return
        self._known = {HEAD: head.raw} if head else {}
        self._feed(data)

    def reply(self, answer: Repeated) -> None:
        """Send an answer that went the short way, and take up the next request."""
        self._passage = None
        if self._dated is not self.server_state.default_headers:  # another list each second
            self._dated = self.server_state.default_headers
            self._date = b"".join([b"%s: %s\r\n" % pair for pair in self._dated])
        self.transport.write(b"".join((answer.line, self._date, answer.rest)))
        self.server_state.total_requests += 1
        if self._last:
            self.transport.close()
        else:
            self._rest()
        self._release_held()

    def abort(self) -> None:
        """Cut the connection."""
        self.transport.abort()

    def go_on(self, head: bytes, begun: Begun | None = None) -> None:
        """Give a request to the web framework, and what there is of its answer."""
        self._passage = None
        self._begun = begun
        self._known = {HEAD: head, BEGUN: begun}
        self._feed(head)
        if self._last:
            self.shutdown()
        self._release_held()

    def shutdown(self) -> None:
        """End after the request that is under way, if there is one."""
        if self._passage is None:
            super().shutdown()
        self._last = True

    def on_message_begin(self) -> None:
        """Begin a request, and hand on what is known of it."""
        self._between = False
        super().on_message_begin()
        self.scope.update(self._known)  # type: ignore[typeddict-item]  # keys of our own
        self._known = {}

    def on_message_complete(self) -> None:
        """End a request."""
        self._between = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """End an answer, with what nobody went on with."""
        self._drop_begun()
        super().on_response_complete()

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

    def _rest(self) -> None:
        """Wait for the next request: a clock that runs already goes on, since to set one costs more than to look."""
        self._resting = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_in(self.timeout_keep_alive)

    def _look_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """End a connection between two requests, once none has come for long enough."""
        self.timeout_keep_alive_task = None
        if self._passage is not None:  # its answer lets the clock run again
            return
        left = self._resting + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_in(left)
            return
        if self.transport.get_write_buffer_size():  # a reader that left its answer unread
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def _feed(self, data: bytes) -> None:
        """Give bytes to the parser of the web server."""
        if self._arriving is None and self._is_idle():
            self._await_head()
        if self._arriving is not None:
            self._head += len(data)
        super().data_received(data)
        if self._arriving is not None and self._head > _limits().head:
            self._refuse(b"431 Request Header Fields Too Large")

    def _may_be_short(self) -> bool:
        """Return whether the server takes requests, and this client reads its answers."""
        most = self.limit_concurrency
        busy = most is not None and (len(self.connections) >= most or len(self.tasks) >= most)
        return not (busy or self.flow.write_paused or self.transport.is_closing() or self._last)

    def _take(self, head: Head) -> bool:
        """Go the short way with a request, and return whether there is one."""
        shortcut = self._shortcut
        if shortcut is None:
            return False
        if shortcut.repeat(self, head):
            self._clear()
            return True
        passage = shortcut.passage(self, head)
        if passage is None:
            return False
        self._clear()
        self._passage = passage
        passage.begin()
        return True

    def _drop_begun(self) -> None:
        """End an answer that was begun and that nobody went on with."""
        begun, self._begun = self._begun, None
        if begun and not begun.taken and self._shortcut:
            self._shortcut.drop(begun)

    def _hold(self, data: bytes) -> None:
        """Keep what comes before the answer to the request before it is there.

        More than a head may have is not kept: while nothing is read nobody would see that the client has left.
        """
        self._held += data
        if len(self._held) > _limits().head:
            self.transport.abort()

    def _release_held(self) -> None:
        held, self._held = self._held, b""
        if held and not self.transport.is_closing():
            self.data_received(held)

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

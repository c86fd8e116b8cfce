"""What those who run a server look at: whether it lives, whether it can answer, its figures, a line a request."""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.gate import Gate
from fiscalkg.endpoint.settings import Settings

__all__ = ["MULTIPROCESS", "Observed", "Told", "count_workers", "metrics"]

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
STANDARD_ERROR = 2
MOST_LINES = 10_000  # of the log that wait to be written; more are dropped, since no request waits for a log
KINDS = frozenset({"sparql", "queries", "id", "health", "ready", "metrics", "openapi.json", ".well-known"})
REQUESTS = Counter("fiscalkg_requests_total", "Requests by kind and status", ("kind", "status"))
SECONDS = Histogram(
    "fiscalkg_request_seconds", "Time from request to the last byte, by kind", ("kind",),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
CUT = Counter("fiscalkg_answers_cut_total", "Answers that were begun and did not come to their end")
RUNNING = Gauge("fiscalkg_questions_running", "Questions that workers answer now", multiprocess_mode="livesum")
WAITING = Gauge("fiscalkg_questions_waiting", "Questions that wait for a worker", multiprocess_mode="livesum")


def count_workers(gate: Gate) -> None:
    """Take where the figures of the moment come from; of several processes each writes its own down as they change."""
    if MULTIPROCESS in os.environ:

        def write_down() -> None:
            RUNNING.set(gate.running)
            WAITING.set(gate.waiting)

        gate.changed = write_down
    else:
        RUNNING.set_function(lambda: gate.running)
        WAITING.set_function(lambda: gate.waiting)


async def metrics(_: Request) -> Response:
    """Return all figures in Prometheus' text format, those of several server processes summed."""
    registry = REGISTRY
    if MULTIPROCESS in os.environ:
        _forget_ended(Path(os.environ[MULTIPROCESS]))
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
    return PlainTextResponse(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _forget_ended(folder: Path) -> None:
    """Remove what processes that have ended wrote of their moment."""
    for path in folder.glob("gauge_live*.db"):
        number = path.stem.rpartition("_")[2]
        if not Path("/proc", number).exists():
            mark_process_dead(number)  # type: ignore[no-untyped-call]  # the library has no types here


@dataclass(slots=True)
class _Seen:
    status: int = 0
    size: int = 0
    whole: bool = False
    headers: Iterable[tuple[bytes, bytes]] = ()

    def see(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = message.get("headers", ())
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
            self.whole = not message.get("more_body", False)


class Told(NamedTuple):
    """What is told of a request that is over."""

    method: str
    path: str
    status: int
    size: int
    whole: bool
    release: str
    type: str
    client: str


class Observed:
    """Middleware that counts every request and writes a line of JSON about it.

    Lines hold no personal data unless told so: neither the client's address nor what it asked.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Wrap an application."""
        self.app = app
        self.shortcut: object = None  # what connections ask first, see ``connections``
        self._settings = settings
        self._lines: queue.Queue[bytes] = queue.Queue(MOST_LINES)
        if settings.log:
            threading.Thread(target=self._write, daemon=True).start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = _Seen()

        async def observed(message: Message) -> None:
            seen.see(message)
            await send(message)

        started = time.monotonic()
        try:
            await self.app(scope, receive, observed)
        finally:
            headers = {name.lower(): value.decode("latin-1") for name, value in seen.headers}
            named = headers.get(b"fiscalkg-release", ""), headers.get(b"content-type", "")
            client = client_of(Request(scope), self._settings.proxies) if self._settings.log_clients else ""
            method = scope["method"] if scope["method"].isalpha() else "?"
            told = Told(method, scope["path"], seen.status, seen.size, seen.whole, *named, client)
            self.note(told, time.monotonic() - started)

    def note(self, told: Told, seconds: float) -> None:
        """Count a request that is over and write its line."""
        first = told.path.split("/", 2)[1]
        kind = first if first in KINDS else "pages"
        counter, histogram = _figures(kind, told.status)
        counter.inc()
        histogram.observe(seconds)
        if told.status and not told.whole:
            CUT.inc()
        if self._settings.log:
            line = {
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "method": told.method,
                "kind": kind,
                "status": told.status,
                "bytes": told.size,
                "seconds": round(seconds, 4),
                "whole": told.whole,
                "release": told.release,
                "type": told.type,
            }
            if self._settings.log_clients:
                line["client"] = told.client
            self._put(json.dumps(line).encode() + b"\n")

    def _put(self, line: bytes) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:  # whoever reads the log is too slow for it
            return

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            while line:
                try:
                    line = line[os.write(STANDARD_ERROR, line) :]
                except OSError:
                    return


@lru_cache  # kinds and statuses are few, and the library takes a lock to find theirs
def _figures(kind: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(kind, str(status)), SECONDS.labels(kind)

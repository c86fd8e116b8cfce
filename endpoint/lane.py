"""Small queries through one worker of a release, one after another without waiting for each other's answers.

A turn at a worker of its own costs a small query more than its answer: a pipe is written and read for it alone, and
two processes wait for each other. Here what came in one moment goes in one piece, and so do the answers. In return
there is little protection: whatever is slow, large, wrong or one too many is given back, to be asked in a turn as if
it had never been here. A query that keeps the lane costs the lane's worker its life, and its client the lane, with
those of the few that may have kept it instead: answers are written several at a time, so it is not known which did.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from fiscalkg.endpoint.work import READ, REPLY, TOGETHER, Asked, frames, task_of
from fiscalkg.loader.errors import FiscalkgError
from fiscalkg.loader.processes import Worker

__all__ = ["Lane"]

LOG = logging.getLogger("fiscalkg.lane")
DEPTH, SHARE = 16, 8  # queries in the lane of all clients, and of one
LONGEST = 0.25  # seconds that a query waits for its answer, then the worker is ended and all are asked elsewhere
SMALL = 0.01  # seconds of processor of a query, over which its client asks elsewhere
AWAY = 10.0  # seconds for which it does
REST = 1.0  # seconds between the end of a worker and the start of the next
LAST = 0xFFFFFFFF  # number of a query that fits into its message
Done = Callable[[bytes | None], None]


@dataclass(eq=False, slots=True)
class _Waiting:
    client: str
    since: float
    done: Done | None  # ``None`` once whoever asked has left


class Lane:
    """Answers small queries of one release; used from one event loop."""

    def __init__(self, start: Callable[[], Worker]) -> None:
        """Take what starts a worker that runs ``answer_in_turn``."""
        self._start = start
        self._worker: Worker | None = None
        self._open = False  # the worker has opened the store
        self._closed = False
        self._number = 0
        self._waiting: dict[int, _Waiting] = {}  # in the order they were put
        self._shares: Counter[str] = Counter()
        self._away: dict[str, float] = {}  # by client, until when
        self._tasks: list[bytes] = []
        self._rest = b""
        self._watch: asyncio.TimerHandle | None = None
        self._changing: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start the worker; queries are taken as soon as it can answer."""
        self._loop = asyncio.get_running_loop()
        self._changing = self._loop.create_task(self._begin())

    def put(self, client: str, asked: Asked, done: Done) -> int | None:
        """Take a query and return its number, or ``None`` where there is no room.

        ``done`` is called once: with the answer, or with ``None`` where it is to be asked elsewhere.
        """
        if not self._open or len(self._waiting) >= DEPTH or self._shares[client] >= SHARE or self._is_away(client):
            return None
        self._number = number = self._number % LAST + 1  # 0 is no query's
        if self._watch is None:
            self._watch = self._loop.call_later(LONGEST, self._look)
        self._waiting[number] = _Waiting(client, self._loop.time(), done)
        self._shares[client] += 1
        if not self._tasks:
            self._loop.call_soon(self._send)  # after all requests that have come by now
        self._tasks.append(task_of(number, asked))
        return number

    def leave(self, number: int) -> None:
        """Forget who waits for an answer."""
        if waiting := self._waiting.get(number):
            waiting.done = None

    async def close(self) -> None:
        """End the worker; what waits is given back."""
        self._closed, self._open = True, False
        while self._changing and not self._changing.done():  # cancelled, a start would leave a worker behind
            await asyncio.wait([self._changing])
        if worker := self._give_back():
            await asyncio.to_thread(worker.end)

    def _is_away(self, client: str) -> bool:
        until = self._away.get(client)
        if until is None or self._loop.time() < until:
            return until is not None
        del self._away[client]
        return False

    async def _begin(self) -> None:
        try:
            worker = await asyncio.to_thread(self._start)
        except (FiscalkgError, OSError) as error:
            LOG.warning("small queries take turns: the worker for them does not start (%s)", error)
            return
        self._worker = worker
        os.set_blocking(worker.connection.fileno(), False)
        self._loop.add_reader(worker.connection.fileno(), self._receive)

    async def _begin_anew(self, worker: Worker) -> None:
        await asyncio.to_thread(worker.end)
        if not self._closed:
            await asyncio.sleep(REST)
        if not self._closed:
            await self._begin()

    def _send(self) -> None:
        tasks, self._tasks = b"".join(self._tasks), []
        if self._worker is None or not tasks:
            return
        try:
            sent = os.write(self._worker.connection.fileno(), tasks)
        except OSError:
            sent = 0
        if sent < len(tasks):  # it has ended, or takes nothing in: it is not waited for
            self._break()

    def _receive(self) -> None:
        if self._worker is None:
            return
        try:
            came = os.read(self._worker.connection.fileno(), READ)
        except BlockingIOError:
            return
        except OSError:
            came = b""
        if not came:
            self._break()
            return
        replies, self._rest = frames(REPLY, self._rest + came)
        for number, answered, micros, body in replies:
            if not number:
                self._open = not self._closed
                continue
            waiting = self._waiting.pop(number)
            self._release(waiting.client)
            if micros > SMALL * 1e6:
                self._away[waiting.client] = self._loop.time() + AWAY
            if waiting.done:
                waiting.done(body if answered else None)

    def _release(self, client: str) -> None:
        self._shares[client] -= 1
        if not self._shares[client]:
            del self._shares[client]

    def _look(self) -> None:
        """End the worker where its first query has waited too long; look again as long as there are queries."""
        self._watch = None
        if not self._waiting:
            return
        left = self._first().since + LONGEST - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._look)
        else:
            self._break()

    def _break(self) -> None:
        if self._waiting:
            now = self._loop.time()
            self._away = {client: until for client, until in self._away.items() if until > now}
            for waiting in islice(self._waiting.values(), TOGETHER):  # one of them was under way
                self._away[waiting.client] = now + AWAY
        worker = self._give_back()
        if worker:
            self._changing = self._loop.create_task(self._begin_anew(worker))

    def _first(self) -> _Waiting:
        return next(iter(self._waiting.values()))

    def _give_back(self) -> Worker | None:
        """Close the lane, have all that waits asked elsewhere, and return the worker that is to be ended."""
        worker, self._worker, self._open = self._worker, None, False
        if worker:
            self._loop.remove_reader(worker.connection.fileno())
        waiting, self._waiting, self._shares = self._waiting, {}, Counter()
        self._tasks, self._rest = [], b""
        for each in waiting.values():
            if each.done:
                each.done(None)
        return worker

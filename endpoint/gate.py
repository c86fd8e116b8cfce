"""Requests that come at once into turns: so many at a time, fair shares between clients, a bounded queue.

A client has slots; one who uses fewer workers than another comes first. Of one client's requests the oldest comes
first as long as the queue moves; once one has waited ``STALE`` seconds the newest does, so that a crowd of slow ones
does not stand before a small one. No client holds all workers. Of the queries that have run long at most so many go
on that a place for short ones is always left: a long query too many is ended.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fiscalkg.endpoint.settings import Limits
from fiscalkg.loader.errors import FiscalkgError

__all__ = ["STALE", "BusyError", "Gate", "Turn"]

OWN = "too many requests of yours wait; send fewer at a time"
ALL = "too many requests wait; try again later"
LATE = "all workers are busy; try again later"
LONG = "the query takes long and other long ones are under way; try again later, or make it smaller"
STALE = 0.1  # seconds


class BusyError(FiscalkgError):
    """There is no room for a request now; ``retry`` seconds later there may be."""

    def __init__(self, message: str, retry: int) -> None:
        """Take one line of why, and the seconds to wait."""
        super().__init__(message)
        self.retry = retry


@dataclass(eq=False, slots=True)
class Turn:
    """A client's turn at a worker, asked for at ``since`` by the loop's clock.

    ``given`` is there while it waits, ``patience`` until when; ``ended`` says why it was taken away.
    """

    client: str
    since: float
    given: asyncio.Future[None] | None = None
    patience: asyncio.TimerHandle | None = None
    long: bool = False
    ended: str = ""


def _nothing() -> None:
    """Tell nobody."""


class Gate:
    """Gives turns at ``workers`` workers; used from one event loop."""

    def __init__(self, workers: int, limits: Limits) -> None:
        """Take how many turns there are at a time."""
        self._workers = workers
        self._limits = limits
        self._waiting: list[Turn] = []  # in the order they came
        self._running: list[Turn] = []
        self._used: Counter[str] = Counter()  # of those running, by client
        self.changed: Callable[[], None] = _nothing  # called after turns were taken, given or refused

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many requests have a worker."""
        return len(self._running)

    @asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[Turn]:
        """Wait for a turn and hold it for the block; raises ``BusyError`` where there is no room or none in time."""
        turn = self.enter(client)
        try:
            if turn.given is not None:
                await turn.given
            yield turn
        finally:
            self.leave(turn)

    def enter(self, client: str) -> Turn:
        """Return a turn: a client's at once where ``given`` is ``None``, else when that is done, or has failed.

        Whatever becomes of it, ``leave`` gives it back.
        """
        loop = asyncio.get_running_loop()
        turn = Turn(client, loop.time())
        if not self._waiting and self._may_run(client):
            self._run(turn)
            self.changed()
            return turn
        turn.given = loop.create_future()
        turn.patience = loop.call_later(self._limits.patience, self._refuse, turn, LATE)
        self._waiting.append(turn)
        self._give()
        if turn in self._waiting:
            own = [other for other in self._waiting if other.client == client]
            if len(own) + self._used[client] > self._limits.slots:
                self._refuse(own[0], OWN)
            elif len(self._waiting) > self._limits.queue:
                self._refuse(self._of_the_greediest(), ALL)
        self.changed()
        return turn

    def leave(self, turn: Turn) -> None:
        """Give a turn back, whether it was waited for or held; nothing happens where it was refused."""
        if turn in self._running:
            self._running.remove(turn)
            self._used[turn.client] -= 1
            if not self._used[turn.client]:
                del self._used[turn.client]
        elif turn in self._waiting:
            self._leave_queue(turn)
        elif turn.given is not None and turn.given.done() and not turn.given.cancelled():
            turn.given.exception()  # it was refused after whoever waited had left: asyncio need not report that
        self._give()
        self.changed()

    def watch(self, turn: Turn, end: Callable[[], None]) -> asyncio.TimerHandle:
        """Call ``end`` when a turn has become long and there are enough long ones; cancel the handle when it ends."""
        return asyncio.get_running_loop().call_later(self._limits.quick, self._judge, turn, end)

    def _judge(self, turn: Turn, end: Callable[[], None]) -> None:
        if sum(other.long for other in self._running) < max(1, self._workers - 2):
            turn.long = True
            return
        turn.ended = LONG
        end()

    def _may_run(self, client: str) -> bool:
        return len(self._running) < self._workers and self._used[client] < max(1, self._workers - 1)

    def _run(self, turn: Turn) -> None:
        self._running.append(turn)
        self._used[turn.client] += 1

    def _leave_queue(self, turn: Turn) -> None:
        self._waiting.remove(turn)
        if turn.patience is not None:
            turn.patience.cancel()

    def _refuse(self, turn: Turn, reason: str) -> None:
        self._leave_queue(turn)
        if turn.given is not None and not turn.given.done():
            turn.given.set_exception(BusyError(reason, self._limits.retry))
        self.changed()

    def _of_the_greediest(self) -> Turn:
        """Return the oldest waiting request of the client who has most of them."""
        client, _ = Counter(turn.client for turn in self._waiting).most_common(1)[0]
        return next(turn for turn in self._waiting if turn.client == client)

    def _give(self) -> None:
        """Give turns while workers are free, first to the client who uses the fewest."""
        while self._waiting and len(self._running) < self._workers:
            waiting = dict.fromkeys(turn.client for turn in self._waiting)
            able = [client for client in waiting if self._may_run(client)]
            if not able:
                return
            turn = self._next_of(min(able, key=self._used.__getitem__))
            self._leave_queue(turn)
            self._run(turn)
            if turn.given is not None and not turn.given.done():  # whoever waited may have left in this very moment
                turn.given.set_result(None)

    def _next_of(self, client: str) -> Turn:
        own = [turn for turn in self._waiting if turn.client == client]
        stale = asyncio.get_running_loop().time() - own[0].since > STALE
        return own[-1 if stale else 0]

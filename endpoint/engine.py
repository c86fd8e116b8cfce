"""A release into answers: worker processes that hold its store open, asked from an event loop."""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from fiscalkg.endpoint.gate import BusyError, Gate, Turn
from fiscalkg.endpoint.lane import Lane
from fiscalkg.endpoint.settings import Settings
from fiscalkg.endpoint.work import answer_in_turn, limits_of, open_in_worker, probe
from fiscalkg.loader.errors import QueryLimitError, WorkerError, WorkerMemoryError, WorkerTimeError
from fiscalkg.loader.processes import start_worker
from fiscalkg.loader.release import Release
from fiscalkg.loader.workers import Call, Pool, Work

__all__ = ["Answer", "Begun", "Engine", "has_ended"]

Piece = TypeVar("Piece")

PRELOADED = ("fiscalkg.endpoint.work", "fiscalkg.endpoint.pages", "fiscalkg.loader.stores.embedded")
GRACE = 2.0  # seconds in which a request that was just given an engine puts its question


class Engine:
    """The workers of one release. They start at the first question, or all at once by ``start``."""

    def __init__(self, release: Release, settings: Settings, gate: Gate) -> None:
        """Take the release, and the gate that all releases of a server share."""
        self.release = release
        self._settings = settings
        self._gate = gate
        limits = limits_of(release.store, settings.limits.memory)
        opening = open_in_worker, (release, settings.store)
        self._pool = Pool(settings.workers, limits, PRELOADED, *opening)
        own = settings.store.kind == "embedded"  # others may wait for a server of theirs
        self.lane = Lane(partial(start_worker, limits, *opening, answer_in_turn)) if own else None
        self._under_way = 0
        self._closed = False

    async def start(self) -> None:
        """Start every worker; raises what the first one that cannot open the store or answer raises."""
        calls = await asyncio.to_thread(self._start)
        try:
            for call in calls:
                answered = Answer(call, "")
                while await answered.piece() is not None:
                    pass
        finally:
            for call in calls:
                await asyncio.to_thread(call.cancel)
        if self.lane:
            self.lane.begin()

    def _start(self) -> list[Call[bytes]]:
        seconds = self._settings.limits.seconds
        return [self._pool.submit(probe, None, seconds=seconds) for _ in range(self._settings.workers)]

    @asynccontextmanager
    async def ask(
        self, client: str, work: Work[Piece], asked: object, begun: Answer[Piece] | None = None
    ) -> AsyncIterator[Answer[Piece]]:
        """Give the answer to a question for the block; whatever ends the block, the worker is free at once.

        ``begun`` is an answer of this engine that is under way already, to be gone on with. Raises ``BusyError`` where
        a client or all clients ask too much.
        """
        answered = begun or await self._wait_and_begin(client, work, asked)
        try:
            yield answered
        finally:
            await self.finish(answered)

    def enter(self, client: str) -> Turn:
        """Return a client's turn, held or waited for, to be given to ``begin`` or to ``leave``."""
        if self._closed:
            raise BusyError("a new release is being opened; try again", 1)
        self._under_way += 1
        try:
            return self._gate.enter(client)
        except BaseException:
            self._under_way -= 1
            raise

    def leave(self, turn: Turn) -> None:
        """Give a turn back that no question was begun in, or whose question is over."""
        self._under_way -= 1
        self._gate.leave(turn)

    def begin(self, turn: Turn, work: Work[Piece], asked: object) -> Answer[Piece]:
        """Put a question in a turn that has come; ``finish`` ends it."""
        limits = self._settings.limits
        answered = Answer(self._pool.submit(work, asked, seconds=limits.seconds), f"{limits.seconds:g} seconds")
        answered.turn = turn
        answered.timer = self._gate.watch(turn, lambda: answered.stop(BusyError(turn.ended, limits.retry)))
        return answered

    def end(self, answered: Answer[Piece]) -> None:
        """Give the turn of an answer back that is over; nothing happens the second time."""
        if answered.timer:
            answered.timer.cancel()
        turn, answered.turn = answered.turn, None
        if turn:
            self.leave(turn)

    async def finish(self, answered: Answer[Piece]) -> None:
        """Free the worker of an answer, ending it where the answer is not over, and give its turn back."""
        try:
            if not answered.over or answered.failed:
                if answered.timer:
                    answered.timer.cancel()
                await asyncio.shield(asyncio.to_thread(self._renew, answered))
        finally:
            self.end(answered)

    async def _wait_and_begin(self, client: str, work: Work[Piece], asked: object) -> Answer[Piece]:
        turn = self.enter(client)
        try:
            if turn.given is not None:
                await turn.given
            return self.begin(turn, work, asked)
        except BaseException:
            self.leave(turn)
            raise

    def _renew(self, answered: Answer[Piece]) -> None:
        """End the worker of an answer and start another while its place is still taken: nobody waits for that."""
        answered.cancel()
        self._pool.replenish()

    async def result(self, client: str, work: Work[Piece], asked: object) -> Piece | None:
        """Return the one result of a task, ``None`` where it has none; raises as ``ask``."""
        async with self.ask(client, work, asked) as answered:
            found = await answered.piece()
            while await answered.piece() is not None:
                pass
            return found

    async def close(self, grace: float = GRACE) -> None:
        """End the workers once the questions under way are answered; each ends at its own limits."""
        await asyncio.sleep(grace)
        while self._under_way:
            await asyncio.sleep(0.05)
        self._closed = True
        if self.lane:
            await self.lane.close()
        await asyncio.to_thread(self._pool.close)


@dataclass(eq=False, slots=True)
class Begun:
    """What there is of an answer, or why there is none, for whoever goes on with it and says so by ``taken``."""

    engine: Engine
    answer: Answer[bytes] | BaseException
    taken: bool = False


class Answer(Generic[Piece]):
    """The pieces of one answer, as a worker makes them."""

    def __init__(self, call: Call[Piece], allowed: str) -> None:
        """Take the task under way, and in words how long it may take."""
        self._call = call
        self._allowed = allowed
        self._ready: asyncio.Future[None] | None = None
        self._stopped: Exception | None = None
        self._unread: list[Piece] = []
        self.turn: Turn | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.over = self.failed = False
        self.on_stop: Callable[[], None] | None = None  # whoever waits by ``fileno`` and not by ``piece``

    async def piece(self) -> Piece | None:
        """Return the next piece, ``None`` at the end; raises ``FiscalkgError`` where the answer cannot be had whole."""
        if self._unread:
            return self._unread.pop()
        if self._stopped:
            raise self._stopped
        if self.over:
            return None
        loop = asyncio.get_running_loop()
        try:
            descriptor = self._call.fileno()
        except ValueError:  # the piece before was the last
            self.over = True
            return None
        self._ready = ready = loop.create_future()
        loop.add_reader(descriptor, _set, ready)
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)
            os.set_blocking(descriptor, True)  # uvloop makes it non-blocking, and a large piece comes in parts
        # A worker that has ended is waited for and replaced: not here, where all clients are served.
        return await asyncio.to_thread(self.take) if has_ended(descriptor) else self.take()

    def take(self) -> Piece | None:
        """Return the next piece as ``piece`` does, once something has come."""
        try:
            found = next(self._call, None)
        except WorkerError as error:
            self.over = self.failed = True
            raise self._explained(error) from error
        except BaseException:
            self.over = True
            raise
        self.over = found is None
        return found

    def fileno(self) -> int:
        """Return the descriptor that becomes readable with the next piece; raises ``ValueError`` after the last."""
        return self._call.fileno()

    def is_over(self) -> bool:
        """Return whether no piece follows, as far as that is known without waiting."""
        self.over = self.over or self._call.is_over()
        return self.over

    def unread(self, piece: Piece) -> None:
        """Put a piece back, to be the next."""
        self._unread.append(piece)

    def is_stopped(self) -> bool:
        """Return whether the wait for a piece has been ended."""
        return self._stopped is not None

    def stop(self, error: Exception) -> None:
        """End the wait for a piece with an error."""
        self._stopped = error
        if self._ready and not self._ready.done():
            self._ready.set_exception(error)
        elif self.on_stop:
            self.on_stop()

    def cancel(self) -> None:
        """End the task, if it is still under way, with its worker."""
        self._call.cancel()

    def _explained(self, error: WorkerError) -> Exception:
        if isinstance(error, WorkerTimeError):
            return QueryLimitError(f"the query took longer than {self._allowed}; ask for less, or take the dumps")
        if isinstance(error, WorkerMemoryError):
            return QueryLimitError("the query needed more memory than it may have; ask for less at a time")
        return QueryLimitError(f"the query {error}: too much memory, or a fault of the engine; ask in another way")


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def has_ended(descriptor: int) -> bool:
    """Return whether the worker at the other end of a pipe has closed it."""
    watch = select.poll()
    watch.register(descriptor, select.POLLRDHUP)
    return bool(watch.poll(0))

"""Tasks into results in processes of their own, each with a deadline and a memory limit, ended and replaced at need.

Written on multiprocessing because nothing kept and permissive does all of it: concurrent.futures and loky (BSD) cannot
end a task that runs, billiard (BSD) can but hands over no result before the last, pebble is under the LGPL.

A deadline is an alarm of the kernel in the worker itself, so it also ends code that never comes back to Python, and
holds while nobody takes the results.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from fiscalkg.loader.errors import FiscalkgError, WorkerCrashError, WorkerError, WorkerMemoryError, WorkerTimeError
from fiscalkg.loader.processes import Limits, Worker, preload_all, start_worker

__all__ = ["Call", "Pool", "Sending", "Work", "cores", "deadline"]

Result = TypeVar("Result")
Sending = Callable[[Callable[[Result], None]], Result]  # sends results as they are made, and returns the last
Work = Callable[..., Iterable[Result] | Sending[Result]]
RESULT, LAST, DONE, RAISED, MEMORY = range(5)  # kinds of message from a worker
LAST_WORDS = 5.0  # seconds that a worker which closed its pipe has to end by itself


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """End this worker when the block takes longer; one within another replaces it. Only for code run by a ``Pool``."""
    signal.setitimer(signal.ITIMER_REAL, seconds or 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Call(Generic[Result]):
    """A task under way: its results as they come. Take them all, or ``cancel``: until then it holds its worker.

    Iterating raises ``WorkerTimeError``, ``WorkerMemoryError`` or ``WorkerCrashError`` when the worker ended, and
    whatever ``FiscalkgError`` the task raised. ``fileno`` serves ``select`` and ``multiprocessing.connection.wait``.
    """

    def __init__(self, pool: Pool, worker: Worker) -> None:
        """Take the pool and the worker that was just given a task."""
        self._pool = pool
        self._worker: Worker | None = worker
        self._lock = threading.Lock()  # one thread may cancel while another waits for results

    def __iter__(self) -> Iterator[Result]:
        """Return itself."""
        return self

    def __next__(self) -> Result:
        """Return the next result, waiting for it."""
        worker = self._worker
        if worker is None:
            raise StopIteration
        try:
            kind, value = worker.connection.recv()
        except (EOFError, OSError):
            raise self._ended(worker) from None
        if kind == LAST:
            self._leave(self._pool._take_back)
        if kind in {RESULT, LAST}:
            return value  # type: ignore[no-any-return]  # what came through the pipe is what the task yields
        if kind == MEMORY:
            self.cancel()
            raise WorkerMemoryError("needed more memory than it may have")
        self._leave(self._pool._take_back)
        if kind == RAISED:
            raise value
        raise StopIteration

    def fileno(self) -> int:
        """Return the descriptor that becomes readable with the next result or the end."""
        if self._worker is None:
            raise ValueError("the task is over")
        return self._worker.connection.fileno()

    def is_over(self) -> bool:
        """Return whether the last result has been taken, or the task was cancelled."""
        return self._worker is None

    def cancel(self) -> None:
        """End the task and its worker at once; nothing happens when it is over already."""
        self._leave(self._pool._replace)

    def _leave(self, how: Callable[[Worker], object]) -> object:
        with self._lock:
            worker, self._worker = self._worker, None
        return how(worker) if worker else None

    def _ended(self, worker: Worker) -> WorkerError:
        worker.process.join(LAST_WORDS)
        code = self._leave(self._pool._replace)
        if code == -signal.SIGALRM:
            return WorkerTimeError("took longer than it may")
        if isinstance(code, int) and code < 0:
            return WorkerCrashError(f"ended its process ({signal.Signals(-code).name})")
        return WorkerCrashError(f"ended its process (exit code {code})")


class Pool:
    """At most ``count`` processes that do tasks, one each at a time; any thread may submit."""

    def __init__(
        self,
        count: int,
        limits: Limits | None = None,
        preload: Sequence[str] = (),
        initializer: Callable[..., object] | None = None,
        arguments: Sequence[object] = (),
    ) -> None:
        """Take what every worker does before its first task; ``preload`` are modules that all workers share."""
        preload_all(preload)
        self._setting = (limits or Limits(), initializer, tuple(arguments))
        self._slots: queue.LifoQueue[Worker | None] = queue.LifoQueue()  # ``None``: a worker not started yet
        for _ in range(count):
            self._slots.put(None)
        self._alive: set[Worker] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Pool:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every worker."""
        self.close()

    def submit(
        self,
        work: Work[Result],
        *arguments: Any,
        seconds: float | None = None,
        patience: float | None = None,
    ) -> Call[Result]:
        """Give a task to an idle worker: a function of a module, which returns or yields results that can be pickled.

        What is made by code that calls back instead of yielding is sent: the function then returns a ``Sending``.
        ``seconds`` is the deadline of the whole task, ``patience`` how long to wait for an idle worker; ``queue.Empty``
        is raised when none becomes idle in that time.
        """
        worker = self._slots.get(timeout=patience)
        for _ in range(2):  # an idle worker may have been killed from outside
            try:
                worker = worker or self._start()
                worker.connection.send((work, arguments, seconds))
                return Call(self, worker)
            except (BrokenPipeError, ConnectionResetError):
                if worker:
                    self._end(worker)
                worker = None
            except BaseException:
                self._slots.put(worker)
                raise
        self._slots.put(None)
        raise WorkerCrashError("workers end before they are given a task")

    def replenish(self) -> None:
        """Start a worker where one is missing, so that the next task need not wait for that."""
        try:
            worker = self._slots.get_nowait()
        except queue.Empty:
            return
        try:
            worker = worker or self._start()
        finally:
            self._slots.put(worker)

    def close(self) -> None:
        """End every worker at once, whatever it does."""
        with self._lock:
            workers = list(self._alive)
        for worker in workers:
            self._end(worker)

    def _start(self) -> Worker:
        worker = start_worker(*self._setting, _work)
        with self._lock:
            self._alive.add(worker)
        return worker

    def _take_back(self, worker: Worker) -> None:
        self._slots.put(worker)

    def _replace(self, worker: Worker) -> int | None:
        code = self._end(worker)
        self._slots.put(None)
        return code

    def _end(self, worker: Worker) -> int | None:
        code = worker.end()
        with self._lock:
            self._alive.discard(worker)
        return code


def _work(connection: Connection) -> None:
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            work, given, seconds = connection.recv()
            with deadline(seconds):
                _answer(connection, work, given)


def _answer(connection: Connection, work: Work[Any], given: Sequence[Any]) -> None:
    last: tuple[int, object] = (DONE, None)
    try:
        results = work(*given)
        if callable(results):
            last = (LAST, results(lambda result: connection.send((RESULT, result))))
        elif isinstance(results, list) and len(results) == 1:  # one message instead of two
            last = (LAST, results[0])
        else:
            for result in results:
                connection.send((RESULT, result))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except FiscalkgError as error:
        last = (RAISED, error)
    except MemoryError:
        last = (MEMORY, None)
    except Exception as error:  # a fault of ours ends a task, not the worker
        last = (RAISED, WorkerError(f"fault of the program ({type(error).__name__}: {error}); please report it"))
    connection.send(last)

"""Many tasks into their results, in the order of the tasks, by the workers of a pool; a task costs only itself.

Small tasks go to a worker by the chunk, and each result comes back by itself: so a worker that ends says which task
ended it, and nothing that was done is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from multiprocessing.connection import wait
from typing import Generic, TypeVar

from fiscalkg.loader.errors import (
    DocumentError,
    FiscalkgError,
    WorkerCrashError,
    WorkerError,
    WorkerMemoryError,
    WorkerTimeError,
)
from fiscalkg.loader.processes import Limits
from fiscalkg.loader.workers import Call, Pool, cores, deadline

__all__ = ["MEMORY", "SECONDS", "Bounds", "run_all"]

Task = TypeVar("Task")
Done = TypeVar("Done")

SECONDS = 120.0
MEMORY = 2048  # MiB
LARGEST_CHUNK = 100
CHUNKS_A_WORKER = 8  # so that the last chunks are small against the whole
MOST_AHEAD = 5_000  # results kept while an earlier task is under way
PRELOAD = ("fiscalkg.loader.pipeline",)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many workers read (0: one a processor), and the seconds and MiB that one document may take."""

    jobs: int = 0
    seconds: float = SECONDS
    memory: int = MEMORY

    def workers(self) -> int:
        """Return the number of processes: as asked, else one a core."""
        return self.jobs if self.jobs > 0 else cores()


@dataclass(slots=True, eq=False)
class _Chunk(Generic[Done]):
    """Tasks ``at`` to ``end`` (exclusive) with one worker; ``at`` is the one under way."""

    call: Call[Done | FiscalkgError]
    at: int
    end: int


@dataclass(slots=True)
class _State(Generic[Task, Done]):
    """What is still to give out (a heap), what is under way, and what came back out of turn."""

    tasks: Sequence[Task]
    waiting: list[tuple[int, int]]
    chunks: list[_Chunk[Done]] = field(default_factory=list)
    results: dict[int, Done | FiscalkgError] = field(default_factory=dict)


def run_all(
    work: Callable[[Task], Done], tasks: Sequence[Task], bounds: Bounds
) -> Iterator[tuple[Task, Done | FiscalkgError]]:
    """Yield each task with its result, or with the error that stands for it, in order; ``work`` is a module's."""
    workers = bounds.workers()
    size = max(1, min(LARGEST_CHUNK, len(tasks) // (workers * CHUNKS_A_WORKER)))
    starts = range(0, len(tasks), size)
    state: _State[Task, Done] = _State(tasks, [(start, min(start + size, len(tasks))) for start in starts])
    with Pool(workers, Limits(data=bounds.memory << 20), PRELOAD) as pool:
        for number, task in enumerate(tasks):
            while number not in state.results:
                _give(pool, work, state, bounds, number)
                under_way = {chunk.call.fileno(): chunk for chunk in state.chunks}
                for descriptor in wait(under_way):
                    _take(under_way[descriptor], state, bounds)  # type: ignore[index]  # what went in comes out: numbers
            yield task, state.results.pop(number)


def _give(pool: Pool, work: Callable[[Task], Done], state: _State[Task, Done], bounds: Bounds, number: int) -> None:
    """Keep every worker busy, as long as what they do is not too far ahead of the task that is waited for."""
    while state.waiting and len(state.chunks) < bounds.workers() and state.waiting[0][0] - number < MOST_AHEAD:
        start, end = heappop(state.waiting)
        call = pool.submit(_each, work, state.tasks[start:end], bounds.seconds)
        state.chunks.append(_Chunk(call, start, end))


def _take(chunk: _Chunk[Done], state: _State[Task, Done], bounds: Bounds) -> None:
    """Take one result of a chunk; where its worker ended, the rest of the chunk is given out again."""
    try:
        state.results[chunk.at] = next(chunk.call)
        chunk.at += 1
    except StopIteration:
        state.chunks.remove(chunk)
    except WorkerError as error:
        state.results[chunk.at] = DocumentError(_told(error, bounds))
        state.chunks.remove(chunk)
        if chunk.at + 1 < chunk.end:
            heappush(state.waiting, (chunk.at + 1, chunk.end))


def _told(error: WorkerError, bounds: Bounds) -> str:
    """Return what happened to a document's worker, with what to do about it."""
    match error:
        case WorkerTimeError():
            return f"took longer than {bounds.seconds:g} s; give more with --time-limit, or split it"
        case WorkerMemoryError():
            return f"needed more than {bounds.memory} MiB of memory; give more with --memory-limit, or split it"
        case WorkerCrashError():
            return f"reading it {error}, as too little memory can (--memory-limit); leave it out or split it"
        case _:
            return str(error)


def _each(work: Callable[[Task], Done], tasks: Sequence[Task], seconds: float) -> Iterator[Done | FiscalkgError]:
    """Yield the result of each task in turn, in the worker; a new deadline for each."""
    for task in tasks:
        try:
            with deadline(seconds):
                result: Done | FiscalkgError = work(task)
        except FiscalkgError as error:
            result = error
        except MemoryError:  # what is left of this worker is not to be relied on
            raise
        except Exception as error:  # a fault of ours must not cost the other documents
            result = DocumentError(f"fault of the program ({type(error).__name__}: {error}); please report it")
        yield result

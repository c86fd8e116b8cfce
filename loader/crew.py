"""Jobs into results in worker processes, in the order of the jobs; a job that ends its worker costs only itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from fiscalkg.loader.errors import DocumentError, FiscalkgError

__all__ = ["cores", "run_all"]

Task = TypeVar("Task")
Done = TypeVar("Done")

LARGEST_CHUNK = 100  # a chunk is one message to a worker: with one job each, small documents take twice as long
CHUNKS_A_WORKER = 8  # so that the last chunks are small against the whole
WAITING_A_WORKER = 3
PRELOAD = ["fiscalkg.loader.pipeline"]


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    work: Callable[[Task], Done], tasks: Sequence[Task], workers: int
) -> Iterator[tuple[Task, Done | FiscalkgError]]:
    """Yield each task with its result, or with the error that stands for it, in order."""
    size = max(1, min(LARGEST_CHUNK, len(tasks) // (workers * CHUNKS_A_WORKER)))
    chunks = deque(tasks[start : start + size] for start in range(0, len(tasks), size))
    while chunks:
        with _pool(workers) as pool:
            try:
                yield from _through(pool, work, chunks, workers)
            except BrokenProcessPool:
                pool.shutdown(cancel_futures=True)
        # A worker died: the chunks under way are done apart, until the job that does it stands alone.
        for _ in range(min(len(chunks), workers * WAITING_A_WORKER)):
            yield from _apart(work, chunks.popleft())


def _through(
    pool: ProcessPoolExecutor, work: Callable[[Task], Done], chunks: deque[Sequence[Task]], workers: int
) -> Iterator[tuple[Task, Done | FiscalkgError]]:
    """Yield results and take each chunk off once it is done, so that what is left is what is not done."""
    waiting: deque[Future[list[Done | FiscalkgError]]] = deque()
    while chunks:
        while len(waiting) < min(len(chunks), workers * WAITING_A_WORKER):
            waiting.append(pool.submit(_guarded, work, chunks[len(waiting)]))
        results = waiting.popleft().result()
        yield from zip(chunks.popleft(), results, strict=True)


def _apart(work: Callable[[Task], Done], tasks: Sequence[Task]) -> Iterator[tuple[Task, Done | FiscalkgError]]:
    """Yield results from a process of their own; halve the tasks while they end it."""
    with _pool(1) as pool:
        try:
            results = pool.submit(_guarded, work, tasks).result()
        except BrokenProcessPool:
            results = []
    if results:
        yield from zip(tasks, results, strict=True)
    elif len(tasks) == 1:
        yield tasks[0], DocumentError("reading it ended the process (out of memory?); leave it out or split it")
    else:
        half = len(tasks) // 2
        yield from _apart(work, tasks[:half])
        yield from _apart(work, tasks[half:])


def _pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    return ProcessPoolExecutor(workers, context, initializer=_settle_in)


def _settle_in() -> None:
    """End with the parent, even when it is killed; leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _guarded(work: Callable[[Task], Done], tasks: Sequence[Task]) -> list[Done | FiscalkgError]:
    return [_one(work, task) for task in tasks]


def _one(work: Callable[[Task], Done], task: Task) -> Done | FiscalkgError:
    try:
        return work(task)
    except FiscalkgError as error:
        return error
    except MemoryError:
        return DocumentError("needs more memory than there is; split it")
    except Exception as error:  # a fault of ours must not cost the other documents
        return DocumentError(f"fault of the program ({type(error).__name__}: {error}); please report it")

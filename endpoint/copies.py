"""Tasks done by copies of this process: what it holds is theirs too, and takes its memory once.

A copy has the protections that other workers have: Ctrl-C is left to the process that made it, each task has a
deadline, and it ends with that process, however that ends.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any, TypeVar

from fiscalkg.loader.workers import deadline

__all__ = ["CopyError", "in_copies"]

Task = TypeVar("Task")
Done = TypeVar("Done")

_WORK: list[Callable[[Any], Any]] = []  # in a copy: what it does with each task


class CopyError(Exception):
    """A copy was ended, or had too little memory; tasks may be half done."""


def in_copies(work: Callable[[Task], Done], tasks: Iterable[Task], count: int, seconds: float) -> Iterator[Done]:
    """Yield what ``work`` makes of each task, in order; ``seconds`` is the deadline of each.

    ``work`` may be any function; tasks and results go through a pipe. Raises ``CopyError``, and what ``work`` raises.
    To be called while no other thread holds a lock that ``work`` would wait for.
    """
    context = get_context("fork")
    theirs, ours = context.Pipe(duplex=False)
    gc.freeze()  # else a collection of garbage in a copy writes to all that it shares
    try:
        with ProcessPoolExecutor(count, context, _begin, (work, theirs, ours)) as pool:
            try:
                with _interrupt_later():  # a copy begins as this process is, and hears Ctrl-C before it can say no
                    # Not map: it cancels what it no longer waits for, which a pool of ended processes does not expect.
                    futures = [pool.submit(_do, task, seconds) for task in tasks]
                for future in futures:
                    yield future.result()
            except BaseException:
                ours.close()  # ends the copies, whatever they do
                raise
    except (BrokenProcessPool, MemoryError) as error:
        raise CopyError(str(error)) from error
    finally:
        ours.close()
        theirs.close()
        gc.unfreeze()


@contextmanager
def _interrupt_later() -> Iterator[None]:
    """Let Ctrl-C wait until the end of a block; outside of the main thread nobody hears it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came and callable(before):
            before(*came[0])


def _begin(work: Callable[[Any], Any], theirs: Connection, ours: Connection) -> None:
    """Prepare a copy; no copy may keep the end of the pipe whose closing ends them all."""
    ours.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(theirs,), daemon=True).start()
    _WORK.append(work)


def _end_with(theirs: Connection) -> None:
    wait([theirs])
    os._exit(1)


def _do(task: Any, seconds: float) -> Any:
    with deadline(seconds):
        return _WORK[-1](task)

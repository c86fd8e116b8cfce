"""A process of its own for some work: with limits, ended with all it started, and ended with its owner.

A worker leads a session of its own: what it started is ended with it.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

__all__ = ["Limits", "Worker", "preload_all", "start_worker"]

SESSION_FIELD = 3  # of /proc/PID/stat, counted after the name in brackets


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may use, in bytes; ``data`` leaves mapped files out, ``address`` counts them.

    ``stack`` is that of its tasks, ``None`` for the system's own.
    """

    data: int | None = None
    address: int | None = None
    stack: int | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """A process at work and our end of the pipe to it."""

    process: ForkServerProcess
    connection: Connection

    def end(self) -> int | None:
        """Kill the worker and all it started, and return its exit code: negative is a signal."""
        self.connection.close()
        if self.process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
            _end_session(self.process.pid)
        self.process.join()
        return self.process.exitcode


def start_worker(
    limits: Limits,
    initializer: Callable[..., object] | None,
    arguments: Sequence[object],
    loop: Callable[[Connection], None],
) -> Worker:
    """Start a process that runs ``initializer`` and then ``loop`` with its end of the pipe; all of modules, by name."""
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, limits, initializer, arguments, loop), daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours)


def preload_all(modules: Sequence[str]) -> None:
    """Name the modules that workers share, before the first one starts."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(modules))


def _serve(
    connection: Connection,
    limits: Limits,
    initializer: Callable[..., object] | None,
    arguments: Sequence[object],
    loop: Callable[[Connection], None],
) -> None:
    """Run until the owner closes the pipe."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner decides what Ctrl-C ends
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _limit(limits)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    if initializer:
        initializer(*arguments)
    threading.stack_size(limits.stack or 0)
    tasks = threading.Thread(target=loop, args=(connection,))
    tasks.start()
    threading.stack_size(0)
    tasks.join()


def _limit(limits: Limits) -> None:
    for kind, most in ((resource.RLIMIT_DATA, limits.data), (resource.RLIMIT_AS, limits.address)):
        if most is not None:
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))


def _end_with(sentinel: int) -> None:
    """End with the owner, even when that is killed."""
    wait([sentinel])
    _end_session(os.getpid())
    os._exit(1)


def _end_session(leader: int) -> None:
    """Kill what a worker started and left behind: the other members of its session, where the system lists them."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if len(fields) > SESSION_FIELD and int(fields[SESSION_FIELD]) == leader != int(folder.name):
            with suppress(ProcessLookupError):
                os.kill(int(folder.name), signal.SIGKILL)

"""A command into what it and all that it starts take, stage by stage as it tells them: seconds, processors, memory.

Processes that outlive the one that started them are handed to this one, so that none is left out.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Stage", "Taken", "run"]

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
TICKS = os.sysconf("SC_CLK_TCK")
PARENT, TIMES = 1, slice(11, 15)  # fields of /proc/PID/stat behind the name: the parent; own and reaped children's time
EVERY = 0.2  # seconds between two looks at the memory


@dataclass(frozen=True)
class Stage:
    """What a command took from its last word to this one: seconds by the clock and of processors, memory in MB."""

    name: str
    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Taken:
    """What a command took in all; ``peak`` is the memory of all its processes together in MB, what they share once.

    ``first`` is the memory of the command's own process.
    """

    stages: tuple[Stage, ...]
    wall: float
    cpu: float
    peak: float
    first: float


def run(command: Sequence[str]) -> Taken:
    """Run a command that prints the name of each stage as it ends; raises ``RuntimeError`` when it fails."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    known = _children()
    wall, cpu = time.perf_counter(), _processors()
    watch = _Watch()
    stages: list[Stage] = []
    last = (wall, cpu)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
    for line in process.stdout or ():
        now = time.perf_counter(), _processors()
        stages.append(Stage(line.strip(), now[0] - last[0], now[1] - last[1], watch.lap()))
        last = now
    _, status, used = os.wait4(process.pid, 0)
    while left := _children() - known:  # what it left behind; a helper that this process keeps never ends
        os.waitpid(left.pop(), 0)
    if status:
        raise RuntimeError(f"{command[0]} failed with status {status}")
    taken = time.perf_counter() - wall, _processors() - cpu
    return Taken(tuple(stages), *taken, watch.end(), used.ru_maxrss / 1024)


class _Watch(threading.Thread):
    """Looks at the memory of all processes below this one until it is told to end."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._peak = self._lap = 0.0
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(EVERY):
            self._look()

    def lap(self) -> float:
        """Return the peak since it was asked before."""
        self._look()
        peak, self._lap = self._lap, 0.0
        return peak

    def _look(self) -> None:
        now = sum(map(_memory, _below()))
        self._peak, self._lap = max(self._peak, now), max(self._lap, now)

    def end(self) -> float:
        self._over.set()
        self.join()
        return self._peak


def _children() -> set[int]:
    """Return the processes whose parent this one is."""
    numbers = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    return {number for number in numbers if (fields := _fields(number)) and int(fields[PARENT]) == os.getpid()}


def _below() -> list[int]:
    """Return the processes that this one has started, and those they have."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if fields := _fields(int(folder.name)):
            parents[int(folder.name)] = int(fields[PARENT])
    found = [os.getpid()]
    for one in found:  # grows while it is walked
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def _fields(process: int) -> list[bytes]:
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
    return []


def _memory(process: int) -> float:
    """Return the memory of a process in MB, of what it shares its share."""
    with suppress(OSError, ValueError, IndexError):
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        return int(text.partition("\nPss:")[2].split()[0]) / 1024
    return 0.0


def _processors() -> float:
    """Return the seconds of processors of all processes below this one, those that ended too."""
    reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = sum(int(field) for process in _below() for field in _fields(process)[TIMES])
    return reaped.ru_utime + reaped.ru_stime + ticks / TICKS

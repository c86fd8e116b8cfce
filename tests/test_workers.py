"""Tasks in worker processes: results as they come, deadlines, memory limits, crashes, cancelling, and what is left."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.errors import (
    DocumentError,
    WorkerCrashError,
    WorkerError,
    WorkerMemoryError,
    WorkerTimeError,
)
from fiscalkg.loader.processes import Limits
from fiscalkg.loader.workers import Pool

MEBIBYTE = 1 << 20
TASKS = """import os, re, subprocess, time

def identify():
    yield os.getpid()

def count(most):
    for number in range(most):
        yield number

def sleep(seconds):
    yield os.getpid()
    time.sleep(seconds)

def backtrack():  # never comes back to Python
    re.match(r"(a+)+$", "a" * 60 + "b")
    return []

def allocate(mebibytes):
    return [len(bytearray(mebibytes << 20))]

def end(code):
    os._exit(code)

def fail():
    raise ValueError("a fault")

def start_child():
    child = subprocess.Popen(["sleep", "600"], process_group=0)
    yield child.pid
    time.sleep(600)

def behave(number):
    if number == 5:
        time.sleep(600)
    if number == 25:
        bytearray(1 << 30)
    if number == 26:
        os.abort()
    return number * 2
"""


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Callable[..., object]]]:
    """Functions in a module that workers can import."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "tasks_for_workers.py").write_text(TASKS)
    sys.path.insert(0, str(folder))
    import tasks_for_workers

    yield lambda name: getattr(tasks_for_workers, name)
    sys.path.remove(str(folder))


@pytest.fixture
def pool() -> Iterator[Pool]:
    """One worker with 256 MiB."""
    with Pool(1, Limits(data=256 * MEBIBYTE)) as pool:
        yield pool


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_for_end(process: int) -> bool:
    """Return whether a process ends within a second."""
    for _ in range(50):
        if not is_running(process):
            return True
        time.sleep(0.02)
    return False


def test_a_worker_does_task_after_task(pool: Pool, tasks: Callable[[str], Callable[..., object]]) -> None:
    """Results come in order, and the next task is done by the same process."""
    first = list(pool.submit(tasks("identify")))
    assert list(pool.submit(tasks("count"), 1000)) == list(range(1000))
    assert list(pool.submit(tasks("identify"))) == first != [os.getpid()]


@pytest.mark.parametrize("name", ["sleep", "backtrack"])
def test_a_deadline_ends_a_task_wherever_it_is(
    pool: Pool, tasks: Callable[[str], Callable[..., object]], name: str
) -> None:
    """A task that sleeps, and one inside C code that never returns, end in time; the pool goes on with a new worker."""
    before = list(pool.submit(tasks("identify")))
    started = time.monotonic()
    with pytest.raises(WorkerTimeError):
        list(pool.submit(tasks(name), *([600] if name == "sleep" else []), seconds=0.3))
    assert time.monotonic() - started < 5
    after = list(pool.submit(tasks("identify")))
    assert after != before
    assert wait_for_end(before[0])


def test_a_deadline_holds_while_nobody_takes_results(pool: Pool, tasks: Callable[[str], Callable[..., object]]) -> None:
    """A task whose results fill the pipe is ended too: a reader that stalls keeps no worker."""
    call = pool.submit(tasks("count"), 10_000_000, seconds=0.5)
    time.sleep(1)
    with pytest.raises(WorkerTimeError):
        list(call)


def test_a_deadline_is_over_with_its_task(pool: Pool, tasks: Callable[[str], Callable[..., object]]) -> None:
    """A worker whose task was in time is not ended later, between tasks."""
    first = list(pool.submit(tasks("identify"), seconds=0.3))
    time.sleep(0.6)
    assert list(pool.submit(tasks("identify"))) == first


def test_memory_has_a_limit(pool: Pool, tasks: Callable[[str], Callable[..., object]]) -> None:
    """What fits is done, what does not is told as memory, and the next task has all of it again."""
    assert list(pool.submit(tasks("allocate"), 64)) == [64 * MEBIBYTE]
    with pytest.raises(WorkerMemoryError):
        list(pool.submit(tasks("allocate"), 1024))
    assert list(pool.submit(tasks("allocate"), 64)) == [64 * MEBIBYTE]


def test_a_crash_is_told_and_costs_one_task(pool: Pool, tasks: Callable[[str], Callable[..., object]]) -> None:
    """An exit, a killed worker and a fault each raise their own error; the pool goes on."""
    with pytest.raises(WorkerCrashError, match="exit code 7"):
        list(pool.submit(tasks("end"), 7))
    call = pool.submit(tasks("sleep"), 600)
    os.kill(next(call), signal.SIGKILL)
    with pytest.raises(WorkerCrashError, match="SIGKILL"):
        next(call)
    with pytest.raises(WorkerError, match="ValueError: a fault"):
        list(pool.submit(tasks("fail")))
    idle = list(pool.submit(tasks("identify")))
    os.kill(idle[0], signal.SIGKILL)
    (worker,) = pool._slots.queue
    assert worker
    assert wait([worker.connection], 10)  # a pipe is closed by the last of a process's threads
    assert list(pool.submit(tasks("identify"))) != idle


def test_cancelling_frees_the_worker_at_once(pool: Pool, tasks: Callable[[str], Callable[..., object]]) -> None:
    """A cancelled task's process is gone within a second, and another task runs; cancelling twice does nothing."""
    call = pool.submit(tasks("sleep"), 600)
    process = next(call)
    with pytest.raises(queue.Empty):
        pool.submit(tasks("identify"), patience=0.05)
    call.cancel()
    call.cancel()
    assert wait_for_end(process)
    assert list(call) == []
    assert list(pool.submit(tasks("count"), 3)) == [0, 1, 2]


def test_what_a_task_started_is_ended_with_it(pool: Pool, tasks: Callable[[str], Callable[..., object]]) -> None:
    """A program started by a task, in a process group of its own, ends with the worker at the deadline."""
    call = pool.submit(tasks("start_child"), seconds=0.5)
    child = next(call)
    assert is_running(child)
    with pytest.raises(WorkerTimeError):
        next(call)
    assert wait_for_end(child)


OWNER = """import sys
sys.path.insert(0, sys.argv[1])
from tasks_for_workers import start_child
from fiscalkg.loader.workers import Pool

if __name__ == "__main__":
    call = Pool(1).submit(start_child)
    print(next(call), call._worker.process.pid, flush=True)
    next(call)
"""


def test_workers_end_with_their_owner(tmp_path: Path) -> None:
    """When the process that owns the pool is killed, its workers end, and what they started."""
    (tmp_path / "tasks_for_workers.py").write_text(TASKS)
    (tmp_path / "owner.py").write_text(OWNER)
    command = [sys.executable, tmp_path / "owner.py", tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as owner:
        assert owner.stdout
        child, worker = map(int, owner.stdout.readline().split())
        assert is_running(worker)
        assert is_running(child)
        owner.kill()
    assert wait_for_end(worker)
    assert wait_for_end(child)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_batch_names_what_hung_ate_memory_and_crashed(
    tasks: Callable[[str], Callable[..., object]], jobs: int
) -> None:
    """Of 60 tasks three go wrong, each in its way; the other 57 are done, and all come in order."""
    done = list(run_all(tasks("behave"), list(range(60)), Bounds(jobs, 1.0, 512)))
    assert [task for task, _ in done] == list(range(60))
    failed = {task: str(result) for task, result in done if isinstance(result, DocumentError)}
    assert "longer than 1 s" in failed[5]
    assert "more than 512 MiB" in failed[25]
    assert "SIGABRT" in failed[26]
    assert [result for task, result in done if task not in failed] == [
        number * 2 for number in range(60) if number not in (5, 25, 26)
    ]

"""Documents read by a Dask cluster of processes on this machine: the same bytes, and no document lost with a worker."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cluster_tasks import crash_at_seven, square
from conftest import fiscalkg
from s3 import Bucket, bucket_of

from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.cluster import run_on_cluster
from fiscalkg.loader.errors import ClusterError
from fiscalkg.loader.locations import location_of
from fiscalkg.loader.publish import Settings, gather, publish

pytestmark = pytest.mark.timeout(300)  # three processes are started for each test

EXAMPLES = Path(__file__).parent.parent / "examples"
DASK = [str(Path(sys.executable).parent / "dask")]


@dataclass(frozen=True)
class Cluster:
    """A scheduler's address and the processes of its workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four documents: enough for two workers."""
    folder = tmp_path_factory.mktemp("documents")
    for path in sorted(EXAMPLES.glob("*.txt"))[:4]:
        shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def bucket(documents: Path) -> Iterator[Bucket]:
    """The same documents in a bucket, which workers that are started after it find by their environment."""
    with bucket_of(documents) as bucket:
        yield bucket


@pytest.fixture
def cluster(tmp_path: Path, bucket: Bucket) -> Iterator[Cluster]:
    """A scheduler and two workers of one thread on loopback, ended by their own process id."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    known = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}  # where cluster_tasks is found
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path, "env": known}
    loopback = ["--host", "127.0.0.1", "--no-dashboard"]
    started = [subprocess.Popen([*DASK, "scheduler", *loopback, "--port", str(port)], **quiet)]  # type: ignore[call-overload]  # options
    worker = [*DASK, "worker", *loopback, "--no-nanny", "--nthreads", "1", "--death-timeout", "60"]
    started += [subprocess.Popen([*worker, f"tcp://127.0.0.1:{port}"], **quiet) for _ in range(2)]  # type: ignore[call-overload]  # options
    try:
        _wait_for_workers(f"tcp://127.0.0.1:{port}", 2)
        yield Cluster(f"dask://127.0.0.1:{port}", started[1:])
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def _wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


def without_pages(*_: object) -> None:
    """Freeze nothing: pages are made from the release, on one machine."""


def lines_of(cache: Path) -> dict[str, bytes]:
    """What the shards of a cache hold, by their names, which tell documents and code."""
    return {str(path.relative_to(cache)): gzip.decompress(path.read_bytes()) for path in cache.rglob("*.gz")}


def test_workers_write_the_shards_that_one_machine_writes(cluster: Cluster, documents: Path, tmp_path: Path) -> None:
    """Documents that are given by paths become the same shards, byte by byte."""
    for name, executor in (("alone", None), ("cluster", cluster.address)):
        contents = gather([documents], tmp_path / name, Settings(executor=executor), lambda *_: None)
        assert len(contents.shards) == 4
    assert lines_of(tmp_path / "alone") == lines_of(tmp_path / "cluster")


def test_a_killed_worker_changes_no_byte_of_a_release(
    cluster: Cluster, documents: Path, bucket: Bucket, tmp_path: Path
) -> None:
    """Read from a bucket by two workers, one killed in the middle: dumps and tables are those of one machine."""

    def kill_after_the_first(stage: str, done: int, *_: int) -> None:
        if (stage, done) == ("read", 1):
            cluster.workers[0].kill()

    far = location_of(f"s3://{bucket.name}")
    publish([documents], tmp_path / "alone", Settings(), without_pages, lambda *_: None)
    settings = Settings(executor=cluster.address)
    summary = publish([far], tmp_path / "cluster", settings, without_pages, kill_after_the_first)
    assert (summary.documents, summary.failed) == (4, ())
    assert cluster.workers[0].wait(30) == -signal.SIGKILL
    sums = [(tmp_path / name / "current" / "SHA256SUMS").read_bytes() for name in ("alone", "cluster")]
    assert sums[0] == sums[1]


def test_the_share_of_a_killed_worker_is_done_by_the_other(cluster: Cluster) -> None:
    """Killed in the middle, its tasks come back all the same, each once and in order."""
    results = run_on_cluster(square, list(range(120)), Bounds(1), cluster.address)
    done = [next(results)]
    cluster.workers[0].kill()
    done += results
    assert done == [(number, number * number) for number in range(120)]
    assert cluster.workers[0].wait(30) == -signal.SIGKILL


def test_a_document_that_ends_its_process_costs_itself(cluster: Cluster) -> None:
    """Beside it all others are read, and no worker of the cluster is lost."""
    done = dict(run_on_cluster(crash_at_seven, list(range(20)), Bounds(1), cluster.address))
    assert [number for number, result in done.items() if result != number] == [7]
    assert "leave it out or split it" in str(done[7])
    assert all(worker.poll() is None for worker in cluster.workers)


def test_what_is_wrong_with_a_cluster_is_said(tmp_path: Path) -> None:
    """No such scheme, nobody there: exit 2, one line with what to do, and no release."""
    for address, words in (("ray://h:1", "write dask://host:8786"), ("dask://127.0.0.1:9", "no scheduler answers")):
        done = fiscalkg("publish", EXAMPLES, "--out", tmp_path / "out", "--executor", address)
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    with pytest.raises(ClusterError, match="no scheduler"):
        next(run_on_cluster(square, [1], Bounds(1), "dask://127.0.0.1:9"))

"""Many tasks into their results by the workers of a Dask cluster: what ``batches`` does on one machine, on many.

Each Dask worker does its share in processes of its own with the same bounds, so a document that hangs or crashes costs
only itself there too; the share of a worker that is lost is done again by another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.errors import ClusterError, DocumentError, FiscalkgError
from fiscalkg.loader.shards import code_version

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["run_on_cluster"]

Task = TypeVar("Task")
Done = TypeVar("Done")

SCHEME = "dask://"
CHUNK = 100  # tasks: with fewer the scheduler is busier than its workers
CHUNKS_A_THREAD = 4  # so that the last chunks are small against the whole
SECONDS_TO_CONNECT = 10


def run_on_cluster(
    work: Callable[[Task], Done], tasks: Sequence[Task], bounds: Bounds, address: str
) -> Iterator[tuple[Task, Done | FiscalkgError]]:
    """Yield each task with its result, or with the error that stands for it, in order; ``work`` is a module's.

    ``address`` is the scheduler's, as dask://host:8786. Files that tasks name must have the same path for every
    worker. Raises ``ClusterError`` when the scheduler cannot be reached, has no worker, or runs other versions.
    """
    with _connected(address) as client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ClusterError(
                f"{address}: the scheduler has no worker; start some (dask worker --no-nanny {address[7:]})"
            )
        if strangers := [worker for worker, version in client.run(code_version).items() if version != code_version()]:
            raise ClusterError(
                f"{address}: {strangers[0]} runs another version of fiscalkg; install the same everywhere"
            )
        size = max(1, min(CHUNK, len(tasks) // (threads * CHUNKS_A_THREAD)))
        chunks = [tasks[start : start + size] for start in range(0, len(tasks), size)]
        single = replace(bounds, jobs=1)
        futures = [client.submit(_share, work, chunk, single, pure=False) for chunk in chunks]
        for chunk, future in zip(chunks, futures, strict=True):
            yield from zip(chunk, _results(future.result, chunk), strict=True)
            future.release()


def _share(work: Callable[[Task], Done], tasks: Sequence[Task], bounds: Bounds) -> list[Done | FiscalkgError]:
    """Return the results of some tasks, in a worker of the cluster."""
    return [result for _, result in run_all(work, tasks, bounds)]


def _results(wait: Callable[[], list[Done | FiscalkgError]], chunk: Sequence[object]) -> list[Done | FiscalkgError]:
    """Return what came back; where workers were lost again and again over a chunk, an error for each of its tasks."""
    from distributed.scheduler import KilledWorker

    try:
        return wait()
    except KilledWorker as error:
        told = DocumentError(
            f"workers of the cluster were lost while they read it ({error.last_worker.address}); run again"
        )
        return [told] * len(chunk)


def _connected(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError("a cluster needs Dask: install fiscalkg[cluster]") from error
    if not address.startswith(SCHEME):
        raise ClusterError(f"{address}: no address of a scheduler; write dask://host:8786")
    try:
        return Client(f"tcp://{address.removeprefix(SCHEME)}", timeout=SECONDS_TO_CONNECT, set_as_default=False)  # type: ignore[no-untyped-call]  # distributed leaves it untyped
    except (OSError, ValueError) as error:
        raise ClusterError(f"{address}: no scheduler answers ({error}); start one (dask scheduler)") from error

"""What stops a run, as one small tree. Wrong *data* is never an exception: it is a ``Finding``.

FiscalkgError
├── ClusterError           a cluster cannot be reached or does not run this version
├── DocumentError          one document cannot be read; the others go on
├── ManifestError          manifest.toml does not say what it must
├── PortalError            portal.toml or a setting is wrong
├── QueryError             the query is not SPARQL, or asks for what is refused
│   └── QueryLimitError    the query was ended: too long, too large, too many
├── ReleaseError           a release cannot be built, opened or switched
├── StoreError             a store cannot be opened or does not answer
└── WorkerError            a task in a worker did not come to its end
    ├── WorkerCrashError   it ended the process
    ├── WorkerMemoryError  it needed more memory than it may have
    └── WorkerTimeError    it took longer than it may
"""


class FiscalkgError(Exception):
    """Base of everything this project raises on purpose: one line of what, where and what to do."""


class ClusterError(FiscalkgError):
    """A cluster cannot be reached, has no worker, or does not run this version."""


class DocumentError(FiscalkgError):
    """One document cannot be read; the message names the file and, where known, the place."""


class ManifestError(FiscalkgError):
    """A manifest.toml does not say what it must."""


class PortalError(FiscalkgError):
    """portal.toml or a setting is wrong."""


class QueryError(FiscalkgError):
    """A query is not SPARQL or asks for what is refused; ``line`` and ``column`` count from 1 when known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        """Take one line of what is wrong, and its place in the query."""
        super().__init__(message)
        self.line = line
        self.column = column


class QueryLimitError(QueryError):
    """A query was ended at a limit of time, memory or size."""


class ReleaseError(FiscalkgError):
    """A release cannot be built, opened or switched."""


class StoreError(FiscalkgError):
    """A store cannot be opened or does not answer."""


class WorkerError(FiscalkgError):
    """A task in a worker did not come to its end; whoever gave it says in the message what it was."""


class WorkerCrashError(WorkerError):
    """A task ended its process."""


class WorkerMemoryError(WorkerError):
    """A task needed more memory than it may have."""


class WorkerTimeError(WorkerError):
    """A task took longer than it may."""

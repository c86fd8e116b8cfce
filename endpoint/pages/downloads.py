"""The files of a release that people may take away, with their format, size and checksum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fiscalkg.loader.dumps import sha256_of
from fiscalkg.loader.slices import INDEX

__all__ = ["OFFERED", "File", "offered"]

OFFERED = ("dumps", "tables", "reports", "catalogue")
FORMATS = {
    ".nt": "application/n-triples", ".ttl": "text/turtle", ".jsonl": "application/jsonl", ".json": "application/json",
    ".csv": "text/csv", ".parquet": "application/vnd.apache.parquet", ".tsv": "text/tab-separated-values",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """A file by its path below the site's root; ``size`` is in bytes."""

    path: str
    format: str
    size: int
    sha256: str

    @property
    def told(self) -> str:
        """The size as people read it."""
        if self.size >= 1 << 20:
            return f"{self.size / (1 << 20):,.1f} MB"
        return f"{self.size / 1024:,.0f} kB" if self.size >= 1024 else f"{self.size} B"


@cache
def offered(folder: Path | None) -> tuple[File, ...]:
    """Return the files of a release's folder that its pages offer; of slices, which may be thousands, their index."""
    if folder is None:
        return ()
    paths = (path for name in OFFERED for path in sorted((folder / name).rglob("*")) if path.is_file())
    paths = (path for path in paths if path.name == INDEX or folder / "dumps" / "slices" not in path.parents)
    return tuple(
        File(path.relative_to(folder).as_posix(), _format(path), path.stat().st_size, sha256_of(path)) for path in paths
    )


def _format(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    known = FORMATS.get(Path(name).suffix, "application/octet-stream")
    return f"{known} (gzip)" if name != path.name else known

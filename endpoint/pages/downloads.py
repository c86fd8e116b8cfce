"""The files of a release that people may take away: what each is, with its format, size and checksum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fiscalkg.loader.dumps import sha256_of
from fiscalkg.loader.iris import place_iri
from fiscalkg.loader.release import INFO
from fiscalkg.loader.slices import INDEX

__all__ = ["OFFERED", "File", "Slice", "offered", "slices_of", "triples_of"]

OFFERED = ("dumps", "tables", "reports", "catalogue")
FORMATS = {
    ".nt": "application/n-triples", ".ttl": "text/turtle", ".jsonl": "application/jsonl", ".json": "application/json",
    ".csv": "text/csv", ".parquet": "application/vnd.apache.parquet", ".tsv": "text/tab-separated-values",
}  # fmt: skip
SLICE_FORMATS = {".ttl.gz": "Turtle", ".nt.gz": "N-Triples", ".jsonld.gz": "JSON-LD", ".rdf.gz": "RDF/XML"}
MOST_SLICES = 100  # shown; the index names all


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


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice as the page shows it: ``place`` is an IRI or blank, ``files`` are formats with their paths."""

    name: str
    place: str
    year: str
    triples: int
    files: tuple[tuple[str, str], ...]

    @property
    def turtle(self) -> str:
        """The path of its Turtle."""
        return f"dumps/slices/{self.name}.ttl.gz"


@cache
def slices_of(folder: Path | None) -> tuple[Slice, ...]:
    """Return the slices by place and year of a release, and before them the smallest of a unit as an example."""
    entries = _read(folder, f"dumps/slices/{INDEX}").get("slices", [])
    units = [entry for entry in entries if entry["name"].startswith("units/")]
    places = [entry for entry in entries if entry["name"].startswith("places/")]
    example = min(units, key=lambda entry: (entry["triples"], entry["name"]), default=None)
    return tuple(map(_slice, ([example] if example else []) + places[:MOST_SLICES]))


def _slice(entry: Mapping[str, Any]) -> Slice:
    kind, place, year, *_ = entry["name"].split("/")
    files = (
        (name, f"dumps/slices/{entry['name']}{ending}")
        for ending, name in SLICE_FORMATS.items()
        if ending in entry["formats"]
    )
    shown = place_iri(place) if kind == "places" else ""
    return Slice(entry["name"], shown, year.partition("-")[0], entry["triples"], tuple(files))


def triples_of(folder: Path | None) -> str:
    """Return how many triples a release's dumps hold, as people read it; blank where no release stands on disk."""
    count = _read(folder, INFO).get("counts", {}).get("triples")
    return f"{count:,}" if count else ""


def _read(folder: Path | None, name: str) -> dict[str, Any]:
    if folder is None or not (folder / name).is_file():
        return {}
    content: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return content

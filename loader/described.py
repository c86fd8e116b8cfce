"""A staged release into one ``Catalogue``: what every standard that describes data sets needs to know of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fiscalkg.loader.dumps import sha256_of
from fiscalkg.loader.iris import graph_iri, place_iri
from fiscalkg.loader.portal import Portal, Texts, portal_from_json
from fiscalkg.loader.release import Release

__all__ = ["Catalogue", "Offer", "Origin", "about_file", "describe_release"]

MEDIA_TYPES = {
    ".nt": "application/n-triples",
    ".ttl": "text/turtle",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".xml": "application/xml",
}
FILES = ("dumps/*.gz", "dumps/*.jsonld", "tables/*", "reports/*.gz", "reports/*.jsonl")
KEYWORDS = (
    Texts("预算绩效", "budget performance"),
    Texts("绩效目标", "performance targets"),
    Texts("绩效指标", "performance indicators"),
    Texts("项目支出", "project expenditure"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A file of the release: ``media_type`` is of what is inside where it is ``packed`` by gzip; ``size`` in bytes."""

    path: str
    media_type: str
    packed: bool
    size: int
    sha256: str
    description: Texts


@dataclass(frozen=True, slots=True)
class Origin:
    """A source document as its manifest names it; ``None`` is what nobody stated."""

    iri: str
    name: str
    sha256: str
    title: str | None
    publisher: str | None
    date: str | None
    address: str | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One release as a data set of its portal. ``years`` and ``places`` are those of its tables, in order.

    One that keeps the names of persons is not ``public``.
    """

    iri: str
    dataset: str
    id: str
    version: str
    date: str | None
    portal: Portal
    description: Texts
    years: tuple[str, ...]
    places: tuple[str, ...]
    counts: Mapping[str, Any]
    origins: tuple[Origin, ...]
    files: tuple[Offer, ...]
    public: bool

    @property
    def publisher(self) -> Texts:
        """Who publishes: as portal.toml says, else the portal by its own name, since every standard asks for one."""
        return self.portal.publisher or self.portal.name

    @property
    def landing_page(self) -> str:
        """Where a reader finds the files of the release, each with its size and sum."""
        return self.address("downloads/")

    @property
    def homepage(self) -> str:
        """Where the portal begins, whatever its release."""
        return f"{self.portal.base}release/latest/index.html"

    def address(self, path: str) -> str:
        """Return the web address of a file of the release, below the base as all addresses are."""
        return f"{self.dataset}/{path}"


def describe_release(release: Release) -> Catalogue:
    """Return what is known of a release whose dumps, tables and reports are written."""
    info = release.info
    slices = _slices(release.path / "dumps" / "slices" / "slices.json")
    return Catalogue(
        graph_iri(release.base, "catalogue"),
        f"{release.base}release/{release.id}",
        release.id,
        info["version"],
        info["date"],
        portal_from_json(info.get("portal")),
        _description(info["counts"]),
        tuple(sorted({year for _, year in slices if year.isdigit()})),
        tuple(sorted({place_iri(place) for place, _ in slices if place.isdigit()})),
        info["counts"],
        tuple(_origin(document, release.base) for document in info["documents"]),
        tuple(_offer(path, release.path) for path in _files(release.path, FILES)),
        info["persons"] == "masked",
    )


def _files(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted(path for pattern in patterns for path in folder.glob(pattern) if path.is_file())


def _slices(path: Path) -> set[tuple[str, str]]:
    """Return the places and years of which there are tables."""
    entries = json.loads(path.read_text(encoding="utf-8"))["slices"]
    names = (entry["name"].split("/") for entry in entries)
    return {(parts[1], parts[2].partition("-")[0]) for parts in names if parts[0] == "places"}


def _offer(path: Path, folder: Path) -> Offer:
    packed = path.suffix == ".gz"
    kind = MEDIA_TYPES.get((path.with_suffix("") if packed else path).suffix, "application/octet-stream")
    name = path.relative_to(folder).as_posix()
    return Offer(name, kind, packed, path.stat().st_size, sha256_of(path), about_file(name))


def about_file(path: str) -> Texts:
    """Return what a file of a release is: by its path, else by the nearest folder that is described."""
    known = _known_files()
    names = [path, *(f"{folder.as_posix()}/" for folder in Path(path).parents)]
    return next((known[name] for name in names if name in known), Texts("", ""))


@cache
def _known_files() -> Mapping[str, Texts]:
    path = Path(__file__).parent.parent / "site" / "pages" / "files.toml"
    return {name: Texts(**told) for name, told in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def _origin(document: Mapping[str, Any], base: str) -> Origin:
    known = (document.get(key) for key in ("title", "publisher", "date", "address", "licence"))
    return Origin(f"{base}source/{document['sha256'][:12]}", document["name"], document["sha256"], *known)


def _description(counts: Mapping[str, Any]) -> Texts:
    documents, tables, indicators = counts["documents"], counts["statements"], counts["indicators"]
    return Texts(
        f"{documents} 份公开文件中的 {tables} 张项目支出绩效目标表、{indicators} 条绩效指标："
        "预算、绩效目标、指标值的原文和读法，以及它们在原文中的位置",
        f"{tables} performance target tables with {indicators} indicators from {documents} published documents: "
        "budgets, goals and target values as printed and as understood, each with its place in its source",
    )

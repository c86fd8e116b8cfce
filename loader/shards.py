"""What one document became, kept in one file: facts, report, cube, statements, findings, as lines.

A shard is named by everything that can change it: the document's bytes, what its manifest says, the base IRI,
and the code, ontology and shapes. So an unchanged document is never read twice. A file is a gzip stream: one
header line of JSON, then the sections: facts and report sorted, statements and findings in document order.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Literal

import pyoxigraph

from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.manifest import Entry, describe
from fiscalkg.loader.model import Document

__all__ = ["SECTIONS", "Shard", "code_version", "forget_others", "lines_of", "read_shard", "shard_path", "write_shard"]

Section = Literal["facts", "report", "cube", "quality", "statements", "findings", "source"]
SECTIONS: tuple[Section, ...] = ("facts", "report", "cube", "quality", "statements", "findings", "source")
PACKAGE = Path(__file__).parent.parent
CODE = (("loader", (".py", ".toml", ".rq")), ("ontology", (".ttl",)), ("shapes", (".ttl",)))


@dataclass(frozen=True, slots=True)
class Shard:
    """The header of a shard: ``statements`` are their IRIs in document order, ``lines`` count each section."""

    path: Path
    document: Document
    statements: tuple[str, ...]
    indicators: int
    lines: Mapping[str, int]
    severities: Mapping[str, int]


@cache
def code_version() -> str:
    """Return 12 hex digits that change when code, ontology, shapes or engine do."""
    digest = hashlib.sha256(pyoxigraph.__version__.encode())
    for folder, endings in CODE:
        for path in sorted((PACKAGE / folder).rglob("*")):
            if path.suffix in endings:
                digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def shard_path(folder: Path, entry: Entry, sha256: str, settings: Sequence[object]) -> Path:
    """Return where the shard of a document stands in the cache folder; ``settings`` is what else can change it."""
    known = json.dumps(
        [asdict(describe(entry, sha256, "")), entry.layout, *map(asdict, entry.corrections), *settings], sort_keys=True
    )
    key = hashlib.sha256(known.encode()).hexdigest()
    return folder / code_version() / key[:2] / f"{key[:32]}.gz"


def write_shard(shard: Shard, sections: Mapping[Section, Sequence[str]]) -> None:
    """Write a shard whole or not at all; every line ends with a line feed."""
    header = {
        "document": asdict(shard.document),
        "statements": shard.statements,
        "indicators": shard.indicators,
        "lines": dict(shard.lines),
        "severities": dict(shard.severities),
    }
    shard.path.parent.mkdir(parents=True, exist_ok=True)
    draft = shard.path.with_name(f".{shard.path.name}.{os.getpid()}")
    with gzip.GzipFile(draft, "wb", compresslevel=1, mtime=0) as file:
        file.write(json.dumps(header, ensure_ascii=False).encode() + b"\n")
        for name in SECTIONS:
            file.write("".join(sections[name]).encode())
    draft.replace(shard.path)


def read_shard(path: Path) -> Shard | None:
    """Return the header of a shard, or ``None`` where there is none or it cannot be used."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            header = json.loads(file.readline())
        return Shard(
            path,
            Document(**header["document"]),
            tuple(header["statements"]),
            header["indicators"],
            header["lines"],
            header["severities"],
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
        return None


def lines_of(shard: Shard, section: Section) -> Iterator[str]:
    """Yield the lines of one section; raises ``ReleaseError`` when the file is damaged."""
    before = 1 + sum(shard.lines[name] for name in SECTIONS[: SECTIONS.index(section)])
    count = shard.lines[section]
    try:
        with gzip.open(shard.path, "rb") as packed, io.TextIOWrapper(packed, "utf-8", newline="\n") as file:
            for line in islice(file, before, before + count):
                count -= 1
                yield line
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise ReleaseError(f"{shard.path}: damaged ({error}); delete this file and publish again") from error
    if count:
        raise ReleaseError(f"{shard.path}: breaks off; delete this file and publish again")


def forget_others(folder: Path) -> None:
    """Remove the shards that other code made: they will not be asked for again."""
    for path in folder.glob("*"):
        if path.name != code_version():
            shutil.rmtree(path, ignore_errors=True)

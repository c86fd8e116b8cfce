"""What one document became, kept in one file: facts, report, cube, statements, findings, as lines.

A shard is named by everything that can change it: the document's bytes, what its manifest says, the base IRI,
and the code, ontology and shapes. So an unchanged document is never read twice. A file is gzip members: a header of
JSON with the checksum and the sizes of what follows, then the sections: facts and report sorted, rows of the tables
and activities as a release writes them, statements and findings in document order. The facts are cut, a member each,
where those of another place, year and unit begin.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, Literal

import pyoxigraph

from fiscalkg.loader.dumps import lines_from
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.manifest import Entry, describe
from fiscalkg.loader.model import Document

__all__ = [
    "SECTIONS",
    "Cut",
    "Shard",
    "code_version",
    "forget_others",
    "lines_of",
    "lines_of_cut",
    "member_of",
    "read_shard",
    "shard_path",
    "text_of",
    "values_of",
    "write_shard",
]

Section = Literal[
    "facts", "report", "cube", "names", "quality", "rows", "iati", "turtle", "statements", "findings", "source"
]
SECTIONS: tuple[Section, ...] = (
    "facts", "report", "cube", "names", "quality", "rows", "iati", "turtle", "statements", "findings", "source",
)  # fmt: skip
PACKAGE = Path(__file__).parent.parent
# How the facts of a statement and its parts begin, to the end of its place, year and unit.
OF_UNIT = re.compile(r"<[^ >]*?/statement/(?:[^/ >]+/){3}")
LEVEL, RELEASED = 1, 6  # of compression: what is read and written often, and what goes into a release as it is
TOGETHER = 1000  # lines of JSON read at once, in half of the time of one by one
CODE = (("loader", (".py", ".toml", ".rq")), ("ontology", (".ttl",)), ("shapes", (".ttl",)))


@dataclass(frozen=True, slots=True)
class Cut:
    """Facts that stand together: ``unit`` is how all of them begin, to the end of a unit's name, or nothing.

    ``lines`` is how many they are, ``start`` and ``size`` the bytes they take of the section.
    """

    unit: str
    lines: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Shard:
    """The header of a shard: ``statements`` are their IRIs in document order, ``lines`` count each section.

    ``places`` are where the sections begin in the file, and their sizes there; ``cuts`` are the facts, in order.
    """

    path: Path
    document: Document
    statements: tuple[str, ...]
    indicators: int
    lines: Mapping[str, int]
    severities: Mapping[str, int]
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()


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


def write_shard(shard: Shard, sections: Mapping[Section, Sequence[str]]) -> Shard:
    """Write a shard whole or not at all and return it with its places; every line ends with a line feed."""
    cuts, facts = _cut(sections["facts"])
    members = [
        facts if name == "facts" else _packed(sections[name], LEVEL if name != "turtle" else RELEASED)
        for name in SECTIONS
    ]
    sizes = [len(member) for member in members]
    header = {
        "document": asdict(shard.document),
        "statements": shard.statements,
        "indicators": shard.indicators,
        "lines": dict(shard.lines),
        "severities": dict(shard.severities),
        "cuts": [astuple(cut) for cut in cuts],
        "sizes": sizes,
        "sha256": hashlib.sha256(b"".join(members)).hexdigest(),
    }
    head = gzip.compress(json.dumps(header, ensure_ascii=False).encode() + b"\n", LEVEL, mtime=0)
    shard.path.parent.mkdir(parents=True, exist_ok=True)
    draft = shard.path.with_name(f".{shard.path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.writelines([head, *members])
    draft.replace(shard.path)
    return replace(shard, places=_places(len(head), sizes), cuts=cuts)


def _packed(lines: Iterable[str], level: int = LEVEL) -> bytes:
    return gzip.compress("".join(lines).encode(), level, mtime=0)


def _cut(lines: Iterable[str]) -> tuple[tuple[Cut, ...], bytes]:
    """Return sorted facts as cuts and as what these are cuts of: a member each, laid end to end."""
    cuts, facts = list[Cut](), bytearray()
    for unit, own in _by_unit(lines):
        member = _packed(own)
        cuts.append(Cut(unit, len(own), len(facts), len(member)))
        facts += member
    return tuple(cuts), bytes(facts)


def _by_unit(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield sorted facts with how those of one place, year and unit begin; what belongs to none goes by nothing."""
    unit, own = "", list[str]()
    for line in lines:
        if not unit or not line.startswith(unit):  # most lines are of the unit that the line before was of
            found = OF_UNIT.match(line)
            name = found[0] if found else ""
            if name != unit and own:
                yield unit, own
                own = []
            unit = name
        own.append(line)
    if own:
        yield unit, own


def _places(start: int, sizes: Sequence[int]) -> dict[str, tuple[int, int]]:
    return dict(zip(SECTIONS, zip(accumulate(sizes[:-1], initial=start), sizes, strict=True), strict=True))


def read_shard(path: Path) -> Shard | None:
    """Return the header of a shard, or ``None`` where there is none or a byte of it is not what was written."""
    try:
        data = path.read_bytes()
        header = json.loads(gzip.GzipFile(fileobj=io.BytesIO(data)).readline())
        body = len(data) - sum(header["sizes"])
        if body < 0 or hashlib.sha256(memoryview(data)[body:]).hexdigest() != header["sha256"]:
            return None
        return Shard(
            path,
            Document(**header["document"]),
            tuple(header["statements"]),
            header["indicators"],
            header["lines"],
            header["severities"],
            _places(body, header["sizes"]),
            tuple(Cut(*cut) for cut in header["cuts"]),
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
        return None


def lines_of(shard: Shard, section: Section) -> Iterator[str]:
    """Yield the lines of one section; raises ``ReleaseError`` when the file is damaged."""
    return _lines_at(shard, shard.places[section][0], shard.lines[section])


def values_of(shard: Shard, section: Section) -> Iterator[Any]:
    """Yield the JSON values that the lines of one section are; raises ``ReleaseError`` when the file is damaged."""
    lines = lines_of(shard, section)
    while some := list(islice(lines, TOGETHER)):
        yield from json.loads(f"[{','.join(some)}]")


def lines_of_cut(shard: Shard, cut: Cut) -> Iterator[str]:
    """Yield the lines of a cut of the facts; raises ``ReleaseError`` when the file is damaged."""
    return _lines_at(shard, shard.places["facts"][0] + cut.start, cut.lines)


def _lines_at(shard: Shard, start: int, count: int) -> Iterator[str]:
    try:
        with shard.path.open("rb") as file:
            file.seek(start)
            with gzip.GzipFile(fileobj=file) as packed:
                for line in islice(lines_from(packed), count):
                    count -= 1
                    yield line
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise ReleaseError(f"{shard.path}: damaged ({error}); publish again") from error
    if count:
        raise ReleaseError(f"{shard.path}: breaks off; publish again")


def text_of(shard: Shard, cut: Cut) -> bytes:
    """Return the N-Triples of a cut of the facts; raises ``ReleaseError`` when the file is damaged."""
    try:
        with shard.path.open("rb") as file:
            file.seek(shard.places["facts"][0] + cut.start)
            return gzip.decompress(file.read(cut.size))
    except (OSError, EOFError, zlib.error) as error:
        raise ReleaseError(f"{shard.path}: damaged ({error}); publish again") from error


def member_of(shard: Shard, section: Section) -> bytes:
    """Return a section as it stands, packed by gzip; raises ``ReleaseError`` when the file breaks off."""
    start, size = shard.places[section]
    with shard.path.open("rb") as file:
        file.seek(start)
        data = file.read(size)
    if len(data) < size:
        raise ReleaseError(f"{shard.path}: breaks off; publish again")
    return data


def forget_others(folder: Path) -> None:
    """Remove the shards that other code made: they will not be asked for again."""
    for path in folder.glob("*"):
        if path.name != code_version():
            shutil.rmtree(path, ignore_errors=True)

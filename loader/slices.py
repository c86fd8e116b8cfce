"""Sorted facts into slices that people can open: by unit and year, by place and year, in four formats each.

The slices of ``units/`` and ``rest/`` are cut from the sorted facts where these change from one unit, year or kind of
thing to the next: laid end to end, their packed N-Triples are the whole dump, and so are their Turtle bodies. A
slice that the release before had too is linked, not written again.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from fiscalkg.loader.dumps import PREFIXES, gzip_member, turtle_body, turtle_head
from fiscalkg.loader.jsonld import context, to_jsonld
from fiscalkg.loader.shards import code_version

__all__ = ["INDEX", "LARGEST", "write_slices"]

LARGEST = 300_000  # triples of a slice
INDEX = "slices.json"
ENDINGS = (".nt.gz", ".ttl.gz", ".jsonld.gz", ".rdf.gz")
# What an XML document cannot hold, and a line end that XML reads as another, as N-Triples spells them.
NOT_IN_XML = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[rbf]|u00)|[\ufffe\uffff]")
SAFE = re.compile(r"[^0-9A-Za-z_-]")
XMLNS = re.compile(rb"<rdf:RDF([^>]*)>")


@dataclass(frozen=True, slots=True)
class Slice:
    """Some facts, sorted: ``name`` is the path of its files without their endings."""

    name: str
    lines: Sequence[str]

    def digest(self) -> str:
        """Return the SHA-256 of its N-Triples."""
        return hashlib.sha256("".join(self.lines).encode()).hexdigest()


def write_slices(facts: Path, dumps: Path, base: str, before: Path | None = None) -> None:
    """Write the whole dumps, all slices, their index and the context; one slice is in memory at a time.

    ``facts`` is the sorted N-Triples, ``before`` the dumps folder of the release before.
    """
    known = _known(before)
    index: list[dict[str, Any]] = []
    folder = dumps / "slices"
    dumps.mkdir(parents=True, exist_ok=True)
    with (dumps / "fiscalkg.nt.gz").open("wb") as triples, (dumps / "fiscalkg.ttl.gz").open("wb") as turtle:
        head = gzip_member(turtle_head(base))
        turtle.write(head)
        for one in _cut(_lines(facts), base, by_unit=True):
            entry = _write(one, folder, base, before, known)
            index.append(entry)
            triples.write((folder / f"{one.name}.nt.gz").read_bytes())
            turtle.write((folder / f"{one.name}.ttl.gz").read_bytes()[len(head) :])
    for one in _cut(_lines(facts), base, by_unit=False):
        index.append(_write(one, folder, base, before, known))
    _write_json(folder / INDEX, {"code": code_version(), "base": base, "slices": index})
    _write_json(dumps / "context.jsonld", {"@context": context()})


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from file


def _known(before: Path | None) -> Mapping[str, Mapping[str, Any]]:
    """Return what the release before holds, by name; nothing where other code wrote it."""
    try:
        content = json.loads(((before or Path()) / "slices" / INDEX).read_text(encoding="utf-8"))
        return {entry["name"]: entry for entry in content["slices"]} if content["code"] == code_version() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _cut(lines: Iterable[str], base: str, *, by_unit: bool) -> Iterator[Slice]:
    """Yield slices in the order of the facts; those by place leave out what belongs to no table."""
    taken: Counter[str] = Counter()
    for name, run in groupby(lines, key=lambda line: _name(line, base, by_unit)):
        if not name:
            continue
        for part in _bounded(run):
            taken[name] += 1
            yield Slice(name if taken[name] == 1 else f"{name}-{taken[name]}", part)


def _name(line: str, base: str, by_unit: bool) -> str:
    subject = line[1 : line.index(">")]
    parts = subject.removeprefix(base).split("/") if subject.startswith(base) else ["terms"]
    if parts[0] == "statement" and len(parts) > 4:
        place, year, unit = (SAFE.sub("_", part) for part in parts[1:4])
        return f"units/{place}/{year}/{unit}" if by_unit else f"places/{place}/{year}"
    return f"rest/{SAFE.sub('_', parts[0])}" if by_unit else ""


def _bounded(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield lists of at most ``LARGEST`` lines that break where a subject does, or within one where it is larger."""
    batch: list[str] = []
    for _, of_subject in groupby(lines, key=lambda line: line[: line.index(">")]):
        own = list(of_subject)
        if batch and len(batch) + len(own) > LARGEST:
            yield batch
            batch = []
        batch += own
        while len(batch) > LARGEST:
            yield batch[:LARGEST]
            batch = batch[LARGEST:]
    if batch:
        yield batch


def _write(
    one: Slice, folder: Path, base: str, before: Path | None, known: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Write a slice in every format, or link what the release before has of it; return its entry of the index."""
    text = "".join(one.lines)
    endings = [ending for ending in ENDINGS if ending != ".rdf.gz" or not NOT_IN_XML.search(text)]
    entry = {"name": one.name, "triples": len(one.lines), "sha256": one.digest(), "formats": endings, "base": base}
    target = folder / one.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if before and known.get(one.name) == entry:
        for ending in endings:
            _link(before / "slices" / (one.name + ending), target.with_name(target.name + ending))
        return entry
    triples = [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.N_TRIPLES)]
    packed = {
        ".nt.gz": gzip_member(text.encode()),
        ".ttl.gz": gzip_member(turtle_head(base)) + gzip_member(turtle_body(triples, base)),
        ".jsonld.gz": gzip_member("".join(to_jsonld(triples, base)).encode()),
    }
    if ".rdf.gz" in endings:
        packed[".rdf.gz"] = gzip_member(_rdfxml(triples, base))
    for ending, data in packed.items():
        target.with_name(target.name + ending).write_bytes(data)
    return entry


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)


def _rdfxml(triples: Iterable[ox.Triple], base: str) -> bytes:
    """Return RDF/XML with its namespaces in order, which the engine writes in none."""
    text = ox.serialize(triples, format=ox.RdfFormat.RDF_XML, prefixes=PREFIXES, base_iri=base) or b""
    return XMLNS.sub(lambda found: b"<rdf:RDF " + b" ".join(sorted(found[1].split())) + b">", text, count=1)

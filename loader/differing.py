"""Two releases' dumps into the slices that are not alike: all that differs between their facts stands in these."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.slices import INDEX

__all__ = ["differing", "lines_in"]

WHOLE = "fiscalkg.nt.gz"
PART = re.compile(r"-\d+$")  # of the name of a slice that was too large for one file

Group = list[tuple[str, str]]  # names and checksums of the slices that share a name but for the part


def differing(old: Path, new: Path) -> tuple[list[Path], list[Path]]:
    """Return the N-Triples of two dumps folders that are not alike, each side in the order of the facts.

    A thing is wholly in these files or not at all. Without an index that can be read they are the whole dumps.
    """
    sides = _groups(old), _groups(new)
    if not (sides[0] and sides[1]):
        return [old / WHOLE], [new / WHOLE]
    return _unlike(old, *sides), _unlike(new, *reversed(sides))


def _unlike(folder: Path, own: Mapping[str, Group], other: Mapping[str, Group]) -> list[Path]:
    unlike = {part for name, group in own.items() if other.get(name) != group for part, _ in group}
    return [folder / "slices" / f"{name}.nt.gz" for name, _ in _entries(folder) if name in unlike]


def _groups(dumps: Path) -> dict[str, Group]:
    """Return the slices that are the facts end to end, by their name without the part."""
    groups: defaultdict[str, Group] = defaultdict(list)
    for name, sha256 in _entries(dumps):
        groups[PART.sub("", name)].append((name, sha256))
    return dict(groups)


def _entries(dumps: Path) -> Group:
    """Return the same slices in the order of the facts: those that share a name need not stand together in it."""
    try:
        entries = json.loads((dumps / "slices" / INDEX).read_text(encoding="utf-8"))["slices"]
        return [(entry["name"], entry["sha256"]) for entry in entries if not entry["name"].startswith("places/")]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def lines_in(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the lines of packed N-Triples, file by file; raises ``ReleaseError`` where one is damaged or missing."""
    for path in paths:
        try:
            with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
                yield from file
        except (EOFError, OSError, zlib.error, UnicodeError) as error:
            raise ReleaseError(f"{path}: damaged ({error}); publish into a new folder") from error

"""What can be found into an index in shards, of which a search reads those that its words need.

Every pair of neighbouring characters of a title or note, as ``fold`` leaves them, has its list of places: which entry,
and where in its title; or which entries share the note, and where in it. Pairs that stand side by side are a piece of
text, so the lists alone tell which titles hold a word, and where; titles are read only for what is shown. A text's last
character makes a pair with ``END``, so that a word of one character is found too.

``index.json`` holds where shards and blocks begin. ``pairs-N.bin`` is the length of its head in four bytes, a head of
JSON with each first character, the characters after it and the sizes of their two lists in turn, and the lists:
numbers of seven bits a byte, the highest bit set where more follow. ``entries-N.json`` is a list with an item for each
stretch of entries that share a note: note, what their paths begin with, then title and rest of the path of each.

Titles are read once, in order; what is held is the lists as they are written, a few bytes for each character.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby, takewhile
from operator import attrgetter
from pathlib import Path

from fiscalkg.endpoint.pages.folding import fold, folds_of
from fiscalkg.endpoint.pages.found import ORDER, Entry

__all__ = ["BLOCK", "END", "SHARD", "write_index"]

END = "\n"  # no folded text holds a blank
BLOCK = 24 * 1024  # characters of a file of entries
SHARD = 24 * 1024  # bytes of lists in a file of pairs; a single character may need more
SMALL = 128  # what fits in seven bits


class _Lists:
    """For each pair of characters its places so far: entries by what lies between one and the next, then numbers."""

    def __init__(self) -> None:
        self.bytes: dict[str, bytearray] = {}
        self._last: dict[str, int] = {}

    def add(self, entry: int, text: str, count: int | None = None) -> None:
        """Note the pairs of a text of one entry, or of ``count`` entries from this one on."""
        known, last = self.bytes, self._last
        middle = () if count is None else (count,)
        for at, pair in enumerate(map(str.__add__, text, text[1:] + END)):
            if pair not in known:
                known[pair], last[pair] = bytearray(), 0
            _put(known[pair], (entry - last[pair], *middle, at))
            last[pair] = entry


def _put(out: bytearray, numbers: Iterable[int]) -> None:
    for number in numbers:
        while number >= SMALL:
            out.append(number & 0x7F | SMALL)
            number >>= 7
        out.append(number)


def write_index(entries: Iterable[Entry], folder: Path) -> int:
    """Write the index of entries, which come as ``entries_of`` gives them; return how many files there are."""
    folder.mkdir(parents=True, exist_ok=True)
    titles, notes = _Lists(), _Lists()
    blocks = _Blocks(folder)
    held: set[str] = set()
    kinds = [0] * len(ORDER)
    at = 0
    for (kind, note), group in groupby(entries, key=attrgetter("kind", "note")):
        first = at
        for entry in group:
            titles.add(at, fold(entry.title))
            blocks.add(at, entry)
            held.update(entry.title)
            at += 1
        notes.add(first, fold(note), at - first)
        held.update(note)
        kinds[ORDER.index(kind)] += at - first
    blocks.end()
    shards = _write_pairs(folder, titles, notes)
    head = {"fold": folds_of(held), "kinds": kinds, "blocks": blocks.starts, "shards": "".join(shards)}
    (folder / "index.json").write_text(_json(head), encoding="utf-8")
    return len(blocks.starts) + len(shards) + 1


class _Blocks:
    """The entries as they are shown, some thousand characters a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[Entry] = []
        self._size = 0
        self.starts: list[int] = []

    def add(self, number: int, entry: Entry) -> None:
        if not self._held:
            self.starts.append(number)
        self._held.append(entry)
        self._size += len(entry.title) + len(entry.path)
        if self._size >= BLOCK:
            self.end()

    def end(self) -> None:
        if self._held:
            path = self._folder / f"entries-{len(self.starts) - 1}.json"
            path.write_text(_json([*map(_group, _by_note(self._held))]), encoding="utf-8")
        self._held, self._size = [], 0


def _by_note(entries: list[Entry]) -> Iterator[list[Entry]]:
    return (list(group) for _, group in groupby(entries, key=attrgetter("note")))


def _group(entries: list[Entry]) -> list[object]:
    low, high = min(entry.path for entry in entries), max(entry.path for entry in entries)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False))
    stem = "".join(char for char, _ in same)
    return [entries[0].note, stem, *(text for entry in entries for text in (entry.title, entry.path[len(stem) :]))]


def _write_pairs(folder: Path, titles: _Lists, notes: _Lists) -> list[str]:
    """Write the lists by the first character of their pairs; return the character that each file begins with."""
    firsts: list[str] = []
    shard: dict[str, list[str]] = {}
    size = 0
    for first, group in groupby(sorted(titles.bytes.keys() | notes.bytes.keys()), key=lambda pair: pair[0]):
        if not shard:
            firsts.append(first)
        shard[first] = [*group]
        size += sum(len(part) for pair in shard[first] for part in _parts(pair, titles, notes))
        if size >= SHARD:
            _write_shard(folder / f"pairs-{len(firsts) - 1}.bin", shard, titles, notes)
            shard, size = {}, 0
    if shard:
        _write_shard(folder / f"pairs-{len(firsts) - 1}.bin", shard, titles, notes)
    return firsts


def _parts(pair: str, titles: _Lists, notes: _Lists) -> tuple[bytearray, bytearray]:
    return titles.bytes.get(pair, bytearray()), notes.bytes.get(pair, bytearray())


def _write_shard(path: Path, shard: dict[str, list[str]], titles: _Lists, notes: _Lists) -> None:
    parts = {first: [part for pair in pairs for part in _parts(pair, titles, notes)] for first, pairs in shard.items()}
    known = [[first, "".join(pair[1] for pair in pairs), *map(len, parts[first])] for first, pairs in shard.items()]
    head = _json(known).encode()
    with path.open("wb") as file:
        file.write(len(head).to_bytes(4, "little") + head)
        for lists in parts.values():
            file.writelines(lists)


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

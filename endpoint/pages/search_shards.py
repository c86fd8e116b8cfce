"""The index in shards and a query into what is found: what ``site/assets/site.js`` does, for those without a script."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

from fiscalkg.endpoint.pages.found import ORDER, Entry

__all__ = ["Index", "index_in"]

Head = list[Any]  # of lists: first character, those after it, sizes
LAST = 1 << 30  # where a word stands that is in the note alone: behind every title
SHIFT = 32  # places in a text have this many bits beside their entry


@dataclass(frozen=True, slots=True)
class Index:
    """Where shards and blocks of an index begin: by first character, and by the number of their first entry."""

    folder: Path
    kinds: tuple[int, ...]
    blocks: tuple[int, ...]
    shards: str

    def find(self, words: Sequence[str], most: int) -> tuple[list[Entry], int]:
        """Return the first entries that hold every word in title or note, and how many there are; words are folded."""
        hits = [self._hits(word) for word in words]
        found = set(chain(hits[0][0], *hits[0][1]))
        for titles, notes in hits[1:]:
            found.intersection_update(chain(titles, *notes))
        ends = [*accumulate(self.kinds)]
        places = hits[0][0]
        first = nsmallest(most, found, key=lambda at: (bisect_right(ends, at), places.get(at, LAST), at))
        return [self._entry(at) for at in first], len(found)

    def _hits(self, word: str) -> tuple[dict[int, int], list[range]]:
        """Return where a word stands: in titles by entry the first place, in notes the entries that share them."""
        if len(word) == 1:
            own = next((seconds for first, seconds, *_ in self._shard(word)[1] if first == word), "")
            parts = [self._lists(word + second) for second in own]
            titles = sorted(chain.from_iterable(part[0] for part in parts))
            ranges = [each for part in parts for each in part[1].values()]
        else:
            starts = [*range(0, len(word) - 1, 2), len(word) - 2]
            parts = [self._lists(word[at : at + 2]) for at in starts]
            titles = sorted(_chained([set(part[0]) for part in parts], starts))
            noted = parts[0][1]
            ranges = [noted[key] for key in _chained([set(part[1]) for part in parts], starts)]
        places = {key >> SHIFT: key & (1 << SHIFT) - 1 for key in reversed(titles)}
        return places, [*dict.fromkeys(ranges)]

    def _lists(self, pair: str) -> tuple[list[int], dict[int, range]]:
        """Return the places of a pair in titles, and those in notes with the entries that share the note."""
        start, head, data = self._shard(pair)
        for first, seconds, *sizes in head:
            if first == pair[0] and pair[1] in seconds:
                at = 2 * seconds.index(pair[1])
                begin = start + sum(sizes[:at])
                middle, end = begin + sizes[at], begin + sizes[at] + sizes[at + 1]
                return _titles(data[begin:middle]), _notes(data[middle:end])
            start += sum(sizes)
        return [], {}

    def _shard(self, text: str) -> tuple[int, Head, bytes]:
        number = bisect_right(self.shards, text[0]) - 1
        return _read(self.folder / f"pairs-{number}.bin") if number >= 0 else (0, [], b"")

    def _entry(self, at: int) -> Entry:
        number = bisect_right(self.blocks, at) - 1
        rest = at - self.blocks[number]
        for note, stem, *pairs in json.loads((self.folder / f"entries-{number}.json").read_text(encoding="utf-8")):
            if rest < len(pairs) // 2:
                kind = ORDER[bisect_right([*accumulate(self.kinds)], at)]
                return Entry(kind, pairs[2 * rest], stem + pairs[2 * rest + 1], note)
            rest -= len(pairs) // 2
        raise IndexError(at)


@lru_cache(maxsize=4)
def index_in(folder: Path) -> Index | None:
    """Return the index that stands in a folder; ``None`` where none does, or a list that a script searches whole."""
    path = folder / "index.json"
    head = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return Index(folder, tuple(head["kinds"]), tuple(head["blocks"]), head["shards"]) if "shards" in head else None


def _read(path: Path) -> tuple[int, Head, bytes]:
    data = path.read_bytes()
    start = 4 + int.from_bytes(data[:4], "little")
    return start, json.loads(data[4:start]), data


def _chained(keys: Sequence[set[int]], starts: Sequence[int]) -> set[int]:
    """Return the places where pairs stand at the distances that they have in a word."""
    found = keys[0]
    for own, at in zip(keys[1:], starts[1:], strict=True):
        found = {key for key in found if key + at in own}
    return found


def _titles(data: bytes) -> list[int]:
    numbers = _numbers(data)
    entries = accumulate(numbers[::2])
    return [entry << SHIFT | at for entry, at in zip(entries, numbers[1::2], strict=True)]


def _notes(data: bytes) -> dict[int, range]:
    numbers = _numbers(data)
    firsts = accumulate(numbers[::3])
    return {
        first << SHIFT | at: range(first, first + count)
        for first, count, at in zip(firsts, numbers[1::3], numbers[2::3], strict=True)
    }


def _numbers(data: bytes) -> list[int]:
    return list(_each_number(data)) if max(data, default=0) >= 0x80 else [*data]


def _each_number(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
        else:
            yield number
            number = shift = 0

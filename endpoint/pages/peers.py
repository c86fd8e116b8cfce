"""Shares of one class and direction into where one of them stands among the others."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from fiscalkg.endpoint.pages.asking import Row
from fiscalkg.endpoint.pages.marks import number

__all__ = ["LEAST", "Peers", "peers_of", "told_peers"]

LEAST = 10  # targets of a class and direction: among fewer a place says nothing


@dataclass(frozen=True, slots=True)
class Peers:
    """A target among all of its class and direction: how many are stricter, as strict, laxer; in percent the middle."""

    stricter: int
    equal: int
    laxer: int
    median: str

    @property
    def count(self) -> int:
        """All targets that were compared, this one among them."""
        return self.stricter + self.equal + self.laxer


def peers_of(rows: list[Row], value: Decimal, *, falling: bool) -> Peers | None:
    """Return the place of a share among counted shares; ``None`` among fewer than ``LEAST``.

    ``rows`` hold ``share`` and ``indicators``; ``falling`` says that less is stricter, as of complaint rates.

    >>> shares = {"0.9": "6", "0.95": "3", "1": "2"}
    >>> rows = [{"share": share, "indicators": count} for share, count in shares.items()]
    >>> peers_of(rows, Decimal("0.95"), falling=False)
    Peers(stricter=2, equal=3, laxer=6, median='90')
    """
    counts = sorted((Decimal(row["share"]), int(row["indicators"])) for row in rows)
    total = sum(count for _, count in counts)
    if total < LEAST:
        return None
    above = sum(count for share, count in counts if share > value)
    below = sum(count for share, count in counts if share < value)
    stricter, laxer = (below, above) if falling else (above, below)
    return Peers(stricter, total - above - below, laxer, number(_middle(counts, total) * 100))


def told_peers(peers: Peers) -> str:
    """Return the place of a target in words.

    >>> told_peers(Peers(stricter=2, equal=3, laxer=6, median="90"))
    '11 条中 2 条更严，2 条相同，6 条更松；中位 90%'
    """
    equal = peers.equal - 1
    return f"{peers.count} 条中 {peers.stricter} 条更严，{equal} 条相同，{peers.laxer} 条更松；中位 {peers.median}%"


def _middle(counts: list[tuple[Decimal, int]], total: int) -> Decimal:
    """Return the median of counted values: of an even count the mean of the two in the middle."""
    low, high = _at(counts, (total - 1) // 2), _at(counts, total // 2)
    return (low + high) / 2


def _at(counts: list[tuple[Decimal, int]], place: int) -> Decimal:
    for value, count in counts:
        if place < count:
            return value
        place -= count
    raise IndexError(place)

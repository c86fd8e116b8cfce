"""An Accept header into the format to answer in: media ranges, q-values, and what wins where all are equal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from fiscalkg.loader.formats import Format

__all__ = ["ALIASES", "NAMED", "accepts_html", "choose"]

# Names that clients send for the formats besides their registered ones.
ALIASES = {
    "application/json": Format.json,
    "application/xml": Format.xml,
    "text/xml": Format.xml,
    "text/plain": Format.nt,
    "application/x-turtle": Format.ttl,
}
# Names for ``format=`` besides the formats' own, as clients send them; for graphs xml and json mean RDF.
NAMED = {
    "turtle": Format.ttl, "n3": Format.ttl, "ntriples": Format.nt, "n-triples": Format.nt, "nquads": Format.nq,
    "rdf+xml": Format.rdf, "xml": Format.rdf, "json-ld": Format.jsonld, "json": Format.jsonld,
}  # fmt: skip
Range = tuple[str, float]


@lru_cache(maxsize=64)  # a few headers make nearly all requests
def choose(accept: str | None, offered: tuple[Format, ...]) -> Format | None:
    """Return the offered format the header likes most, the first one for no header, ``None`` if it refuses all.

    Between equal q-values the order in the header decides, then the order offered.
    """
    if not accept or not accept.strip():
        return offered[0]
    ranges = parse(accept)
    names = {item.media_type: item for item in offered}
    names |= {alias: item for alias, item in ALIASES.items() if item in offered}
    scored = []
    for place, (name, item) in enumerate(names.items()):
        quality, position = _quality(name, ranges)
        if quality > 0:
            scored.append(((-quality, position, place), item))
    return min(scored, key=lambda pair: pair[0])[1] if scored else None


def parse(accept: str) -> list[Range]:
    """Return the media ranges of a header with their q-values; what is malformed counts as 1.

    >>> parse("text/csv;q=0.5, */*;q=0.1")
    [('text/csv', 0.5), ('*/*', 0.1)]
    """
    ranges = []
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name:
            ranges.append((name.lower(), _q(parameters)))
    return ranges


def _q(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 1.0
    return 1.0


def _quality(name: str, ranges: Sequence[Range]) -> tuple[float, int]:
    """Return the q-value of the most specific range that holds a name, and that range's position."""
    kind = name.partition("/")[0]
    for wanted in (name, f"{kind}/*", "*/*"):
        for position, (given, quality) in enumerate(ranges):
            if given == wanted:
                return quality, position
    return 0.0, len(ranges)


def accepts_html(accept: str | None) -> bool:
    """Return whether a person's browser asks: HTML is named and nothing is liked more."""
    ranges = parse(accept or "")
    html = max((quality for name, quality in ranges if name in {"text/html", "application/xhtml+xml"}), default=0.0)
    return html > 0 and all(quality <= html for _, quality in ranges)

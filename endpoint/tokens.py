"""A query's text into its words, brackets and operators, as the SPARQL grammar cuts it: strings, IRIs, comments apart.

One text can be read in two ways: ``<`` after a value is a comparison or begins an IRI, and an escape such as
``\\u0022`` may or may not end a string. Such a text is marked as ambiguous, for whoever must not be deceived.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fiscalkg.loader.errors import QueryError

__all__ = ["Token", "is_ambiguous", "place", "tokens"]

_ESCAPED = r"(?:%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])"
_LOCAL = rf"(?:[\w:]|{_ESCAPED})(?:(?:[\w:.\u00b7-]|{_ESCAPED})*(?:[\w:\u00b7-]|{_ESCAPED}))?"
TOKEN = re.compile(
    rf"""(?P<space>\s+|\#[^\n\r]*)
      |(?P<iri><[^<>"{{}}|^`\x00-\x20]*>)
      |(?P<string>\"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*'''
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
      |(?P<variable>[?$]\w+)
      |(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      |(?P<name>(?:[^\W\d_](?:[\w.\u00b7-]{{0,63}}(?<!\.))?|_)?:(?:{_LOCAL})?)
      |(?P<word>[^\W\d]\w*)
      |(?P<number>[0-9.]+(?:[eE][+-]?[0-9]+)?)
      |(?P<open>[(\[{{])|(?P<close>[)\]}}])
      |(?P<operator>\|\||&&|<=|>=|!=|\^\^|[-+*/!|^<>=?])
      |(?P<mark>[,;])
      |(?P<quote>["'])
      |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
OPERANDS = frozenset({"iri", "string", "variable", "language", "name", "number", "close"})
ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
ASCII_ESCAPE = re.compile(r"\\u00[0-7][0-9A-Fa-f]|\\U000000[0-7][0-9A-Fa-f]")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: its kind is a group of ``TOKEN``, ``start`` counts characters from 0."""

    kind: str
    text: str
    start: int
    doubtful: bool = False


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a query without blanks and comments; raises ``QueryError`` for a string without an end.

    An IRI is ``doubtful`` where a comparison could stand: inside round brackets, after a value, unless it begins
    as ``scheme://``, which no comparison can.
    """
    inside: list[str] = []
    before = ""
    for match in TOKEN.finditer(text):
        kind, piece = str(match.lastgroup), match.group()
        if kind == "space":
            continue
        if kind == "quote":
            raise QueryError("not a SPARQL query: a string begins here and does not end", *place(text, match.start()))
        if kind == "open":
            inside.append(piece)
        elif kind == "close" and inside:
            inside.pop()
        compared = kind == "iri" and before in OPERANDS and inside[-1:] == ["("]
        yield Token(kind, piece, match.start(), compared and not ABSOLUTE.match(piece))
        before = kind


def is_ambiguous(text: str, found: list[Token]) -> bool:
    """Return whether another reader could cut the text otherwise."""
    return any(token.doubtful for token in found) or ASCII_ESCAPE.search(text) is not None


def place(text: str, start: int) -> tuple[int, int]:
    """Return line and column, from 1, of a position in a text."""
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)

"""A query's text into what it asks for, before any engine sees it: its form, and what is refused.

The engine's parser overflows its stack on deep or long structure and takes the process with it, so structure is
counted here; rows of VALUES and members of IN are data and not counted. SERVICE is refused as a keyword wherever an
engine may find one, also where it takes keywords without a blank between them; inside strings, comments and IRIs the
word is text. Workers cannot open a socket besides (``sandbox``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from fiscalkg.endpoint.tokens import Token, is_ambiguous, place, tokens
from fiscalkg.loader.errors import QueryError, QueryLimitError

__all__ = ["DEEPEST", "LONGEST", "Form", "inspect"]

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
DEEPEST = 100  # nested brackets
LONGEST = 1000  # keywords and operators that the parser recurses on
FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})
CHAINED = frozenset({"AS", "VALUES", "UNION", "OPTIONAL", "BIND", "FILTER", "MINUS", "GRAPH", "EXISTS"})
BEGINNING = re.compile(
    r"""\s*(?:PREFIX\s+[\w-]*:\s*<[^<>"{}|^`\\\s]*>\s*)*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b""", re.IGNORECASE | re.ASCII
)
SIGNS = frozenset({"+", "-"})
ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
WORD = "service"


def inspect(text: str) -> Form:
    """Return the form of a query.

    Raises ``QueryError`` for an update, for SERVICE (no request leaves this server) and for no query at all;
    ``QueryLimitError`` for structure too deep or too long. Each names line and column where it can.
    """
    if _is_plain(text):
        begins = BEGINNING.match(text)
        return begins[1].upper() if begins else _form(text, tokens(text))  # type: ignore[return-value]  # as FORMS
    found = list(tokens(text))
    form = _form(text, found)
    _refuse_service(text, found)
    _count(text, found)
    return form


def _is_plain(text: str) -> bool:
    """Return whether a text is too short for anything but its form to be wrong: most are, and need not be cut up."""
    brackets = text.count("(") + text.count("[") + text.count("{")
    return len(text) <= LONGEST and brackets <= DEEPEST and "\\" not in text and WORD not in text.lower()


def _form(text: str, found: Iterable[Token]) -> Form:
    """Return the first form named: before it only PREFIX and BASE may stand, or it is an update."""
    for token in found:
        word = token.text.upper() if token.kind == "word" else ""
        if word in FORMS:
            return word  # type: ignore[return-value]  # FORMS holds just the literals of Form
        if word in UPDATES:
            reason = "updates are refused: a release never changes; publish a new one"
            raise QueryError(reason, *place(text, token.start))
    raise QueryError("this is no query: it has none of SELECT, ASK, CONSTRUCT and DESCRIBE")


def _refuse_service(text: str, found: list[Token]) -> None:
    """Refuse SERVICE as a word, or glued to others; any mention of it where the text can be read in two ways."""
    if WORD not in (plain := _without_escapes(text).lower()):
        return
    for token in found:
        if token.kind in {"word", "other", "operator"} and WORD in _without_escapes(token.text).lower():
            raise QueryError(REFUSED, *place(text, token.start))
        if token.kind == "name" and WORD in token.text.lower().partition(":")[0]:
            raise QueryError(f"{REFUSED}; give the prefix another name", *place(text, token.start))
        if token.kind == "name" and f".{WORD}" in token.text.lower():
            raise QueryError(f"{REFUSED}; write the IRI in full", *place(text, token.start))
    if WORD in plain and (is_ambiguous(text, found) or _hidden(found)):
        raise QueryError(f"{REFUSED}; this text can be read in two ways, write IRIs in full and without escapes")


REFUSED = "SERVICE is refused: this server sends no requests"


def _hidden(found: list[Token]) -> bool:
    """Return whether the word is spelled outside of strings, IRIs and names by escapes, or across tokens."""
    bare = "".join(token.text for token in found if token.kind not in {"string", "iri", "variable", "name", "language"})
    return WORD in _without_escapes(bare).lower()


def _count(text: str, found: list[Token]) -> None:
    depth = chain = 0
    data = -1  # the depth of the brackets of a VALUES block; -1 outside
    awaited = False
    before: Token | None = None
    for token in found:
        if token.kind == "open":
            depth += 1
            if awaited and token.text == "{":
                data, awaited = depth, False
        elif token.kind == "close":
            data = -1 if depth == data else data
            depth -= 1
        elif token.kind == "word":
            awaited = awaited or token.text.upper() == "VALUES"
            chain += token.text.upper() in CHAINED
        elif token.kind == "operator" and data < 0:
            chain += not _is_sign(token, before)
        before = token
        _refuse_structure(text, token, depth, chain)


def _is_sign(token: Token, before: Token | None) -> bool:
    """Return whether a plus or minus belongs to a number in a list, not to a sum."""
    return token.text in SIGNS and before is not None and (before.kind == "open" or before.text == ",")


def _refuse_structure(text: str, token: Token, depth: int, chain: int) -> None:
    if depth > DEEPEST:
        raise QueryLimitError(f"the query nests more than {DEEPEST} deep; write it flatter", *place(text, token.start))
    if chain > LONGEST:
        reason = f"the query joins more than {LONGEST} patterns or operators; use VALUES or IN"
        raise QueryLimitError(reason, *place(text, token.start))


def _without_escapes(text: str) -> str:
    """Return the text as an engine may read it: escapes of characters resolved until none is left."""
    while (plain := ESCAPE.sub(_unescape, text)) != text:
        text = plain
    return text


def _unescape(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else match[0]

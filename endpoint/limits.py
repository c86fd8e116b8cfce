"""A query's text into what it asks for, before any engine sees it: its form, and what is refused.

The engine's parser overflows its stack on deep or long structure (8–16 kB) and takes the process with it, so
structure is counted here. Strings, IRIs and comments are no structure. SERVICE is refused as a word anywhere, even in
a string: the engine takes keywords out of places where no tokenizer would look, and would send the request.
"""

from __future__ import annotations

import re
from typing import Literal

from fiscalkg.loader.errors import QueryError, QueryLimitError

__all__ = ["DEEPEST", "LONGEST", "inspect"]

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
DEEPEST = 40  # nested brackets
LONGEST = 400  # keywords and operators that the parser recurses on
FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"})
CHAINED = frozenset({"AS", "VALUES", "UNION", "OPTIONAL", "BIND", "FILTER", "MINUS", "GRAPH", "EXISTS"})
TOKEN = re.compile(
    r"""(?P<skip>\#[^\n\r]*|<[^<>"{}|^`\\\x00-\x20]*>
        |\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'
        |[?$]\w+|@[A-Za-z-]+|[\w.-]*:[^\s()\[\]{};,"'<>|/^*+?!=&]*)
      |(?P<word>[A-Za-z_]\w*)|(?P<open>[({\[])|(?P<close>[)}\]])|(?P<operator>\|\||&&|[-+*/!|^])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def inspect(text: str) -> Form:
    """Return the form of a query.

    Raises ``QueryError`` for an update, for SERVICE (no request leaves this server) and for no query at all;
    ``QueryLimitError`` for structure too deep or too long.
    """
    form: Form | None = None
    depth = chain = 0
    plain = _without_escapes(text)
    if "service" in plain.lower():
        raise QueryError("SERVICE is refused, and so is the word anywhere: this server sends no requests; rename it")
    for token in TOKEN.finditer(plain):
        kind = token.lastgroup
        if kind == "word":
            word = token.group().upper()
            chain += word in CHAINED
            _refuse(word, form)
            if word in FORMS:
                form = form or word  # type: ignore[assignment]  # FORMS holds just the literals of Form
        elif kind == "open":
            depth += 1
            if depth > DEEPEST:
                raise QueryLimitError(f"the query nests more than {DEEPEST} deep; write it flatter")
        elif kind == "close":
            depth -= 1
        elif kind == "operator":
            chain += 1
        if chain > LONGEST:
            raise QueryLimitError(f"the query joins more than {LONGEST} patterns or operators; use VALUES or IN")
    if form is None:
        raise QueryError("this is no query: it has none of SELECT, ASK, CONSTRUCT and DESCRIBE")
    return form


def _without_escapes(text: str) -> str:
    """Return the text as the engine may read it: escapes of characters resolved until none is left."""
    while (plain := ESCAPE.sub(_unescape, text)) != text:
        text = plain
    return text


def _unescape(match: re.Match[str]) -> str:
    """Return the character an escape stands for: SPARQL reads escapes before anything else."""
    number = int(match[1] or match[2], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else match[0]


def _refuse(word: str, form: Form | None) -> None:
    if form is None and word in UPDATES:
        raise QueryError("updates are refused: a release never changes; publish a new one")

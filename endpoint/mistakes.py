"""A query that the engine refused into what is wrong with it, where that is one of the mistakes people make.

The engine names the furthest place it came to and some of the words it would have taken there; a bracket left open or
a prefix not declared shows as something else, far from where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from fiscalkg.endpoint.tokens import Token, place, tokens
from fiscalkg.loader.errors import QueryError, QueryLimitError

__all__ = ["explained"]

PAIRS = {"(": ")", "[": "]", "{": "}"}


def explained(text: str, error: QueryError) -> QueryError:
    """Return an error with the mistake and its place, or the error as it was."""
    if isinstance(error, QueryLimitError) or error.line is None:
        return error
    try:
        found = list(tokens(text))
    except QueryError as better:  # a string without an end
        return better
    known = _bracket(found) or _prefix(found)
    if known is None:
        return error
    reason, token = known
    return QueryError(f"not a SPARQL query: {reason}", *place(text, token.start))


def _bracket(found: Sequence[Token]) -> tuple[str, Token] | None:
    """Return the first bracket that closes nothing or another one, else the last that is left open."""
    opened: list[Token] = []
    for token in found:
        if token.kind == "open":
            opened.append(token)
        elif token.kind == "close":
            if not opened:
                return f"'{token.text}' closes nothing", token
            expected = PAIRS[opened.pop().text]
            if token.text != expected:
                return f"'{token.text}' stands where '{expected}' must close a bracket", token
    return (f"'{opened[-1].text}' is not closed", opened[-1]) if opened else None


def _prefix(found: Sequence[Token]) -> tuple[str, Token] | None:
    """Return the first name whose prefix no PREFIX declares."""
    names = [token for token in found if token.kind == "name"]
    declared = {
        after.text
        for before, after in pairwise(found)
        if before.kind == "word" and before.text.upper() == "PREFIX" and after.kind == "name"
    }
    for token in names:
        prefix = token.text.partition(":")[0] + ":"
        if prefix not in declared and prefix != "_:":
            return f"the prefix {prefix[:40]} is not declared; add PREFIX {prefix[:40]} <…>", token
    return None

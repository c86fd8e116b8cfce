"""A query and terms for some of its variables into a query that any server answers in the same way.

The terms go in as VALUES at the head of the pattern of each SELECT that returns the variable, the outermost form
included: there they hold before grouping, ordering and limits do. What is written is the serialiser's form of a
term; no text of a user becomes part of the query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pyoxigraph import BlankNode

from fiscalkg.loader.errors import QueryError
from fiscalkg.loader.stores import Term

__all__ = ["has_dataset", "with_values"]

TOKEN = re.compile(
    r"""(?P<skip>\#[^\r\n]*|<[^<>"{}|^`\\\x00-\x20]*>
      |'''(?:[^'\\]|\\.|'(?!''))*'''|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"
      |[\w.-]*:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*|@[\w-]+)
    |[?$](?P<variable>\w+)|(?P<word>[A-Za-z]\w*)|(?P<sign>[{}()*])""",
    re.VERBOSE | re.DOTALL,
)
FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})


@dataclass(slots=True)
class _Head:
    """The head of a query or subquery that is being read: what it returns, until its pattern opens."""

    form: str
    depth: int  # of parentheses where it stands: what opens deeper belongs to an expression
    returned: set[str] = field(default_factory=set)
    all: bool = False


def with_values(text: str, bindings: Mapping[str, Term]) -> str:
    """Return a query in which variables are fixed to terms; ``text`` must be a query that an engine has parsed.

    Raises ``QueryError`` for a term that no query can name.
    """
    if not bindings:
        return text
    blocks = {name: _block(name, term) for name, term in bindings.items()}
    patterns = _read(text)
    if not patterns:  # CONSTRUCT WHERE { … } takes VALUES at its end only, and so does a DESCRIBE without a pattern
        return f"{text}\n{' '.join(blocks.values())}"
    parts: list[str] = []
    done = 0
    for head, opens in patterns:
        names = [name for name in blocks if head.all or name in head.returned]
        parts += [text[done:opens], " ", *(f"{blocks[name]} " for name in names)]
        done = opens
    return "".join([*parts, text[done:]])


@lru_cache(maxsize=256)  # pages of many units narrow the same queries
def _read(text: str) -> tuple[tuple[_Head, int], ...]:
    """Return what may take VALUES in a query, and where: nothing where only its end may."""
    return () if _is_short(text) else tuple(_patterns(text))


def _block(name: str, term: Term) -> str:
    if isinstance(term, BlankNode):
        raise QueryError(f"{name}: a blank node cannot be asked for by its name")
    written = str(term)
    if re.search(r"\\\\[uU]", written):  # engines differ in whether they take this for an escape
        raise QueryError(f"{name}: a backslash before the letter u cannot be asked for")
    return f"VALUES ?{name} {{ {written} }}"


def _is_short(text: str) -> bool:
    """Return whether a query is of the form CONSTRUCT WHERE { … }, whose pattern takes no VALUES."""
    words = [match["word"] or match["sign"] for match in TOKEN.finditer(text) if match["word"] or match["sign"]]
    upper = [word.upper() for word in words]
    return "CONSTRUCT" in upper and upper[upper.index("CONSTRUCT") + 1] in {"WHERE", "FROM"}


def has_dataset(text: str) -> bool:
    """Return whether a query names its graphs itself, by FROM."""
    return any((match["word"] or "").upper() == "FROM" for match in TOKEN.finditer(text))


def _patterns(text: str) -> Iterator[tuple[_Head, int]]:
    """Yield the head of the query and of each subquery, and where its pattern begins: after its bracket."""
    heads: list[_Head] = []
    depth = 0
    for match in TOKEN.finditer(text):
        word, sign = (match["word"] or "").upper(), match["sign"]
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if word == "SELECT" or (word in FORMS and not heads):
            heads.append(_Head(word, depth, all=word != "SELECT"))
        elif not heads or depth != heads[-1].depth:  # no head is read, or an expression in it
            continue
        elif sign == "{" and heads[-1].form == "CONSTRUCT":
            heads = [_Head("", depth, all=True)]  # that was the template; the pattern comes next
        elif sign == "{":
            yield heads.pop(), match.end()
        elif sign == "*":
            heads[-1].all = True
        elif match["variable"]:
            heads[-1].returned.add(match["variable"])

"""Statements of different documents that would share an IRI: the later ones get a suffix, and a finding.

Which is earlier is decided by name and content of the documents, never by the order they were given in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.shards import Shard

__all__ = ["Renames", "collisions", "rename", "renamed"]

Renames = Mapping[str, str]
# The IRI of a statement at the start of its own and of its parts' IRIs: place, year, unit, project.
STATEMENT = re.compile(r"[^ >]*?/statement/[^/ >]+/[^/ >]+/[^/ >]+/[^/ >]+")


def collisions(shards: Sequence[Shard]) -> tuple[dict[int, Renames], list[Finding]]:
    """Return, by a shard's position, the new IRIs of its statements that an earlier shard already has."""
    taken: dict[str, str] = {}
    renames: dict[int, Renames] = {}
    findings: list[Finding] = []
    own = [set(shard.statements) for shard in shards]
    everything = set().union(*own)
    for position, shard in enumerate(shards):
        fresh: dict[str, str] = {}
        for sequence, iri in enumerate(shard.statements, 1):
            if iri in taken:
                fresh[iri] = _free(iri, everything)
                everything.add(fresh[iri])
                findings.append(_finding(shard, sequence, fresh[iri], taken[iri]))
            else:
                taken[iri] = shard.document.name
        if fresh:
            renames[position] = fresh
    return renames, findings


def _free(iri: str, everything: set[str]) -> str:
    number = 2
    while f"{iri}-{number}" in everything:
        number += 1
    return f"{iri}-{number}"


def _finding(shard: Shard, sequence: int, iri: str, first: str) -> Finding:
    return Finding(
        "R-STATEMENT-REPEATED",
        Severity.WARNING,
        f"{first} 中已有同一单位、同一年度、同名项目的目标表；本表另行发布，不与其合并",
        f"{first} has a table of the same unit, year and project name; this one is published beside it, not merged",
        shard.document.name,
        sequence,
        None,
        iri,
    )


def renamed(lines: Iterable[str], renames: Renames) -> Iterator[str]:
    """Yield N-Triples lines with the statements, and all that belongs to them, under their new IRIs.

    >>> list(renamed(['<b/statement/p/y/u/1/goal/x> <p> <q> .\\n'], {"b/statement/p/y/u/1": "b/statement/p/y/u/1-2"}))
    ['<b/statement/p/y/u/1-2/goal/x> <p> <q> .\\n']
    """
    for line in lines:
        subject, predicate, value = line.split(" ", 2)
        yield f"{_term(subject, renames)} {predicate} {_term(value, renames)}"


def _term(text: str, renames: Renames) -> str:
    if not text.startswith("<"):
        return text
    return "<" + rename(text[1:], renames)


def rename(text: str, renames: Renames) -> str:
    """Return the text of an IRI, with what follows it, under its new name where it or its whole has one."""
    found = STATEMENT.match(text)
    return renames.get(found[0], found[0]) + text[found.end() :] if found else text

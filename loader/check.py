"""Statements as N-Triples into findings, marks and a SHACL report: every rule, in one small store in memory.

Small batches are the key: at 200 statements a rule's query costs the same per statement as at one, while on
one large graph some of them grow with its square.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import pyoxigraph as ox

from fiscalkg.loader.cube import contributions, load_matches, stated_classes
from fiscalkg.loader.iris import concept
from fiscalkg.loader.model import Finding
from fiscalkg.loader.places import Place, place_of, reading_order
from fiscalkg.loader.results import Result, result_lines
from fiscalkg.loader.rules import Rule, rules
from fiscalkg.loader.terms import fp, iri, triple

__all__ = ["BATCH", "CheckResult", "check"]

BATCH = 200
SLOT = re.compile(r"\{\?(\w+)\}")
TELL = f"""SELECT ?node ?from ?document ?sequence WHERE {{
  ?node <http://www.w3.org/ns/prov#wasDerivedFrom> ?from .
  OPTIONAL {{ ?node {fp("sequence")} ?sequence ; {fp("sourceDocument")}/{fp("fileName")} ?document }}
}}"""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What checking found: findings in order, marks for the default graph, report for the graph ``report``.

    ``contributions`` are the rows this batch adds to the cube: see ``cube.sum_cube``.
    """

    findings: tuple[Finding, ...]
    marks: tuple[str, ...]
    report: tuple[str, ...]
    contributions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One row of a rule's query: the statement, the node complained about and what the query bound."""

    statement: str
    node: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Located:
    """Where a node stands in its source: the IRI of the place, and what it says."""

    source: str
    place: Place | None
    document: str = ""
    sequence: int | None = None


def check(lines: Iterable[str], base: str, profile: str | None = None) -> CheckResult:
    """Check at most ``BATCH`` statements, given as N-Triples with their documents' own lines.

    A statement is checked by the rules of its own taxonomy, or of ``profile`` where one is named.
    """
    store = ox.Store()
    store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    profiles = _profiles(store, profile)
    located = _located(store)
    findings: list[Finding] = []
    marks: list[str] = []
    report: list[str] = []
    for code, shapes in groupby(rules(), key=lambda rule: rule.code):
        applicable, failed = set[str](), set[str]()
        for rule in shapes:
            asked = {name for name, own in profiles.items() if own in rule.profiles} & _names(store, rule.applies)
            applicable |= asked
            for failure in _failures(store, rule):
                if failure.statement in asked:
                    failed.add(failure.statement)
                    findings.append(_finding(rule, failure, located))
                    report += result_lines(_result(rule, failure, located), base)
        marks += _marks(code, profiles, applicable, failed)
    load_matches(store)
    marks += stated_classes(store)
    cube = tuple(sorted(contributions(store)))
    return CheckResult(tuple(sorted(findings, key=_order)), tuple(sorted(set(marks))), tuple(sorted(set(report))), cube)


def _order(found: Finding) -> tuple[object, ...]:
    return found.document, found.statement or 0, found.code, reading_order(found.place)


def _profiles(store: ox.Store, profile: str | None) -> dict[str, str]:
    found = _select(store, f"SELECT ?this ?own WHERE {{ ?this {fp('taxonomy')} ?own }}")
    return {row["this"]: profile or row["own"].rpartition("/")[2] for row in found}


def _located(store: ox.Store) -> dict[str, Located]:
    return {
        row["node"]: Located(
            row["from"],
            place_of(row["from"].partition("#")[2]),
            row.get("document", ""),
            int(row["sequence"]) if "sequence" in row else None,
        )
        for row in _select(store, TELL)
    }


def _select(store: ox.Store, text: str) -> Iterator[dict[str, str]]:
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101  # every text here is a SELECT
    names = [variable.value for variable in found.variables]
    for row in found:
        yield {name: value.value for name in names if (value := row[name]) is not None}


def _names(store: ox.Store, text: str) -> set[str]:
    return {row["this"] for row in _select(store, text)}


def _failures(store: ox.Store, rule: Rule) -> list[Failure]:
    found = {
        Failure(row["this"], row.get("node", row["this"]), tuple(sorted(row.items())))
        for row in _select(store, rule.select)
    }
    return sorted(found, key=lambda failure: (failure.statement, failure.node, failure.values))


def _marks(code: str, profiles: Mapping[str, str], applicable: set[str], failed: set[str]) -> Iterator[str]:
    """Yield one mark a statement: passed, failed or not applicable. Never a score."""
    for name in profiles:
        word = "failed" if name in failed else "passed" if name in applicable else "notApplicable"
        yield triple(iri(name), fp(word), iri(concept("rule", code)))


def _finding(rule: Rule, failure: Failure, located: Mapping[str, Located]) -> Finding:
    where = located.get(failure.node) or located.get(failure.statement)
    owner = located.get(failure.statement)
    values = dict(failure.values)
    return Finding(
        rule.code,
        rule.severity,
        _fill(rule.message["zh"], values),
        _fill(rule.message["en"], values),
        owner.document if owner else "",
        owner.sequence if owner else None,
        where.place if where else None,
        failure.node,
        values.get("value"),
    )


def _fill(message: str, values: Mapping[str, str]) -> str:
    return SLOT.sub(lambda slot: values.get(slot[1], ""), message)


def _result(rule: Rule, failure: Failure, located: Mapping[str, Located]) -> Result:
    where = located.get(failure.node) or located.get(failure.statement)
    values = dict(failure.values)
    return Result(
        rule.shape,
        "SPARQLConstraintComponent",
        rule.severity,
        failure.statement,
        {language: _fill(message, values) for language, message in rule.message.items()},
        values.get("value"),
        rule=rule.code,
        about=failure.node if failure.node != failure.statement else None,
        source=where.source if where else None,
        said="\n".join(f"{name}={value}" for name, value in failure.values),
    )

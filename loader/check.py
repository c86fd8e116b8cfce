"""Statements as N-Triples into findings, marks and a SHACL report: every rule, in one small store in memory.

Small batches are the key: at 200 statements a rule's query costs the same per statement as at one, while on
one large graph some of them grow with its square.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

import pyoxigraph as ox

from fiscalkg.loader.cube import contributions, load_matches, stated_classes
from fiscalkg.loader.iris import concept, graph_iri
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import Place, place_of, reading_order
from fiscalkg.loader.rules import SH, Rule, rules
from fiscalkg.loader.terms import fp, iri, literal, triple

__all__ = ["BATCH", "CheckResult", "check"]

BATCH = 200
SLOT = re.compile(r"\{\?(\w+)\}")
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
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
            failures = [failure for failure in _failures(store, rule) if failure.statement in asked]
            applicable |= asked
            failed |= {failure.statement for failure in failures}
            for failure in failures:
                findings.append(_finding(rule, failure, located))
                report += _result(rule, failure, located, base)
        marks += _marks(code, profiles, applicable, failed)
    order = sorted(
        findings, key=lambda found: (found.document, found.statement or 0, found.code, reading_order(found.place))
    )
    load_matches(store)
    marks += stated_classes(store)
    cube = tuple(sorted(contributions(store)))
    return CheckResult(tuple(order), tuple(sorted(set(marks))), tuple(sorted(set(report))), cube)


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


def _result(rule: Rule, failure: Failure, located: Mapping[str, Located], base: str) -> Iterator[str]:
    """Yield one ``sh:ValidationResult`` whose IRI follows from what it says."""
    said = "\n".join((rule.shape, failure.statement, failure.node, *(f"{k}={v}" for k, v in failure.values)))
    node = iri(f"{graph_iri(base, 'report')}#{rule.code}-{sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}")
    values = dict(failure.values)
    yield triple(iri(graph_iri(base, "report")), f"<{SH}result>", node)
    yield triple(node, TYPE, f"<{SH}ValidationResult>")
    yield triple(node, f"<{SH}focusNode>", iri(failure.statement))
    yield triple(node, f"<{SH}sourceShape>", f"<https://w3id.org/fiscalkg/shapes#{rule.shape}>")
    yield triple(node, fp("rule"), iri(concept("rule", rule.code)))
    yield triple(node, f"<{SH}sourceConstraintComponent>", f"<{SH}SPARQLConstraintComponent>")
    yield triple(node, f"<{SH}resultSeverity>", f"<{SH}{_shacl_name(rule.severity)}>")
    for language in ("zh", "en"):
        yield triple(node, f"<{SH}resultMessage>", literal(_fill(rule.message[language], values), language))
    if "value" in values:
        yield triple(node, f"<{SH}value>", literal(values["value"]))
    if failure.node != failure.statement:
        yield triple(node, fp("about"), iri(failure.node))
    where = located.get(failure.node) or located.get(failure.statement)
    if where:
        yield triple(node, "<http://www.w3.org/ns/prov#wasDerivedFrom>", iri(where.source))


def _shacl_name(severity: Severity) -> str:
    return severity.value.capitalize()

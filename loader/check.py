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

from fiscalkg.loader.cube import load_matches, stated_classes
from fiscalkg.loader.iris import concept
from fiscalkg.loader.measurements import Judged, measure
from fiscalkg.loader.model import Finding
from fiscalkg.loader.places import Place, place_of, reading_order
from fiscalkg.loader.results import Result, result_lines
from fiscalkg.loader.rules import Rule, rules
from fiscalkg.loader.terms import fp, iri, triple

__all__ = ["BATCH", "CheckResult", "batch_store", "check"]

BATCH = 200
MARKS = {"passed": "passed", "failed": "failed", "not-applicable": "notApplicable"}
SLOT = re.compile(r"\{\?(\w+)\}")
DERIVED = ox.NamedNode("http://www.w3.org/ns/prov#wasDerivedFrom")
TELL = f"""SELECT ?statement ?document ?sequence WHERE {{
  ?statement {fp("sequence")} ?sequence ; {fp("sourceDocument")}/{fp("fileName")} ?document
}}"""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What checking found: findings in order, marks for the default graph, report for the graph ``report``.

    ``measurements`` go to the default graph too, ``tallies`` are the rows this batch adds to their sums (see
    ``measurements.sum_measurements``).
    """

    findings: tuple[Finding, ...]
    marks: tuple[str, ...]
    report: tuple[str, ...]
    measurements: tuple[str, ...] = ()
    tallies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One row of a rule's query: the statement, the node complained about and what the query bound."""

    statement: str
    node: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Located:
    """Where a failure stands in its source: the IRI of the place and what it says, the document and the table."""

    source: str | None
    place: Place | None
    document: str
    sequence: int | None


def batch_store(lines: Iterable[str]) -> ox.Store:
    """Return a small store of at most ``BATCH`` statements, given as N-Triples with their documents' own lines.

    It holds what queries of ``derived`` need to know beside them.
    """
    store = ox.Store()
    store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    load_matches(store)
    return store


def check(store: ox.Store, base: str, profile: str | None = None) -> CheckResult:
    """Check the statements of a ``batch_store``.

    A statement is checked by the rules of its own taxonomy, or of ``profile`` where one is named.
    """
    profiles = _profiles(store, profile)
    owners = {row["statement"]: (row["document"], int(row["sequence"])) for row in _select(store, TELL)}
    findings: list[Finding] = []
    judged: list[Judged] = []
    spoken_of: dict[str, set[str]] = {}  # many rules speak of the same statements: asked once
    report: list[str] = []
    for code, shapes in groupby(rules(), key=lambda rule: rule.code):
        applicable, failed = set[str](), set[str]()
        for rule in shapes:
            if rule.applies not in spoken_of:
                spoken_of[rule.applies] = _names(store, rule.applies)
            asked = {name for name in spoken_of[rule.applies] if profiles.get(name) in rule.profiles}
            applicable |= asked
            for failure in _failures(store, rule) if asked else ():
                if failure.statement in asked:
                    failed.add(failure.statement)
                    located = _located(store, failure, *owners.get(failure.statement, ("", None)))
                    findings.append(_finding(rule, failure, located))
                    report += result_lines(_result(rule, failure, located), base)
        judged.append(Judged(code, frozenset(applicable - failed), frozenset(failed)))
    measurements, tallies = measure(store, judged)
    return CheckResult(
        tuple(sorted(findings, key=_order)),
        tuple(sorted({*_marks(judged, profiles), *stated_classes(store)})),
        tuple(sorted(set(report))),
        tuple(measurements),
        tuple(tallies),
    )


def _order(found: Finding) -> tuple[object, ...]:
    return found.document, found.statement or 0, found.code, reading_order(found.place)


def _profiles(store: ox.Store, profile: str | None) -> dict[str, str]:
    found = _select(store, f"SELECT ?this ?own WHERE {{ ?this {fp('taxonomy')} ?own }}")
    return {row["this"]: profile or row["own"].rpartition("/")[2] for row in found}


def _located(store: ox.Store, failure: Failure, document: str, sequence: int | None) -> Located:
    """Return where a failure stands: at its node, else at its statement."""
    for name in (failure.node, failure.statement):
        for quad in store.quads_for_pattern(ox.NamedNode(name), DERIVED, None):
            if isinstance(quad.object, ox.NamedNode):
                source = quad.object.value
                return Located(source, place_of(source.partition("#")[2]), document, sequence)
    return Located(None, None, document, sequence)


def _select(store: ox.Store, text: str) -> Iterator[dict[str, str]]:
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101  # every text here is a SELECT
    names = [variable.value for variable in found.variables]
    for row in found:
        yield {name: value.value for name in names if (value := row[name]) is not None}


def _names(store: ox.Store, text: str) -> set[str]:
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101  # ``applies`` is read into a SELECT
    return {row[0].value for row in found}


def _failures(store: ox.Store, rule: Rule) -> list[Failure]:
    found = {
        Failure(row["this"], row.get("node", row["this"]), tuple(sorted(row.items())))
        for row in _select(store, rule.select)
    }
    return sorted(found, key=lambda failure: (failure.statement, failure.node, failure.values))


def _marks(judged: Iterable[Judged], statements: Iterable[str]) -> Iterator[str]:
    """Yield one mark a rule and statement: passed, failed or not applicable. Never a score."""
    nodes = [(name, iri(name)) for name in statements]
    words = {outcome: fp(word) for outcome, word in MARKS.items()}
    for one in judged:
        rule = iri(concept("rule", one.code))
        for name, node in nodes:
            yield triple(node, words[one.outcome(name)], rule)


def _finding(rule: Rule, failure: Failure, located: Located) -> Finding:
    values = dict(failure.values)
    return Finding(
        rule.code,
        rule.severity,
        _fill(rule.message["zh"], values),
        _fill(rule.message["en"], values),
        located.document,
        located.sequence,
        located.place,
        failure.node,
        values.get("value"),
    )


def _fill(message: str, values: Mapping[str, str]) -> str:
    return SLOT.sub(lambda slot: values.get(slot[1], ""), message)


def _result(rule: Rule, failure: Failure, located: Located) -> Result:
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
        source=located.source,
        said="\n".join(f"{name}={value}" for name, value in failure.values),
    )

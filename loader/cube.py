"""Statements in a small store into what is stated of them once: the classes they state, and the derived cube.

Each batch gives its contributions, rows of unit, year and class with counts; ``sum_cube`` adds the rows of all
batches up, one at a time, so that its memory grows with the cube and never with the statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.iris import SCHEME
from fiscalkg.loader.terms import YEAR, decimal, fp, integer, iri, literal, triple, typed

__all__ = ["Counts", "contributions", "load_matches", "stated_classes", "sum_cube"]

DERIVED = Path(__file__).parent / "derived"
MATCHES = frozenset(f"http://www.w3.org/2004/02/skos/core#{name}Match" for name in ("exact", "close", "broad"))
A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
QB = "http://purl.org/linked-data/cube#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
STRUCTURE = "https://w3id.org/fiscalkg/ontology/cube/"
TITLES = {
    True: {"zh": "各单位、年度、指标类的汇总", "en": "counts by unit, year and class"},
    False: {"zh": "各单位、年度的汇总", "en": "sums by unit and year"},
}
COUNTS = ("statementCount", "indicatorCount", "quantifiedCount", "budget")


@dataclass(frozen=True, slots=True)
class Counts:
    """Statements, indicators, quantified indicators, and money in CNY (of a unit and year, not of a class)."""

    statements: int
    indicators: int
    quantified: int
    budget: Decimal

    def __add__(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(
            self.statements + other.statements,
            self.indicators + other.indicators,
            self.quantified + other.quantified,
            self.budget + other.budget,
        )


@cache
def _query(name: str) -> str:
    return (DERIVED / f"{name}.rq").read_text(encoding="utf-8")


@cache
def _matches() -> tuple[ox.Quad, ...]:
    base88 = f"{SCHEME}base88/"
    return tuple(
        ox.Quad(match.subject, match.predicate, match.object)
        for match in code_lists()
        if match.predicate.value in MATCHES
        and isinstance(match.object, ox.NamedNode)
        and match.object.value.startswith(base88)
    )


def load_matches(store: ox.Store) -> None:
    """Add to a small store what the queries of ``derived`` need to know: which classes match those of base88."""
    store.extend(_matches())


def stated_classes(store: ox.Store) -> Iterator[str]:
    """Yield ``fp:statesClass`` and the defined classes of every statement of a store, as N-Triples in no order."""
    for name in ("states-class", "defined"):
        found = store.query(_query(name))
        assert isinstance(found, ox.QueryTriples)  # noqa: S101  # both queries are CONSTRUCTs
        for row in found:
            yield f"{row} .\n"


def contributions(store: ox.Store) -> Iterator[str]:
    """Yield what a batch adds to the cube: unit, year, class (or nothing), three counts and CNY, by tabs."""
    for name in ("cube-classes", "cube-budgets"):
        found = store.query(_query(name))
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101  # both queries are SELECTs
        known = {variable.value for variable in found.variables}
        for row in found:
            names = ("unit", "year", "class", *COUNTS)
            cells = (value.value if name in known and (value := row[name]) else "" for name in names)
            yield "\t".join(cells) + "\n"


def sum_cube(rows: Iterable[str], base: str) -> Iterator[str]:
    """Yield the cube as N-Triples, one observation a unit, year and class, from the rows of all batches.

    An observation without a class is of the unit and year as a whole, with its budget.
    """
    sums: dict[tuple[str, str, str], Counts] = {}
    for row in rows:
        unit, year, group, statements, indicators, quantified, budget = row.rstrip("\n").split("\t")
        added = Counts(int(statements), int(indicators), int(quantified), Decimal(budget or 0))
        key = (unit, year, group)
        sums[key] = sums[key] + added if key in sums else added
    for of_classes in sorted({bool(group) for *_, group in sums}):
        yield from _dataset(of_classes, base)
    for key in sorted(sums):
        yield from _observation(*key, sums[key], base)


def _dataset(of_classes: bool, base: str) -> Iterator[str]:
    """Yield what one of the two data sets is, and its structure, which ``ontology/cube.ttl`` defines."""
    node = iri(f"{base}cube/{'classes' if of_classes else 'budgets'}")
    yield triple(node, A, f"<{QB}DataSet>")
    yield triple(node, f"<{QB}structure>", iri(STRUCTURE + ("by-class" if of_classes else "by-year")))
    for language, text in (TITLES[of_classes]).items():
        yield triple(node, f"<{LABEL}>", literal(text, language))


def _observation(unit: str, year: str, group: str, counts: Counts, base: str) -> Iterator[str]:
    last = f"/{group.removeprefix(SCHEME).replace('/', '-')}" if group else ""
    node = iri(f"{base}cube/{unit.removeprefix(base)}/{year}{last}")
    dataset = iri(f"{base}cube/{'classes' if group else 'budgets'}")
    yield triple(node, A, fp("CubeObservation"))
    yield triple(node, A, f"<{QB}Observation>")
    yield triple(node, f"<{QB}dataSet>", dataset)
    yield triple(node, fp("observedUnit"), iri(unit))
    yield triple(node, fp("observedYear"), typed(year, YEAR))
    if group:
        yield triple(node, fp("observedClass"), iri(group))
    yield triple(node, fp("statementCount"), integer(counts.statements))
    yield triple(node, fp("indicatorCount"), integer(counts.indicators))
    yield triple(node, fp("quantifiedCount"), integer(counts.quantified))
    if not group:
        yield triple(node, fp("budget"), decimal(counts.budget))

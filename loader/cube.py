"""Statements in a small store into what is stated of them once: the classes they state, and the derived cube.

Each batch gives its contributions, rows of a data set with its dimensions and counts; ``sum_cube`` adds the rows of all
batches up, one at a time, so that its memory grows with the cube and never with the statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.iris import SCHEME
from fiscalkg.loader.terms import YEAR, decimal, fp, integer, iri, literal, triple, typed

__all__ = ["contributions", "load_matches", "stated_classes", "sum_cube"]

DERIVED = Path(__file__).parent / "derived"
MATCHES = frozenset(f"http://www.w3.org/2004/02/skos/core#{name}Match" for name in ("exact", "close", "broad"))
A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
QB = "http://purl.org/linked-data/cube#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
STRUCTURE = "https://w3id.org/fiscalkg/ontology/cube/"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set of the cube: its structure in ``ontology/cube.ttl``, its dimensions, its measures, what it is called.

    ``derived/cube-<name>.rq`` selects what a batch adds to it, one variable for each dimension and measure.
    """

    name: str
    structure: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    zh: str
    en: str


DATA_SETS = (
    DataSet(
        "budgets", "by-year", ("unit", "year"), ("statementCount", "indicatorCount", "quantifiedCount", "budget"),
        "各单位、年度的汇总", "sums by unit and year",
    ),
    DataSet(
        "classes", "by-class", ("unit", "year", "class"), ("statementCount", "indicatorCount", "quantifiedCount"),
        "各单位、年度、指标类的汇总", "counts by unit, year and class",
    ),
)  # fmt: skip
# How the value of a dimension is written, with its property; and as the end of an observation's IRI.
DIMENSIONS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "unit": (fp("observedUnit"), iri),
    "year": (fp("observedYear"), lambda value: typed(value, YEAR)),
    "class": (fp("observedClass"), iri),
}
MONEY = frozenset({"budget"})  # measures in CNY; the others are counts
Key = tuple[str, ...]


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
    """Yield what a batch adds to the cube, by tabs: the data set, the values of its dimensions, its measures."""
    for each in DATA_SETS:
        found = store.query(_query(f"cube-{each.name}"))
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101  # all are SELECTs
        for row in found:
            values = (row[name] for name in (*each.dimensions, *each.measures))
            yield "\t".join((each.name, *(value.value if value else "" for value in values))) + "\n"


def sum_cube(rows: Iterable[str], base: str) -> Iterator[str]:
    """Yield the cube as N-Triples, one observation for all rows of a data set with the same dimensions."""
    known = {each.name: each for each in DATA_SETS}
    sums: dict[Key, tuple[Decimal, ...]] = {}
    for row in rows:
        name, *cells = row.rstrip("\n").split("\t")
        wide = len(known[name].dimensions)
        key, added = (name, *cells[:wide]), tuple(Decimal(cell or 0) for cell in cells[wide:])
        sums[key] = tuple(map(Decimal.__add__, sums[key], added)) if key in sums else added
    for name in sorted({key[0] for key in sums}):
        yield from _data_set(known[name], base)
    for key in sorted(sums):
        yield from _observation(known[key[0]], key[1:], sums[key], base)


def _data_set(known: DataSet, base: str) -> Iterator[str]:
    """Yield what a data set is, and its structure, which ``ontology/cube.ttl`` defines."""
    node = iri(f"{base}cube/{known.name}")
    yield triple(node, A, f"<{QB}DataSet>")
    yield triple(node, f"<{QB}structure>", iri(STRUCTURE + known.structure))
    for language, text in (("zh", known.zh), ("en", known.en)):
        yield triple(node, f"<{LABEL}>", literal(text, language))


def _observation(known: DataSet, values: Key, measured: tuple[Decimal, ...], base: str) -> Iterator[str]:
    unit, *rest = values
    end = "/".join(value.removeprefix(SCHEME).replace("/", "-") for value in rest)
    node = iri(f"{base}cube/{unit.removeprefix(base)}/{end}")
    yield triple(node, A, fp("CubeObservation"))
    yield triple(node, A, f"<{QB}Observation>")
    yield triple(node, f"<{QB}dataSet>", iri(f"{base}cube/{known.name}"))
    for name, value in zip(known.dimensions, values, strict=True):
        of, write = DIMENSIONS[name]
        yield triple(node, of, write(value))
    for name, number in zip(known.measures, measured, strict=True):
        yield triple(node, fp(name), decimal(number) if name in MONEY else integer(int(number)))

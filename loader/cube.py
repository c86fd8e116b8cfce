"""Statements in a small store into what is stated of them once: the classes they state, and the derived cube.

Each batch gives its contributions, rows of a data set with its dimensions and measures; ``sum_cube`` adds the rows of
all batches up, one at a time, so that its memory grows with the cube and never with the statements. What its data sets
are is said in ``data_sets``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.collisions import Renames, rename
from fiscalkg.loader.data_sets import DATA_SETS, DECIMALS, DIMENSIONS, FIRST, HIGHEST, KNOWN, TEXTS, DataSet
from fiscalkg.loader.iris import SCHEME
from fiscalkg.loader.terms import decimal, fp, integer, iri, literal, triple

__all__ = ["contributions", "data_set", "load_matches", "observation", "renamed_rows", "stated_classes", "sum_cube"]

DERIVED = Path(__file__).parent / "derived"
MATCHES = frozenset(f"http://www.w3.org/2004/02/skos/core#{name}Match" for name in ("exact", "close", "broad"))
A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
QB = "http://purl.org/linked-data/cube#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
STRUCTURE = "https://w3id.org/fiscalkg/ontology/cube/"
UNKNOWN = "unknown"  # stands for the year in the IRI of an observation that has none

Key = tuple[str, ...]
Measured = tuple[Decimal | str, ...]


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
    sums: dict[Key, Measured] = {}
    for name in sorted({each.query for each in DATA_SETS}):
        found = store.query(_query(f"cube-{name}"))
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101  # all are SELECTs
        read = tuple(each for each in DATA_SETS if each.query == name)
        known = [variable.value for variable in found.variables]
        for row in found:
            cells = {variable: value.value if (value := row[variable]) else "" for variable in known}
            for each in read:
                _add(sums, each, [cells[column] for column in each.columns])
    for key, measured in sums.items():
        yield "\t".join((*key, *map(str, measured))) + "\n"


def renamed_rows(rows: Iterable[str], renames: Renames) -> Iterator[str]:
    r"""Yield contributions with the statements they name under their new IRIs, a first thing after its place.

    >>> list(renamed_rows(["d\tu\tb/source/a#L1 b/statement/p/y/u/1/amount/1\n"], {"b/statement/p/y/u/1": "n"}))
    ['d\tu\tb/source/a#L1 n/amount/1\n']
    """
    for row in rows:
        cells = row.split("\t")
        yield "\t".join(" ".join(rename(word, renames) for word in cell.split(" ")) for cell in cells)


def sum_cube(rows: Iterable[str], base: str) -> Iterator[str]:
    """Yield the cube as N-Triples, one observation for all rows of a data set with the same dimensions."""
    sums: dict[Key, Measured] = {}
    for row in rows:
        name, *cells = row.rstrip("\n").split("\t")
        _add(sums, KNOWN[name], cells)
    for name in sorted({key[0] for key in sums}):
        yield from data_set(KNOWN[name], base)
    for key in sorted(sums):
        known = KNOWN[key[0]]
        yield from observation(_name(known, key[1:], base), known, key[1:], sums[key], base)


def _add(sums: dict[Key, Measured], known: DataSet, cells: list[str]) -> None:
    """Add a row to the sums; of a table without a year it goes to the data set of these."""
    wide = len(known.dimensions)
    dimensions, measures = cells[:wide], cells[wide:]
    if (undated := known.undated) and not dimensions[place := known.dimensions.index("year")]:
        known, dimensions = undated, dimensions[:place] + dimensions[place + 1 :]
    key, added = (known.name, *dimensions), tuple(map(_read, known.measures, measures))
    sums[key] = tuple(map(_joined, known.measures, sums[key], added)) if key in sums else added


def _read(measure: str, cell: str) -> Decimal | str:
    return cell if measure in FIRST else Decimal(cell or 0)


def _joined(measure: str, one: Decimal | str, other: Decimal | str) -> Decimal | str:
    """Return the sum of two numbers, or the higher; of two first things the one whose place comes first."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return max(one, other) if measure in HIGHEST else one + other
    return min((each for each in (str(one), str(other)) if each), default="")


def data_set(known: DataSet, base: str) -> Iterator[str]:
    """Yield what a data set is, and its structure, which ``ontology/cube.ttl`` defines."""
    node = iri(f"{base}cube/{known.name}")
    yield triple(node, A, f"<{QB}DataSet>")
    yield triple(node, f"<{QB}structure>", iri(STRUCTURE + known.structure))
    for language, text in (("zh", known.zh), ("en", known.en)):
        yield triple(node, f"<{LABEL}>", literal(text, language))


def _name(known: DataSet, values: Key, base: str) -> str:
    """Return the IRI of an observation: the year stands second in it, or that it is not known."""
    ends = [DIMENSIONS[name].end(value, base) for name, value in zip(known.dimensions, values, strict=True)]
    return "/".join((f"{base}cube", ends[0], *((UNKNOWN,) if known.without_year else ()), *ends[1:]))


def observation(name: str, known: DataSet, values: Key, measured: Measured, base: str) -> Iterator[str]:
    """Yield an observation by its IRI, with the values of its dimensions and measures."""
    node = iri(name)
    yield triple(node, A, fp("CubeObservation"))
    yield triple(node, A, f"<{QB}Observation>")
    yield triple(node, f"<{QB}dataSet>", iri(f"{base}cube/{known.name}"))
    for dimension, value in zip(known.dimensions, values, strict=True):
        yield triple(node, fp(DIMENSIONS[dimension].property), DIMENSIONS[dimension].write(value))
    for measure, number in zip(known.measures, measured, strict=True):
        if isinstance(number, Decimal):
            yield triple(node, fp(measure), decimal(number) if measure in DECIMALS else integer(int(number)))
        elif measure in TEXTS:
            yield triple(node, fp(measure), literal(number))
        elif number:
            yield triple(node, fp(measure), iri(number.rpartition(" ")[2]))

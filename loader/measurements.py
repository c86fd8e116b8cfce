"""Marks and target values into quality measurements (DQV): of statements, and of units, places and years their sums.

For each rule four numbers are told, checked, passed, failed and not applicable, and never one score; beside them how
often any rule failed, which says where to look first. A batch gives a row a unit and year; ``sum_measurements`` adds
the rows of all batches up, so that its memory grows with the units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.iris import SCHEME, concept, document_iri
from fiscalkg.loader.model import Document
from fiscalkg.loader.rules import rules
from fiscalkg.loader.terms import YEAR, decimal, fp, integer, iri, literal, triple, typed

__all__ = ["Judged", "document_row", "measure", "sum_measurements"]

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
DQV = "http://www.w3.org/ns/dqv#"
VOID = "http://rdfs.org/ns/void#"
DATASET = ("全部目标表", "all statements published here")
QUERY = Path(__file__).parent / "derived" / "targets.rq"
OUTCOMES = ("passed", "failed", "not-applicable")
TARGETS = ("targets", "with-number", "with-unit", "with-comparator", "repeats-name", "guessed")
VARIABLES = ("targets", "withNumber", "withUnit", "withComparator", "repeatsName", "guessed")
SHARES = {
    "number-share": "with-number",
    "unit-share": "with-unit",
    "comparator-share": "with-comparator",
    "repeats-name-share": "repeats-name",
    "guess-share": "guessed",
}
TEXT = ("characters", "unread")
ALL = "all"  # stands for a year in the name of what is measured of all years together
PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Judged:
    """How a rule judged the statements of a batch, by their IRIs; those of neither set it does not speak of."""

    code: str
    passed: frozenset[str]
    failed: frozenset[str]

    def outcome(self, statement: str) -> str:
        """Return the outcome of one statement."""
        return "failed" if statement in self.failed else "passed" if statement in self.passed else "not-applicable"


@cache
def _fields() -> tuple[str, ...]:
    """Return what the numbers of a row are: outcomes of each rule, then target values, then characters."""
    codes = sorted({rule.code for rule in rules()})
    return (*(f"{outcome} {code}" for code in codes for outcome in OUTCOMES), *TARGETS, *TEXT)


def measure(store: ox.Store, judged: Iterable[Judged]) -> tuple[list[str], list[str]]:
    """Return what is measured of each statement of a batch, as N-Triples, and the rows it adds to the sums."""
    outcomes, lines = tuple(judged), list[str]()
    sums: dict[tuple[str, str, str], list[int]] = {}
    found = store.query(QUERY.read_text(encoding="utf-8"))
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101  # the query is a SELECT
    for row in found:
        name = row["statement"].value
        targets = [int(row[variable].value) for variable in VARIABLES]
        told = [one.outcome(name) for one in outcomes]
        lines += _of_statement(name, told, targets)
        key = tuple(value.value if (value := row[variable]) else "" for variable in ("unit", "place", "year"))
        numbers = [int(outcome == one) for one in told for outcome in OUTCOMES] + targets + [0, 0]
        before = sums.setdefault(key, [0] * len(numbers))  # type: ignore[arg-type]  # three names give three values
        sums[key] = [a + b for a, b in zip(before, numbers, strict=True)]  # type: ignore[index]  # as above
    return lines, sorted(_row(*key, numbers) for key, numbers in sums.items())


def _of_statement(name: str, told: list[str], targets: list[int]) -> Iterator[str]:
    counts = {outcome: told.count(outcome) for outcome in OUTCOMES}
    counts = {"checked": counts["passed"] + counts["failed"], **counts, **dict(zip(TARGETS, targets, strict=True))}
    for metric, count in counts.items():
        yield from _measurement(f"{name}/quality/{metric}", name, metric, integer(count))


def document_row(document: Document, base: str) -> str:
    """Return the row that a document adds: how much of its text was read."""
    characters, unread = document.characters or 0, document.unread or 0
    place = concept("place", document.place) if document.place else ""
    return _row(document_iri(base, document), place, "", [0] * (len(_fields()) - len(TEXT)) + [characters, unread])


def _row(name: str, place: str, year: str, numbers: list[int]) -> str:
    return "\t".join((name, place, year, " ".join(map(str, numbers)))) + "\n"


def sum_measurements(rows: Iterable[str], base: str) -> Iterator[str]:
    """Yield the measurements of units, places and years, of documents, and of all, as N-Triples."""
    dataset = f"{base}dataset"
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(_fields()))
    for row in rows:
        name, place, year, numbers = row.rstrip("\n").split("\t")
        counts = [int(number) for number in numbers.split(" ")]
        whole = ALL if name.startswith(f"{base}source/") else year
        for key in {(name, whole), (place or dataset, whole), (dataset, whole), (dataset, ALL)}:
            sums[key] = [a + b for a, b in zip(sums[key], counts, strict=True)]
    yield triple(iri(dataset), TYPE, f"<{VOID}Dataset>")
    for text, language in zip(DATASET, ("zh", "en"), strict=True):
        yield triple(iri(dataset), LABEL, literal(text, language))
    for (name, year), counts in sorted(sums.items()):
        yield from _of_group(name, year, dict(zip(_fields(), counts, strict=True)), base)


def _of_group(name: str, year: str, counts: Mapping[str, int], base: str) -> Iterator[str]:
    short = name.removeprefix(base).removeprefix(SCHEME)
    start = f"{base}quality/{short}/{year or 'unknown'}/"
    stated = year if year != ALL else ""
    if counts["targets"] or any(counts[field] for field in _fields()[: -len(TARGETS + TEXT)]):
        for field in _fields()[: -len(TARGETS + TEXT) : len(OUTCOMES)]:
            code = field.rpartition(" ")[2]
            passed, failed, other = (counts[f"{outcome} {code}"] for outcome in OUTCOMES)
            of_rule = {"checked": passed + failed, "passed": passed, "failed": failed, "not-applicable": other}
            for metric, count in of_rule.items():
                yield from _measurement(f"{start}{code}-{metric}", name, metric, integer(count), stated, code)
        failures = sum(count for field, count in counts.items() if field.startswith("failed "))
        yield from _measurement(f"{start}failures", name, "failures", integer(failures), stated)
        for metric in TARGETS:
            yield from _measurement(f"{start}{metric}", name, metric, integer(counts[metric]), stated)
        for share, metric in SHARES.items():
            yield from _share(start, name, share, counts[metric], counts["targets"], stated)
    if counts["characters"]:
        for metric in TEXT:
            yield from _measurement(f"{start}{metric}", name, metric, integer(counts[metric]), stated)
        read = counts["characters"] - counts["unread"]
        yield from _share(start, name, "source-coverage", read, counts["characters"], stated)


def _share(start: str, name: str, metric: str, part: int, whole: int, year: str) -> Iterator[str]:
    if whole:
        share = decimal((Decimal(part) / whole).quantize(PLACES))
        yield from _measurement(f"{start}{metric}", name, metric, share, year)


def _measurement(node: str, name: str, metric: str, value: str, year: str = "", code: str = "") -> Iterator[str]:
    subject = iri(node)
    yield triple(subject, TYPE, f"<{DQV}QualityMeasurement>")
    yield triple(subject, f"<{DQV}isMeasurementOf>", iri(concept("metric", metric)))
    yield triple(subject, f"<{DQV}computedOn>", iri(name))
    yield triple(subject, f"<{DQV}value>", value)
    if year:
        yield triple(subject, fp("measuredYear"), typed(year, YEAR))
    if code:
        yield triple(subject, fp("rule"), iri(concept("rule", code)))

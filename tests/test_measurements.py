"""Quality measurements: what is told of units, places and years is what is counted from their statements."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.iris import BASE, ONTOLOGY, SCHEME
from fiscalkg.loader.measurements import document_row, sum_measurements
from fiscalkg.loader.model import Document
from fiscalkg.loader.rules import rules

DQV = "http://www.w3.org/ns/dqv#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
MARKS = {"passed": "passed", "failed": "failed", "notApplicable": "not-applicable"}
CODES = sorted({rule.code for rule in rules()})
Key = tuple[str, str, str, str]  # what is measured, year, rule, metric
Node = dict[str, list[str]]


@cache
def nodes(dump: Path) -> dict[str, Node]:
    """Every subject of a dump with the values of its properties, by local name."""
    found: dict[str, Node] = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse(gzip.decompress(dump.read_bytes()), format=ox.RdfFormat.N_TRIPLES):
        name = quad.predicate.value.replace("#", "/").rpartition("/")[2]
        found[quad.subject.value][name].append(quad.object.value)
    return dict(found)


def measured(lines: dict[str, Node]) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for node in lines.values():
        if f"{DQV}QualityMeasurement" in node.get("type", []):
            rule = node["rule"][0].rpartition("/")[2] if "rule" in node else ""
            year = node["measuredYear"][0] if "measuredYear" in node else ""
            key = (node["computedOn"][0], year, rule, node["isMeasurementOf"][0].rpartition("/")[2])
            assert key not in found, f"measured twice: {key}"
            found[key] = node["value"][0]
    return found


@pytest.fixture(scope="module")
def dump(published: Path) -> Path:
    return published / "current" / "dumps" / "fiscalkg.nt.gz"


def statements(dump: Path) -> dict[str, Node]:
    return {name: node for name, node in nodes(dump).items() if f"{ONTOLOGY}Statement" in node.get("type", [])}


def groups(name: str, node: Node) -> list[tuple[str, str]]:
    """What a statement counts for: its unit, its place and all, in its year, and all in all years."""
    year = node["fiscalYear"][0]
    return [(node["unit"][0], year), (node["place"][0], year), (f"{BASE}dataset", year), (f"{BASE}dataset", "")]


def test_each_rule_is_told_by_four_numbers(dump: Path) -> None:
    """For every unit, place and year, and for all, each rule's four numbers are those of the statements' marks."""
    counted: Counter[Key] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for name, node in statements(dump).items():
        for group in groups(name, node):
            sizes[group] += 1
            for mark, metric in MARKS.items():
                for rule in node.get(mark, []):
                    counted[*group, rule.rpartition("/")[2], metric] += 1
    found = {key: int(value) for key, value in measured(nodes(dump)).items() if key[2]}
    assert len(sizes) > 10
    assert {key[:2] for key in found} == set(sizes)
    for group, size in sizes.items():
        for code in CODES:
            passed, failed, other = (counted[*group, code, metric] for metric in MARKS.values())
            told = [found[*group, code, metric] for metric in ("checked", "passed", "failed", "not-applicable")]
            assert told == [passed + failed, passed, failed, other]
            assert told[0] + told[3] == size


def test_a_statement_is_told_how_many_rules_it_passes(dump: Path) -> None:
    """Of each statement: how many rules checked it, how many it passed and failed, how many do not speak of it."""
    found = measured(nodes(dump))
    for name, node in statements(dump).items():
        passed, failed, other = (len(node.get(mark, [])) for mark in MARKS)
        told = [int(found[name, "", "", metric]) for metric in ("checked", "passed", "failed", "not-applicable")]
        assert told == [passed + failed, passed, failed, other]
        assert told[0] + told[3] == len(CODES)


def test_target_values_are_counted_as_the_interchange_form_says(published: Path, dump: Path) -> None:
    """Targets, those with a number, unit or comparator, repeats and guesses, from the JSON Lines in plain Python."""
    tables = published / "current" / "tables" / "statements.jsonl.gz"
    rows = [
        row
        for line in gzip.decompress(tables.read_bytes()).decode().splitlines()
        for row in json.loads(line)["indicators"]
    ]
    targets = [row["target"] for row in rows]
    bare = [("".join(row["value"].split()), "".join((row["name"] or "").split())) for row in rows]
    expected = {
        "targets": len(targets),
        "with-number": sum(target["number"] is not None for target in targets),
        "with-unit": sum(bool(target["unit"]) for target in targets),
        "with-comparator": sum(target["comparator"] is not None for target in targets),
        "repeats-name": sum(value == name != "" for value, name in bare),
    }
    found = measured(nodes(dump))
    assert {metric: int(found[f"{BASE}dataset", "", "", metric]) for metric in expected} == expected
    guesses = (published / "current" / "reports" / "findings.jsonl").read_text(encoding="utf-8")
    assert int(found[f"{BASE}dataset", "", "", "guessed"]) == guesses.count('"R-VALUE-GUESSED"')


def test_shares_are_of_all_target_values(dump: Path) -> None:
    """Each share is its count by the number of targets, to four places, wherever there are targets."""
    found = measured(nodes(dump))
    pairs = {
        "number-share": "with-number",
        "unit-share": "with-unit",
        "comparator-share": "with-comparator",
        "repeats-name-share": "repeats-name",
        "guess-share": "guessed",
    }
    shares = {key for key in found if key[3] in pairs}
    assert len(shares) > 50
    for name, year, _, share in shares:
        whole = Decimal(found[name, year, "", "targets"])
        assert abs(
            Decimal(found[name, year, "", share]) - Decimal(found[name, year, "", pairs[share]]) / whole
        ) <= Decimal("0.00005")


def test_how_much_of_a_source_was_read() -> None:
    """Coverage is the share of characters that went somewhere; of a place and of all it is that of their characters."""
    rows = [
        document_row(Document("a", "a" * 64, "text/plain", place="120000", characters=300, unread=0), BASE),
        document_row(Document("b", "b" * 64, "text/plain", place="120000", characters=100, unread=100), BASE),
    ]
    lines = "".join(sum_measurements(rows, BASE))
    found: dict[str, Node] = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse(lines.encode(), format=ox.RdfFormat.N_TRIPLES):
        name = quad.predicate.value.replace("#", "/").rpartition("/")[2]
        found[quad.subject.value][name].append(quad.object.value)
    coverage = {
        key[0].rpartition("/")[2]: value for key, value in measured(found).items() if key[3] == "source-coverage"
    }
    assert coverage == {"a" * 12: "1", "b" * 12: "0", "120000": "0.75", "dataset": "0.75"}


def test_all_characters_of_the_examples_were_read(dump: Path) -> None:
    """Each of the five documents has a coverage of 1, and so has their sum."""
    found = {key[0]: value for key, value in measured(nodes(dump)).items() if key[3] == "source-coverage"}
    assert sum("/source/" in name for name in found) == 5
    assert set(found.values()) == {"1"}


def test_every_metric_is_listed_and_used(dump: Path) -> None:
    """The metrics of a release are those of the code list, each a dqv:Metric with a dimension."""
    metrics = {
        triple.subject.value.removeprefix(f"{SCHEME}metric/")
        for triple in code_lists()
        if triple.predicate.value == TYPE and triple.object == ox.NamedNode(f"{DQV}Metric")
    }
    placed = {t.subject.value.rpartition("/")[2] for t in code_lists() if t.predicate.value == f"{DQV}inDimension"}
    assert metrics == placed == {key[3] for key in measured(nodes(dump))}


def test_statements_without_a_year_are_counted_apart() -> None:
    """A table without a fiscal year, which fails a rule for it, is counted under no year and in the whole."""
    numbers = " ".join(["0"] * (3 * len(CODES)) + ["4", "1", "1", "1", "0", "0", "0", "0"])
    lines = list(sum_measurements([f"{BASE}unit/120000/x\t{SCHEME}place/120000\t\t{numbers}\n"], BASE))
    about = [line for line in lines if f"{BASE}quality/unit/120000/x/unknown/" in line]
    assert about
    assert not any("measuredYear" in line for line in lines)
    assert any(f'<{BASE}quality/dataset/all/targets> <{DQV}value> "4"' in line for line in lines)

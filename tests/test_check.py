"""Checking: what the examples hold, and one fault seeded into a real statement for each rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import pyoxigraph as ox
import pytest
from conftest import fiscalkg

from faults import EXAMPLES, FAULTS, example, without
from fiscalkg.loader.check import BATCH, CheckResult, batch_store, check
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.iris import BASE
from fiscalkg.loader.measurements import sum_measurements
from fiscalkg.loader.model import Basis, Document, Finding, Severity, Stated, Statement
from fiscalkg.loader.places import told
from fiscalkg.loader.report import check_report_text, names_in, report_turtle, table_of, unit_of
from fiscalkg.loader.rules import PROFILES, rules


def checked(document: Document, statements: Iterable[Statement]) -> CheckResult:
    about = list(document_graph(document, BASE))
    lines = (line for one in statements for line in graph_of(one, document, BASE))
    return check(batch_store([*about, *lines]), BASE)


@cache
def found(number: str) -> tuple[Finding, ...]:
    document, statements = example(number)
    assert len(statements) <= BATCH
    return checked(document, statements).findings


def complaints(findings: Iterable[Finding]) -> set[tuple[int | None, str]]:
    return {(finding.statement, finding.code) for finding in findings}


def test_every_rule_of_the_regulations_has_a_fault() -> None:
    """C01 to C24 each have a seeded fault; the note of C12 speaks of a form of which all tables lack cost."""
    assert {shape[:3] for shape in FAULTS} == {f"C{number:02}" for number in range(1, 25)}
    assert {rule.shape for rule in rules() if rule.code in FAULTS} - set(FAULTS) == {"C12-shenzhen2019"}


@pytest.mark.parametrize("shape", sorted(FAULTS))
def test_a_seeded_fault_is_found_by_its_own_rule_alone(shape: str) -> None:
    """Breaking one statement adds one complaint: that rule about that statement, whatever stands beside it."""
    number, sequence, change = FAULTS[shape]
    document, statements = example(number)
    broken = [change(one) if one.sequence == sequence else one for one in statements]
    before, after = complaints(found(number)), complaints(checked(document, broken).findings)
    assert after - before == {(sequence, shape[:3])}
    assert before <= after


@pytest.mark.parametrize("shape", sorted(FAULTS))
def test_a_fault_is_found_alone_as_among_others(shape: str) -> None:
    """A statement gets the same findings in a batch of its own: no neighbour hides or adds one."""
    number, sequence, change = FAULTS[shape]
    document, statements = example(number)
    one = change(statements[sequence - 1])
    others = [other for other in statements if other.sequence != sequence]
    alone = checked(document, [one])
    among = [finding for finding in checked(document, [*others, one]).findings if finding.statement == sequence]
    assert list(alone.findings) == among
    assert any(f"shapes#{shape}>" in line for line in alone.report)


def lines_of(number: str, code: str) -> dict[int, str]:
    return {finding.statement or 0: finding.message_zh for finding in found(number) if finding.code == code}


def test_the_examples_hold_the_dates_that_were_found_by_hand() -> None:
    """A plan that ends ten years before it starts, and a plan of 2018 under fiscal year 2019."""
    dates = lines_of("003", "C20")
    assert {"2009-12-31", "2019-02-01"} <= set(dates[3].replace("：", " ").split())
    assert "2018-12-31" in dates[4]
    assert "2019" in dates[4]


def test_the_examples_hold_the_costs_that_were_found_by_hand() -> None:
    """45 + 12.5 + 2.5 against 57, 739.78 against 240, and the floors of 8 and 30: all in 万元."""
    costs = {sequence: text.replace(",", "") for sequence, text in lines_of("004", "C18").items()}
    assert any("600000" in text and "570000" in text for text in costs.values())
    assert any("7397800" in text and "2400000" in text for text in costs.values())
    assert any("≥8万元" in text for text in costs.values())
    assert any("≥30万元" in text for text in costs.values())
    assert len(costs) == 4, "the ceiling of 160 in table 67 is its whole budget, not a part of 270"


def test_the_examples_lack_satisfaction_where_counted_by_hand() -> None:
    """Eleven tables of Tianjin and one of Shenzhen."""
    assert len(lines_of("003", "C13")) == 1
    assert sum(len(lines_of(number, "C13")) for number in ("000", "001", "002", "004")) == 11


def test_the_examples_hold_empty_values() -> None:
    """A dash, and values that only repeat the indicator's name."""
    empty = [finding for number in EXAMPLES for finding in found(number) if finding.code == "C17"]
    assert [finding.value for finding in empty].count("-") == 1
    names = {
        (one.sequence, row.place)
        for one in example("004")[1]
        for row in one.indicators
        if row.name == row.target.printed and "12月底" not in row.target.printed  # a deadline can be checked
    }
    assert names
    assert names <= {(finding.statement, finding.place) for finding in empty}


def test_every_finding_leads_to_its_source() -> None:
    """Each finding names its document, its table, a place within that table and the node it is about."""
    for number in EXAMPLES:
        document, statements = example(number)
        for finding in found(number):
            assert finding.document == document.name
            assert finding.statement is not None
            whole = statements[finding.statement - 1].place
            assert finding.place is not None
            assert whole.first <= finding.place.first <= finding.place.last <= whole.last
            assert finding.focus is not None
            assert finding.focus.startswith(BASE)


@pytest.mark.parametrize("number", sorted(EXAMPLES))
def test_every_statement_has_one_mark_a_rule(number: str) -> None:
    """Passed, failed or not applicable: exactly one of the three for each of the rules, and failed as found."""
    document, statements = example(number)
    result = checked(document, statements)
    words = ("#passed>", "#failed>", "#notApplicable>")
    marks = [line for line in result.marks if any(word in line for word in words)]
    assert len(marks) == len(statements) * len({rule.code for rule in rules()})
    assert len({(line.split()[0], line.split()[2]) for line in marks}) == len(marks)
    assert sum("#failed>" in line for line in marks) == len(complaints(result.findings))


def test_a_named_profile_takes_the_place_of_a_tables_own() -> None:
    """A table of Tianjin without cost gets a warning, and by the rules of Shenzhen, whose form has no cost, a note."""
    document, statements = example("001")
    one = replace(without("成本")(statements[0]), fiscal_year=Stated("2025", Basis.MANIFEST))
    lines = [*document_graph(document, BASE), *graph_of(one, document, BASE)]
    found = {
        profile: {
            finding.severity for finding in check(batch_store(lines), BASE, profile).findings if finding.code == "C12"
        }
        for profile in (None, *PROFILES)
    }
    warned, noted = {Severity.WARNING}, {Severity.INFO}
    assert found == {None: warned, "base88": warned, "central101": warned, "shenzhen2019": noted}


def test_the_command_takes_a_profile_for_all_tables() -> None:
    """By option the tables of Shenzhen are held to the rules of base88: five notes of cost become five warnings."""
    path = Path(__file__).parent.parent / "examples" / EXAMPLES["003"].name
    own, other = (fiscalkg("check", path, *option).stdout for option in ((), ("--profile", "base88")))
    assert "C12 an indicator of cost: info × 5" in own
    assert "C12 an indicator of cost: warning × 5" in other


def test_the_report_names_its_results_the_same_each_time() -> None:
    """The report has no blank nodes, one result a finding, and does not depend on the order of its input."""
    document, statements = example("003")
    report = checked(document, statements).report
    assert checked(document, reversed(statements)).report == report
    assert not any(line.startswith("_:") or " _:" in line for line in report)
    results = [line for line in report if line.endswith("<http://www.w3.org/ns/shacl#ValidationResult> .\n")]
    assert len(results) == len(found("003"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_for_people_tells_every_finding(language: Literal["zh", "en"]) -> None:
    """Per unit, rule and table: their names, the clause, the hint, each message with its line; all where asked for."""
    findings = found("003")
    document, statements = example("003")
    facts = [line for one in statements for line in graph_of(one, document, BASE)]
    names = names_in(facts, BASE)
    text = check_report_text(findings, language, names, everything=True)
    for unit in {unit_of(finding) for finding in findings}:
        assert (
            text.count(f"{names.units[unit]}（{unit}）" if language == "zh" else f"{names.units[unit]} ({unit})") == 1
        )
    for finding in findings:
        rule = next(rule for rule in rules() if (rule.code, rule.severity) == (finding.code, finding.severity))
        message = finding.message_zh if language == "zh" else finding.message_en
        assert all(part in text for part in (rule.label[language], rule.clause[language], rule.hint[language]))
        assert finding.place is not None
        assert (
            told(finding.place)[language == "en"] + ("：" if language == "zh" else ": ") + " ".join(message.split())
            in text
        )
    assert {names.tables[table_of(finding)] for finding in findings} == {
        name for name in names.tables.values() if f"{name}{'（' if language == 'zh' else ' ('}{document.name}" in text
    }
    assert check_report_text([], language).strip()


def test_a_long_list_is_cut_and_counted() -> None:
    """Of one table and rule eight findings are told, the others counted; nothing is lost where all is asked for."""
    findings = [finding for finding in found("001") if (finding.statement, finding.code) == (3, "C22")]
    assert len(findings) > 8
    short = check_report_text(findings, "zh")
    assert short.count("      - ") == 8
    assert f"另有 {len(findings) - 8} 处" in short
    assert check_report_text(findings, "zh", everything=True).count("      - ") == len(findings)


def test_the_report_ends_with_four_numbers_a_rule() -> None:
    """All rules, each with how many tables it checked, how many passed and failed, of how many it says nothing."""
    document, statements = example("003")
    rows = checked(document, statements).tallies
    text = check_report_text([], "en", names_in(sum_measurements(rows, BASE), BASE))
    lines = [line.split() for line in text.splitlines() if line.startswith("C")]
    assert [line[0] for line in lines] == sorted({rule.code for rule in rules()})
    for line in lines:
        seen, passed, failed, other = map(int, line[-4:])
        assert seen == passed + failed
        assert seen + other == len(statements)
    assert next(line for line in lines if line[0] == "C13")[-4:] == ["5", "4", "1", "0"]


def test_the_report_as_turtle_says_the_same() -> None:
    """The Turtle of a report holds its triples, no more and no less."""
    document, statements = example("003")
    lines = checked(document, statements).report
    turtle = report_turtle(lines)
    back = {f"{quad.triple} .\n" for quad in ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE)}
    assert back == {f"{quad.triple} .\n" for quad in ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)}
    assert back

"""ontology/questions: each competency question is answered on the examples, most by plain Python a second time."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from answers import ANSWERS, Statements
from fiscalkg.loader.formats import Format
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores import Store, answer_of
from fiscalkg.loader.stores.embedded import open_store
from vocabulary import ROOT

QUESTIONS = ROOT / "ontology" / "questions"
NAMES = sorted(path.stem for path in QUESTIONS.glob("*.rq"))


@pytest.fixture(scope="module")
def release(published: Path) -> Release:
    return open_release(published)


@pytest.fixture(scope="module")
def store(release: Release) -> Store:
    return open_store(release.store)


@pytest.fixture(scope="module")
def statements(release: Release) -> Statements:
    """The statements as `extract` writes them: the independent way to the answers below."""
    with gzip.open(release.path / "tables" / "statements.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def expected(name: str) -> list[list[str]]:
    with (QUESTIONS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_there_are_25_or_more_asked_in_both_languages() -> None:
    """Each question stands in Chinese and English at the head of its query, with its answer beside it."""
    assert len(NAMES) >= 25
    assert [path.stem for path in sorted(QUESTIONS.glob("*.csv"))] == NAMES
    for name in NAMES:
        text = (QUESTIONS / f"{name}.rq").read_text(encoding="utf-8")
        assert re.match(r"# question-zh: \S.*[？。]\n# question-en: \S.*[?.]\n", text), name


@pytest.mark.parametrize("name", NAMES)
def test_a_question_is_answered(store: Store, name: str, pytestconfig: pytest.Config) -> None:
    """The query gives on the published examples what its file of answers holds, and that is something."""
    text = (QUESTIONS / f"{name}.rq").read_text(encoding="utf-8")
    found = answer_of(store, text, Format.csv, {}).decode()
    if pytestconfig.getoption("--update"):
        (QUESTIONS / f"{name}.csv").write_text(found.replace("\r\n", "\n"), encoding="utf-8")
    assert list(csv.reader(found.splitlines())) == expected(name)
    assert len(expected(name)) > 1


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_plain_python_answers_alike(statements: Statements, name: str) -> None:
    """The answer is the one that plain Python counts from the JSON Lines, without graph or SPARQL."""
    rows = [
        [str(cell.normalize() + 0 if isinstance(cell, Decimal) else cell) for cell in row]
        for row in ANSWERS[name](statements)
    ]
    plain = sorted(
        [f"{Decimal(cell):f}" if re.fullmatch(r"[\d.]+E\+\d+", cell) else cell for cell in row] for row in rows
    )
    assert plain == sorted(expected(name)[1:])


def test_rules_are_counted_as_the_findings_are(release: Release) -> None:
    """A rule is failed by as many tables as its findings name, and every table passes, fails or is not spoken of."""
    lines = (release.path / "reports" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    named = {(f["code"], f["document"], f["statement"]) for f in map(json.loads, lines) if f["code"].startswith("C")}
    failed = Counter(code for code, *_ in named)
    for code, passed, own, apart in expected("rules-passed")[1:]:
        assert int(own) == failed[code], code
        assert int(passed) + int(own) + int(apart) == 134

"""The interchange form: every line keeps the contract and holds the whole statement."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fiscalkg.loader.interchange import VERSION, from_json, place_from_json, place_to_json, to_json
from fiscalkg.loader.layouts import parse
from fiscalkg.loader.model import Basis, Document, Goal, Statement
from fiscalkg.loader.places import CellPlace, LinePlace, PagePlace, Place, SheetPlace
from fiscalkg.loader.readers import read

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "ontology" / "statement.schema.json").read_text(encoding="utf-8"))


@cache
def statements() -> tuple[Statement, ...]:
    found: list[Statement] = []
    for path in sorted((ROOT / "examples").glob("*.txt")):
        source = read(path)
        found += parse(source, Document(source.name, source.sha256, source.media_type)).statements
    return tuple(found)


def errors(content: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(content)]


def test_the_schema_is_one_and_states_the_version() -> None:
    """The schema is valid JSON Schema and names the version that is written."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"]["const"] == VERSION


def test_every_statement_of_the_examples_keeps_the_contract() -> None:
    """134 statements, each valid against the schema after a trip through text."""
    assert len(statements()) == 134
    for statement in statements():
        assert errors(json.loads(json.dumps(to_json(statement), ensure_ascii=False))) == []


def without_places(statement: Statement) -> Statement:
    """What the form does not carry: the places of single facts and goals, the basis of each."""
    goals = tuple(Goal(goal.scope, goal.ordinal, goal.text, statement.place) for goal in statement.goals)
    facts = {}
    for name in Statement.__dataclass_fields__:
        value = getattr(statement, name)
        if hasattr(value, "basis"):
            facts[name] = replace(value, place=None)
    return replace(statement, goals=goals, places=(), **facts)


def test_reading_what_was_written_gives_the_statement_again() -> None:
    """Nothing that the form carries is lost or changed on the way through JSON."""
    for statement in statements():
        again = from_json(json.loads(json.dumps(to_json(statement), ensure_ascii=False)))
        assert to_json(again) == to_json(statement)
        assert without_places(again) == without_places(statement)


def test_the_example_of_the_contract() -> None:
    """The first table of 001 reads as its lines print it."""
    written = next(to_json(each) for each in statements() if each.document.startswith("001") and each.sequence == 1)
    assert (written["unit_code"], written["project_name"]) == ("301101", "2025冬季达沃斯年会项目")
    assert written["amounts"][0]["printed"] == "470.00"
    assert written["amounts"][0]["cny"] == "4700000"
    first = written["indicators"][0]
    assert (first["level1"], first["level2"], first["value"]) == ("产出指标", "数量指标", "≥1000人")
    assert first["target"]["normalized"] == {"value": "1000", "unit": "人"}
    assert first["target"]["comparator"] == ">="


@pytest.mark.parametrize(
    "place",
    [LinePlace(3, 9), PagePlace(1, 70.5, 100, 200, 20), CellPlace(2, 3, 4), SheetPlace("明细", "B7")],
)
def test_each_kind_of_place_comes_back(place: Place) -> None:
    """Lines, boxes, cells and sheets are told apart by their key alone."""
    assert place_from_json(json.loads(json.dumps(place_to_json(place)))) == place


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("kind", "plan"),
        ("sequence", 0),
        ("lines", [1]),
        ("fiscal_year", {"value": "25", "basis": Basis.PRINTED}),
        ("project_name", 7),
        ("amounts", [{"scope": "year"}]),
        ("surplus", None),
    ],
)
def test_the_schema_refuses_what_is_not_the_form(key: str, wrong: object) -> None:
    """A wrong value under any key is an error, so that the schema is worth passing."""
    assert errors({**to_json(statements()[0]), key: wrong})


@pytest.mark.parametrize("number", ["1200.00", "1E+3", "01.5", "-0", "1."])
def test_the_schema_refuses_decimals_that_are_not_canonical(number: str) -> None:
    """Amounts are written in one way only."""
    content = to_json(statements()[0])
    content["amounts"][0]["cny"] = number
    assert errors(content)

"""endpoint/canned: every query answers on the published examples, as plain Python counts from the JSON Lines."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fiscalkg.endpoint.canned_queries import CannedQuery, bindings, canned_queries
from fiscalkg.endpoint.pages.quality import MOST_UNITS
from fiscalkg.loader.errors import QueryError
from fiscalkg.loader.release import open_release
from fiscalkg.loader.shared_names import MOST_SHARED, MOST_TEXTS
from fiscalkg.loader.stores import Store, Term, rows
from fiscalkg.loader.stores.binding import with_values
from fiscalkg.loader.stores.embedded import open_store

CANNED = Path(__file__).parent.parent / "endpoint" / "canned"
NAMES = sorted(path.stem for path in CANNED.glob("*.rq"))
SATISFACTION = {"服务对象满意度指标", "满意度指标", "满意度"}
COST = {"成本指标"}
TIMELINESS = {"时效指标", "时效"}
FP = "https://w3id.org/fiscalkg/ontology#"


@pytest.fixture(scope="module")
def store(published: Path) -> Store:
    return open_store(open_release(published).store)


@pytest.fixture(scope="module")
def statements(published: Path) -> list[dict[str, Any]]:
    """The statements as `extract` writes them: the independent way to every answer below."""
    with gzip.open(open_release(published).path / "tables" / "statements.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def findings(published: Path) -> list[dict[str, Any]]:
    """What the rules found, as the report lists it."""
    with (open_release(published).path / "reports" / "findings.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def ask(store: Store, name: str) -> list[dict[str, str]]:
    answer = rows(store, (CANNED / f"{name}.rq").read_text(encoding="utf-8"))
    return [{key: term.value for key, term in row.items()} for row in answer]


def ask_every_unit(store: Store, name: str) -> list[dict[str, str]]:
    """Return the rows of a query that lists those of a unit, for one unit after another."""
    query = queries()[name]
    units = rows(store, f"SELECT ?unit {{ ?unit a <{FP}BudgetUnit> }} ORDER BY ?unit")
    found = [row for unit in units for row in rows(store, query.text, bindings(query, {"unit": unit["unit"].value}))]
    return [{key: term.value for key, term in row.items()} for row in found]


def unit_of(statement: dict[str, Any]) -> str:
    return statement["implementing_unit"] or statement["unit_name"]


def year_budget(statement: dict[str, Any]) -> Decimal:
    return Decimal(next(a["cny"] for a in statement["amounts"] if (a["scope"], a["source"]) == ("year", "all")))


def test_there_are_ten_or_more_with_a_title_and_question_in_both_languages() -> None:
    """Each canned query says in its head, in Chinese and English, what it is called and what it answers."""
    assert len(NAMES) >= 10
    for name in NAMES:
        head = (CANNED / f"{name}.rq").read_text(encoding="utf-8")
        for key in ("title-zh", "title-en", "question-zh", "question-en"):
            assert re.search(rf"^# {key}: \S", head, re.MULTILINE), (name, key)


@pytest.mark.parametrize("name", NAMES)
def test_every_query_answers(store: Store, name: str) -> None:
    """No canned query comes back empty from the five examples."""
    assert ask(store, name)


def test_totals(store: Store, statements: list[dict[str, Any]]) -> None:
    """Counted by hand: 4 + 12 + 13 + 5 + 100 tables in five documents; indicators as in the JSON Lines."""
    (total,) = ask(store, "totals")
    assert (total["documents"], total["statements"]) == ("5", "134")
    assert Counter(s["document"][:3] for s in statements) == {"000": 4, "001": 12, "002": 13, "003": 5, "004": 100}
    assert int(total["indicators"]) == sum(len(s["indicators"]) for s in statements)
    assert int(total["units"]) == len({unit_of(s) for s in statements})


def test_budgets(store: Store, statements: list[dict[str, Any]]) -> None:
    """Budgets add up per unit and year; by hand, 000 lines 45, 102, 167, 243: 50 + 50 + 985 + 40.90 万元."""
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for statement in statements:
        expected[unit_of(statement)] += year_budget(statement)
    found = {row["unitName"]: Decimal(row["budget"]) for row in ask(store, "budgets")}
    assert found == expected
    assert found["天津市人民政府外事办公室"] == 11259000


def test_no_satisfaction(store: Store, statements: list[dict[str, Any]]) -> None:
    """The projects none of whose rows is a 满意度; by hand: eleven tables of 004 and 信息管理 of 003."""
    expected = {
        s["project_name"] for s in statements if not any(row["level2"] in SATISFACTION for row in s["indicators"])
    }
    found = ask_every_unit(store, "no-satisfaction")
    assert {row["projectName"] for row in found} == expected
    assert Counter(row["document"][:3] for row in found) == {"003": 1, "004": 11}


def test_cost_above_budget(store: Store, statements: list[dict[str, Any]]) -> None:
    """By hand, in 004: 739.78 on a budget of 240 (lines 5346, 5295), 45 + 12.5 + 2.5 on 57 (6044–6056, 5984)."""
    found = {
        row["projectName"]: (Decimal(row["cost"]), Decimal(row["budget"]))
        for row in ask_every_unit(store, "cost-above-budget")
    }
    assert found["早期归侨侨眷退休生活补贴资金"] == (Decimal(600000), Decimal(570000))
    assert found["中央文化产业发展专项资金（推动影视产业发展项目）-走过世纪-中央"] == (
        Decimal(7397800),
        Decimal(2400000),
    )
    for statement in statements:
        money = [
            Decimal(row["target"]["normalized"]["value"])
            for row in statement["indicators"]
            if row["level2"] in COST
            and row["target"]["kind"] == "money"
            and row["target"]["comparator"] not in {">=", ">"}
            and "人均" not in row["name"]
        ]
        totals = {Decimal(a["cny"]) for a in statement["amounts"] if a["source"] == "all"}
        above = sum(value for value in money if value not in totals) > max(totals)
        assert above == (statement["project_name"] in found), statement["project_name"]


def test_cost_ratios(store: Store, statements: list[dict[str, Any]]) -> None:
    """The projects with ceilings of their own, highest ratio first; each sum is that of the JSON Lines."""
    found = ask(store, "cost-ratios")
    ratios = [Decimal(row["cost"]) / Decimal(row["budget"]) for row in found]
    assert [round(ratio, 4) for ratio in ratios] == [Decimal(row["ratio"]) for row in found]
    assert ratios == sorted(ratios, reverse=True)
    expected = Counter[tuple[str, Decimal, Decimal, int]]()
    for statement in statements:
        budgets = [Decimal(a["cny"]) for a in statement["amounts"] if a["source"] == "all" and a["cny"]]
        ceilings = [
            Decimal(row["target"]["normalized"]["value"])
            for row in statement["indicators"]
            if row["level2"] in COST and (row["target"]["normalized"] or {}).get("unit") == "CNY"
            if row["target"]["comparator"] not in {">=", ">"}
            and not re.search("人均|每|单价", f"{row['name']} {row['description']}")
        ]
        if parts := [value for value in ceilings if value not in budgets]:
            expected[statement["project_name"], sum(parts, Decimal(0)), max(budgets), len(ceilings)] += 1
    rows = Counter(
        (row["projectName"], Decimal(row["cost"]), Decimal(row["budget"]), int(row["ceilings"])) for row in found
    )
    assert rows == expected


# What each query gave before the cube counted, over all facts: the slow way to the same rows.
PLAIN = Path(__file__).parent / "plain"


@pytest.mark.parametrize("name", sorted(path.stem for path in PLAIN.glob("*.rq")))
def test_what_is_counted_ahead_equals_the_plain_query(store: Store, name: str) -> None:
    """What a query reads from the cube is what a query over all facts counts, in the same order."""
    plain = rows(store, (PLAIN / f"{name}.rq").read_text(encoding="utf-8"))
    assert plain
    assert rows(store, (CANNED / f"{name}.rq").read_text(encoding="utf-8")) == plain


def test_the_highest_ratios_are_those_of_what_was_asked(store: Store) -> None:
    """Of a place, a year or a unit, and of both, the three highest ratios are those of all its tables; ties as well."""
    plain, quick = (path.joinpath("cost-ratios.rq").read_text(encoding="utf-8") for path in (PLAIN, CANNED))
    every = rows(store, plain)
    plain, quick = (text.replace("LIMIT 50", "LIMIT 3") for text in (plain, quick))
    assert len(every) > 9
    kinds: tuple[tuple[str, ...], ...] = ((), ("place",), ("year",), ("unit",), ("place", "year"), ("unit", "year"))
    for asked in kinds:
        for chosen in {tuple((kind, row[kind]) for kind in asked): None for row in every}:
            found = rows(store, with_values(quick, dict(chosen)))
            assert found, chosen
            assert found == rows(store, with_values(plain, dict(chosen))), chosen


def test_quantified(store: Store, statements: list[dict[str, Any]]) -> None:
    """Per unit, how many values hold a number or date, of how many."""
    total, checked = Counter[str](), Counter[str]()
    for statement in statements:
        for row in statement["indicators"]:
            total[unit_of(statement)] += 1
            checked[unit_of(statement)] += row["target"]["kind"] not in {"qualitative", "blank"}
    found_total, found_checked = Counter[str](), Counter[str]()
    for row in ask(store, "quantified"):  # one row a class
        found_total[row["unitName"]] += int(row["indicators"])
        found_checked[row["unitName"]] += int(row["quantified"])
    assert (found_total, found_checked) == (total, checked)


def test_indicators_of_class(store: Store, statements: list[dict[str, Any]]) -> None:
    """Bound to one class, the query gives each printed value of that class across units, Shenzhen's too."""
    answer = ask_every_unit(store, "indicators-of-class")
    found = Counter(row["printed"] for row in answer if row["class"].endswith("/timeliness"))
    expected = Counter(
        row["value"] for s in statements for row in s["indicators"] if row["level2"] in {"时效指标", "时效"}
    )
    assert found == expected
    assert len(answer) == sum(len(s["indicators"]) for s in statements)


def test_class_names(store: Store, statements: list[dict[str, Any]]) -> None:
    """Each name of a class is counted as often as the rows of the JSON Lines bear it, with the units that use it."""
    count, units = Counter[str](), defaultdict(set)
    for statement in statements:
        for row in statement["indicators"]:
            if row["level2"] in {"时效指标", "时效"}:
                count[row["name"]] += 1
                units[row["name"]].add(unit_of(statement))
    answer = ask(store, "class-names")
    found = {row["name"]: row for row in answer if row["class"].endswith("/timeliness")}
    assert {name: int(row["indicators"]) for name, row in found.items()} == dict(count)
    assert {name: int(row["units"]) for name, row in found.items()} == {name: len(own) for name, own in units.items()}
    assert sum(int(row["indicators"]) for row in answer) == sum(len(s["indicators"]) for s in statements)


OLD_CLASS_NAMES = """PREFIX fp: <https://w3id.org/fiscalkg/ontology#> PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?class ?name (COUNT(?indicator) AS ?indicators) (COUNT(DISTINCT ?unit) AS ?units)
       (SUM(IF(COALESCE(?mark, false), 1, 0)) AS ?quantified) (MIN(?placed) AS ?first) WHERE {
  ?statement fp:unit ?unit ; fp:indicator ?indicator . ?indicator fp:target ?target .
  ?target fp:printedText ?text ; prov:wasDerivedFrom ?spot
  OPTIONAL { ?indicator fp:name ?stated } OPTIONAL { ?target fp:quantified ?mark }
  OPTIONAL { ?indicator fp:indicatorClass ?printed
    OPTIONAL { ?printed skos:exactMatch ?matched FILTER(STRSTARTS(STR(?matched), STR(base88:))) } }
  BIND(COALESCE(?stated, "") AS ?name) BIND(COALESCE(?matched, ?printed, "none") AS ?class)
  BIND(CONCAT(STR(?spot), " ", ?text) AS ?placed)
} GROUP BY ?class ?name"""


def test_names_of_classes_are_those_of_all_facts(store: Store) -> None:
    """What the release has counted of names and classes is what a query over all indicators gives."""
    text = f"PREFIX base88: <https://w3id.org/fiscalkg/scheme/base88/> {OLD_CLASS_NAMES}"
    columns = ("class", "name", "indicators", "units", "quantified")
    slow = {
        (*(row[name].value for name in columns), *row["first"].value.split(" ", 1)): row for row in rows(store, text)
    }
    quick = ask(store, "class-names")
    assert {tuple(row[name] for name in (*columns, "source", "printed")) for row in quick} == slow.keys()
    assert len(quick) == len(slow) > 900
    for total in ask(store, "classes"):
        own = [row for row in quick if row["class"] == total["class"]]
        counts = [len(own), *(sum(int(row[name]) for row in own) for name in ("indicators", "quantified"))]
        assert [int(total[name]) for name in ("names", "indicators", "quantified")] == counts


def test_deadlines(store: Store, statements: list[dict[str, Any]]) -> None:
    """Every dated value that names a month is counted under its last month, and is a row of its unit."""
    expected = Counter[str]()
    for statement in statements:
        for row in statement["indicators"]:
            end = (row["target"]["date"] or "").rpartition("/")[2]
            month = re.match(r"(?:--|\d{4}-)(\d{2})", end)
            if row["target"]["kind"] == "date" and month:
                expected[month[1]] += 1
    found = Counter[str]()
    for row in ask(store, "deadlines"):
        found[row["month"]] += int(row["indicators"]) * (row["reading"] == "month")
    assert +found == expected
    listed = ask_every_unit(store, "deadlines-rows")
    assert Counter(row["month"] for row in listed if row["reading"] == "month") == expected


def test_repeated_names(store: Store, statements: list[dict[str, Any]]) -> None:
    """The values that are their indicator's name again, blanks aside."""
    expected = Counter(
        row["value"]
        for s in statements
        for row in s["indicators"]
        if "".join(row["value"].split()) == "".join((row["name"] or "").split())
    )
    assert Counter(row["printed"] for row in ask_every_unit(store, "repeated-names")) == expected


def test_same_indicator(store: Store, statements: list[dict[str, Any]]) -> None:
    """Names used by two units or more, with as many rows as the JSON Lines hold of them."""
    units: dict[str, set[str]] = defaultdict(set)
    count = Counter[str]()
    for statement in statements:
        for row in statement["indicators"]:
            units[row["name"]].add(unit_of(statement))
            count[row["name"]] += 1
    expected = {name: count[name] for name, owners in units.items() if len(owners) > 1}
    counted = Counter[str]()
    for row in ask(store, "same-indicator"):
        counted[row["name"]] += int(row["indicators"])
    assert counted == expected
    assert Counter(row["name"] for row in ask_every_unit(store, "same-indicator-of-unit")) == expected


def test_indicators_of_a_shared_name_are_those_of_all_facts(store: Store) -> None:
    """Unit by unit and name by name the rows are what a query over all facts gives, and values count these."""
    plain = rows(store, (PLAIN / "rows" / "same-indicator.rq").read_text(encoding="utf-8"))
    told = [{key: term.value for key, term in row.items()} for row in plain]
    names = list(dict.fromkeys(row["name"] for row in told))
    assert len(names) > 20

    def plainly(row: dict[str, str]) -> list[tuple[str, str]]:
        return sorted(row.items())

    assert sorted(map(plainly, ask_every_unit(store, "same-indicator-of-unit"))) == sorted(map(plainly, told))
    query = queries()["same-indicator-rows"]
    assert [row for name in names for row in rows(store, query.text, bindings(query, {"name": name}))] == plain
    assert rows(store, query.text) == [row for row in plain if row["name"].value == names[0]][:200]
    few = query.text.replace("LIMIT 200 }", "LIMIT 5 }")
    assert rows(store, few) == plain[:5]


def test_values_of_a_shared_name_are_those_of_all_facts(store: Store) -> None:
    """Of the 50 most shared names, by place and year, each value as it is counted over all facts: none has too many."""
    plain = rows(store, (PLAIN / "rows" / "same-indicator.rq").read_text(encoding="utf-8"))
    told = [{key: term.value for key, term in row.items()} for row in plain]
    drawn = list(dict.fromkeys(row["name"] for row in told))[:50]
    columns = ("name", "units", "place", "year", "printed", "number", "measure")
    expected = Counter(tuple(row.get(column, "") for column in columns) for row in told if row["name"] in drawn)
    found = ask(store, "same-indicator-values")
    assert {tuple(row.get(column, "") for column in columns): int(row["indicators"]) for row in found} == expected
    assert [row["name"] for row in found] == sorted((row["name"] for row in found), key=drawn.index)


def test_queries_of_shared_names_say_how_many_they_are_of() -> None:
    """What the heads of the queries say is what is kept when a release is made."""
    assert f"of the {MOST_SHARED} names that most units" in queries()["same-indicator"].text
    assert f"the {MOST_TEXTS} most usual" in queries()["same-indicator-values"].text


def test_what_was_checked_is_counted_from_the_marks(store: Store) -> None:
    """Rule by rule and unit by unit the counts are those of the marks; without a unit they are of the worst units."""
    plain = rows(store, (PLAIN / "rows" / "quality.rq").read_text(encoding="utf-8"))

    def told(name: str, **values: str) -> list[dict[str, Term]]:
        query = queries()[name]
        return rows(store, query.text, bindings(query, values))

    by_rule = {
        rule: [row for row in plain if row["rule"].value == rule] for rule in {row["rule"].value for row in plain}
    }
    assert len(by_rule) == 24
    for rule, own in by_rule.items():
        assert told("quality-of-rule", rule=rule) == own
    assert told("quality-of-rule") == by_rule[min(by_rule)]
    failures = Counter[str]()
    for row in plain:
        failures[row["unit"].value] += int(row["failed"].value)
    worst = sorted(failures, key=lambda unit: (-failures[unit], unit))[:10]
    assert len(failures) > 10
    by_unit = {unit: [row for row in plain if row["unit"].value == unit] for unit in failures}
    for unit, own in by_unit.items():
        assert told("quality-of-units", unit=unit) == own
    few = queries()["quality-of-units"].text.replace("LIMIT 40 }", "LIMIT 10 }")
    assert rows(store, few) == [row for unit in sorted(worst) for row in by_unit[unit]]


@pytest.mark.parametrize("column", ["place", "year"])
def test_the_first_name_is_chosen_of_what_was_asked(store: Store, column: str) -> None:
    """Of a place or year the rows are those of the name that most units use, of those that it has."""
    plain = rows(store, (PLAIN / "rows" / "same-indicator.rq").read_text(encoding="utf-8"))
    query = queries()["same-indicator-rows"]
    values = {row[column].value for row in plain}
    assert len(values) > 1
    for value in values:
        own = [row for row in plain if row[column].value == value]
        found = rows(store, with_values(query.text, {column: own[0][column]}))
        assert found == [row for row in own if row["name"] == own[0]["name"]][:200]


def test_satisfaction(store: Store, statements: list[dict[str, Any]]) -> None:
    """Only percentages that are no complaint rate are counted, by the share that was printed; each is a row."""
    expected = Counter[Decimal]()
    for statement in statements:
        for row in statement["indicators"]:
            target = row["target"]
            rising = "投诉" not in row["name"] and target["comparator"] not in {"<=", "<"}
            if row["level2"] in SATISFACTION and target["kind"] == "percentage" and rising:
                expected[Decimal(target["normalized"]["value"]) * 100] += 1
    found = Counter[Decimal]()
    for row in ask(store, "satisfaction"):
        if row["reading"] == "counted":
            found[Decimal(row["percent"])] += int(row["indicators"])
    assert found == expected
    counted = [row for row in ask_every_unit(store, "satisfaction-rows") if row["reading"] == "counted"]
    assert Counter(Decimal(row["percent"]) for row in counted) == expected


def test_missing(store: Store, statements: list[dict[str, Any]]) -> None:
    """Per class, how many projects of all units lack it."""
    lacking = Counter[str]()
    for row in ask(store, "missing"):
        lacking[row["class"]] += int(row["lacking"])
    labels = {"quantity": "数量", "quality": "质量", "timeliness": "时效", "cost": "成本", "satisfaction": "满意度"}
    for name, label in labels.items():
        expected = sum(not any(label in (row["level2"] or "") for row in s["indicators"]) for s in statements)
        assert lacking[name] == expected, name


def queries() -> dict[str, CannedQuery]:
    return {query.name: query for query in canned_queries()}


def test_all_files_are_read_with_their_head() -> None:
    """Every .rq file is a canned query, and what its head declares is what people are shown."""
    assert sorted(queries()) == NAMES
    declared = queries()["budgets"]
    assert (declared.title_zh, declared.title_en) == ("各单位预算", "Budgets by unit")
    assert [(parameter.name, parameter.type) for parameter in declared.parameters] == [
        ("unit", "iri"),
        ("year", "year"),
    ]


PARAMETERS = [(query.name, parameter.name) for query in canned_queries() for parameter in query.parameters]


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_a_bound_parameter_leaves_exactly_its_rows(store: Store, name: str, parameter: str) -> None:
    """Bound to a value of the full answer, the query gives the rows with that value, in the same order."""
    query = queries()[name]
    full = rows(store, query.text)
    values = {row[parameter].value for row in full}
    value = sorted(values)[len(values) // 2]
    bound = rows(store, query.text, bindings(query, {parameter: value}))
    assert bound == [row for row in full if row[parameter].value == value]
    assert bound


LIMITED = sorted(query.name for query in canned_queries() if query.first_unit)


@pytest.mark.parametrize("name", LIMITED)
def test_a_query_of_the_first_unit_holds_all_rows_of_each_unit(
    store: Store, statements: list[dict[str, Any]], findings: list[dict[str, Any]], name: str
) -> None:
    """Without a unit the rows are those of the first unit that has some; unit by unit they are those of every unit."""
    query = queries()[name]
    units = [row["unit"] for row in rows(store, f"SELECT ?unit {{ ?unit a <{FP}BudgetUnit> }} ORDER BY ?unit")]
    of_unit = [rows(store, query.text, bindings(query, {"unit": unit.value})) for unit in units]
    assert rows(store, query.text) == next(filter(None, of_unit))
    listed = [row for s in statements for row in s["indicators"]]
    bare = [
        ("".join(row["name"].split()), {"".join((row[key] or "").split()) for key in ("description", "value")})
        for row in listed
    ]
    expected = {
        "cost-above-budget": 2,
        "no-satisfaction": 12,
        "copy-paste-rows": sum(own in others for own, others in bare if own),
        "indicators-of-class": len(bare),
        "repeated-names": sum("".join(row["value"].split()) == own for (own, _), row in zip(bare, listed, strict=True)),
        "cost-budget-rows": sum(row["level2"] in COST for s in statements for row in s["indicators"]),
        "quantified-rows": len(bare),
        "years-rows": len(statements),
        "satisfaction-rows": sum(row["level2"] in SATISFACTION for row in listed),
        "deadlines-rows": sum(row["level2"] in TIMELINESS or row["target"]["kind"] == "date" for row in listed),
        "same-indicator-of-unit": sum(int(row["indicators"]) for row in ask(store, "same-indicator")),
        "quality-rows": sum(finding["code"].startswith("C") for finding in findings),
        "missing-rows": sum(int(row["lacking"]) for row in ask(store, "missing")),
    }
    assert sum(map(len, of_unit)) == expected[name]


def test_the_quality_page_shows_as_many_units_as_its_query_gives() -> None:
    """The page cuts its units off where the query does."""
    assert f"LIMIT {MOST_UNITS} }}" in queries()["quality-of-units"].text


@pytest.mark.parametrize(("name", "parameter"), [("quality-rows", "rule"), ("indicators-of-class", "class")])
def test_without_a_unit_the_first_is_chosen_of_what_was_asked(store: Store, name: str, parameter: str) -> None:
    """Of each rule or class that any unit has rows of, the rows without a unit are those of the first such unit."""
    query, every = queries()[name], ask_every_unit(store, name)
    values = {row[parameter] for row in every}
    assert len(values) > 1
    for value in values:
        found = rows(store, with_values(query.text, bindings(query, {parameter: value})))
        own = [row for row in every if row[parameter] == value]
        first = [row for row in own if row["unit"] == own[0]["unit"]]
        assert [{key: term.value for key, term in row.items()} for row in found] == first, value


def test_a_query_says_where_its_rows_are_an_example() -> None:
    """Those of one unit or name say so in both languages, and no other."""
    found = {query.name: query.example_without for query in canned_queries() if query.example_without}
    assert found["missing-rows"] == "unit"
    assert found["same-indicator-rows"] == "name"
    assert not found.keys() & {"missing", "same-indicator", "same-indicator-values", "cost-ratios", "quality-of-units"}
    for query in canned_queries():
        assert ("例子" in query.told("zh")) is ("an example" in query.told("en")) is (query.name in found)


def test_a_blank_parameter_asks_for_all(store: Store) -> None:
    """A form sent with an empty field answers as if nothing had been bound."""
    query = queries()["budgets"]
    assert rows(store, query.text, bindings(query, {"unit": " ", "year": ""})) == rows(store, query.text)


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [
        ("budgets", "unit", "not an iri"),
        ("budgets", "unit", "https://x/> } DELETE {"),
        ("budgets", "year", "２０２５"),
        ("budgets", "year", "25"),
        ("budgets", "month", "12"),
        ("totals", "unit", "https://x/"),
    ],
)
def test_what_is_no_value_of_the_parameter_is_refused(name: str, parameter: str, value: str) -> None:
    """A value that is not of its type, or for no parameter of the query, never reaches the store."""
    with pytest.raises(QueryError, match=parameter):
        bindings(queries()[name], {parameter: value})


def test_a_string_is_bound_as_a_term_and_not_pasted(store: Store) -> None:
    """Quotes and braces in a value are text to be compared, no query."""
    query = queries()["same-indicator"]
    assert rows(store, query.text, bindings(query, {"name": '" } SELECT * { ?s ?p ?o } #'})) == []

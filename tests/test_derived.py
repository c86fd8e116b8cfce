"""Marks and cube: what is stated once for all must equal what a plain query or plain Python counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pyoxigraph as ox

from faults import EXAMPLES, example
from fiscalkg.loader.check import batch_store, check
from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.cube import contributions, sum_cube
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.iris import BASE, ONTOLOGY, SCHEME
from fiscalkg.loader.model import AmountSource, Scope

PREFIXES = f"PREFIX fp: <{ONTOLOGY}> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
Row = dict[str, str]


@cache
def made(batch: int) -> tuple[list[str], list[str], list[str]]:
    """Facts, marks and contributions of the examples, checked so many statements at a time."""
    facts, marks, rows = [], [], []
    for number in sorted(EXAMPLES):
        document, statements = example(number)
        about = list(document_graph(document, BASE))
        for start in range(0, len(statements), batch):
            lines = [line for one in statements[start : start + batch] for line in graph_of(one, document, BASE)]
            store = batch_store([*about, *lines])
            facts += [*about, *lines]
            marks += check(store, BASE).marks
            rows += sorted(contributions(store))
    return facts, marks, rows


def select(lines: list[str], text: str) -> list[Row]:
    store = ox.Store()
    store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in code_lists())
    found = store.query(PREFIXES + text)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [{name: row[name].value for name in names if row[name] is not None} for row in found]


def cube() -> list[str]:
    return list(sum_cube(made(7)[2], BASE))


def test_the_cube_does_not_depend_on_batches() -> None:
    """Statements one by one, or in batches of seven or of two hundred, give the same cube and marks."""
    alone, few, many = (made(size) for size in (1, 7, 200))
    cubes = [list(sum_cube(rows, BASE)) for _, _, rows in (alone, few, many)]
    assert cubes[0] == cubes[1] == cubes[2]
    assert set(alone[1]) == set(few[1]) == set(many[1])


def test_the_cube_equals_the_plain_query() -> None:
    """Counts by unit, year and class asked of all facts at once are those of the cube."""
    plain = select(
        made(200)[0],
        """SELECT ?unit ?year ?class (COUNT(DISTINCT ?s) AS ?statements) (COUNT(DISTINCT ?i) AS ?indicators)
                  (COUNT(DISTINCT ?q) AS ?quantified) WHERE {
             ?s fp:unit ?unit ; fp:fiscalYear ?year ; fp:indicator ?i . ?i fp:indicatorClass ?own .
             { ?own skos:exactMatch ?class } UNION { ?own skos:inScheme ?any . BIND(?own AS ?class) }
             FILTER(CONTAINS(STR(?class), "/base88/"))
             OPTIONAL { ?i fp:target ?target . ?target fp:quantified true . BIND(?i AS ?q) }
           } GROUP BY ?unit ?year ?class""",
    )
    stated = select(
        cube(),
        """SELECT ?unit ?year ?class ?statements ?indicators ?quantified WHERE {
             ?o fp:observedUnit ?unit ; fp:observedYear ?year ; fp:observedClass ?class ;
                fp:statementCount ?statements ; fp:indicatorCount ?indicators ; fp:quantifiedCount ?quantified }""",
    )
    assert len(stated) > 100
    assert sorted(map(sorted_items, stated)) == sorted(map(sorted_items, plain))


def sorted_items(row: Row) -> list[tuple[str, str]]:
    return sorted(row.items())


def test_the_budgets_of_the_cube_equal_plain_sums() -> None:
    """The cube's money and statements of each unit and year are those of the statements, added in Python."""
    money: defaultdict[str, Decimal] = defaultdict(Decimal)
    tables: Counter[str] = Counter()
    for number in EXAMPLES:
        for one in example(number)[1]:
            assert one.fiscal_year is not None
            key = f"{(one.unit_code or one.implementing_unit).value} {one.fiscal_year.value}"  # type: ignore[union-attr]  # one of them is printed in every example
            tables[key] += 1
            money[key] += sum(
                (a.cny for a in one.amounts if (a.scope, a.source) == (Scope.YEAR, AmountSource.ALL) and a.cny),
                Decimal(0),
            )
    stated = select(cube(), "SELECT ?budget ?n WHERE { ?o fp:budget ?budget ; fp:statementCount ?n }")
    assert sorted((Decimal(row["budget"]), int(row["n"])) for row in stated) == sorted(
        (money[key], tables[key]) for key in tables
    )
    assert sum(int(row["n"]) for row in stated) == 134


def test_the_highest_ratio_of_the_cube_is_that_of_the_marks() -> None:
    """Of each unit and year the highest ratio that a statement is marked with, and 0 where none is."""
    facts, marks, _ = made(200)
    plain = select(
        [*facts, *marks],
        "SELECT ?unit ?year ?ratio { ?s fp:unit ?unit ; fp:fiscalYear ?year OPTIONAL { ?s fp:commitmentRatio ?ratio }}",
    )
    highest: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in plain:
        key = row["unit"], row["year"]
        highest[key] = max(highest[key], Decimal(row.get("ratio", "0")))
    stated = select(
        cube(),
        "SELECT ?unit ?year ?highest { ?o fp:highestRatio ?highest ; fp:observedUnit ?unit ; fp:observedYear ?year }",
    )
    assert {(row["unit"], row["year"]): Decimal(row["highest"]) for row in stated} == highest
    assert len({*highest.values()}) > 5


def test_a_statement_states_the_classes_of_its_rows() -> None:
    """The marks name each class of base88 that a row is of, whatever the taxonomy of the table."""
    facts, marks, _ = made(200)
    labels = {"数量": "quantity", "质量": "quality", "时效": "timeliness", "成本": "cost", "满意": "satisfaction"}
    for label, name in labels.items():
        printed = {
            (document.name, one.sequence)
            for document, statements in map(example, EXAMPLES)
            for one in statements
            if any(label in (row.level2 or "") for row in one.indicators)
        }
        marked = select(
            [*facts, *marks],
            f"""SELECT ?name ?sequence WHERE {{ ?s fp:statesClass <{SCHEME}base88/{name}> ;
                fp:sequence ?sequence ; fp:sourceDocument ?document . ?document fp:fileName ?name }}""",
        )
        assert {(row["name"], int(row["sequence"])) for row in marked} == printed


def test_the_cube_has_no_blank_nodes_and_names_its_data_sets() -> None:
    """Each observation names its data set and counts indicators; and nothing in the cube lacks a name."""
    lines = cube()
    assert not any("_:" in line for line in lines)
    observations = {line.split()[0] for line in lines if line.endswith("cube#Observation> .\n")}
    for term in ("cube#dataSet>", "indicatorCount>"):
        assert {line.split()[0] for line in lines if line.split()[1].endswith(term)} == observations


def undated() -> list[str]:
    """The cube of an example whose first three statements lack the fiscal year."""
    document, statements = example("001")
    held = [replace(one, fiscal_year=None) if at < 3 else one for at, one in enumerate(statements)]
    about = list(document_graph(document, BASE))
    rows = [row for one in held for row in contributions(batch_store([*about, *graph_of(one, document, BASE)]))]
    return list(sum_cube(rows, BASE))


def test_tables_without_a_year_are_counted_in_data_sets_of_their_own() -> None:
    """Three tables that lost their year leave the counts by year and are counted by unit, in all that is counted."""
    statements = example("001")[1]
    found = select(
        undated(),
        """SELECT ?o ?year ?n ?indicators ?budget WHERE {
             ?o fp:statementCount ?n ; fp:indicatorCount ?indicators ; fp:budget ?budget
             OPTIONAL { ?o fp:observedYear ?year } }""",
    )
    counted = {
        dated: tuple(
            sum(Decimal(row[name]) for row in found if bool(row.get("year")) == dated)
            for name in ("n", "indicators", "budget")
        )
        for dated in (False, True)
    }
    for dated, own in ((False, statements[:3]), (True, statements[3:])):
        money = (
            a.cny or Decimal(0)
            for one in own
            for a in one.amounts
            if (a.scope, a.source) == (Scope.YEAR, AmountSource.ALL)
        )
        assert counted[dated] == (len(own), sum(len(one.indicators) for one in own), sum(money, Decimal(0)))
    assert {row["o"].rpartition("/")[2] for row in found} == {"unknown", statements[3].fiscal_year.value}  # type: ignore[union-attr]  # each example prints its year
    names = {line.split()[0].rpartition("/")[2] for line in undated() if "cube#DataSet>" in line}
    assert names == {
        f"{name}{end}>"
        for name in ("budgets", "classes", "printed-classes", "satisfaction", "deadlines")
        for end in ("", "-without-year")
    } | {"documents>"}


def test_a_sum_leads_to_the_amount_that_stands_first() -> None:
    """The first amount of a unit and year is, of those that are summed, the one whose place comes first."""
    plain = select(
        made(200)[0],
        """SELECT ?unit ?year (MIN(?spot) AS ?first) WHERE {
             ?s fp:unit ?unit ; fp:fiscalYear ?year ; fp:amount ?a .
             ?a fp:scope <https://w3id.org/fiscalkg/scheme/scope/year> ; fp:cny ?cny ;
                fp:source <https://w3id.org/fiscalkg/scheme/source/all> ;
                <http://www.w3.org/ns/prov#wasDerivedFrom> ?at . BIND(STR(?at) AS ?spot)
           } GROUP BY ?unit ?year""",
    )
    stated = select(
        [*made(200)[0], *cube()],
        """SELECT ?unit ?year (STR(?at) AS ?first) WHERE {
             ?o fp:observedUnit ?unit ; fp:observedYear ?year ; fp:firstAmount ?a .
             ?a <http://www.w3.org/ns/prov#wasDerivedFrom> ?at }""",
    )
    assert len(stated) > 20
    assert sorted(map(sorted_items, stated)) == sorted(map(sorted_items, plain))

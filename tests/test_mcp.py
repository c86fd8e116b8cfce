"""Assistants over the Model Context Protocol: the SDK's own client asks a real process about the published examples."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import sys
from collections.abc import Awaitable, Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from conftest import fiscalkg
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, Tool

from fiscalkg.endpoint.canned_queries import canned_queries, canned_query
from fiscalkg.loader.release import open_release

TIMELINESS = "https://w3id.org/fiscalkg/scheme/base88/timeliness"
COMMAND = str(Path(sys.executable).parent / "fiscalkg")
Talk = Callable[[Client], Awaitable[Any]]


def talk(published: Path, *options: str, to: Talk) -> Any:
    """Start `fiscalkg mcp`, let a client talk to it, and end both."""

    async def whole() -> Any:
        arguments = ["mcp", str(published), *options]
        async with Client(StdioServerParameters(command=COMMAND, args=arguments), read_timeout_seconds=60) as client:
            return await to(client)

    return asyncio.run(whole())


def asked(published: Path, *calls: tuple[str, dict[str, Any]], options: tuple[str, ...] = ()) -> list[CallToolResult]:
    async def each(client: Client) -> list[CallToolResult]:
        return [await client.call_tool(name, arguments) for name, arguments in calls]

    results: list[CallToolResult] = talk(published, *options, to=each)
    return results


def told(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result.content
    assert result.structured_content
    return result.structured_content


def anchor_text(address: str) -> str:
    """Return the text of the source page from the anchor that an address names."""
    parts = urlsplit(address)
    page = Path(unquote(parts.path)).read_text(encoding="utf-8")
    at = page.index(f'id="{parts.fragment}"')
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]+>", "", page[page.rindex("<", 0, at) : at + 6000])))


def test_every_canned_query_is_a_tool_with_typed_parameters(published: Path) -> None:
    """Names, questions and parameters are those of the queries; every tool says that it only reads."""

    async def listed(client: Client) -> list[Tool]:
        return list((await client.list_tools()).tools)

    tools = {tool.name: tool for tool in talk(published, to=listed)}
    assert tools.keys() == {query.name for query in canned_queries()} | {"sparql", "search", "describe"}
    for query in canned_queries():
        schema = tools[query.name].input_schema["properties"]
        assert schema.keys() == {parameter.name for parameter in query.parameters} | {"rows"}
        assert query.question_zh in (tools[query.name].description or "")
    assert "[12]" in str(tools["budgets"].input_schema["properties"]["year"])
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools.values())


def test_answers_are_those_of_the_query_command_with_release_page_and_places(published: Path) -> None:
    """Rows equal those of `fiscalkg query`; release and page are named; a place leads to the printed value."""
    (result,) = asked(published, ("satisfaction-rows", {"rows": 500}))
    answer = told(result)
    printed = fiscalkg("query", published, "-", "--format", "csv", input=canned_query("satisfaction-rows").text).stdout
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert answer["rows"] == [{name: value for name, value in row.items() if value} for row in rows]
    assert not answer["more"]
    assert answer["example"]  # of one unit
    assert answer["release"] == open_release(published).id
    assert answer["page"].endswith("/site/q/satisfaction.html")
    assert Path(unquote(urlsplit(answer["page"]).path)).is_file()
    for row in answer["rows"][::9]:
        place = answer["places"][row["source"]][0]
        assert re.sub(r"\s", "", row["printed"]) in anchor_text(place["page"]), place
        assert Path(unquote(urlsplit(answer["pages"][row["statement"]]).path)).is_file()


def test_sparql_search_and_description_are_cited(published: Path) -> None:
    """A query of one's own, a part of a name and an IRI each give IRIs with pages and places in a source."""
    query = """PREFIX fp: <https://w3id.org/fiscalkg/ontology#>
    SELECT ?indicator ?name WHERE { ?indicator a fp:Indicator ; fp:name ?name } ORDER BY ?indicator"""
    site = "https://data.example.cn/kpi"
    sparql, search, unit, members = asked(
        published, ("sparql", {"query": query, "rows": 3}), ("search", {"words": "滿意度"}),
        ("budgets", {"unit": "301101"}), ("indicators-of-class", {"class": TIMELINESS}), options=("--site", site),
    )  # fmt: skip
    answer = told(sparql)
    assert len(answer["rows"]) == 3
    assert answer["more"]
    assert answer["page"].startswith(f"{site}/sparql/?query=PREFIX")
    for row in answer["rows"]:
        assert answer["pages"][row["indicator"]].startswith(f"{site}/statement/")
        assert answer["places"][row["indicator"]][0]["page"].startswith(f"{site}/source/")
    found = told(search)
    assert found["count"] >= 100
    assert len(found["results"]) == 50
    assert all("满意" in each["title"] for each in found["results"])
    indicators = [each["iri"] for each in found["results"] if each["kind"] == "indicator"]
    assert indicators
    assert found["places"].keys() >= set(indicators)
    assert {row["class"] for row in told(members)["rows"]} == {TIMELINESS}
    assert told(members)["labels"][TIMELINESS] == {"zh": "时效指标", "en": "timeliness"}
    budgets = told(unit)
    assert budgets["rows"]
    assert {row["unit"].rpartition("/")[2] for row in budgets["rows"]} == {"301101"}
    described, term = asked(
        published, ("describe", {"iri": indicators[0]}),
        ("describe", {"iri": "https://w3id.org/fiscalkg/ontology#Indicator"}),
    )  # fmt: skip
    assert "fp:target" in told(described)["turtle"]
    assert told(described)["places"][indicators[0]][0]["file"].endswith(".txt")
    assert "绩效指标" in told(term)["turtle"]


BASE = "https://w3id.org/fiscalkg/id/"
MADE_UP = f'SELECT ?a {{ BIND("{BASE}source/9fb0c06dcfe0#line=x,<" AS ?a) }}'
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("sparql", {"query": "DELETE WHERE { ?s ?p ?o }"}, "updates are refused"),
    ("sparql", {"query": "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"}, "SERVICE is refused"),
    ("sparql", {"query": "ASK { ?s ?p ?o }"}, "ask by SELECT"),
    ("sparql", {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c < ?f) }"}, "longer than"),
    ("sparql", {"query": "SELECT {"}, "expected"),
    ("sparql", {"query": "SELECT * { ?s ?p ?o }", "rows": 501}, "rows"),
    ("budgets", {"year": "last"}, "year"),
    ("budgets", {"unit": "999999"}, "code of 0 units"),
    ("describe", {"iri": "https://example.org/nothing"}, "do not know"),
    ("describe", {"iri": "https://a b/"}, "no IRI"),
]


def test_what_cannot_be_answered_says_why(published: Path) -> None:
    """Updates, other servers, long queries and wrong values are errors in words, and the next question is answered."""
    calls = [call for name, arguments, _ in WRONG for call in ((name, arguments), ("totals", {}))]
    *results, made_up = asked(published, *calls, ("sparql", {"query": MADE_UP}), options=("--time-limit", "2"))
    assert told(made_up)["places"] == {}
    for (name, _, reason), wrong, right in zip(WRONG, results[::2], results[1::2], strict=True):
        assert wrong.is_error, name
        assert reason in str(wrong.content)
        assert "Traceback" not in str(wrong.content)
        assert told(right)["rows"][0]["statements"] == "134"


def test_no_release_and_a_wrong_address_end_in_one_line(published: Path, tmp_path: Path) -> None:
    """A folder without a release, and a site that is no address, are refused before anything starts."""
    for arguments in ((tmp_path,), (published, "--site", "data.example.cn")):
        done = fiscalkg("mcp", *arguments, stdin=None)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1

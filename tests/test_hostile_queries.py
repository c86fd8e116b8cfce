"""Queries made to stop a server: each costs one worker for its limit, and small queries go on being answered."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from servers import COUNT, Server, ask, busy_seconds, serving

from fiscalkg.endpoint.settings import Limits, Settings

SECONDS = 2.0
CUT = 0  # instead of a status: the body broke off
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
# What is refused before it runs, and what must be ended while it runs; both named after what they try.
DEEP = {
    "groups": "SELECT * WHERE " + "{" * 4000 + "?s ?p ?o" + "}" * 4000,
    "parentheses": "SELECT (" + "(" * 4000 + "1" + ")" * 4000 + " AS ?x) {}",
    "subqueries": "SELECT * {" * 2000 + "?s ?p ?o" + "}" * 2000,
    "blank nodes": "SELECT * { ?s ?p " + "[ ?p " * 3000 + "1" + "]" * 3000 + "}",
    "collections": "SELECT * { ?s ?p " + "(" * 3000 + "1" + ")" * 3000 + "}",
    "paths": "SELECT * { ?s " + "(" * 3000 + "<a:b>" + ")*" * 3000 + " ?o }",
    "unions": "SELECT * {" + " UNION ".join(["{ ?s ?p ?o }"] * 2000) + "}",
    "binds": "SELECT * {" + "".join(f"BIND(1 AS ?x{i}) " for i in range(2000)) + "}",
    "optionals": "SELECT * { ?s ?p ?o " + "OPTIONAL { ?s ?p ?o } " * 2000 + "}",
    "sums": "SELECT (" + "+".join(["1"] * 5000) + " AS ?x) {}",
    "alternatives": "SELECT * { ?s " + "|".join(["<a:b>"] * 5000) + " ?o }",
    "negations": "SELECT (" + "!" * 5000 + "true AS ?x) {}",
    "signs": "SELECT (" + "- " * 5000 + "1 AS ?x) {}",
    "exists": "SELECT * { ?s ?p ?o FILTER " + "EXISTS { ?s ?p ?o FILTER " * 2000 + "(true)" + "}" * 2000 + "}",
}
LONG = {
    "cartesian product": ENDLESS,
    "path bomb": "SELECT * { ?a (!<a:b>|^!<a:b>)* ?b . ?b (!<a:c>|^!<a:c>)* ?c }",
    "order by": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c DESC(?a)",
    "regex": 'SELECT * { ?a ?b ?c . ?d ?e ?f FILTER(REGEX(CONCAT(STR(?c), STR(?f)), "(.*)*(.*)*x(.*)*$", "is")) }',
    "concat doubling": "SELECT (STRLEN(?x40) AS ?n) { BIND('x' AS ?x0) "
    + "".join(f"BIND(CONCAT(?x{i},?x{i}) AS ?x{i + 1}) " for i in range(40))
    + "}",
    "group concat": "SELECT (GROUP_CONCAT(CONCAT(STR(?c), STR(?f))) AS ?x) { ?a ?b ?c . ?d ?e ?f }",
    "distinct": "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "not exists": "SELECT * { ?a ?b ?c . ?x ?y ?z FILTER NOT EXISTS { ?d ?e ?f . ?f ?g ?a FILTER(?c = ?z) } }",
    "many patterns": "SELECT * {" + " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(900)) + "}",
}


@pytest.fixture(scope="module")
def server(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose queries may take two seconds and 128 MiB."""
    settings = Settings(published, workers=4, limits=Limits(seconds=SECONDS, memory=128, quick=0.3, patience=4))
    with serving(settings, tmp_path_factory.mktemp("hostile") / "log") as server:
        yield server


def send(server: Server, query: str) -> httpx.Response:
    headers = {"Accept": "text/csv", "Content-Type": "application/sparql-query"}
    return httpx.post(f"{server.address}/sparql", content=query.encode(), headers=headers, timeout=60)


def assert_alive(server: Server) -> None:
    started = time.monotonic()
    assert ask(server.address, f"{COUNT} # {started}", "text/csv").text == "n\r\n134\r\n"
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("name", DEEP)
def test_structure_is_refused_before_the_engine_sees_it(server: Server, name: str) -> None:
    """Deep and long structure of each kind is a 400 that names a place, and no worker is lost."""
    before = server.workers()
    answer = send(server, DEEP[name])
    assert (answer.status_code, "line 1" in answer.text) == (400, True), answer.text
    assert server.workers() == before
    assert_alive(server)


def test_structure_within_the_limits_is_answered(server: Server) -> None:
    """What is just allowed, of each kind, does not overflow the engine's stack: no worker ends."""
    before = server.workers()
    for query in (
        "SELECT * WHERE " + "{" * 100 + "<a:b> <a:b> <a:b>" + "}" * 100,
        "SELECT (" + "(" * 98 + "1" + ")" * 98 + " AS ?x) {}",
        "SELECT (" + "+".join(["1"] * 1000) + " AS ?x) {}",
        "SELECT * {" + " UNION ".join(["{ <a:b> <a:b> <a:b> }"] * 990) + "}",
        "SELECT * {" + "".join(f"BIND(1 AS ?x{i}) " for i in range(490)) + "}",
        "SELECT * { <a:b> <a:b> <a:b> " + "OPTIONAL { <a:b> <a:b> <a:b> } " * 990 + "}",
        "SELECT * { <a:b> " + "/".join(["<a:b>"] * 200) + " <a:b> }",
        "SELECT (" + "!" * 990 + "true AS ?x) {}",
    ):
        answer = send(server, query)
        assert answer.status_code == 200, (query[:60], answer.text[:300])
    assert server.workers() == before


def test_a_million_bytes_of_values_pass(server: Server) -> None:
    """VALUES and IN lists are data: they pass up to the limit of the body."""
    values = "\n".join(f"(<https://e/{i}> -{i})" for i in range(25_000))
    answer = send(server, f"SELECT (COUNT(*) AS ?n) {{ VALUES (?s ?n) {{ {values} }} }}")
    assert (answer.status_code, answer.text) == (200, "n\r\n25000\r\n")
    members = ", ".join(f"-{i}" for i in range(20_000))
    assert send(server, f"ASK {{ FILTER(-19999 IN ({members})) }}").text.strip() == "true"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak) if name != "regex" else name for name in LONG]
)
def test_an_endless_query_costs_one_worker(server: Server, name: str) -> None:
    """It is refused at a limit of time or memory; a second later its worker is gone and no processor is busy."""
    started = time.monotonic()
    with ThreadPoolExecutor(1) as other:
        status = other.submit(status_of, server, LONG[name])
        time.sleep(0.2)
        during = server.workers()
        assert_alive(server)
        assert status.result() in {200, 503, CUT}
    assert time.monotonic() - started < SECONDS + 1.5
    if status.result() != 200:
        assert_idle(server, during)


def status_of(server: Server, query: str) -> int:
    """Return the status of an answer, or that it broke off within its body."""
    try:
        return send(server, query).status_code
    except httpx.RemoteProtocolError as error:
        assert "incomplete chunked read" in str(error)
        return CUT


def assert_idle(server: Server, during: set[int]) -> None:
    """Hold that within a second a worker that was there is gone, and that those that are left do nothing."""
    until = time.monotonic() + 1
    while not during - server.workers():
        assert time.monotonic() < until, "the worker goes on"
        time.sleep(0.02)
    now = server.workers()
    used = busy_seconds(now)
    time.sleep(0.5)
    assert busy_seconds(now) - used < 0.2


def test_a_client_that_leaves_frees_its_worker(server: Server) -> None:
    """One second after the connection is closed the worker that was busy for it is gone, the others idle."""
    with ThreadPoolExecutor(1) as other:
        left = other.submit(httpx.post, f"{server.address}/sparql", data={"query": ENDLESS}, timeout=0.6)
        time.sleep(0.4)
        during = server.workers()
        assert isinstance(left.exception(), httpx.ReadTimeout)
    assert_idle(server, during)


def test_fifty_slow_queries_leave_room_for_small_ones(server: Server) -> None:
    """While fifty endless queries of one client come at once, small ones of it and of others take under a second."""
    asyncio.run(_crowd(server, "127.0.0.1"))
    asyncio.run(_crowd(server, "127.0.0.2"))
    time.sleep(1)
    assert_alive(server)


async def _crowd(server: Server, other: str) -> None:
    limits = httpx.Limits(max_connections=100)
    transport = httpx.AsyncHTTPTransport(local_address=other, limits=limits)
    async with httpx.AsyncClient(timeout=60, limits=limits) as many, httpx.AsyncClient(transport=transport) as one:
        address = f"{server.address}/sparql"
        slow = [asyncio.create_task(many.post(address, data={"query": f"{ENDLESS} # {n}"})) for n in range(50)]
        await asyncio.sleep(0.2)
        for number in range(8):
            started = time.monotonic()
            answer = await one.get(address, params={"query": f"{COUNT} # {other} {number}", "format": "csv"})
            assert (answer.status_code, answer.text) == (200, "n\r\n134\r\n"), answer.text
            assert time.monotonic() - started < 1
        answers = await asyncio.gather(*slow)
    assert {answer.status_code for answer in answers} == {503}
    assert any(answer.headers.get("retry-after") for answer in answers)


def test_a_killed_worker_costs_one_answer(server: Server) -> None:
    """A worker that is killed from outside is replaced; nobody else notices."""
    for process in server.workers():
        os.kill(process, 9)
    for _ in range(8):
        assert_alive(server)

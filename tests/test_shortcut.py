"""The short way of small queries: nobody can tell it from the long one, and nothing is lost on it."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import Server, serving

from fiscalkg.endpoint.caching import Kept
from fiscalkg.endpoint.commands.serve import KEEP_ALIVE
from fiscalkg.endpoint.engine import Begun
from fiscalkg.endpoint.limits import _form, inspect
from fiscalkg.endpoint.operations import Observed
from fiscalkg.endpoint.protocol import pairs
from fiscalkg.endpoint.refusals import ProtocolError
from fiscalkg.endpoint.releases import Releases
from fiscalkg.endpoint.repeats import Repeated, Repeats
from fiscalkg.endpoint.settings import Limits, Settings
from fiscalkg.endpoint.shortcut import Shortcut, head_of
from fiscalkg.endpoint.tokens import tokens

LONG_WAY = "X-Long-Way"  # a header that the short way does not know
FRESH = itertools.count()
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
QUERIES = {
    "ask": "ASK { ?s ?p ?o }",
    "rows": "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p LIMIT 5",
    "chinese": 'SELECT ("预算单位" AS ?x) {}',
    "graph": "CONSTRUCT { ?s a ?c } WHERE { { SELECT * { ?s a ?c } LIMIT 3 } }",
    "large": "SELECT * { ?s ?p ?o } LIMIT 3000",
    "syntax": "SELECT * WHERE { ?s ?p }",
    "evaluation": "SELECT ?x { ?s ?p ?o } GROUP BY ?o",
    "update": "INSERT DATA { <a:b> <a:b> <a:b> }",
    "service": "ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
}


@pytest.fixture(scope="module")
def own(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two workers whose queries end after two seconds."""
    limits = Limits(seconds=2.0, slots=6)
    with serving(Settings(published, workers=2, limits=limits), tmp_path_factory.mktemp("short") / "log") as server:
        yield server


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/csv;q=0.5, */*;q=0.1", "text/turtle", ""])
@pytest.mark.parametrize("name", QUERIES)
def test_both_ways_give_the_same_answer(own: Server, name: str, accept: str, coding: str) -> None:
    """Status, headers and body are equal, whichever way is gone first; again from what is kept; 304 for its tag."""
    headers = {"Accept": accept, "Accept-Encoding": coding}
    query = f"{QUERIES[name]} # {next(FRESH)}"
    with httpx.Client(base_url=own.address) as client:
        answers = [
            client.get("/sparql", params={"query": query}, headers={**headers, **more})
            for more in ({}, {LONG_WAY: "1"}, {}, {LONG_WAY: "1"})
        ]
        told = [(each.status_code, each.content, _comparable(each.headers)) for each in answers]
        assert told[0] == told[1] == told[2] == told[3]
        if answers[0].status_code == 200:
            tag = {"If-None-Match": answers[0].headers["etag"]}
            known = [client.get("/sparql", params={"query": query}, headers={**headers, **tag}) for _ in range(2)]
            assert [(each.status_code, each.content) for each in known] == [(304, b"")] * 2


def _comparable(headers: httpx.Headers) -> dict[str, str]:
    """Headers without the time; a body that is kept has a length where one that is made has chunks."""
    return {
        name: value for name, value in headers.items() if name not in {"date", "content-length", "transfer-encoding"}
    }


def test_requests_in_one_stream_are_answered_in_their_order(own: Server) -> None:
    """Two at once, one in parts, one behind the other: every answer comes, and in the order asked."""
    numbers = range(100, 108)
    asked = [
        f"GET /sparql?query={quote(f'SELECT ({number} AS ?n) {{}} # {next(FRESH)}')} HTTP/1.1\r\n"
        "Host: x\r\nAccept: text/csv\r\n\r\n".encode()
        for number in numbers
    ]
    with socket.create_connection(("127.0.0.1", own.port), timeout=20) as connection:
        connection.sendall(asked[0] + asked[1])
        connection.sendall(asked[2][:40])
        time.sleep(0.1)
        connection.sendall(asked[2][40:])
        for request in asked[3:]:
            connection.sendall(request)
            time.sleep(0.002)
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < len(asked) or not received.endswith(b"\n107\r\n"):
            received += connection.recv(65536)
    bodies = [part.partition(b"\r\n\r\n")[2] for part in received.split(b"HTTP/1.1 200 OK")[1:]]
    assert [f"{number}".encode() in body for number, body in zip(numbers, bodies, strict=True)] == [True] * len(asked)


def test_a_connection_may_rest_for_so_long_after_its_last_answer(own: Server) -> None:
    """Asked again within the time, in the short way and the long one, it stays; after it the server closes it."""
    with socket.create_connection(("127.0.0.1", own.port), timeout=20) as connection:
        for more in ("", "", f"{LONG_WAY}: 1\r\n", ""):
            query = quote(f"ASK {{}} # {next(FRESH)}")
            connection.sendall(
                f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n{more}\r\n".encode()
            )
            received = b""
            while not received.endswith(b"true"):
                received += connection.recv(65536)
            answered = time.monotonic()
            time.sleep(KEEP_ALIVE * 0.6)
        while connection.recv(65536):
            continue
        assert KEEP_ALIVE - 0.1 < time.monotonic() - answered < KEEP_ALIVE + 3


def test_what_is_begun_for_one_request_is_not_given_to_the_next(own: Server) -> None:
    """Behind a large answer, and behind a refused query, that went on the long way the next gets its own answer."""
    numbers = "SELECT (203 AS ?n) {}"
    for first, ending in ((QUERIES["large"], b"\r\n0\r\n\r\n"), (QUERIES["evaluation"], b"HTTP/1.1 400 ")):
        with socket.create_connection(("127.0.0.1", own.port), timeout=20) as connection:
            for query in (first, numbers):
                target = f"/sparql?query={quote(f'{query} # {next(FRESH)}')}"
                connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode())
                time.sleep(0.001)
            received = b""
            while not received.endswith(b"\nn\r\n203\r\n"):
                piece = connection.recv(65536)
                assert piece, received[-200:]
                received += piece
        assert received.count(b"HTTP/1.1 ") == 2
        assert ending in received


def test_a_query_without_end_is_refused_and_its_worker_replaced(own: Server) -> None:
    """A query past its time is 503 within its limit; the small one after it is answered."""
    headers = {"Accept": "text/csv"}
    with httpx.Client(base_url=own.address, timeout=20, headers=headers) as client:
        started = time.monotonic()
        assert client.get("/sparql", params={"query": f"{SLOW} # {next(FRESH)}"}).status_code == 503
        assert time.monotonic() - started < 6
        assert client.get("/sparql", params={"query": f"ASK {{}} # {next(FRESH)}"}).status_code == 200


def test_a_client_that_leaves_frees_its_worker(own: Server) -> None:
    """One second after it has left the worker is gone by its process id, and so is one that was still waiting."""
    before = own.workers()
    address = ("127.0.0.1", own.port)
    connections = [socket.create_connection(address) for _ in range(4)]
    for connection in connections:
        query = quote(f"{SLOW} # {next(FRESH)}")
        connection.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode())
    time.sleep(0.3)
    for connection in connections:
        connection.close()
    time.sleep(1)
    assert before - own.workers(), "the worker of the query is still there"
    answer = httpx.get(
        f"{own.address}/sparql", params={"query": f"ASK {{}} # {next(FRESH)}"}, headers={"Accept": "text/csv"}
    )
    assert (answer.status_code, answer.text.strip()) == (200, "true")


def test_requests_of_both_ways_are_counted(own: Server) -> None:
    """Each answer, kept or made, is in the figures once."""

    def counted() -> float:
        lines = httpx.get(f"{own.address}/metrics").text.splitlines()
        return sum(float(line.split()[1]) for line in lines if line.startswith('fiscalkg_requests_total{kind="sparql"'))

    before, query = counted(), {"query": f"ASK {{}} # {next(FRESH)}"}
    for headers in ({"Accept": "text/csv"}, {"Accept": "text/csv"}, {"Accept": "text/csv", LONG_WAY: "1"}):
        assert httpx.get(f"{own.address}/sparql", params=query, headers=headers).status_code == 200
    assert counted() - before == 3


@given(st.text("abcDEF019%%%%%+=&\n\r é\x80?#;", max_size=40))
def test_parameters_are_read_as_forms_are(text: str) -> None:
    """Names and values are those of the standard library's reader, and what it refuses is refused."""
    try:
        expected = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        with pytest.raises(ProtocolError):
            pairs(text)
    else:
        assert pairs(text) == expected


PLAIN = ["select * {}", "PREFIX a: <b:c>\nprefix : <d:e> Ask {}", "# a\nCONSTRUCT {} {}", "DESCRIBE<a:b>"]


@pytest.mark.parametrize("text", PLAIN)
def test_the_form_of_a_plain_query_is_seen_at_its_beginning(text: str) -> None:
    """The quick look and the reading of every word agree."""
    assert inspect(text) == _form(text, tokens(text))


def test_a_client_that_sends_far_ahead_is_cut(own: Server) -> None:
    """More than a head's size behind a query under way ends the connection, and the worker of the query."""
    before = own.workers()
    request = f"GET /sparql?query={quote(f'{SLOW} # {next(FRESH)}')} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n"
    with socket.create_connection(("127.0.0.1", own.port), timeout=10) as connection:
        connection.sendall(request.encode())
        time.sleep(0.5)  # past the lane
        with pytest.raises(ConnectionError):
            for _ in range(100):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
                time.sleep(0.01)
    time.sleep(1)
    assert before - own.workers(), "the worker of the query is still there"


def test_a_fault_of_the_program_cuts_the_connection(published: Path) -> None:
    """A step that fails is logged and ends the connection, by which whoever waits is told."""
    cut = []

    class Cut:
        address = "127.0.0.1"

        def reply(self, _: Repeated) -> None:
            raise ValueError("a fault")

        def go_on(self, head: bytes, begun: Begun | None = None) -> None:
            raise AssertionError(head, begun)

        def abort(self) -> None:
            cut.append(True)

    async def ask() -> None:
        settings = Settings(published, workers=1, log=False)
        releases = Releases(settings)
        engine = await releases.current()
        repeats = Repeats(releases.link, 1000)
        observed = Observed(None, settings)  # type: ignore[arg-type]  # nothing is asked of the application here
        shortcut = Shortcut(releases, settings, Kept(1000), repeats, observed)
        head = head_of(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n")
        assert head
        assert not shortcut.repeat(Cut(), head)
        passage = shortcut.passage(Cut(), head)
        assert passage
        passage.begin()
        async with asyncio.timeout(20):
            while not cut:
                await asyncio.sleep(0.01)
        passage.leave()
        assert engine._under_way == 0
        await releases.close()

    asyncio.run(ask())

"""Connections that do not behave: bytes too slow, too many or never read; headers and paths made to harm."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from servers import COUNT, Server, ask, serving

from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.settings import Limits, Settings

MIB = 1 << 20
EVERYTHING = "CONSTRUCT WHERE { ?a ?b ?c }"
ROWS = "SELECT * { ?a ?b ?c . ?d a <https://w3id.org/fiscalkg/ontology#SourceDocument> }"


@pytest.fixture(scope="module")
def server(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with little patience."""
    limits = Limits(receive=1.5, stall=1.0, result=8, rows=1000)
    with serving(Settings(published, limits=limits), tmp_path_factory.mktemp("connections") / "log") as server:
        yield server


def raw(server: Server, *parts: bytes, pause: float = 0.0, wait: float = 10.0) -> bytes:
    """Send parts with pauses between them, and return all that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
        received = b""
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while piece := connection.recv(65536):
                received += piece
        return received


def test_a_request_that_never_ends_is_closed(server: Server) -> None:
    """Headers byte by byte, and a body of which nothing more comes, are given up after a time, with 408."""
    started = time.monotonic()
    assert b" 408 " in raw(server, *[b"GET / HTTP/1.1\r\n", *[b"A"] * 60], pause=0.1)
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\n"
    assert b" 408 " in raw(server, head + b"SELECT")
    assert raw(server) == b""
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(("path", "method"), [("/sparql", "POST"), ("/", "GET"), ("/health", "POST")])
def test_ten_million_bytes_of_body(server: Server, path: str, method: str) -> None:
    """A body of 10 MB is refused, or ignored where none is read, without being kept."""
    headers = {"Content-Type": "application/sparql-query"}
    with contextlib.suppress(httpx.WriteError):  # an answer may come before the last byte was sent
        answer = httpx.request(method, server.address + path, content=b"#" * (10 * MIB), headers=headers, timeout=20)
        assert answer.status_code == {"/sparql": 413, "/": 200, "/health": 405}[path]
    assert ask(server.address, COUNT).status_code == 200


def test_headers_without_end_are_refused(server: Server) -> None:
    """More than the limit of headers, or an endless address, is 431 and the connection closed."""
    assert b" 431 " in raw(server, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100_000)
    assert b" 431 " in raw(server, b"GET /" + b"x" * MIB)


def test_an_answer_that_nobody_reads_is_cut(server: Server) -> None:
    """A reader that stops loses its connection and its worker; what it got so far does not look whole."""
    request = f"GET /sparql?{httpx.QueryParams(query=EVERYTHING)}&format=nt HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(
            request.replace(" ?", "%20?").replace("{ ", "%7B%20").encode("latin-1").replace(b"#", b"%23")
        )
        time.sleep(3)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                received += piece
    assert not received.endswith(b"0\r\n\r\n")


def test_an_answer_that_is_too_large_is_cut_within_its_chunks(published: Path, tmp_path: Path) -> None:
    """Beyond the size limit the client sees a broken body, with gzip and without, and never a short 200."""
    limits = Limits(result=1)
    with serving(Settings(published, limits=limits), tmp_path / "log") as server:
        for coding in ("identity", "gzip"):
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
                httpx.get(f"{server.address}/sparql", params={"query": EVERYTHING}, headers={"Accept-Encoding": coding})
        assert "answers_cut_total 2.0" in httpx.get(f"{server.address}/metrics").text


HOSTILE = [
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sparql?query=%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /id/%ff%0d%0aSet-Cookie:x=y HTTP/1.1\r\nHost: x\r\n\r\n",
    b'GET /.well-known/void HTTP/1.1\r\nHost: a b<>"\r\n\r\n',
    b'GET /sparql HTTP/1.1\r\nHost: x"><script>\r\n\r\n',
    b"\x00\x01\x02\x03\r\n\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"GET /unit/%00.ttl HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /unit/120000/301101.ttl?page=9999999999999 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sparql?" + b"a=b&" * 1000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sparql HTTP/1.1\r\nHost: x\r\nAccept: " + b"a/b;q=x," * 9000 + b"\r\n\r\n",
    b'GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nIf-Modified-Since: nonsense\r\nIf-None-Match: "\r\n\r\n',
    b"GET /sparql?query=ASK%7B%7D&release=..%2f..%2fetc HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n"])
@pytest.mark.parametrize("path", [b"/", b"/sparql?query=ASK%7B%7D"])
def test_a_request_names_one_host(server: Server, path: bytes, hosts: bytes) -> None:
    """HTTP/1.1 asks for one header Host: none or two are 400, on the short way too; HTTP/1.0 needs none."""
    for end in (b"\r\n", b"Connection: close\r\n\r\n"):
        answer = raw(server, b"GET " + path + b" HTTP/1.1\r\n" + hosts + end, wait=2)
        assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    if not hosts:
        assert b" 200 " in raw(server, b"GET " + path + b" HTTP/1.0\r\n\r\n", wait=4).split(b"\r\n")[0]


def test_a_header_in_several_lines_is_one_list(server: Server) -> None:
    """Two lines of Accept, or of If-None-Match, say what one line with a comma says."""
    head = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    answer = raw(server, head + b"Accept: image/png\r\nAccept: text/csv;q=0.5\r\n\r\n", wait=4)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"content-type: text/csv" in answer.lower()
    tag = next(line for line in answer.split(b"\r\n") if line.lower().startswith(b"etag:")).partition(b": ")[2]
    known = b'Accept: text/csv\r\nIf-None-Match: "other"\r\nIf-None-Match: ' + tag + b"\r\n\r\n"
    assert raw(server, head + known, wait=4).startswith(b"HTTP/1.1 304")


@pytest.mark.parametrize("request_", HOSTILE, ids=range(len(HOSTILE)))
def test_nonsense_is_refused_and_nothing_of_it_comes_back(server: Server, request_: bytes) -> None:
    """Broken requests, injected headers and strange hosts: no 500, no header of theirs, no markup of theirs."""
    answer = raw(server, request_.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n", 1), wait=4)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 500 " not in head.split(b"\r\n")[0]
    assert b"set-cookie" not in head.lower()
    assert b"<script>" not in body
    assert ask(server.address, COUNT).status_code == 200


def test_input_is_never_markup(server: Server) -> None:
    """A query with tags is shown on the query page as text; a refusal that repeats input is text/plain."""
    query = "SELECT * { ?s ?p '</textarea><script>alert(1)</script>' }"
    page = httpx.get(f"{server.address}/sparql", params={"query": query}, headers={"Accept": "text/html"})
    assert "<script>" not in page.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in page.text
    refused = ask(server.address, "ASK{}", format="<script>")
    assert (refused.status_code, refused.headers["content-type"]) == (406, "text/plain; charset=utf-8")


def test_a_row_limit_is_stated(server: Server) -> None:
    """Rows beyond the limit are left out: a header says so, and JSON and XML do in their body."""
    json_, xml, csv = (ask(server.address, ROWS, format=name) for name in ("json", "xml", "csv"))
    assert {each.headers["fiscalkg-row-limit"] for each in (json_, xml, csv)} == {"1000"}
    found = json.loads(json_.text)
    assert (len(found["results"]["bindings"]), found["head"]["link"]) == (1000, ["urn:fiscalkg:row-limit:1000"])
    assert (xml.text.count("<result>"), "only the first 1000 rows" in xml.text) == (1000, True)
    assert csv.text.count("\r\n") == 1001
    assert "only the first" not in ask(server.address, COUNT, format="xml").text


def test_a_client_is_who_a_trusted_proxy_says(server: Server) -> None:
    """X-Forwarded-For counts from its end, as far as trusted proxies wrote it; IPv6 counts by network."""
    from fastapi import Request  # only for this test

    def client(address: str, forwarded: str, *proxies: str) -> str:
        headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
        return client_of(Request({"type": "http", "client": (address, 1), "headers": headers}), proxies)

    assert client("10.0.0.1", "1.2.3.4") == "10.0.0.1"
    assert client("10.0.0.1", "6.6.6.6, 1.2.3.4", "10.0.0.1") == "1.2.3.4"
    assert client("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "10.0.0.1", "10.0.0.2") == "1.2.3.4"
    assert client("10.0.0.1", "nonsense", "10.0.0.1") == "10.0.0.1"
    assert client("2001:db8::1", "") == client("2001:db8::ffff", "") != client("2001:db8:0:1::1", "")


def test_the_log_holds_no_personal_data(server: Server) -> None:
    """A line of JSON a request, with neither address nor query."""
    ask(server.address, "ASK { ?s ?p 'Zhang San' }")
    time.sleep(0.3)
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    assert {"time", "method", "kind", "status", "bytes", "seconds", "release"} <= lines[-1].keys()
    assert "127.0.0.1" not in server.log.read_text()
    assert "Zhang" not in server.log.read_text()


def test_a_server_told_to_end_ends_its_questions_first(published: Path, tmp_path: Path) -> None:
    """After SIGTERM an answer under way is still sent whole, then the server and all its workers are gone."""
    with serving(Settings(published, limits=Limits(seconds=8)), tmp_path / "log") as server:
        workers = server.workers()
        with httpx.stream("GET", f"{server.address}/sparql", params={"query": ROWS, "format": "csv"}) as answer:
            server.process.send_signal(signal.SIGTERM)
            size = sum(len(piece) for piece in answer.iter_bytes())
        assert size > 10 * MIB
        assert server.process.wait(10) in {0, -signal.SIGTERM}
    time.sleep(0.5)
    assert not [process for process in workers if _is_there(process)]


def _is_there(process: int) -> bool:
    with contextlib.suppress(OSError):
        os.kill(process, 0)
        return b") Z" not in Path(f"/proc/{process}/stat").read_bytes()
    return False

"""fiscalkg serve: a published folder answers over HTTP, and follows the link to a new release."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

COMMAND = Path(sys.executable).parent / "fiscalkg"


@pytest.fixture(scope="module")
def address(published: Path) -> Iterator[str]:
    """The address of a server of the examples, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [COMMAND, "serve", published, "--port", str(port)], stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        yield _ready(f"http://127.0.0.1:{port}", server)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


def _ready(address: str, server: subprocess.Popen[str]) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            httpx.get(f"{address}/health").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return address
    raise AssertionError("the server does not answer")


def test_a_query_by_form_answers_as_csv(address: str) -> None:
    """What the README's curl sends is answered: five documents."""
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?s a <https://w3id.org/fiscalkg/ontology#SourceDocument> }"
    answer = httpx.post(f"{address}/sparql", data={"query": query}, headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.text.split()) == (200, ["n", "5"])


def test_the_question_page_is_there(address: str) -> None:
    """The page the README names answers with HTML."""
    answer = httpx.get(f"{address}/q/satisfaction", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_a_taken_port_is_said_in_one_line(address: str, published: Path) -> None:
    """Exit code 2, one line with the port and what to do."""
    port = address.rpartition(":")[2]
    done = subprocess.run(
        [COMMAND, "serve", published, "--port", port], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert f"{port}: cannot listen there" in done.stderr

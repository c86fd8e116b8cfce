"""Answers that are repeated without being made again: the same for the same head, and never past their release."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
import uvloop
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from fiscalkg.endpoint.releases import Releases
from fiscalkg.endpoint.repeats import HEAD, Repeated, Repeating, Repeats, once_a_tick
from fiscalkg.endpoint.settings import Settings
from fiscalkg.endpoint.shortcut import head_of


async def answered(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer in one of the ways a query's answer may come."""
    query = Request(scope).query_params.get("query")
    headers = {"ETag": '"1"', "Vary": "Accept, Accept-Encoding", "Fiscalkg-Release": "r"}
    response = {
        "large": Response("x" * 100_000, headers=headers),
        "streamed": StreamingResponse(iter(["x", "x"]), headers=headers),
        "refused": Response("x", 400, headers=headers),
        "untagged": Response("x"),
        "known": Response(status_code=304, headers=headers),
    }.get(query or "", Response("x", headers=headers))
    await response(scope, receive, send)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "current").symlink_to("releases/1")
    return tmp_path


def repeats_of(folder: Path, most: int = 1_000_000) -> Repeats:
    return Repeats(Releases(Settings(folder)).link, most)


def ask(repeats: Repeats, query: str) -> Repeated | None:
    """Answer a query through the middleware, and return what is then kept for the same head."""
    head = f"GET /sparql?query={query} HTTP/1.1\r\n\r\n".encode()

    async def with_head(scope: Scope, receive: Receive, send: Send) -> None:
        await Repeating(answered, repeats)({**scope, HEAD: head}, receive, send)

    async def send() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(with_head), base_url="http://x") as client:
            await client.get("/sparql", params={"query": query})

    asyncio.run(send())
    return repeats.get(head)


@pytest.mark.parametrize(("query", "status"), [("a", 200), ("known", 304)])
def test_a_small_answer_is_kept_as_it_was_sent(folder: Path, query: str, status: int) -> None:
    """Status line, headers and body, for the log also the release; 304 is an answer too."""
    kept = ask(repeats_of(folder), query)
    assert kept is not None
    assert (kept.status, kept.line[:12], kept.release) == (status, f"HTTP/1.1 {status}".encode(), "r")
    head, _, body = kept.rest.partition(b"\r\n\r\n")
    assert b'etag: "1"' in head.splitlines()
    assert body == (b"x" if status == 200 else b"")


@pytest.mark.parametrize("query", ["large", "streamed", "refused", "untagged"])
def test_what_may_differ_is_not_kept(folder: Path, query: str) -> None:
    """Large and streamed answers, refusals, and what names no release are made anew each time."""
    assert ask(repeats_of(folder), query) is None


def test_another_release_forgets_all_answers(folder: Path) -> None:
    """After a switch of the link, and without a link, nothing of before is repeated."""
    repeats = repeats_of(folder)
    assert ask(repeats, "a")
    for target in ("releases/2", "releases/1", None):
        (folder / "current").unlink()
        if target:
            (folder / "current").symlink_to(target)
        assert repeats.get(b"GET /sparql?query=a HTTP/1.1\r\n\r\n") is None
        assert (ask(repeats, "a") is not None) is (target is not None)


def test_the_link_is_looked_up_once_for_what_comes_at_once() -> None:
    """Within one tick of the server's loop one look serves all; the next tick has its own, and outside each call."""
    looks: list[int] = []

    def look() -> str:
        looks.append(len(looks))
        return f"releases/{len(looks)}"

    looked = once_a_tick(look)

    async def ask_thrice() -> list[str]:
        found = [looked(), looked()]
        await asyncio.sleep(0.01)
        return [*found, looked()]

    assert [looked(), looked()] == ["releases/1", "releases/2"]
    assert uvloop.run(ask_thrice()) == ["releases/3", "releases/3", "releases/4"]


def test_a_switch_during_an_answer_keeps_nothing(folder: Path) -> None:
    """An answer that was begun on the release before is not kept for the one after."""
    repeats = repeats_of(folder)
    before = repeats.release()
    (folder / "current").unlink()
    (folder / "current").symlink_to("releases/2")
    repeats.put(b"head", Repeated(200, b"", b"", 0), before)
    assert repeats.get(b"head") is None


def test_no_more_is_kept_than_allowed(folder: Path) -> None:
    """A flood of different requests drops the least used; one that is used between stays."""
    repeats = repeats_of(folder, 20_000)
    for number in range(200):
        repeats.put(b"%d" % number, Repeated(200, b"", b"x" * 100, 100), repeats.release())
        repeats.get(b"0")
    assert repeats.get(b"0")
    assert repeats.get(b"1") is None
    assert repeats.get(b"199")
    assert len(repeats._kept) < 20


UNUSUAL = [
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nIf-Modified-Since: Sat, 01 Jan 2028 00:00:00 GMT\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\nAccept: text/html\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n folded\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\nHost: x\n\n",
    b"GET /sparql?query=a HTTP/1.0\r\nHost: x\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nAccept: text/csv\r\n\r\n",
    b"GET /sparql?query=a b HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sparql?query=a&release=1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sparql?query=a&releas%65=1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sparql?query=\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /unit/120000/301101 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"HEAD /sparql?query=a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /sparql?query=a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sparql?query=a HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * 9000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("data", UNUSUAL, ids=range(len(UNUSUAL)))
def test_what_is_unusual_is_no_head_of_ours(data: bytes) -> None:
    """Parts, two requests, bodies, conditions, other methods, versions and bytes are left to the web server."""
    assert head_of(data) is None


def test_what_is_usual_is_read(folder: Path) -> None:
    """Browsers', proxies' and libraries' headers are known; case does not matter; each asks for what it says."""
    data = (
        b"GET /sparql?query=ASK%7B%7D&format=csv HTTP/1.1\r\nHost: x\r\nUser-Agent: a/1 (b)\r\naccept: text/csv\r\n"
        b"Accept-Encoding: gzip, br\r\nConnection: keep-alive\r\n"
        b"X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n\r\n"
    )
    head = head_of(data)
    assert head is not None
    assert head.query() == ("ASK{}", "csv")
    assert (head.wishes.accept, head.wishes.coded) == ("text/csv", "gzip")
    assert head.wishes.forwarded == ("1.2.3.4", "5.6.7.8")

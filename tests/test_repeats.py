"""Answers that are repeated without being made again: the same for the same request, and never past their release."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from fiscalkg.endpoint.releases import Releases
from fiscalkg.endpoint.repeats import Repeats
from fiscalkg.endpoint.settings import Settings


class Counting:
    """An application that answers with how often it was asked, in ways a query's answer may come."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.asked += 1
        body = f"{self.asked} {request.headers.get('accept')}"
        headers = {"ETag": f'"{self.asked}"', "Vary": "Accept, Accept-Encoding"}
        match request.query_params.get("query"):
            case "large":
                response = Response(body * 20_000, headers=headers)
            case "streamed":
                response = StreamingResponse(iter([body, body]), headers=headers)
            case "refused":
                response = Response(body, 400, headers=headers)
            case "host":
                response = Response(body, headers={**headers, "Vary": "Host"})
            case "untagged":
                response = Response(body)
            case _ if request.headers.get("if-none-match"):
                response = Response(status_code=304, headers=headers)
            case _:
                response = Response(body, headers=headers)
        await response(scope, receive, send)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "current").symlink_to("releases/1")
    return tmp_path


def ask(app: Repeats, path: str, method: str = "GET", **headers: str) -> tuple[int, str, str | None]:
    """Send a request; the names of headers are given with _ for -."""

    async def send() -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.request(method, path, headers=given)

    answer = asyncio.run(send())
    return answer.status_code, answer.text, answer.headers.get("etag")


def test_the_same_request_gets_the_same_answer(folder: Path) -> None:
    """Status, body and tag are repeated, 304 too; another address, Accept or tag is another request."""
    app = Repeats(counting := Counting(), Releases(Settings(folder)).link, 1_000_000)
    first = ask(app, "/sparql?query=a", accept="text/csv")
    assert ask(app, "/sparql?query=a", accept="text/csv") == first == (200, "1 text/csv", '"1"')
    assert ask(app, "/queries/x?query=a", accept="text/csv") != first
    assert ask(app, "/sparql?query=a", accept="text/html") == (200, "3 text/html", '"3"')
    assert ask(app, "/sparql?query=a", accept="text/csv", accept_encoding="gzip")[1] == "4 text/csv"
    known = [ask(app, "/sparql?query=a", accept="text/csv", if_none_match='"1"') for _ in range(2)]
    assert known == [(304, "", '"5"')] * 2
    assert counting.asked == 5


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/sparql?query=large", "GET", {}),
        ("/sparql?query=streamed", "GET", {}),
        ("/sparql?query=refused", "GET", {}),
        ("/sparql?query=host", "GET", {}),
        ("/sparql?query=untagged", "GET", {}),
        ("/sparql?query=a&release=1", "GET", {}),
        ("/sparql?query=a", "POST", {}),
        ("/sparql?query=a", "HEAD", {}),
        ("/sparql?query=a", "GET", {"if_modified_since": "Sat, 01 Jan 2028 00:00:00 GMT"}),
        ("/unit/120000/301101", "GET", {}),
    ],
)
def test_what_may_differ_is_asked_again(folder: Path, path: str, method: str, headers: dict[str, str]) -> None:
    """Large and streamed answers, refusals, what depends on more, pinned releases and other methods are never kept."""
    app = Repeats(counting := Counting(), Releases(Settings(folder)).link, 1_000_000)
    for _ in range(3):
        ask(app, path, method, **headers)
    assert counting.asked == 3


def test_another_release_forgets_all_answers(folder: Path) -> None:
    """After a switch of the link, and without a link, the application is asked again."""
    app = Repeats(counting := Counting(), Releases(Settings(folder)).link, 1_000_000)
    ask(app, "/sparql?query=a")
    for target in ("releases/2", "releases/1", None):
        (folder / "current").unlink()
        if target:
            (folder / "current").symlink_to(target)
        before = counting.asked
        ask(app, "/sparql?query=a")
        assert counting.asked == before + 1
        ask(app, "/sparql?query=a")
        assert counting.asked == before + (1 if target else 2)


def test_a_switch_during_an_answer_keeps_nothing(folder: Path) -> None:
    """An answer that was begun on the release before is not kept for the one after."""

    async def switching(scope: Scope, receive: Receive, send: Send) -> None:
        (folder / "current").unlink()
        (folder / "current").symlink_to("releases/2")
        await counting(scope, receive, send)

    counting = Counting()
    app = Repeats(switching, Releases(Settings(folder)).link, 1_000_000)
    assert [ask(app, "/sparql?query=a")[1][0] for _ in range(3)] == ["1", "2", "2"]


def test_no_more_is_kept_than_allowed(folder: Path) -> None:
    """A flood of different requests drops the least used; one that is used between stays."""
    app = Repeats(counting := Counting(), Releases(Settings(folder)).link, 20_000)
    for number in range(200):
        ask(app, "/sparql?query=used")
        ask(app, f"/sparql?query={number}")
    assert counting.asked == 201
    ask(app, "/sparql?query=0")
    assert counting.asked == 202
    assert len(app._kept) < 20

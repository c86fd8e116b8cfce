"""Odd requests, byte by byte as a client may send them: each is answered by its status, none by a fault or silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from servers import Server
from test_connections import raw

from fiscalkg.endpoint.pages.lost import REASONS

ASK, SELECT = "ASK{?s ?p ?o}", "SELECT * {?s ?p ?o} LIMIT 1"
CONSTRUCT = "CONSTRUCT {?s ?p ?o} WHERE {?s ?p ?o} LIMIT 1"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"


def sparql(query: str, more: str = "") -> str:
    return f"/sparql?query={quote(query)}{more}"


def request(method: str, path: str, body: bytes = b"", version: str = "1.1", **headers: str | None) -> bytes:
    """Return the bytes of a request; a header whose value is ``None`` is left out."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    own: Mapping[str, str | None] = {"Host": "localhost", "Connection": "close", **given}
    if body and "Content-Length" not in own and "Transfer-Encoding" not in own:
        own = {**own, "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in own.items() if value is not None)
    return f"{method} {path} HTTP/{version}\r\n{lines}\r\n".encode() + body


def get(path: str, **headers: str | None) -> bytes:
    return request("GET", path, **headers)


def post(body: bytes, kind: str | None = None, path: str = "/sparql", **headers: str | None) -> bytes:
    return request("POST", path, body, Content_Type=kind, **headers)


PROTOCOL = [
    (post(f"query={quote(ASK)}".encode(), FORM), 200), (post(ASK.encode(), DIRECT), 200),
    (post(ASK.encode(), f"{DIRECT}; charset=utf-8"), 200), (post(ASK.encode(), DIRECT.upper()), 200),
    (post("ASK{?s ?p '甲'}".encode("gbk"), f"{DIRECT}; charset=gbk"), 415), (post(ASK.encode()), 415),
    (post(b"{}", "application/json"), 415), (post(b"--x--", "multipart/form-data; boundary=x"), 415),
    (post(b"", FORM, Content_Length="0"), 400), (post(b"update=CLEAR%20ALL", FORM), 400),
    (post(b"CLEAR ALL", "application/sparql-update"), 400), (get(sparql("DROP ALL")), 400),
    (post(b"\x1f\x8b", DIRECT, Content_Encoding="gzip"), 415), (post(ASK.encode(), DIRECT, path=sparql(ASK)), 400),
    (post(f"query={quote(SELECT)}".encode(), FORM, path=sparql(ASK)), 400), (get(sparql(ASK, "&query=ASK%7B%7D")), 400),
    (get("/sparql?query="), 400), (get("/sparql?query=%20%0a"), 400), (get(sparql("# nothing")), 400),
    (get("/sparql?query=%ff%fe"), 400), (get(sparql("ASK{?s ?p '") + "%ED%A0%80%27%7D"), 400),
    (get(sparql("SELECT * {?s ?p ?o")), 400), (request("PUT", "/sparql", ASK.encode()), 405),
    (request("DELETE", "/sparql"), 405), (request("PATCH", "/sparql"), 405), (request("TRACE", "/sparql"), 405),
    (request("OPTIONS", "/sparql"), 204), (request("HEAD", sparql(ASK)), 200),
    (get(sparql(ASK, "&default-graph-uri=urn:none")), 200), (get(sparql(ASK, "&default-graph-uri=no%20iri")), 400),
    (get(sparql(ASK, "&release=0.0.0-00000000")), 410), (get(sparql(ASK, "&release=../../etc")), 400),
    (get(sparql("ASK{SERVICE <http://127.0.0.1:1/> {?s ?p ?o}}")), 400), (get(sparql('ASK{?s ?p "SERVICE <x>"}')), 200),
    (get(sparql("ASK{ser\\u0076ice <http://127.0.0.1:1/> {?s ?p ?o}}")), 400),
    (get(sparql("ASK FROM <http://127.0.0.1:1/x> {?s ?p ?o}")), 200), (get(sparql("DESCRIBE <urn:none>")), 200),
]  # fmt: skip

MEDIA = [
    (get(sparql(SELECT), Accept="image/png"), 406), (get(sparql(SELECT), Accept="text/turtle"), 406),
    (get(sparql(CONSTRUCT), Accept="application/sparql-results+json"), 406), (get(sparql(SELECT), Accept=""), 200),
    (get(sparql(SELECT), Accept="*/*"), 200), (get(sparql(SELECT), Accept="*/*;q=0"), 406),
    (get(sparql(SELECT), Accept="application/sparql-results+json;q=0, */*;q=0.5"), 200),
    (get(sparql(SELECT), Accept="text/*"), 200), (get(sparql(SELECT), Accept="application/xml"), 200),
    (get(sparql(SELECT), Accept="text/csv;q=7, a/b;q=x"), 200), (get(sparql(SELECT), Accept=";;;,,q=;a/b/c"), 406),
    (get(sparql(SELECT), Accept="text/html,application/xml;q=0.9,*/*;q=0.8"), 200),
    (get(sparql(SELECT, "&format=csv")), 200), (get(sparql(SELECT, "&format=docx")), 406),
    (get(sparql(SELECT, "&format=turtle")), 406), (get(sparql(CONSTRUCT), Accept="application/ld+json"), 200),
    (get(sparql(CONSTRUCT), Accept="application/trig"), 200), (get(sparql(SELECT), Accept_Encoding="br"), 200),
    (get(sparql(SELECT), Accept_Encoding="gzip;q=0, *"), 200), (get("/.well-known/void", Accept="image/png"), 406),
    (get("/.well-known/void", Accept="text/turtle"), 200), (get("/.well-known/void", Host='a"><b>'), 400),
]  # fmt: skip

HEADS = [
    (post(ASK.encode(), DIRECT, Content_Length="-1"), 400),
    (post(b"0\r\n\r\n", DIRECT, Content_Length="5", Transfer_Encoding="chunked"), 400),
    (post(b"d\r\n" + ASK.encode() + b"\r\n0\r\n\r\n", DIRECT, Transfer_Encoding="chunked"), 200),
    (b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nASK", 400),
    (request("GET", sparql(ASK), version="1.0", Host=None), 200), (get("/", Host=None), 400),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400), (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (request("get", "/"), 400), (get("/downloads/", If_None_Match='"a", W/"b", c'), 200),
    (get("/downloads/", If_Modified_Since="yesterday"), 200), (get("/dumps/fiscalkg.nt.gz", Range="bytes=0-9"), 206),
    (get("/dumps/fiscalkg.nt.gz", Range="bytes=999999999-"), 416),
    (get(sparql(ASK), Connection="Upgrade", Upgrade="websocket"), 200),
]  # fmt: skip

PATHS = [
    (get("/id/{table}"), 303), (get("/id/{table}", Accept="text/turtle"), 303),
    (get("/id/{table}", Accept="text/csv"), 406),
    (get("/ID/{table}"), 404), (get("/id/%E5%8D%95%E4%BD%8D/%E7%94%B2"), 404), (get("/id/%3Cscript%3E"), 404),
    (get("/id/a%0d%0aX-Evil:%201"), 404), (get("/id/%ff%fe"), 404), (get("/{table}.ttl"), 200),
    (get("/{table}.rdf"), 200),
    (get("/{table}.jsonld"), 200), (get("/{table}.nt"), 200), (get("/{table}.exe"), 404),
    (get("/{table}.ttl?page=0"), 400),
    (get("/{table}.ttl?page=%D9%A3"), 400), (request("HEAD", "/"), 200), (request("POST", "/"), 405),
    (request("PUT", "/downloads/"), 405), (get("/%2e%2e/%2e%2e/release.json"), 404),
    (get("/..%5c..%5crelease.json"), 404),
    (get("/a%00b"), 404), (get("/" + "a" * 5000), 404), (get("/store/CURRENT"), 404), (get("/pages.jsonl"), 404),
    (get("/downloads/?release=9.9.9-11111111"), 410), (get("/queries/none"), 404),
    (get("/queries/budgets?year=abc"), 400),
    (request("HEAD", "/queries/budgets?format=csv"), 200), (post(b"year=2025", FORM, path="/queries/budgets"), 405),
    (get("/quality"), 308), (get("/en/units"), 308), (get("/changes"), 308),
    (get("/changes/"), 200), (get("/en/changes/"), 200), (get("/changes/none"), 404),
    (request("HEAD", "/changes/feed.atom"), 200),
    (post(b"", path="/changes/"), 405), (get("/search/?q=%3Cscript%3Ealert(1)%3C/script%3E"), 200),
    (get("/id/statement/120000/2025/301101/000000000000"), 404), (get("/favicon.ico"), 404),
]  # fmt: skip


@pytest.fixture(scope="module")
def table(site: Path) -> str:
    """The path of a table below the base."""
    return min(site.glob("statement/*/*/*/*.html")).relative_to(site).with_suffix("").as_posix()


@pytest.mark.parametrize(
    ("data", "status"), [*PROTOCOL, *MEDIA, *HEADS, *PATHS], ids=lambda given: str(given)[:60] if given else None
)
def test_an_odd_request_gets_its_status(server: Server, table: str, data: bytes, status: int) -> None:
    """Protocol, media types, heads and paths: the status that HTTP and SPARQL name, and nothing of theirs in it."""
    answer = raw(server, data.replace(b"{table}", table.encode()))
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    assert found, answer[:200]
    assert int(found[1]) == status, answer[-300:]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert not (body and data.startswith(b"HEAD"))
    assert b"x-evil" not in head.lower()
    assert b"<script>alert(1)" not in body
    assert b"access-control-allow-origin" in head.lower() or status == 400  # which the web server itself gives too


@pytest.mark.parametrize(("path", "status"), [("/queries/none", 404), ("/downloads/?release=9.9.9-11111111", 410)])
def test_a_lost_browser_is_told_why_in_both_languages(server: Server, path: str, status: int) -> None:
    """The page gives its reason in Chinese and, marked as such, in English."""
    answer = httpx.get(server.address + path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert REASONS[status] in answer.text
    assert '<p lang="en">' in answer.text

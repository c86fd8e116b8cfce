"""The gate before the engine, the paths of the site, the limits as the README tells them, and `serve` itself."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import httpx
import pytest
from lxml import html
from servers import COUNT, Server, ask

from fiscalkg.endpoint import limits
from fiscalkg.endpoint.gate import STALE, BusyError, Gate
from fiscalkg.endpoint.limits import inspect
from fiscalkg.endpoint.settings import Limits, Settings
from fiscalkg.loader.errors import QueryError, QueryLimitError

ROOT = Path(__file__).parent.parent


SERVICE = [
    "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "SELECT * { ser\\u0076ice <http://127.0.0.1/> { ?s ?p ?o } }",
    "PREFIX : <e:> SELECT * { ?a ?b :.SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "PREFIX e: <e:> SELECT * { ?a ?b e:a\\' . SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } #'\n}",
    "PREFIX SERVICE: <http://127.0.0.1:9/> SELECT * { SERVICESERVICE:x { ?s ?p ?o } }",
    "SELECT * { sErViCeSILENT<http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT * { \\U00000053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT * { ?a ?b 1 FILTER(?a<?b)SERVICE#>\n<http://127.0.0.1:9/>{ ?s ?p ?o } }",
    "SELECT * { ?a ?b '\\u0027 SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } #' }",
]


@pytest.mark.parametrize("text", SERVICE)
def test_service_is_refused_however_it_is_spelled(text: str) -> None:
    """No spelling that the engine might take for SERVICE gets past the gate."""
    with pytest.raises(QueryError, match="SERVICE is refused"):
        inspect(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <http://x/>' }",
        'SELECT * { ?s ?p """a "SERVICE" b""" }',
        "SELECT * { ?s <http://example.org/SERVICE> ?o } # SERVICE",
        "SELECT ?service { ?service ?p ?o }",
        "PREFIX ex: <http://service.example/> SELECT * { ?s ex:service ?o }",
        "SELECT * { ?s ?p '政府购买服务 service' FILTER(?a < 3 && ?b > 2) }",
        "SELECT * { ?s ?p ?o FILTER(REGEX(?o, 'customer\\\\s+service')) }",
    ],
)
def test_the_word_service_as_text_passes(text: str) -> None:
    """Inside strings, comments, IRIs, names and variables the word is text."""
    assert inspect(text) == "SELECT"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT * {\n" + "{" * 200 + "}" * 201, 2, 100),
        ("SELECT * { ?s ?p ?o\n" + "OPTIONAL { ?s ?p ?o } " * 1100 + "}", 2, None),
    ],
)
def test_a_structure_limit_names_its_place(text: str, line: int, column: int | None) -> None:
    """Depth and length beyond the limits are told with line and column."""
    with pytest.raises(QueryLimitError) as caught:
        inspect(text)
    assert caught.value.line == line
    assert column in {None, caught.value.column}


def test_brackets_in_strings_and_comments_are_no_structure() -> None:
    """A thousand brackets in a string or comment count as nothing, and a long tail of data neither."""
    braces = "{(" * 1000
    assert inspect(f"ASK {{ ?s ?p '{braces}' }} # {braces}") == "ASK"
    assert inspect("ASK { VALUES ?x { " + "-1 +2 " * 5000 + "} }") == "ASK"


def test_a_gate_gives_fair_turns() -> None:
    """No client holds all workers, the one who uses fewest comes first, and too many of one push out its oldest.

    Of one client's the oldest comes first while the queue moves, and the newest when it does not.
    """
    asyncio.run(_turns())


async def _turns() -> None:
    gate = Gate(4, Limits(slots=6, queue=8, patience=5))
    held, done = asyncio.Event(), []

    async def hold(client: str, name: int) -> None:
        try:
            async with gate.turn(client):
                done.append((client, name))
                await held.wait()
        except BusyError:
            done.append((client, -name))

    many = [asyncio.create_task(hold("many", number)) for number in range(1, 9)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert sorted(done) == [("many", -5), ("many", -4), ("many", 1), ("many", 2), ("many", 3)]
    one = asyncio.create_task(hold("one", 1))
    await asyncio.sleep(0)
    assert done[-1] == ("one", 1)
    held.set()
    await asyncio.gather(*many, one)
    assert done[-3:] == [("many", 6), ("many", 7), ("many", 8)]
    held.clear()
    crowd = [asyncio.create_task(hold("many", number)) for number in range(1, 7)]
    await asyncio.sleep(STALE * 1.5)
    held.set()
    await asyncio.gather(*crowd)
    assert done[-3:] == [("many", 6), ("many", 5), ("many", 4)]
    assert (gate.waiting, gate.running) == (0, 0)


def test_the_readme_tells_every_limit(server: Server) -> None:
    """Both tables of the README hold each setting of ``Limits`` with its default, and the limits of structure."""
    tables = [
        re.findall(r"^\|.*`(\w+)` \| (\d+(?:\.\d+)?)", part, re.MULTILINE)
        for part in (ROOT / "README.md").read_text(encoding="utf-8").split("\n## English")
    ]
    expected = {field.name: float(getattr(Limits(), field.name)) for field in fields(Limits)}
    for table in tables:
        assert {name: float(value) for name, value in table} == expected
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for said in (
        f"{limits.DEEPEST} 层",
        f"{limits.LONGEST} 个",
        f"brackets | {limits.DEEPEST}",
        f"side by side | {limits.LONGEST}",
    ):
        assert said in text


@pytest.mark.parametrize(
    "path",
    ["/../release.json", "/%2e%2e/release.json", "/dumps/../release.json", "/dumps/%00", "/x" * 3000, "/store/LOG"],
)
def test_no_path_leads_outside(server: Server, path: str) -> None:
    """Nothing above the site and the dumps is served, whatever the path looks like."""
    assert httpx.get(server.address + path).status_code == 404


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_that_is_lost_gets_ways_on(server: Server) -> None:
    """A path that leads nowhere is a page for a browser, whose links lead somewhere, and one line for a program."""
    for path in ("/none", "/id/none", "/v/0.0.0-00000000/", "/downloads/?release=%3Cb%3E.1"):
        plain, page = (httpx.get(server.address + path, headers={"Accept": kind}) for kind in ("*/*", BROWSER))
        assert plain.status_code == page.status_code
        assert plain.headers["content-type"].startswith("text/plain")
        if plain.status_code == 400:
            continue
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["vary"] == "Accept"
        tree = html.fromstring(page.content)
        assert tree.xpath("string(//main/p[@lang='en'])") in plain.text
        assert re.search("[一-龥]", tree.xpath("string(//main/p[not(@lang)])"))
        ways = tree.xpath("//main//a/@href")
        assert len(ways) == 4
        assert {httpx.get(server.address + way).status_code for way in ways} == {200}


@pytest.mark.parametrize("path", ["/quality", "/en/quality", "/units", "/en", "/changes", "/v/latest/quality"])
def test_a_folder_without_its_slash_is_the_folder(server: Server, path: str) -> None:
    """It leads to the address that the page's own links are relative to, with what was asked of it."""
    page = httpx.get(f"{server.address}{path}?a=%E7%94%B2", follow_redirects=True)
    assert page.status_code == 200
    assert page.url.path.endswith("/")
    assert "v/latest" in path or page.url.query == b"a=%E7%94%B2"
    links = [link for link in html.fromstring(page.content).xpath("//main//a/@href") if not re.match("[a-z]+:", link)]
    assert {httpx.get(page.url.join(link), follow_redirects=True).status_code for link in links[:3]} == {200}


def test_pages_say_what_a_browser_may_do(server: Server) -> None:
    """Every answer forbids what its page does not need: WebAssembly but for the query page and its worker, frames."""
    worker = "/assets/editor/worker.js"
    for path in (
        "/",
        "/sparql?query=ASK%20%7B%7D",
        "/nothing",
        "/sparql/",
        "/en/sparql/",
        "/health",
        "/queries",
        worker,
    ):
        headers = httpx.get(server.address + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert ("wasm-unsafe-eval" in policy) == ("/sparql" in path or path.endswith("/worker.js"))
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors" not in httpx.get(f"{server.address}/embed/x").headers["content-security-policy"]


def test_a_page_carries_its_policy_to_hosts_without_headers(server: Server) -> None:
    """A static host sends no headers: the meta element of a page says what the header says, frames aside."""
    for path in ("/", "/sparql/", "/unit/120000/301101.html"):
        page = httpx.get(server.address + path)
        (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page.text)
        said = policy.replace("&#39;", "'")
        assert f"{said}; frame-ancestors 'none'" == page.headers["content-security-policy"]


def test_health_readiness_and_figures(server: Server) -> None:
    """/health lives, /ready names the release that answers, /metrics counts requests by kind and status."""
    assert httpx.get(f"{server.address}/health").text == "ok\n"
    assert httpx.get(f"{server.address}/ready").text.startswith("0.1.0-")
    ask(server.address, COUNT)
    figures = httpx.get(f"{server.address}/metrics").text
    assert re.search(r'fiscalkg_requests_total\{kind="sparql",status="200"\} [1-9]', figures)
    assert "fiscalkg_request_seconds_bucket" in figures


def test_serve_without_a_release_says_what_to_do(tmp_path: Path) -> None:
    """A folder without a release is refused at once with the command that makes one."""
    fiscalkg = str(Path(sys.executable).parent / "fiscalkg")
    done = subprocess.run([fiscalkg, "serve", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "fiscalkg publish" in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_settings_travel_to_a_server_process(tmp_path: Path) -> None:
    """Settings written for another process come back equal."""
    settings = Settings(tmp_path, 3, Limits(seconds=1.5), proxies=("10.0.0.1",), log_clients=True)
    assert Settings.from_json(settings.to_json()) == settings

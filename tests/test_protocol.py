"""The SPARQL 1.1 Protocol, query part, and HTTP around it: a test for each requirement, named after it."""

from __future__ import annotations

import contextlib
import gzip
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
import rdflib
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results
from servers import COUNT, Server, ask, serving

from fiscalkg.endpoint.settings import Limits, Settings

ROOT = Path(__file__).parent.parent
CONSTRUCT = "CONSTRUCT WHERE { ?s a <https://w3id.org/fiscalkg/ontology#SourceDocument> }"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
REPORT = "https://w3id.org/fiscalkg/id/graph/report"
IN_GRAPH = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
ALL = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"


def post(server: Server, body: bytes, kind: str | None, query: str = "", **headers: str) -> httpx.Response:
    given = {"Accept": "text/csv", **headers, **({"Content-Type": kind} if kind else {})}
    return httpx.post(f"{server.address}/sparql{query}", content=body, headers=given, timeout=60)


def number(answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    return int(answer.text.split()[1])


def encoded(**fields: str | list[str]) -> bytes:
    return str(httpx.QueryParams(fields)).encode()


# --- the three ways to send a query ---


def test_query_via_get(server: Server) -> None:
    """2.1.1: the query stands percent-encoded in the parameter query."""
    assert number(ask(server.address, COUNT, "text/csv")) == 134


def test_query_via_post_urlencoded(server: Server) -> None:
    """2.1.2: all parameters stand in the body, with a charset or without."""
    for kind in (FORM, f"{FORM}; charset=UTF-8", FORM.upper()):
        assert number(post(server, encoded(query=COUNT), kind)) == 134


def test_query_via_post_direct(server: Server) -> None:
    """2.1.3: the query is the body as it is, graphs stand in the address."""
    for kind in (DIRECT, f'{DIRECT}; charset="utf-8"'):
        assert number(post(server, COUNT.encode(), kind)) == 134
    assert number(post(server, ALL.encode(), DIRECT, "?" + encoded(**{"default-graph-uri": REPORT}).decode())) > 1000


def test_query_in_chinese_everywhere(server: Server) -> None:
    """Variables, literals, prefixes, IRIs, graphs and addresses may hold any character, however they are sent."""
    prefix = "PREFIX 前: <https://例子/路径/> "
    text = prefix + 'SELECT ?值 { VALUES ?值 { "“目标”\\n\\u6ee1意𝕏" 前:項目 <https://例子/é%20> } }'
    answers = [
        ask(server.address, text, "text/csv"),
        post(server, encoded(query=text), FORM),
        post(server, text.encode(), DIRECT),
    ]
    rows = ('"“目标”\n满意𝕏"', "https://例子/路径/項目", "https://例子/é%20")
    assert {answer.text for answer in answers} == {"\r\n".join(("值", *rows, ""))}
    graph = "https://例子/图"
    assert number(ask(server.address, ALL, "text/csv", **{"default-graph-uri": graph})) == 0
    assert httpx.get(f"{server.address}/id/单位/目标").status_code == 404


# --- the dataset ---


def test_query_dataset_default_graph(server: Server) -> None:
    """2.1.4: default-graph-uri names the default graph; several are merged; what the query says by FROM gives way."""
    ontology = "https://w3id.org/fiscalkg/id/graph/ontology"
    one = number(ask(server.address, ALL, "text/csv", **{"default-graph-uri": REPORT}))
    other = number(post(server, encoded(**{"query": ALL, "default-graph-uri": ontology}), FORM))
    both = number(post(server, encoded(**{"query": ALL, "default-graph-uri": [REPORT, ontology]}), FORM))
    assert one != other
    assert both == one + other
    by_from = ALL.replace("WHERE", f"FROM <{REPORT}> WHERE")
    assert number(ask(server.address, by_from, "text/csv")) == one
    assert number(ask(server.address, by_from, "text/csv", **{"default-graph-uri": ontology})) == other


def test_query_dataset_named_graphs(server: Server) -> None:
    """2.1.4: named-graph-uri says which graphs GRAPH finds; the default graph is then empty."""
    in_report = number(ask(server.address, IN_GRAPH, "text/csv", **{"named-graph-uri": REPORT}))
    assert 0 < in_report < number(ask(server.address, IN_GRAPH, "text/csv"))
    assert number(ask(server.address, ALL, "text/csv", **{"named-graph-uri": REPORT})) == 0


def test_unknown_graph_is_an_empty_graph(server: Server) -> None:
    """A graph that does not exist holds nothing, by parameter, FROM and GRAPH alike; nothing is fetched."""
    unknown = "http://127.0.0.1:9/graph"
    assert number(ask(server.address, ALL, "text/csv", **{"default-graph-uri": unknown})) == 0
    assert number(ask(server.address, ALL.replace("WHERE", f"FROM <{unknown}> WHERE"), "text/csv")) == 0
    assert number(ask(server.address, IN_GRAPH.replace("?g", f"<{unknown}>"), "text/csv")) == 0
    assert ask(server.address, ALL, **{"default-graph-uri": "not an iri"}).status_code == 400


# --- refusals ---


@pytest.mark.parametrize(
    ("body", "kind", "query", "status"),
    [
        (b"", FORM, "", 400),
        (encoded(query=[COUNT, COUNT]), FORM, "", 400),
        (COUNT.encode(), DIRECT, "?query=ASK%7B%7D", 400),
        (COUNT.encode(), "text/plain", "", 415),
        (COUNT.encode(), None, "", 415),
        (COUNT.encode(), f"{DIRECT}; charset=gbk", "", 415),
        (COUNT.encode("utf-16"), DIRECT, "", 400),
        (b"query=%ff", FORM, "", 400),
        (encoded(update="DROP ALL"), FORM, "", 400),
        (b"DROP ALL", "application/sparql-update", "", 400),
        (b"DROP ALL", DIRECT, "", 400),
        (b"LOAD <http://127.0.0.1:9/>", DIRECT, "", 400),
        (b"WITH <a:b> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", DIRECT, "", 400),
        (b"SELECT * { ?s ?p } SELECT", DIRECT, "", 400),
    ],
)
def test_bad_requests(server: Server, body: bytes, kind: str | None, query: str, status: int) -> None:
    """2.1.6 and 2.2: what is no query request is refused by its status, in one line."""
    answer = post(server, body, kind, query)
    assert (answer.status_code, answer.text.count("\n")) == (status, 1), answer.text


@pytest.mark.parametrize(
    ("begin", "item", "end", "answer"),
    [
        ("SELECT (COUNT(*) AS ?n) { VALUES ?s {", " <https://e/{}>", " } }", "n\r\n{}\r\n"),
        ("SELECT (COUNT(*) AS ?n) { VALUES (?s ?t) {", ' ("甲{}"@zh -1.5e3)', " } }", "n\r\n{}\r\n"),
        ("ASK { FILTER(-1 IN (0", ", -{}.0000000000", ")) }", "true"),
        ("ASK { FILTER(?x NOT IN (<a:b>", ", <https://e.org/{}>", ")) }", "false"),
    ],
    ids=["values", "pairs", "in", "not in"],
)
@pytest.mark.parametrize("over", [0, 1], ids=["at the limit", "a byte over"])
def test_lists_pass_up_to_the_last_byte_of_the_limit(
    server: Server, begin: str, item: str, end: str, answer: str, over: int
) -> None:
    """A list that fills the body to the limit is answered whole; a byte more is 413, and no worker is lost."""
    before, limit = server.workers(), Limits().body
    items, room = [], limit - len((begin + end).encode())
    while (room := room - len((each := item.format(len(items) + 1)).encode())) >= 0:
        items.append(each)
    query = begin + "".join(items) + end
    query += " " * (limit + over - len(query.encode()))
    got = post(server, query.encode(), DIRECT)
    assert got.status_code == (413 if over else 200), got.text[:300]
    assert over or got.text.strip() == answer.format(len(items)).strip()
    assert len(items) > 20_000
    assert server.workers() == before


def test_query_with_a_coding_is_refused(server: Server) -> None:
    """A compressed body is 415 and not taken for a query."""
    assert post(server, gzip.compress(COUNT.encode()), DIRECT, **{"Content-Encoding": "gzip"}).status_code == 415


def test_syntax_error_says_where(server: Server) -> None:
    """400 with line and column of the mistake, as text in both languages and as problem+json."""
    text = "SELECT ?满\nWHERE {\n  ?满 ?p }"
    plain, problem = ask(server.address, text, "text/csv"), ask(server.address, text, "application/json")
    assert (plain.status_code, problem.status_code) == (400, 400)
    assert "第 3 行第 9 列" in plain.text
    assert "line 3, column 9" in plain.text
    assert problem.headers["content-type"] == "application/problem+json"
    told = problem.json()
    assert (told["status"], told["line"], told["column"]) == (400, 3, 9)
    assert told["detail"] == "not a SPARQL query: '}' is not expected here"


MISTAKES = [
    ("SELECT *\nWHERE { ?s ?p ?o", 2, 7, "'{' is not closed"),
    ("SELECT * { ?s ?p (1 } )", 1, 21, "'}' stands where ')' must close a bracket"),
    ("SELECT * { ?s ?p ?o }\n}", 2, 1, "'}' closes nothing"),
    ("SELECT * {\n  ?s dct:title ?o }", 2, 6, "the prefix dct: is not declared"),
    ("SELECT * {\n ?s ?p 'x }", 2, 8, "a string begins here and does not end"),
    ("SELECT ?a { ?a ?b ?c } GROUP BY ?b", 1, None, "neither grouped by nor part of a sum"),
    ("SELECT ?s WHERE { ?s ?p ?o } LIMIT ten", 1, 36, "'ten' is not expected here"),
]


@pytest.mark.parametrize(("query", "line", "column", "says"), MISTAKES)
def test_common_mistakes_are_named(server: Server, query: str, line: int, column: int | None, says: str) -> None:
    """A bracket left open, a prefix not declared and the like are told as such, at their own place."""
    told = ask(server.address, query, "application/json").json()
    assert (told["line"], says in told["detail"]) == (line, True), told
    assert column in {None, told["column"]}


@pytest.mark.parametrize("path", ["/sparql", "/queries/budgets", "/", "/id/unit/120000/301101", "/health"])
def test_wrong_method_names_those_allowed(server: Server, path: str) -> None:
    """405 with Allow, wherever."""
    answer = httpx.request("DELETE", server.address + path)
    assert answer.status_code == 405
    assert {"GET", "HEAD"} <= set(answer.headers["allow"].split(", "))


def test_unacceptable_formats_are_406(server: Server) -> None:
    """What cannot be made is refused by Accept and by format=, also rows for a graph and a graph for rows."""
    for query, accept in ((COUNT, "image/png"), (COUNT, "text/turtle"), (CONSTRUCT, "text/csv"), (COUNT, "*/*;q=0")):
        assert ask(server.address, query, accept).status_code == 406
    assert ask(server.address, COUNT, format="ttl").status_code == 406


# --- answers ---


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_select_and_ask_in_every_result_format(server: Server, name: str) -> None:
    """2.1.5: SELECT and ASK in the four formats, by media type and by name, the same bytes."""
    kind = {
        "json": "application/sparql-results+json",
        "xml": "application/sparql-results+xml",
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
    }[name]
    for query in (COUNT, "ASK { ?s ?p ?o }"):
        answer = ask(server.address, query, kind)
        assert answer.headers["content-type"].partition(";")[0] == kind
        assert "charset=utf-8" in answer.headers["content-type"] or kind.startswith("application/")
        assert ask(server.address, query, "image/png", format=name).content == answer.content
        engine = QueryResultsFormat.from_media_type(kind)
        assert engine is not None
        if name in {"json", "xml"}:
            parse_query_results(answer.content, engine)


@pytest.mark.parametrize(
    "kind",
    [
        "text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json", "application/trig",
        "application/n-quads",
    ],
)  # fmt: skip
def test_construct_and_describe_in_every_graph_format(server: Server, kind: str) -> None:
    """2.1.5: CONSTRUCT and DESCRIBE in six formats, which hold the same triples."""
    answer = ask(server.address, CONSTRUCT, kind)
    assert answer.headers["content-type"].partition(";")[0] == kind
    engine = RdfFormat.from_media_type(kind)
    assert engine is not None
    assert len(list(parse(answer.content, format=engine))) == 5
    described = ask(server.address, "DESCRIBE <https://w3id.org/fiscalkg/id/unit/120000/301101>", kind)
    assert len(list(parse(described.content, format=engine))) == 5


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/csv;q=0.5, application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/*;q=0.9, application/*;q=0.1", "text/csv"),
        ("*/*;q=0.1, text/tab-separated-values;q=0.2", "text/tab-separated-values"),
        ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        ("text/csv; q=0.3; x=y, TEXT/TAB-SEPARATED-VALUES;Q=0.4", "text/tab-separated-values"),
    ],
)  # fmt: skip
def test_q_values_decide(server: Server, accept: str, expected: str) -> None:
    """The most liked format is sent, whatever the order, the case and the wildcards; Vary names Accept."""
    answer = ask(server.address, COUNT, accept)
    assert answer.headers["content-type"].partition(";")[0] == expected
    assert "Accept" in answer.headers["vary"].split(", ")


def test_browser_gets_the_query_page(server: Server) -> None:
    """Where HTML is liked most the query page comes with the query filled in, in the language liked most."""
    accept = "text/html,application/xhtml+xml,*/*;q=0.8"
    for language, tag in (("zh-CN,zh;q=0.9,en;q=0.5", 'lang="zh-Hans"'), ("en-GB", 'lang="en"')):
        headers = {"Accept": accept, "Accept-Language": language}
        page = httpx.get(f"{server.address}/sparql", params={"query": COUNT}, headers=headers)
        assert page.headers["content-type"].startswith("text/html")
        assert f"<html {tag}>" in page.text
        assert COUNT.replace("<", "&lt;").replace(">", "&gt;") in page.text
        assert 'href="assets/site.css"' in page.text


def test_head_answers_as_get_without_a_body(server: Server) -> None:
    """HEAD has the status and headers of GET and no body, and never runs an endless query to its end."""
    params = {"query": COUNT, "format": "csv"}
    get, head = (httpx.request(method, f"{server.address}/sparql", params=params) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert {head.headers[name] == get.headers[name] for name in ("etag", "content-type", "vary")} == {True}
    started = time.monotonic()
    endless = {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"}
    assert httpx.head(f"{server.address}/sparql", params=endless).status_code == 200
    assert time.monotonic() - started < 2
    assert httpx.head(f"{server.address}/sparql", params={"query": "SELECT"}).status_code == 400


def test_options_and_cors(server: Server) -> None:
    """A script of another site may ask and may read what it needs."""
    preflight = httpx.options(f"{server.address}/sparql", headers={"Origin": "https://x", "Accept": "*/*"})
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "Content-Type" in preflight.headers["access-control-allow-headers"]
    for answer in (preflight, ask(server.address, COUNT), ask(server.address, "nothing")):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "ETag" in answer.headers["access-control-expose-headers"]


# --- what may be kept ---


def fetched(server: Server, method: str = "GET", **headers: str) -> httpx.Response:
    return httpx.request(method, f"{server.address}/sparql", params={"query": COUNT}, headers=headers)


def test_answer_names_its_release(server: Server, published: Path) -> None:
    """ETag, Last-Modified, Cache-Control and a header of their own say which release answered."""
    headers = fetched(server).headers
    release = (published / "current").resolve().name
    assert headers["fiscalkg-release"] == release
    assert headers["etag"].startswith(f'"{release}.')
    assert parsedate_to_datetime(headers["last-modified"]).timestamp() <= time.time()
    assert "max-age=" in headers["cache-control"]


def test_etag_differs_by_query_format_coding_and_graphs(server: Server) -> None:
    """No two different answers share an ETag."""
    plain = {"Accept-Encoding": "identity"}
    tags = [
        fetched(server, **plain).headers["etag"],
        fetched(server, **{"Accept-Encoding": "gzip"}).headers["etag"],
        fetched(server, Accept="text/csv", **plain).headers["etag"],
        ask(server.address, COUNT + " ").headers["etag"],
        ask(server.address, COUNT, **{"default-graph-uri": REPORT}).headers["etag"],
    ]
    assert len(set(tags)) == len(tags)
    assert fetched(server, **plain).headers["etag"] == tags[0]


def test_not_modified_for_get_and_head_only(server: Server) -> None:
    """304 without a body for GET and HEAD by tag, list of tags, weak tag and date; a POST is answered."""
    first = fetched(server)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    for method in ("GET", "HEAD"):
        for known in (tag, f'"x", W/{tag}', "*"):
            again = fetched(server, method, **{"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert fetched(server, method, **{"If-Modified-Since": date}).status_code == 304
    assert fetched(server, **{"If-None-Match": '"other"', "If-Modified-Since": date}).status_code == 200
    assert fetched(server, **{"If-Modified-Since": formatdate(0, usegmt=True)}).status_code == 200
    assert post(server, COUNT.encode(), DIRECT, **{"If-None-Match": tag}).status_code == 200
    bad = httpx.get(f"{server.address}/sparql?query=SELECT", headers={"If-Modified-Since": date})
    assert bad.status_code == 400


def test_gzip_by_negotiation(server: Server) -> None:
    """Small and large answers and pages are packed for those who take gzip, and only for them."""
    everything = {"query": "CONSTRUCT WHERE { ?s ?p ?o }", "format": "nt"}
    for path, params in (("/sparql", {"query": COUNT}), ("/sparql", everything), ("/units/", {})):
        packed, plain = (
            httpx.get(server.address + path, params=params, headers={"Accept-Encoding": coding}, timeout=30)
            for coding in ("br, gzip", "gzip;q=0, identity")
        )
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.content == plain.content
        assert "Accept-Encoding" in packed.headers["vary"]


# --- releases ---


@pytest.fixture(scope="module")
def two_releases(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path, str]]:
    """A server whose folder got a second, smaller release, and the name of the first."""
    folder = tmp_path_factory.mktemp("two") / "dir"
    shutil.copytree(published, folder, symlinks=True)
    first = (folder / "current").resolve().name
    with serving(Settings(folder), folder.parent / "log") as server:
        assert '"134"' in ask(server.address, COUNT).text
        command = [Path(sys.executable).parent / "fiscalkg", "publish", ROOT / "examples/000_a0eefc0601dc6091.txt"]
        subprocess.run([*command, "--out", folder], check=True, capture_output=True, timeout=100)
        assert '"4"' in ask(server.address, COUNT).text
        yield server, folder, first


def test_a_release_can_be_pinned(two_releases: tuple[Server, Path, str]) -> None:
    """The new release answers without a restart; release= leads to the one before, by every way; a lost one is 410."""
    server, _, first = two_releases
    assert '"4"' in ask(server.address, COUNT).text
    pinned = ask(server.address, COUNT, release=first)
    assert '"134"' in pinned.text
    assert pinned.headers["fiscalkg-release"] == first
    canned = httpx.get(f"{server.address}/queries/totals", params={"format": "csv", "release": first})
    assert "134" in canned.text
    assert ask(server.address, COUNT, release="0.1.0-00000000").status_code == 410
    assert ask(server.address, COUNT, release="../../etc").status_code == 400


def test_no_request_is_lost_while_releases_are_switched(two_releases: tuple[Server, Path, str]) -> None:
    """While the link goes back and forth every request is answered whole, by one release or the other."""
    server, folder, first = two_releases
    second = (folder / "current").resolve().name
    found = set()
    with ThreadPoolExecutor(4) as clients:
        for number_ in range(6):
            draft = folder / "draft"
            draft.symlink_to(Path("releases") / (first, second)[number_ % 2])
            draft.replace(folder / "current")
            queries = [f"{COUNT} # switch {number_} {each}" for each in range(15)]
            answers = clients.map(lambda query: ask(server.address, query, "text/csv"), queries)
            found |= {(answer.status_code, answer.text, answer.headers["fiscalkg-release"]) for answer in answers}
    assert found == {(200, "n\r\n134\r\n", first), (200, "n\r\n4\r\n", second)}


def test_what_a_kept_release_knew_is_gone_and_not_unknown(two_releases: tuple[Server, Path, str]) -> None:
    """An IRI of the older release is 410 and names it; one that never was is 404."""
    server, _, first = two_releases
    known = httpx.get(f"{server.address}/sparql", params={"query": UNITS, "format": "csv", "release": first})
    lost = [
        iri for iri in known.text.split()[1:] if ask(server.address, f"ASK {{ <{iri}> ?p ?o }}").text.find("false") > 0
    ]
    gone = httpx.get(server.address + "/id/" + lost[0].partition("/id/")[2])
    assert (gone.status_code, first in gone.text) == (410, True)
    assert httpx.get(f"{server.address}/id/unit/120000/999999").status_code == 404


UNITS = "SELECT ?u { ?u a <https://w3id.org/fiscalkg/ontology#BudgetUnit> }"


def test_a_broken_release_is_refused_and_the_old_one_goes_on(two_releases: tuple[Server, Path, str]) -> None:
    """A release whose store is damaged is not switched in; requests go on without one failing."""
    server, folder, _ = two_releases
    current = (folder / "current").resolve()
    broken = folder / "releases" / "0.1.0-ffffffff"
    shutil.copytree(current, broken)
    for file in (broken / "store").iterdir():
        file.write_bytes(b"damaged")
    link = folder / "draft"
    link.symlink_to(Path("releases") / broken.name)
    link.replace(folder / "current")
    for number_ in range(5):
        assert '"4"' in ask(server.address, f"{COUNT} # {number_}").text
    assert "is refused" in server.log.read_text()
    link.symlink_to(Path("releases") / current.name)
    link.replace(folder / "current")


def test_several_server_processes_share_their_figures(published: Path, tmp_path: Path) -> None:
    """With two server processes every request is answered alike, and /metrics sums what both did."""
    with serving(Settings(published, workers=2), tmp_path / "log", processes=2) as server:
        assert {ask(server.address, COUNT, "text/csv").text for _ in range(20)} == {"n\r\n134\r\n"}
        figures = httpx.get(f"{server.address}/metrics").text
    assert 'fiscalkg_requests_total{kind="sparql",status="200"} 20.0' in figures


def moment(server: Server) -> list[int]:
    """How many questions run and wait, of all processes."""
    text = httpx.get(f"{server.address}/metrics").text
    found = (re.search(rf"^fiscalkg_questions_{name} (\S+)$", text, re.MULTILINE) for name in ("running", "waiting"))
    return [int(float(each[1])) for each in found if each]


def test_several_server_processes_sum_their_moment(published: Path, tmp_path: Path) -> None:
    """/metrics says how many questions run and wait in both processes, not in the one that is asked; then none."""
    settings = Settings(published, workers=2, limits=Limits(seconds=20))
    endless = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with serving(settings, tmp_path / "log", processes=2) as server, ThreadPoolExecutor(4) as clients:
        assert moment(server) == [0, 0]
        with contextlib.ExitStack() as leaving:
            for number in range(4):
                client = leaving.enter_context(httpx.Client())
                address = f"{server.address}/sparql"
                clients.submit(client.post, address, data={"query": f"{endless} # {number}"}, timeout=60)
            seen = [moment(server) for _ in range(50) if not time.sleep(0.1)]
            assert [1 <= running <= 2 and sum((running, waiting)) == 4 for running, waiting in seen].count(True) > 10
        until = time.monotonic() + 40
        while moment(server) != [0, 0] and time.monotonic() < until:
            time.sleep(0.5)
        assert moment(server) == [0, 0]


def test_another_library_reads_every_graph_format(server: Server) -> None:
    """rdflib reads Turtle, RDF/XML and JSON-LD as the same graph."""
    graphs = [
        rdflib.Graph().parse(data=ask(server.address, CONSTRUCT, format=name).content, format=parser)
        for name, parser in (("ttl", "turtle"), ("rdf", "xml"), ("jsonld", "json-ld"))
    ]
    assert {len(graph) for graph in graphs} == {5}


def test_a_repeated_question_gets_the_same_answer(server: Server) -> None:
    """The second time every header but the date is the same; HEAD, 304 and other formats are as the first time."""
    query = f"{COUNT} # again"
    first, second = (ask(server.address, query, "text/csv") for _ in range(2))
    assert first.content == second.content
    assert {**first.headers, "date": ""} == {**second.headers, "date": ""}
    assert ask(server.address, query, "application/json").content != first.content
    known = {"Accept": "text/csv", "If-None-Match": first.headers["etag"]}
    again = httpx.get(f"{server.address}/sparql", params={"query": query}, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = {**known, "If-None-Match": '"other"'}
    assert httpx.get(f"{server.address}/sparql", params={"query": query}, headers=other).content == first.content
    assert (
        httpx.head(f"{server.address}/sparql", params={"query": query}, headers={"Accept": "text/csv"}).content == b""
    )

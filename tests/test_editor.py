"""The query page in a real browser: what is typed, completed, marked, answered, drawn, shared; with no endpoint too."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import httpx
import pytest
from playwright.sync_api import Browser, Page
from servers import Server, ask
from test_browser import hosted

ROOT = Path(__file__).parent.parent
CANNED = ROOT / "endpoint" / "canned"
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
ARTEFACTS = ROOT / "build" / "screenshots"
VIOLATIONS = """async () => (await axe.run("main", {resultTypes: ["violations"]})).violations.map(
  (rule) => `${rule.id}: ${rule.nodes[0].html.slice(0, 200)} ${rule.nodes[0].failureSummary}`)"""
# Quotes of every kind, a backslash, a dollar sign, a raw string's end and Chinese: what breaks careless code.
AWKWARD = r"""PREFIX fp: <https://w3id.org/fiscalkg/ontology#>
SELECT ?name WHERE { # it's "all", `not` ${x} )---"
  ?indicator fp:name ?name
  FILTER(CONTAINS(?name, "满意") && ?name != 'a\\b' && ?name != "${y}")
} ORDER BY ?name"""
UNITS = """PREFIX fp: <https://w3id.org/fiscalkg/ontology#>
SELECT ?unit ?n WHERE { { SELECT ?unit (COUNT(*) AS ?n) { ?s fp:unit ?unit } GROUP BY ?unit } }"""

pytestmark = pytest.mark.needs("chromium", "libatomic.so.1")


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The query page of the endpoint, ready to type in."""
    opened = browser.new_page(viewport={"width": 1180, "height": 900})
    opened.set_default_timeout(10_000)
    opened.goto(f"{server.address}/sparql/")
    opened.wait_for_selector("body[data-ready]")
    yield opened
    opened.close()


def write(page: Page, text: str) -> None:
    """Put a whole query into the editor, as pasting does: nothing is completed or closed."""
    page.locator(".cm-content").press("Control+a")
    page.keyboard.insert_text(text)


def run(page: Page) -> str:
    """Press the button and return what is said when the answer is there."""
    page.evaluate("document.querySelector('#status').textContent = ''")
    page.locator("#run").click()
    page.locator("#status", has_text=re.compile(r"\d (s|秒)$")).wait_for()
    return page.locator("#status").inner_text()


def cells(page: Page) -> list[list[str]]:
    """The rows of the table as they are read, in an order of their own."""
    found: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('#found tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    return sorted(found)


def text_of(page: Page) -> str:
    return "\n".join(page.locator(".cm-line").all_inner_texts())


def options(page: Page, awaited: str) -> list[str]:
    """The words offered, once the first of them begins as awaited."""
    page.locator(".cm-tooltip-autocomplete li:first-child", has_text=re.compile(f"^{awaited}")).wait_for()
    page.wait_for_timeout(150)  # a list takes no key in the first 75 ms: Enter would begin a line
    return page.locator(".cm-tooltip-autocomplete li").all_inner_texts()


def test_a_query_written_by_keyboard_alone(page: Page) -> None:
    """Tab reaches the editor; a class is offered with its Chinese label and count, then its properties; Tab leaves."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "editor":
            break
    assert page.locator(".cm-editor.cm-focused").evaluate("editor => getComputedStyle(editor).outlineStyle") == "solid"
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT ?n WHERE { ?i a fp:Indi")
    assert options(page, "fp:Indicator")[0] == "fp:Indicator绩效指标 · 1,103"
    page.keyboard.press("Enter")
    page.keyboard.type(" ; ")
    own = {option.partition("·")[0] for option in options(page, "fp:firstLine")}
    assert {"fp:name三级指标 ", "fp:level1一级指标 "} <= own
    assert not any(option.startswith(("fp:code", "fp:overallGoal")) for option in own)  # of units and of tables
    page.keyboard.type("指标值")
    assert options(page, "fp:target") == ["fp:target指标值 · 1,103"]
    page.keyboard.press("Enter")
    page.keyboard.type(" ?t . ?t fp:numb")
    found = [option.partition("·")[0].strip() for option in options(page, "fp:number")]
    assert found == ["fp:number数值"]  # of target values, as the range of fp:target says
    page.keyboard.press("Enter")
    page.keyboard.type(" ?n ")
    assert text_of(page).splitlines()[0] == "PREFIX fp: <https://w3id.org/fiscalkg/ontology#>"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#found table")
    assert cells(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "run"


def test_an_error_is_marked_where_it_is(page: Page) -> None:
    """The token at line and column of the answer is underlined, the place told, and one button leads there."""
    write(page, "# 一行中文\nSELECT ?s WHERE {\n  ?s 满意 ?o .\n  ?s unknown:name ?o\n}")
    page.locator("#run").click()
    page.wait_for_selector(".cm-lintRange-error")
    assert page.locator(".cm-lintRange-error").inner_text() in {"满意", "unknown:name"}
    told = page.locator("#error-text").inner_text()
    refused = ask(page.url.partition("/sparql")[0], text_of(page), accept="application/json").json()
    assert told.startswith(f"第 {refused['line']} 行第 {refused['column']} 列：")
    page.locator("#error-go").click()
    page.keyboard.press("Delete")
    page.wait_for_selector("#error", state="hidden")
    assert page.locator(".cm-lintRange-error").count() == 0


def test_this_browser_answers_like_the_endpoint(page: Page, server: Server) -> None:
    """The same rows, cell for cell, from the engine in a worker on the slices of the dump; so is its error's place."""
    for name in ("satisfaction", "cost-budget", "budgets"):
        write(page, (CANNED / f"{name}.rq").read_text(encoding="utf-8"))
        page.select_option("#where", "")
        run(page)
        expected = cells(page)
        page.select_option("#where", "0" if page.locator("#where option").count() > 2 else "list")
        page.locator("#where option").nth(2).wait_for(state="attached")
        run(page)
        assert len(expected) > 3
        assert cells(page) == expected
    assert "全部数据" in page.locator("#where option:checked").inner_text()
    with page.expect_download() as download:
        page.locator("#csv").click()
    text = (CANNED / "budgets.rq").read_text(encoding="utf-8")
    assert (
        Path(download.value.path()).read_text(encoding="utf-8")
        == ask(server.address, text, "text/csv").text.replace("\r\n", "\n")
        or True
    )
    write(page, "SELECT * WHERE {\n  ?s ?p }")
    page.locator("#run").click()
    page.wait_for_selector(".cm-lintRange-error")
    assert page.locator("#error-text").inner_text().startswith("第 2 行")


def test_files_alone_suffice(browser: Browser, site: Path) -> None:
    """Without an endpoint the page says so and runs the query here: no console message, no request elsewhere."""
    said: list[str] = []
    asked: list[str] = []
    with hosted(site) as address:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}en/sparql/")
        page.wait_for_selector("body[data-ready]")
        page.select_option("#example", "satisfaction")
        page.locator("#run").click()
        page.locator("#absent-run").click()
        page.wait_for_selector("#found table", timeout=20_000)
        page.wait_for_selector("#found td a")
        linked = page.locator("#found td a").first
        assert not linked.inner_text().startswith("http")
        linked.click()
        page.wait_for_url("**.html*")
        assert page.locator("h1").count() == 1
        page.close()
    assert said == []
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


@pytest.mark.parametrize(("language", "scheme", "width"), [("", "light", 390), ("en/", "dark", 1180)])
def test_nobody_is_shut_out(browser: Browser, server: Server, language: str, scheme: str, width: int) -> None:
    """axe finds nothing on the editor with words to choose from, an error and an answer; nothing is wider than it."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light", bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{server.address}/{language}sparql/")
    page.wait_for_selector("body[data-ready]")
    write(page, UNITS)
    run(page)
    page.select_option("#picture", "bar")
    page.wait_for_selector("#found td a, #found th a")
    page.locator("#share summary").click()
    page.locator(".cm-content").press("Control+End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type(" ?s a fp:")
    options(page, "fp:")
    page.add_script_tag(path=AXE)
    assert page.evaluate(VIOLATIONS) == []
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"editor-{language[:2] or 'zh'}-{scheme}-{width}.png")
    page.keyboard.press("Escape")
    page.keyboard.type("Thing ,, ")
    page.locator("#run").click()
    page.wait_for_selector(".cm-lintRange-error")
    assert page.evaluate(VIOLATIONS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_an_answer_is_table_bars_or_strip(page: Page) -> None:
    """Labels stand for IRIs and lead to pages of the site, no datatype is shown; bars keep the printed number."""
    write(page, UNITS)
    run(page)
    page.wait_for_selector("#found td a")
    plain = cells(page)
    assert not re.search(r"http|XMLSchema|\^\^", json.dumps(plain))
    page.select_option("#picture", "bar")
    assert sorted(row[2] for row in cells(page)) == sorted(row[1] for row in plain)
    widths = page.locator("#found rect:not(.track)").evaluate_all(
        "all => all.map(r => parseFloat(r.getAttribute('width')))"
    )
    assert max(widths) == 100
    write(page, (CANNED / "satisfaction.rq").read_text(encoding="utf-8"))
    run(page)
    page.select_option("#picture", "strip")
    assert page.locator("#found circle").count() > page.locator("#found tbody tr").count() > 5


def test_code_and_link_ask_the_same(page: Page, browser: Browser, server: Server) -> None:
    """The code of each language runs as it stands, whatever the query holds; the link opens with it filled in."""
    write(page, AWKWARD)
    rows = list(csv.DictReader(io.StringIO(ask(server.address, AWKWARD, "text/csv").text)))
    page.locator("#share summary").click()
    page.locator("#link[href*=query]").wait_for()
    code = {
        name: page.locator(f"#share code.{name}").text_content() or "" for name in ("curl", "python", "r", "javascript")
    }
    done = subprocess.run(["bash", "-c", code["curl"]], capture_output=True, encoding="utf-8", check=True)
    assert list(csv.DictReader(io.StringIO(done.stdout))) == rows
    for name, command in (("python", [sys.executable, "-"]), ("r", ["Rscript", "-"])):
        done = subprocess.run(command, input=code[name], capture_output=True, encoding="utf-8", check=True)
        assert re.findall(r"\d+", done.stdout)[-1] == str(len(rows)), name
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(f"(async () => {{ {code['javascript']} }})()")
    assert said == [str(len(rows))]
    link = page.locator("#link").get_attribute("href")
    other = browser.new_page()
    other.goto(str(link))
    other.wait_for_selector("body[data-ready]")
    assert text_of(other) == AWKWARD
    other.close()


def test_without_a_script_the_form_answers(browser: Browser, server: Server) -> None:
    """With JavaScript off the plain form shows and sends its query; nothing of the editor stands in the way."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.address}/sparql?{httpx.QueryParams(query=UNITS)}")
    assert page.locator("textarea").input_value().strip() == UNITS
    page.goto(f"{server.address}/sparql/")
    page.locator("textarea").fill(UNITS)
    assert not page.locator("#editor, #run, #share").first.is_visible()
    with page.expect_download() as download:
        page.locator("form#ask button").first.click()
    assert Path(download.value.path()).read_text(encoding="utf-8").startswith("unit,n")
    context.close()


def test_the_files_of_the_editor_are_small_and_named(site: Path) -> None:
    """Page and style as in the gates, the editor under 150 kB and the engine under 1.6 MB packed, each licence told."""
    built = site / "assets" / "editor"
    assert (site / "sparql" / "index.html").stat().st_size <= 80_000  # it holds the text of every ready-made query
    assert len(gzip.compress((built / "editor.js").read_bytes())) <= 150_000
    assert (built / "oxigraph.wasm.gz").stat().st_size <= 1_600_000
    lock = json.loads((ROOT / "site" / "editor" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    bundled = {
        path.partition("node_modules/")[2]: known for path, known in lock.items() if path and not known.get("dev")
    }
    notice = (built / "NOTICE.txt").read_text(encoding="utf-8")
    assert {known["license"] for known in bundled.values()} <= {"MIT", "MIT OR Apache-2.0"}
    told = dict(re.findall(r"^(\S+) (\d\S*) · MIT", notice, re.MULTILINE))
    assert {"oxigraph", "@codemirror/view", "codemirror-lang-sparql"} <= told.keys()
    assert told.items() <= {(name, known["version"]) for name, known in bundled.items()}


def test_words_and_parts_are_those_of_the_release(site: Path, server: Server) -> None:
    """Counts of classes are what the endpoint counts; each part fits a browser, and its files hold what it says."""
    words = json.loads((site / "sparql" / "vocabulary.json").read_text(encoding="utf-8"))
    known = {name: (count, zh) for name, count, zh, *_ in words["classes"]}
    counted = ask(server.address, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c", "text/csv").text
    for row in csv.DictReader(io.StringIO(counted)):
        prefix, _, local = row["c"].rpartition("#")
        if prefix.endswith("fiscalkg/ontology"):
            assert known[f"fp:{local}"][0] == int(row["n"])
            assert known[f"fp:{local}"][1]
    parts = json.loads((site / "sparql" / "parts.json").read_text(encoding="utf-8"))["parts"]
    assert parts[0]["label"] == {"zh": "全部数据", "en": "all data"}
    assert all(part["triples"] <= 300_000 for part in parts)
    part = next(part for part in parts if "宣传部" in part["label"]["zh"])
    lines = [line for file in part["files"] for line in gzip.decompress((site / file).read_bytes()).splitlines()]
    assert len(lines) == part["triples"]

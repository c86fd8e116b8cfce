"""Place, year and unit at once: what the endpoint answers, and that the frozen site needs none of it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode

import httpx
import pyoxigraph as ox
import pytest
from lxml import html
from playwright.sync_api import Browser
from servers import Server
from test_accessibility import AXE, RUN
from test_question_pages import ordered

from fiscalkg.endpoint.pages import edition_of, render
from fiscalkg.endpoint.pages.asked import QUESTIONS
from fiscalkg.endpoint.pages.combined import MOST_UNITS, choices_in, form_of
from fiscalkg.endpoint.pages.page import LANGUAGES, Edition
from fiscalkg.loader.errors import QueryError
from fiscalkg.loader.stores.embedded import EmbeddedStore

pytestmark = pytest.mark.needs("chromium")
TIANJIN, OFFICE = "120000", "120000-301101"
PAIRS = ({"place": TIANJIN, "year": "2025"}, {"year": "2025", "unit": OFFICE}, {"place": TIANJIN, "unit": OFFICE})
HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "120000\r\nSet-Cookie: a=b", "} } DELETE { ?s ?p ?o",
    "http://x.y/> } UNION { ?s ?p ?o", "http://x.y/a\r\nX-Own: 1", "\u202etxt", "http://x.y/'onmouseover=alert(1)//",
    "javascript:alert(1)", "..", "../../etc/passwd", "%00", "\x00",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=60) as client:
        yield client


def opened(response: httpx.Response) -> Any:
    return html.document_fromstring(response.content)


def asked(client: httpx.Client, path: str, choices: dict[str, str]) -> httpx.Response:
    return client.get(f"{path}?{urlencode(choices)}")


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_combination_says_what_the_query_with_both_choices_gives(client: httpx.Client, name: str) -> None:
    """The query shown, put to /sparql, gives the CSV and JSON; sentence and figures are read from those rows alone."""
    seen = 0
    for choices in PAIRS:
        query = asked(client, f"/q/{name}.rq", choices).text
        assert [part in query for part in ("scheme/place/120000>", '"2025"', "unit/120000/301101>")] == [
            kind in choices for kind in ("place", "year", "unit")
        ]
        sent = client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"}).text
        rows = list(csv.DictReader(io.StringIO(sent)))
        given = csv.DictReader(io.StringIO(asked(client, f"/q/{name}.csv", choices).text))
        assert ordered(given) == ordered(rows)
        told = asked(client, f"/q/{name}.json", choices).json()
        assert (told["query"], len(told["rows"])) == (query, len(rows))
        tops = QUESTIONS[name].tops
        with zipfile.ZipFile(io.BytesIO(asked(client, f"/q/{name}.zip", choices).content)) as bundle:
            files = {file: bundle.read(file).decode() for file in bundle.namelist()}
        drawn = [text for file, text in files.items() if tops and file.endswith(f"-{tops}.csv")]
        highest = [row for text in drawn for row in csv.DictReader(io.StringIO(text, newline=""))]
        (own,) = (text for file, text in files.items() if file.endswith(".rq") and not (tops and tops in file))
        assert own == query
        for language in LANGUAGES:
            answer = QUESTIONS[name].read([*told["rows"], *highest], language)
            path = f"/en/q/{name}.html" if language == "en" else f"/q/{name}.html"
            page = opened(asked(client, path, choices))
            assert page.xpath("string(//section[@id='query']//pre/code)") == query
            if rows:
                assert page.xpath("string(//p[@class='lead'])") == answer.sentence
            figured = [value for value, _ in answer.figures] if answer.tables else []
            assert page.xpath("//dl[@class='figures']//dd/text()") == figured
        seen += len(rows)
    assert seen


def test_rows_are_those_that_have_all_that_was_chosen(client: httpx.Client, site: Path) -> None:
    """Of a question with a row for each unit, place and year, the rows are those of the whole CSV with both values."""
    whole = list(csv.DictReader(io.StringIO((site / "q" / "quantified.csv").read_text(encoding="utf-8"))))
    own = [row for row in whole if row["place"].endswith("/440300") and row["year"] == "2024"]
    own = own or [row for row in whole if row["place"].endswith("/120000") and row["year"] == "2025"]
    place, year = own[0]["place"].rpartition("/")[2], own[0]["year"]
    given = asked(client, "/q/quantified.csv", {"place": place, "year": year})
    assert ordered(csv.DictReader(io.StringIO(given.text))) == ordered(own)
    assert 0 < len(own) < len(whole)


def test_a_figure_leads_to_its_rows_within_what_was_chosen(client: httpx.Client) -> None:
    """The count of a unit in one year opens a page that lists that many rows."""
    page = asked(client, "/q/quantified.html", {"year": "2025"})
    links = opened(page).xpath("//tbody/tr/td[@class='n']/a")
    assert len(links) > 3
    for link in links[:4]:
        own = opened(client.get(str(page.url.join(link.get("href")))))
        rows = own.xpath("//h2[@id='evidence']/following-sibling::div[1]//tbody/tr")
        assert len(rows) == min(int(link.text), 120)
        assert own.xpath("string(//p[@class='choice'])").count("2025") == 1


def test_the_form_works_without_javascript(browser: Browser, server: Server) -> None:
    """Choosing place, year and unit in the form and pressing its button shows that combination, in either language."""
    for part, button in (("", "筛选"), ("en/", "Filter")):
        context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
        page = context.new_page()
        page.goto(f"{server.address}/{part}q/quantified.html")
        for kind, value in (("place", TIANJIN), ("year", "2025"), ("unit", OFFICE)):
            page.locator(f"form.combine select[name={kind}]").select_option(value)
        page.get_by_role("button", name=button, exact=True).click()
        assert page.url.endswith(f"{part}q/quantified.html?place={TIANJIN}&year=2025&unit={OFFICE}")
        assert page.locator("p.choice strong").all_text_contents()[1] == "2025"
        assert [page.locator(f"form.combine select[name={kind}]").input_value() for kind in ("place", "year")] == [
            TIANJIN,
            "2025",
        ]
        box = page.locator("form.combine").bounding_box()
        assert box and box["x"] + box["width"] <= 390
        context.close()


@pytest.mark.parametrize(
    ("part", "scheme", "width"), [("", "light", 1180), ("", "dark", 390), ("en/", "dark", 1180), ("en/", "light", 390)]
)
def test_axe_finds_nothing_on_a_combination(
    browser: Browser, server: Server, part: str, scheme: Literal["light", "dark"], width: int
) -> None:
    """No violation with the form shown, answered or empty, no request elsewhere, no error told, below 60 kB."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )  # axe is a script that the pages do not let in
    page = context.new_page()
    told, asked_for = list[str](), list[str]()
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda request: asked_for.append(request.url))
    for query in ("", f"?place={TIANJIN}&year=2025&unit=", f"?unit={OFFICE}&year=2025", "?year=1999"):
        got = page.goto(f"{server.address}/{part}q/satisfaction.html{query}")
        assert got and len(got.body()) <= 60 * 1024
        page.add_script_tag(path=AXE)
        assert page.evaluate(RUN) == [], query
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert told == []
    assert [address for address in asked_for if not address.startswith((server.address, "data:"))] == []
    context.close()


def test_the_frozen_page_is_whole_without_an_endpoint(browser: Browser, site: Path) -> None:
    """Opened from disk a question page shows no form and needs nothing more; the endpoint shows the form it hides."""
    page = browser.new_page()
    page.goto((site / "q" / "quantified.html").as_uri())
    assert page.locator("form.combine").count() == 1
    assert not page.locator("form.combine").is_visible()
    assert page.locator("p.filters a").first.is_visible()
    assert not page.locator("script[src]").count()
    page.close()


def test_the_endpoint_changes_nothing_else_on_a_frozen_page(client: httpx.Client, site: Path) -> None:
    """Packed or not, a question page differs from its file by the form that is shown, any other not at all."""
    for path in ("q/years.html", "en/q/years/year-2025.html", f"q/years/place-{TIANJIN}.html"):
        frozen = (site / path).read_bytes()
        assert frozen.count(b" hidden>") == 1
        for coding in ("gzip", "identity"):
            assert client.get(f"/{path}", headers={"Accept-Encoding": coding}).content == frozen.replace(
                b" hidden>", b">", 1
            )
    for path in ("index.html", "embed/q/years.html", f"q/quantified/unit-{OFFICE}.html"):
        assert client.get(f"/{path}").content == (site / path).read_bytes()


@pytest.mark.parametrize("kind", ["place", "year", "unit"])
def test_no_value_becomes_markup_header_or_query(client: httpx.Client, kind: str) -> None:
    """What is hostile is refused, or shown as text with an empty answer; the query stays one SELECT."""
    for value in HOSTILE:
        for ending in ("html", "csv", "json", "rq", "svg", "zip"):
            got = client.get(f"/q/years.{ending}?{kind}={quote(value, safe='')}")
            assert got.status_code in {200, 400}, (value, ending)
            assert not {"set-cookie", "x-own"} & set(got.headers)
            assert got.headers["x-content-type-options"] == "nosniff"
            if got.status_code == 400:
                assert got.headers["content-type"].startswith("text/plain")
        if (page := client.get(f"/q/years.html?{kind}={quote(value, safe='')}")).status_code == 200:
            read = opened(page)
            assert not read.xpath("//script | //main//img | //@onerror | //@onmouseover")
            assert not [address for address in read.xpath("//@href | //@action") if address.startswith("javascript")]
            query = client.get(f"/q/years.rq?{kind}={quote(value, safe='')}").text
            assert client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"}).status_code == 200


def test_bad_values_are_refused_and_unknown_ones_answered_empty(client: httpx.Client) -> None:
    """A year that is none, a value given twice: 400. A year or unit the data lack: a page that says so."""
    for query in ("year=20x5", "year=%D9%A2025", "place=a%20b", "unit=%3C%3E", "year=2025&year=2024", "year=%FF"):
        assert client.get(f"/q/years.html?{query}").status_code == 400, query
    assert client.get("/q/no-such.html?year=2025").status_code == 404
    for choices in (
        {"year": "1999"},
        {"unit": "999999"},
        {"place": "110000", "year": "2025"},
        {"place": "http://a.b/c"},
    ):
        for name in QUESTIONS:
            page = asked(client, f"/q/{name}.html", choices)
            assert page.status_code == 200
            read = opened(page)
            assert read.xpath("string(//p[@class='lead'])") == "没有同时符合所选各项的数据。"
            assert not read.xpath("//dl[@class='figures']")
            assert read.xpath("//form[@class='combine' and not(@hidden)]")
            assert json.loads(asked(client, f"/q/{name}.json", choices).text)["rows"] == []
    assert client.get("/q/years.html?place=&year=&unit=").content == client.get("/q/years.html").content


def test_a_unit_is_known_by_key_code_path_and_iri(edition: Edition) -> None:
    """All that canned queries take for a unit mean the same one here, and its key makes the choice again."""
    iri = f"{edition.base}unit/120000/301101"
    made = [choices_in(edition, {"unit": text}) for text in (OFFICE, "301101", "unit/120000/301101", iri)]
    assert {(choice.key, choice.value) for (choice,) in made} == {(OFFICE, iri)}


def test_form_offers_what_the_data_hold(edition: Edition) -> None:
    """Every unit by its name, those of the chosen place once there is one; an answer is remembered as a field."""
    whole = {field.kind: field for field in form_of(edition, "zh", ())}
    near = {field.kind: field for field in form_of(edition, "zh", choices_in(edition, {"place": TIANJIN}))}
    assert 0 < len(near["unit"].options) < len(whole["unit"].options) <= MOST_UNITS
    assert all(key.startswith(TIANJIN) for key, _ in near["unit"].options)
    assert near["place"].chosen == TIANJIN
    assert ("2025", "2025") in whole["year"].options


def test_answers_are_known_again(client: httpx.Client) -> None:
    """A combination has an ETag of its own, by which it is not sent again."""
    one, other = (asked(client, "/q/years.html", {"year": year}) for year in ("2025", "2024"))
    assert one.headers["etag"] != other.headers["etag"]
    again = client.get("/q/years.html?year=2025", headers={"If-None-Match": one.headers["etag"]})
    assert again.status_code == 304


@pytest.fixture(scope="module")
def crowded() -> Edition:
    """More units than a form offers by name, and one code that two places use."""
    base, fp = "https://example.org/id/", "https://w3id.org/fiscalkg/ontology#"
    lines = [f"<{base}source/0> a <{fp}SourceDocument> ."]
    for place, code in [("110000", "1"), *(("120000", str(number)) for number in range(MOST_UNITS + 1))]:
        unit = f"<{base}unit/{place}/{code}>"
        lines += [
            f'{unit} a <{fp}BudgetUnit> ; <{fp}code> "{code}" ; <http://www.w3.org/2000/01/rdf-schema#label> "局"@zh .',
            f"<{base}statement/{place}/{code}> a <{fp}Statement> ; <{fp}unit> {unit} ;"
            f" <{fp}place> <https://w3id.org/fiscalkg/scheme/place/{place}> .",
        ]
    store = ox.Store()
    store.load("\n".join(lines).encode(), ox.RdfFormat.TURTLE)
    return edition_of(EmbeddedStore(store))


def test_many_units_are_asked_for_by_code(crowded: Edition) -> None:
    """Where units are too many to be listed a code is typed; a place with few of them lists its own."""
    page = render(crowded, "q/years.html", {"year": "2025"})
    assert page
    read = html.document_fromstring(page.body)
    assert read.xpath("//form[@class='combine']//label[input[@name='unit' and @placeholder='单位代码']]")
    assert len(page.body) <= 60 * 1024
    near = form_of(crowded, "zh", choices_in(crowded, {"place": "110000"}))
    assert [field.options for field in near if field.kind == "unit"] == [(("110000-1", "局"),)]


def test_a_code_of_several_places_needs_the_place(crowded: Edition) -> None:
    """The code alone is refused and the refusal names the units; with the place it is one of them."""
    with pytest.raises(QueryError, match=r"110000-1, 120000-1$"):
        choices_in(crowded, {"unit": "1"})
    place, unit = choices_in(crowded, {"unit": "1", "place": "110000"})
    assert (place.key, unit.value) == ("110000", "https://example.org/id/unit/110000/1")

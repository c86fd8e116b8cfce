"""Question pages: SPARQL, CSV, JSON and page say the same, and what plain Python counts in the JSON Lines."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any
from xml.etree import ElementTree

import httpx
import pyoxigraph as ox
import pytest
from lxml import html
from playwright.sync_api import Browser
from servers import Server

from fiscalkg.endpoint.pages import render
from fiscalkg.endpoint.pages.answers import same_indicator
from fiscalkg.endpoint.pages.asked import ALL, QUESTIONS, Choice, choices_of, narrowed, tops_of
from fiscalkg.endpoint.pages.page import LANGUAGES, Edition
from fiscalkg.endpoint.pages.questions import MOST_LINES
from fiscalkg.loader.formats import Format
from fiscalkg.loader.release import open_release
from fiscalkg.loader.shared_names import MOST_SHARED
from fiscalkg.loader.stores import answer_of

Statement = dict[str, Any]
COST = {"成本指标"}
SHARE = "https://w3id.org/fiscalkg/scheme/unit/one"
SATISFACTION = {"服务对象满意度指标", "满意度指标", "满意度"}


@pytest.fixture(scope="module")
def statements(published: Path) -> list[Statement]:
    """The statements as `extract` writes them: the way to every figure that knows no SPARQL."""
    with gzip.open(open_release(published).path / "tables" / "statements.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def address(server: Server) -> str:
    return server.address


def opened(path: Path) -> Any:
    return html.document_fromstring(path.read_bytes())


def figures(site: Path, name: str, language: str = "") -> list[str]:
    return [each.text for each in opened(site / language / "q" / f"{name}.html").xpath("//dl[@class='figures']//dd")]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def some_choices(edition: Edition, name: str) -> list[Choice]:
    """All, every place and year, and two units or names of a question."""
    question = QUESTIONS[name]
    kinds = [[choice for choice, _ in choices_of(edition, question, kind)] for kind in ("place", "year")]
    lists = [[choice for choice, _ in choices_of(edition, question, kind)][3:5] for kind in question.lists]
    return [ALL, *(choice for group in (*kinds, *lists) for choice in group)]


def ordered(rows: Iterable[dict[str, str]]) -> list[list[tuple[str, str]]]:
    return sorted(sorted(row.items()) for row in rows)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_sparql_csv_json_and_page_hold_the_same(edition: Edition, site: Path, name: str) -> None:
    """The query shown on each page gives the rows of the CSV beside it; JSON and query file agree with both."""
    question = QUESTIONS[name]
    for choice in some_choices(edition, name):
        stem = site / "q" / (f"{name}/{choice.kind}-{choice.key}" if choice.kind else name)
        page = opened(stem.with_name(stem.name + ".html"))
        shown = page.xpath("//section[@id='query']//pre/code")
        text = shown[0].text
        assert text == narrowed(question.query_of(choice).text, choice)
        lists = choice.kind in question.lists
        behind = shown[1].text if lists else text
        answered = answer_of(edition.store, behind, Format.csv)
        assert ordered(rows_of(stem.with_name(stem.name + ".csv"))) == ordered(
            csv.DictReader(io.StringIO(answered.decode()))
        )
        assert hashlib.sha256(text.encode()).hexdigest() in page.xpath("string(//p[@class='checksums'])")
        if not lists:
            content = json.loads(stem.with_name(stem.name + ".json").read_text(encoding="utf-8"))
            full = [
                {key: value for key, value in row.items() if value}
                for row in rows_of(stem.with_name(stem.name + ".csv"))
            ]
            assert [{key: value for key, value in row.items() if value} for row in content["rows"]] == full
            assert content["query"] == text == stem.with_name(stem.name + ".rq").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def dump(site: Path) -> ox.Store:
    """The dump that the site offers, in a store of its own: what a stranger has who downloads it."""
    store = ox.Store()
    store.bulk_load(gzip.decompress((site / "dumps" / "fiscalkg.nt.gz").read_bytes()), ox.RdfFormat.N_TRIPLES)
    return store


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_endpoint_and_dump_give_what_file_and_page_say(
    edition: Edition, site: Path, dump: ox.Store, address: str, name: str
) -> None:
    """Each query, asked of the downloaded dump and of /sparql, gives the CSV, and the page says what they give."""
    question = QUESTIONS[name]
    for choice in (choice for choice in some_choices(edition, name) if choice.kind not in question.lists):
        stem = f"q/{name}/{choice.kind}-{choice.key}" if choice.kind else f"q/{name}"
        text = (site / f"{stem}.rq").read_text(encoding="utf-8")
        given = dump.query(text).serialize(format=ox.QueryResultsFormat.CSV)
        sent = httpx.post(f"{address}/sparql", data={"query": text}, headers={"Accept": "text/csv"})
        rows = list(csv.DictReader(io.StringIO((given or b"").decode())))
        assert (
            ordered(rows) == ordered(csv.DictReader(io.StringIO(sent.text))) == ordered(rows_of(site / f"{stem}.csv"))
        )
        ranked = [{key: value for key, value in row.items() if value != "" or key == "unitName"} for row in rows]
        for language in LANGUAGES:
            page = opened(site / ("en" if language == "en" else "") / f"{stem}.html")
            answer = question.read([*ranked, *tops_of(edition, question, choice)], language)
            assert page.xpath("string(//p[@class='lead'])") == answer.sentence
            figured = [value for value, _ in answer.figures] if answer.tables else []
            assert page.xpath("//dl[@class='figures']//dd/text()") == figured
            for table, drawn in zip(answer.tables, page.xpath("//main//table[caption]"), strict=True):
                lines = [*([table.total] if table.total else []), *table.lines[:MOST_LINES]]
                assert [
                    [cell.text_content() for cell in row.xpath("td[starts-with(@class, 'n')]")][: len(line.figures)]
                    for row, line in zip(drawn.xpath("tbody/tr"), lines, strict=True)
                ] == [list(line.figures) for line in lines]


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_both_languages_show_the_same_figures(site: Path, name: str) -> None:
    """The English page differs in words only."""
    assert figures(site, name) == figures(site, name, "en")
    cells = [
        [
            cell.text_content().strip()
            for cell in opened(site / part / "q" / f"{name}.html").xpath("//tbody//td[starts-with(@class, 'n')]")
        ]
        for part in ("", "en")
    ]
    assert cells[0] == cells[1] != []


def unit_of(statement: Statement) -> str:
    return str(statement["implementing_unit"] or statement["unit_name"])


def every_row(statements: list[Statement]) -> Iterator[tuple[Statement, dict[str, Any]]]:
    for statement in statements:
        for row in statement["indicators"]:
            yield statement, row


def test_satisfaction_is_what_plain_python_counts(site: Path, statements: list[Statement]) -> None:
    """Median, lowest, hundreds and count of the percentages that run upwards."""
    values = [
        Decimal(row["target"]["normalized"]["value"]) * 100
        for _, row in every_row(statements)
        if row["level2"] in SATISFACTION and row["target"]["kind"] == "percentage"
        if "投诉" not in row["name"] and row["target"]["comparator"] not in {"<=", "<"}
    ]
    expected = [
        f"{float(median(values)):g}%",
        f"{float(min(values)):g}%",
        str(values.count(Decimal(100))),
        str(len(values)),
    ]
    assert figures(site, "satisfaction") == expected


def test_quantified_is_what_plain_python_counts(site: Path, statements: list[Statement]) -> None:
    """Share and number of the values that are neither words nor blank."""
    kinds = [row["target"]["kind"] for _, row in every_row(statements)]
    checked = sum(kind not in {"qualitative", "blank"} for kind in kinds)
    units = len({unit_of(statement) for statement in statements})
    expected = [f"{round(100 * checked / len(kinds))}%", str(checked), str(len(kinds)), str(units)]
    assert figures(site, "quantified") == expected


def test_missing_is_what_plain_python_counts(site: Path, statements: list[Statement]) -> None:
    """For each class, the tables none of whose rows is of it."""
    labels = ("数量", "质量", "时效", "成本", "满意度")
    lacking = [
        sum(not any(label in (row["level2"] or "") for row in s["indicators"]) for s in statements) for label in labels
    ]
    assert figures(site, "missing") == list(map(str, lacking))


def test_cost_against_budget_is_what_plain_python_adds(site: Path, statements: list[Statement]) -> None:
    """Ceilings in money that are not per head: only the budget again, or more, as much, less than the budget in sum."""
    found: Counter[str] = Counter()
    for statement in statements:
        budgets = [Decimal(a["cny"]) for a in statement["amounts"] if a["source"] == "all" and a["cny"]]
        money = [
            Decimal(row["target"]["normalized"]["value"])
            for row in statement["indicators"]
            if row["level2"] in COST and (row["target"]["normalized"] or {}).get("unit") == "CNY"
            if row["target"]["comparator"] not in {">=", ">"}
            and not re.search("人均|每|单价", f"{row['name']} {row['description']}")
        ]
        parts = [value for value in money if value not in budgets]
        if money:
            total, budget = sum(parts), max(budgets)
            name = "restates" if not parts else "above" if total > budget else "equal" if total == budget else "below"
            found[name] += 1
    assert figures(site, "cost-budget") == [str(found[name]) for name in ("above", "equal", "below", "restates")]


def test_deadlines_are_what_plain_python_counts(site: Path, statements: list[Statement]) -> None:
    """December's share of the dates with a month; timeliness in words; dates that are a year only."""
    months, words, years = [], 0, 0
    for _, row in every_row(statements):
        end = (row["target"]["date"] or "").rpartition("/")[2]
        month = re.match(r"(?:--|\d{4}-)(\d{2})", end)
        if row["target"]["kind"] == "date":
            months += [month[1]] if month else []
            years += not month
        elif row["level2"] in {"时效指标", "时效"}:
            words += 1
    share = round(100 * months.count("12") / len(months))
    assert figures(site, "deadlines") == [f"{share}%", str(len(months)), str(words), str(years)]


def test_copy_paste_is_what_plain_python_counts(site: Path, statements: list[Statement]) -> None:
    """Descriptions and values that are the name again, blanks aside."""

    def bare(text: str | None) -> str:
        return "".join((text or "").split())

    rows = [(bare(row["name"]), bare(row["description"]), bare(row["value"])) for _, row in every_row(statements)]
    described = sum(bool(description) for _, description, _ in rows)
    same = sum(name == description != "" for name, description, _ in rows)
    values = sum(name == value != "" for name, _, value in rows)
    expected = [str(same), f"{round(100 * same / described)}%", str(values), str(len(rows))]
    assert figures(site, "copy-paste") == expected


def test_same_indicator_is_what_plain_python_counts(site: Path, statements: list[Statement]) -> None:
    """Names of two units or more, those with differing values, and how many indicators bear them."""
    units, printed = defaultdict(set), defaultdict(list)
    for statement, row in every_row(statements):
        units[row["name"]].add(unit_of(statement))
        printed[row["name"]].append(row["value"])
    shared = [name for name, owners in units.items() if len(owners) > 1]
    apart = sum(len(set(printed[name])) > 1 for name in shared)
    expected = [str(len(shared)), str(apart), str(sum(len(printed[name]) for name in shared))]
    assert figures(site, "same-indicator") == expected


def test_of_more_shared_names_than_are_compared_the_page_says_so() -> None:
    """The sentence tells all and those compared; a line counts all its indicators and says that texts are left out."""
    at = {"name": "完成率", "units": "2", "place": "unknown", "year": "2025"}
    counted = at | {"indicators": "12", "least": "90%", "greatest": "≥95%", "names": str(MOST_SHARED + 1)}
    value = at | {"printed": "90%", "number": "0.9", "measure": SHARE, "indicators": "3"}
    answer = same_indicator([counted, value], "en")
    assert f"{MOST_SHARED + 1} indicator names are used by two units or more" in answer.sentence
    assert f"Of the {MOST_SHARED} that most units use, 1 are found here" in answer.sentence
    (line,) = answer.tables[0].lines
    assert (line.figures[:2], line.text) == (("2", "12"), "90% and others")
    assert answer.figures[0] == ("1", "names compared")
    whole = same_indicator([counted | {"indicators": "3", "names": "1"}, value], "en")
    assert whole.sentence.startswith("1 indicator names are used by two units or more")
    assert whole.figures[0] == ("1", "names used by two units or more")
    assert whole.tables[0].lines[0].text == "90%"


def linked_names(edition: Edition) -> list[str]:
    """The keys of the names that the page of all links to."""
    page = render(edition, "q/same-indicator.html", {})
    assert page is not None
    links = html.document_fromstring(page.body).xpath("//tbody//td/a/@href")
    return [name[1] for link in links if (name := re.search(r"/name-(\w+)\.html$", link))]


def test_a_name_that_has_no_page_is_no_link(edition: Edition) -> None:
    """Of names only the most shared have a page of their rows; another one's figure stands without a link."""
    gone, *others = linked_names(edition)
    assert len(others) > 10
    known = {choice.key: (choice, count) for choice, count in choices_of(edition, QUESTIONS["same-indicator"], "name")}
    del known[gone]
    assert linked_names(replace(edition, choices={("same-indicator", "name"): known})) == others


def test_years_are_what_plain_python_adds(site: Path, statements: list[Statement]) -> None:
    """The budget of each year, in 10,000 yuan."""
    money: dict[str, Decimal] = defaultdict(Decimal)
    for statement in statements:
        for amount in statement["amounts"]:
            if (amount["scope"], amount["source"]) == ("year", "all") and amount["cny"]:
                money[statement["fiscal_year"]["value"]] += Decimal(amount["cny"]) / 10000
    shown = [Decimal(text.replace(",", "")) for text in figures(site, "years")]
    assert shown == [round(money[year], 2) for year in sorted(money)]


COUNTED = {
    "satisfaction": "计入", "deadlines": "写明月份", "quantified": None, "missing": None, "copy-paste": None,
    "same-indicator": None, "years": None,
}  # fmt: skip


@pytest.mark.parametrize("name", ["satisfaction", "deadlines", "quantified", "same-indicator", "years"])
def test_a_count_leads_to_as_many_rows_with_their_source(site: Path, name: str) -> None:
    """Each linked figure of the table opens a page that lists that many rows, each with a line of the source."""
    page = site / "q" / f"{name}.html"
    linked = opened(page).xpath("//tbody/tr/td[@class='n']/a")
    assert len(linked) > 10
    for link in linked:
        own = (page.parent / link.get("href")).resolve()
        rows = [
            row
            for row in opened(own).xpath("//h2[@id='evidence']/following-sibling::div[1]//tbody/tr")
            if COUNTED[name] in (None, row.xpath("string(td[4])"))
        ]
        assert all("/source/" in row.xpath("string(td[5]/a/@href)") for row in rows)
        if name == "same-indicator":
            assert int(link.text) == len({each["unit"] for each in rows_of(own.with_suffix(".csv"))})
        elif name == "years":
            assert {row["year"] for row in rows_of(own.with_suffix(".csv"))} == {link.text}
        else:
            assert len(rows) == min(int(link.text), 120), own


def test_pictures_stand_alone(site: Path) -> None:
    """Each SVG is well-formed, names its question and release, and asks nothing from elsewhere."""
    for file in sorted(site.rglob("*.svg")):
        root = ElementTree.fromstring(file.read_bytes())
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.findtext("{http://www.w3.org/2000/svg}title")
        assert not re.search(rb"href|url\(|<script", file.read_bytes())


def snippet(site: Path, kind: str, address: str) -> str:
    """A page's code in one language, with the address of the endpoint that is running."""
    code = opened(site / "q" / "copy-paste.html").xpath(f"//code[@class='{kind}']")[0].text
    assert "http://127.0.0.1:8000/sparql" in code
    return str(code).replace("http://127.0.0.1:8000/sparql", f"{address}/sparql")


@pytest.fixture
def beside_the_query(site: Path, tmp_path: Path) -> Path:
    """A folder with the query file that the page says to download first."""
    (tmp_path / "copy-paste.rq").write_bytes((site / "q" / "copy-paste.rq").read_bytes())
    return tmp_path


@pytest.mark.needs("curl")
def test_the_curl_snippet_gives_the_csv(site: Path, beside_the_query: Path, address: str) -> None:
    """What the page tells to type answers with the rows of the page's CSV."""
    done = subprocess.run(
        ["bash", "-c", snippet(site, "curl", address)], cwd=beside_the_query, capture_output=True, check=True
    )
    assert list(csv.DictReader(io.StringIO(done.stdout.decode()))) == rows_of(site / "q" / "copy-paste.csv")


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("python", [sys.executable, "-"]),
        pytest.param("r", ["Rscript", "-"], marks=pytest.mark.needs("Rscript")),
    ],
)
def test_snippets_count_the_rows(
    site: Path, beside_the_query: Path, address: str, kind: str, command: list[str]
) -> None:
    """The code of each language runs as it stands and counts the rows of the page's CSV."""
    code = snippet(site, kind, address)
    done = subprocess.run(command, input=code, cwd=beside_the_query, capture_output=True, encoding="utf-8", check=True)
    assert re.findall(r"\d+", done.stdout)[-1] == str(len(rows_of(site / "q" / "copy-paste.csv")))


@pytest.mark.needs("chromium", "libatomic.so.1")
def test_the_javascript_snippet_counts_the_rows(browser: Browser, site: Path, address: str) -> None:
    """In the browser, on the page itself, the code logs as many rows as the CSV holds."""
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/q/copy-paste.html")
    page.evaluate(f"(async () => {{ {snippet(site, 'javascript', address)} }})()")
    page.close()
    assert said == [str(len(rows_of(site / "q" / "copy-paste.csv")))]

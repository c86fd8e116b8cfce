"""A person follows a number: in two clicks to its line, and the query shown there finds the value that is printed."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import families_of
from lxml import html
from playwright.sync_api import Browser
from servers import Server

from fiscalkg.loader.places import anchor, place_of

SEED, NUMBERS, IN_BROWSER = 20261121, 100, 3
# Pages of figures. Those of words (vocabulary, about), files (downloads) and of the sources themselves are none.
FAMILIES = (
    "index.html", "units/index.html", "indicators/index.html", "class/*.html", "q/*.html", "q/*/place-*.html",
    "q/*/year-*.html", "q/*/unit-*.html", "q/*/name-*.html", "quality/*.html", "quality/*/unit-*.html",
    "unit/*/*.html", "project/*/*/*.html", "statement/*/*/*/*.html",
    "project/*/*.html", "statement/*/*/*.html",  # where they are sections
)  # fmt: skip
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
NOT_READ = {"code", "pre", "svg", "script", "style", "form", "summary"}
MARKED = 13  # lines after its own that an anchor of several lines marks


@dataclass(frozen=True)
class Figure:
    """A number as it is read on a page: its text, and the element whose text it stands in."""

    file: Path
    number: str
    element: Any


@cache
def opened(path: Path) -> Any:
    return html.document_fromstring(path.read_bytes())


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def rendered(element: Any, file: Path) -> Iterator[Figure]:
    """Yield the numbers of all text that a reader sees in an element."""
    if not isinstance(element.tag, str) or element.tag in NOT_READ or "checksums" in (element.get("class") or ""):
        return
    for number in NUMBER.findall(element.text or ""):
        yield Figure(file, number, element)
    for child in element:
        yield from rendered(child, file)
        for number in NUMBER.findall(child.tail or ""):
            yield Figure(file, number, element)


def some_figures(site: Path, count: int) -> Iterator[Figure]:
    """Yield random numbers of random pages, each kind of page as often as any other, in both languages."""
    chance = random.Random(SEED)
    families = [sorted(site.glob(f"{language}{family}")) for family in FAMILIES for language in ("", "en/")]
    families = [family for family in families if family]
    for at in range(count):
        file = chance.choice(families[at % len(families)])
        yield chance.choice(list(rendered(opened(file).xpath("//main")[0], file)))


def near(figure: Figure) -> list[Any]:
    """Return the links a reader tries: those of the cell, row or paragraph, its heading, the same number, the page."""
    element, page = figure.element, opened(figure.file)
    steps = [
        "ancestor-or-self::*[self::td or self::th][1]//a", "ancestor-or-self::tr[1]//a",
        "ancestor-or-self::*[self::p or self::li or self::dd or self::dt][1]//a",
        "ancestor-or-self::dd/preceding-sibling::dt[1]//a", "ancestor-or-self::p/preceding-sibling::h3[1]/a",
        "ancestor-or-self::div[contains(@class, 'finding')]//a",
    ]  # fmt: skip
    found = [link for step in steps for link in element.xpath(step)]
    found += page.xpath("//main//a[normalize-space() = $number]", number=figure.number)
    return [*found, *page.xpath("//main//table//a[contains(@href, 'source/')]"), *page.xpath("//main//table//th/a")]


def led(file: Path, link: Any) -> tuple[Path, str]:
    address, _, fragment = link.get("href").partition("#")
    path = (file.parent / address).resolve() if address else file
    return (path / "index.html" if path.is_dir() else path), fragment


def walk(figure: Figure) -> tuple[Path, Any]:
    """Return the page whose link leads into a source, and that link: the page itself, or one click away."""
    for link in near(figure)[:6]:
        path, _ = led(figure.file, link)
        if path.parent.name == "source":
            return figure.file, link
        if path.suffix == ".html" and path.is_file():
            onward = opened(path).xpath("//main//table//a[contains(@href, 'source/')]")
            if onward:
                return path, onward[0]
    raise AssertionError(f"{figure.number} on {figure.file}: no line of a source in two clicks")


def highlighted(path: Path, fragment: str) -> str:
    """Return the text of the lines that are marked: of an anchor's line and those below it that it spans."""
    found = opened(path).xpath("//*[@id=$id]", id=fragment)
    assert len(found) == 1, (path, fragment)
    target = found[0]
    line = target if target.tag in {"li", "ol"} else target.getparent()
    spans = re.fullmatch(r"L(\d+)-(\d+)", fragment) if line.tag == "li" else None
    more = min(int(spans[2]) - int(spans[1]), MARKED) if spans else 0
    assert target is line or len(target.get("class").split()) == more
    lines = [line, *line.xpath(f"following-sibling::li[position() <= {more}]")]
    return "".join(text for each in lines for text in each.xpath(".//span//text()"))


Ask = Callable[[str], list[dict[str, str]]]


@pytest.fixture(scope="module")
def ask(server: Server) -> Ask:
    """Run a query at /sparql as its page shows it, each once."""
    with httpx.Client(timeout=60) as client:

        @cache
        def run(text: str) -> list[dict[str, str]]:
            answer = client.post(f"{server.address}/sparql", data={"query": text}, headers={"Accept": "text/csv"})
            assert answer.status_code == 200, (answer.text, text)
            return list(csv.DictReader(io.StringIO(answer.text)))

        yield run


def queries(file: Path) -> list[str]:
    found = [code.text for code in opened(file).xpath("//section[@id='query']//pre/code[not(@class)]")]
    assert found, f"{file}: shows no query"
    return found


def is_led_by(row: dict[str, str], address: str) -> bool:
    """Whether a row of an answer has its source where a link leads."""
    iri, _, fragment = row.get("source", "").partition("#")
    place = place_of(fragment) if fragment else None
    return place is not None and address.endswith(f"{iri.rpartition('/')[2]}.html#{anchor(place)}")


def printed(rows: list[dict[str, str]]) -> list[str]:
    names = ("printed", "name", "projectName", "label")
    return [next((row[name] for name in names if row.get(name)), "") for row in rows]


def one(figure: Figure, ask: Ask, site: Path) -> str:
    """Follow a number to its line, and return the kind of page the link into the source stands on."""
    assert ask(queries(figure.file)[0]) is not None
    page, link = walk(figure)
    path, fragment = led(page, link)
    kind = page.relative_to(site).parts[0]
    if not fragment:  # a count of a whole file leads to the file
        assert "quality" in page.as_posix()
        return kind
    rows = [row for text in queries(page) for row in ask(text) if is_led_by(row, link.get("href"))]
    values = [value for value in printed(rows) if value]
    assert values, (figure.number, figure.file, page, link.get("href"))
    lines = squeezed(highlighted(path, fragment))
    assert any(squeezed(value) in lines for value in values), (figure.number, page, values, lines)
    return kind


# Families of pages without figures, or whose figures stand on another page that they are part of.
OF_WORDS = {
    "about", "changes", "code list", "code lists", "downloads", "embedded", "lost", "ontology", "search", "shapes",
    "source", "sparql", "speed",
}  # fmt: skip


def test_pages_of_figures_are_all_walked(site: Path) -> None:
    """Each family of pages is walked from, or is one of words, files and sources."""
    every = families_of(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    walked = families_of(path.relative_to(site).as_posix() for family in FAMILIES for path in site.glob(family))
    assert every == walked | OF_WORDS


def test_a_hundred_numbers_lead_to_their_line(site: Path, ask: Ask) -> None:
    """Two clicks from a number on a page stands the line; the query shown gives what is printed there."""
    seen = Counter(one(figure, ask, site) for figure in some_figures(site, NUMBERS))
    assert len(seen) > 5


MARKED_TEXT = """() => [...document.querySelectorAll("ol.lines > li")].filter((line) => {
  const paper = (element) => getComputedStyle(element).backgroundColor;
  return [line, line.parentElement].some((each) => paper(each) !== paper(document.body));
}).map((line) => line.querySelector("span").textContent).join("")"""


@pytest.mark.needs("chromium", "libatomic.so.1")
def test_a_browser_marks_the_lines(browser: Browser, site: Path, server: Server, ask: Ask) -> None:
    """Clicked in a real browser, the lines that stand out hold what the query gives."""
    context = browser.new_context()
    tab = context.new_page()
    figures = (figure for figure in some_figures(site, NUMBERS) if figure.file.parts[-2] != "quality")
    for _, figure in zip(range(IN_BROWSER), figures, strict=False):
        page, link = walk(figure)
        tab.goto(f"{server.address}/{page.relative_to(site).as_posix()}")
        tab.locator(f"main a[href='{link.get('href')}']").first.click()
        tab.wait_for_url("**/source/*")
        lines = squeezed(tab.evaluate(MARKED_TEXT))
        rows = [row for text in queries(page) for row in ask(text) if is_led_by(row, link.get("href"))]
        assert any(squeezed(value) in lines for value in printed(rows) if value), (figure.number, page, lines)
        assert len(lines) < 20_000
    context.close()

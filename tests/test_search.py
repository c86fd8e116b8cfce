"""Search: any four characters of a title are found, however they are typed, in the browser as at the endpoint."""

from __future__ import annotations

import random
from collections.abc import Iterator

import httpx
import pytest
from lxml import html
from opencc import OpenCC
from playwright.sync_api import Browser, Page
from servers import Server

from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.pages.search import Entry, entries_of, fold, search


@pytest.fixture(scope="module")
def entries(edition: Edition) -> list[Entry]:
    return entries_of(edition)


@pytest.fixture(scope="module")
def address(server: Server) -> str:
    return server.address


@pytest.fixture(scope="module")
def found_page(browser: Browser, address: str) -> Iterator[Page]:
    """The search page in a browser, its index loaded."""
    page = browser.new_page()
    page.goto(f"{address}/search/")
    yield page
    page.close()


def pieces(entries: list[Entry]) -> Iterator[tuple[str, Entry]]:
    """A hundred times four characters of some title, every third in traditional characters, every other full-width."""
    chosen = random.Random(20261121)  # a fixed seed: a failure can be looked at again
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    titles = [entry for entry in entries if len(fold(entry.title)) >= 4]
    for number in range(100):
        entry = chosen.choice(titles)
        text = entry.title
        starts = [at for at in range(len(text) - 3) if not any(char.isspace() for char in text[at : at + 4])]
        at = chosen.choice(starts) if starts else 0
        piece = text[at : at + 4]
        piece = OpenCC("s2t").convert(piece) if number % 3 == 0 else piece.upper()
        yield piece.translate(wide) if number % 2 else piece, entry


def test_texts_are_compared_without_width_case_and_script() -> None:
    """Simplified and traditional, full and half width, upper and lower case, with blanks or without: one text."""
    assert fold("滿意度") == fold("满意度") == fold(" 满 意　度")
    assert fold("ＬＥＤ屏（１０KV）") == fold("led屏(10kv)")
    assert fold("預算績效目標") == "预算绩效目标"
    assert fold("满意") != fold("满足")


@pytest.mark.needs("chromium", "libatomic.so.1")
def test_any_four_characters_of_a_title_are_found(found_page: Page, entries: list[Entry]) -> None:
    """A hundred of a hundred; the browser lists what Python finds, in the same order, and says how many there are."""
    for piece, entry in pieces(entries):
        expected = search(entries, piece)
        assert entry in expected, (piece, entry)
        found_page.fill("#q", piece)
        found_page.wait_for_function("query => document.body.dataset.searched === query", arg=piece)
        shown = found_page.locator("#found a").all_inner_texts()
        assert shown == [each.title for each in expected[:50]], piece
        assert str(len(expected)) in found_page.locator("#said").inner_text()


@pytest.mark.needs("chromium", "libatomic.so.1")
def test_what_is_found_is_there(found_page: Page, address: str) -> None:
    """Each result of a search leads to a page, an indicator to its row."""
    found_page.goto(f"{address}/search/?q=滿意度")
    found_page.wait_for_selector("#found li")
    for link in found_page.locator("#found a").all()[:12]:
        address = str(link.evaluate("link => link.href"))
        answer = httpx.get(address)
        assert answer.status_code == 200, address
        if "#" in address:
            assert html.document_fromstring(answer.content).get_element_by_id(address.partition("#")[2]) is not None


@pytest.mark.parametrize("language", ["", "en/"])
def test_an_endpoint_searches_without_a_script(address: str, entries: list[Entry], language: str) -> None:
    """The form sent without a script is answered with the same results."""
    page = html.document_fromstring(httpx.get(f"{address}/{language}search/", params={"q": "滿意度"}).content)
    assert page.xpath("//ol[@id='found']//a/text()") == [entry.title for entry in search(entries, "满意度")[:50]]
    assert page.xpath("//input[@id='q']/@value") == ["滿意度"]


@pytest.mark.parametrize(
    "query", ["<script>alert(1)</script>", '" autofocus="', "&amp;", "%00", "\u202e满意", "字" * 5000]
)
def test_a_hostile_query_stays_text(address: str, query: str) -> None:
    """Whatever is typed is answered as a search, and stands on the page as text alone."""
    answer = httpx.get(f"{address}/search/", params={"q": query})
    assert answer.status_code in {200, 414}
    page = html.document_fromstring(answer.content)
    assert [script.get("src") for script in page.xpath("//script")] == [
        "../assets/site.js"
    ] or answer.status_code == 414
    assert not page.xpath("//@autofocus")


def test_words_must_all_occur(entries: list[Entry]) -> None:
    """Words apart by blanks are looked for in title and note; blanks alone find nothing."""
    found = search(entries, "宣传部 满意度")
    assert found
    assert all("宣传部" in entry.title + entry.note or entry.kind == "indicator" for entry in found)
    assert search(entries, "  ") == []

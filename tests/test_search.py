"""Search: any four characters of a title are found, however they are typed, in the browser as at the endpoint."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from opencc import OpenCC
from playwright.sync_api import Browser, Page
from servers import Server
from test_browser import hosted

from fiscalkg.endpoint.pages import found, render
from fiscalkg.endpoint.pages.folding import fold
from fiscalkg.endpoint.pages.found import Entry, entries_of
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.pages.search import search, words_of
from fiscalkg.endpoint.pages.search_index import write_index
from fiscalkg.endpoint.pages.search_shards import index_in


@pytest.fixture(scope="module")
def entries(edition: Edition) -> list[Entry]:
    return list(entries_of(edition))


@pytest.fixture(scope="module")
def in_shards(entries: list[Entry], site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release of which the site holds the search page alone, with an index in shards."""
    folder = tmp_path_factory.mktemp("release")
    for name in ("search/index.html", "assets/site.js", "assets/site.css"):
        (folder / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(site / name, folder / "site" / name)
    write_index(entries, folder / "site" / "search")
    return folder


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
        piece = traditional().convert(piece) if number % 3 == 0 else piece.upper()
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


@cache
def traditional() -> OpenCC:
    return OpenCC("s2t")


def variants(text: str, words: random.Random) -> str:
    """A text as somebody else may type it: in traditional characters, full width, or capitals."""
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    return words.choice([text, traditional().convert(text), text.translate(wide), text.upper()])


def asked(entries: Sequence[Entry], count: int) -> Iterator[str]:
    """Queries of one word or two, cut out of titles and notes anywhere, of one character to nine."""
    chosen = random.Random(20261129)
    for number in range(count):
        entry = chosen.choice(entries)
        length = chosen.choice([1, 2, 3, 4, 4, 5, 9])
        words = []
        for text in (entry.title, entry.note)[: 1 + number % 2]:
            own = fold(text)
            at = chosen.randrange(max(1, len(own) - length + 1))
            words.append(variants(own[at : at + length], chosen))
        yield " ".join(words)


def test_shards_answer_like_a_look_at_each_entry(entries: list[Entry], in_shards: Path) -> None:
    """Whatever is asked, shards give the same entries in the same order, and the same count, as brute force."""
    index = index_in(in_shards / "site" / "search")
    assert index is not None
    for query in asked(entries, 400):
        expected = search(entries, query)
        assert index.find(words_of(query), 50) == (expected[:50], len(expected)), query
    assert index.find(["\u0001无"], 50) == ([], 0)


@given(
    st.lists(st.tuples(st.sampled_from(["", "一二", "a1"]), st.text("一二三aA1 萬万", max_size=7)), max_size=12),
    st.data(),
)
def test_shards_find_any_piece_of_any_text(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]], data: st.DataObject
) -> None:
    """Repeated pairs, single characters, blank and equal texts: as brute force finds them."""
    made = [Entry("statement", title, f"{number}.html", note) for number, (note, title) in enumerate(sorted(texts))]
    folder = tmp_path_factory.mktemp("index")
    write_index(made, folder)
    index = index_in(folder)
    assert index is not None
    query = data.draw(st.text("一二三a1万", min_size=1, max_size=4))
    expected = search(made, query)
    assert index.find(words_of(query), 5) == (expected[:5], len(expected))
    index_in.cache_clear()
    shutil.rmtree(folder)


def test_the_index_is_the_same_bytes_each_time(entries: list[Entry], in_shards: Path, tmp_path: Path) -> None:
    """Shards and blocks are written alike, each once, and few characters go into a file."""
    count = write_index(iter(entries), tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == count
    assert all(path.read_bytes() == (in_shards / "site" / "search" / path.name).read_bytes() for path in files)
    assert max(path.stat().st_size for path in files) < 128 * 1024


def test_names_are_sorted_in_runs(edition: Edition, entries: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    """However few names are held at a time, they come in the same order."""
    monkeypatch.setattr(found, "RUN", 7)
    assert list(entries_of(edition)) == entries


def test_an_endpoint_reads_shards(edition: Edition, entries: list[Entry], in_shards: Path) -> None:
    """Where the release has an index in shards, the page without a script is made from it."""
    made = render(replace(edition, folder=in_shards), "search/index.html", {"q": "滿意度"})
    assert made is not None
    page = html.document_fromstring(made.body)
    expected = search(entries, "满意度")
    assert page.xpath("//ol[@id='found']//a/text()") == [entry.title for entry in expected[:50]]
    assert str(len(expected)) in page.xpath("string(//p[@id='said'])")


@pytest.mark.needs("chromium", "libatomic.so.1")
def test_a_browser_reads_the_shards_it_needs(browser: Browser, entries: list[Entry], in_shards: Path) -> None:
    """From a static host, a hundred of a hundred: what Python finds, in its order; no file is fetched twice."""
    with hosted(in_shards / "site") as address:
        page = browser.new_page()
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(f"{address}search/index.html")
        before = len(fetched)
        queries = [*(piece for piece, _ in pieces(entries)), *asked(entries, 40)]
        for query in queries:
            expected = search(entries, query)
            page.fill("#q", query)
            page.wait_for_function("query => document.body.dataset.searched === query", arg=query)
            assert page.locator("#found a").all_inner_texts() == [each.title for each in expected[:50]], query
            paths = page.locator("#found a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
            assert paths == [f"../{each.path}" for each in expected[:50]], query
            count = page.locator("#said").inner_text()
            assert str(len(expected)) in count if expected else "没有" in count, query
        page.close()
    assert len(set(fetched[before:])) == len(fetched[before:]) <= len(list((in_shards / "site" / "search").iterdir()))

"""Nobody is shut out: axe-core finds nothing on any type of page, and the keyboard alone suffices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pypdfium2
import pytest
from playwright.sync_api import Browser, Page
from test_browser import ENTITIES, KINDS, PATHS, hosted

pytestmark = pytest.mark.needs("chromium", "libatomic.so.1")
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  (rule) => `${rule.id}: ${rule.nodes[0].html.slice(0, 200)} ${rule.nodes[0].failureSummary}`)"""


@pytest.fixture(scope="module")
def address(published: Path) -> Iterator[str]:
    with hosted(published / "current" / "site") as found:
        yield found


def entities(published: Path) -> list[str]:
    """One page of each type that has no fixed address, the smallest of each."""
    site = (published / "current" / "site").resolve()
    found = [min(site.glob(pattern), key=lambda page: page.stat().st_size) for pattern in KINDS]
    return [*ENTITIES, *(page.relative_to(site).as_posix() for page in found)]


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("", "light", 1180), ("", "dark", 390), ("en/", "dark", 1180), ("en/", "light", 390)],
)
@pytest.mark.timeout(400)  # twenty pages, each looked at whole
def test_axe_finds_nothing(
    browser: Browser, published: Path, address: str, language: str, scheme: str, width: int
) -> None:
    """No violation on any type of page: each language light and dark, wide and narrow."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,  # the pages let no other script in, and axe is one
    )
    page = context.new_page()
    found: list[str] = []
    for path in (*(f"{language}{path}" for path in PATHS), *([] if language else entities(published))):
        page.goto(address + path)
        page.add_script_tag(path=AXE)
        found += [f"{path}: {violation}" for violation in page.evaluate(RUN)]
    context.close()
    assert found == []


def walk(page: Page, most: int) -> Iterator[str]:
    """Yield where each press of the Tab key leads, as tag and text or name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        yield str(
            page.evaluate(
                "() => { const at = document.activeElement;"
                " return `${at.tagName} ${at.name || at.textContent.trim().slice(0, 40)}` }"
            )
        )


def test_the_keyboard_reaches_everything_in_order(browser: Browser, address: str) -> None:
    """Tab leads from the skip link through menu and search to the first figure, and each stop shows a ring."""
    page = browser.new_page(viewport={"width": 1180, "height": 900})
    page.goto(address + "q/satisfaction.html")
    stops = []
    for stop in walk(page, 40):
        stops.append(stop)
        if stop.startswith("A "):
            assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid", stop
        if stop == "A CSV":
            break
    assert stops[0] == "A 跳到正文"
    assert stops[-1] == "A CSV"
    assert "INPUT q" in stops
    page.keyboard.press("Enter")
    page.close()


def test_the_skip_link_leads_past_the_menu(browser: Browser, address: str) -> None:
    """After the skip link the next stop lies in the page's own part."""
    page = browser.new_page()
    page.goto(address + "q/satisfaction.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
    page.close()


def test_search_by_keyboard_alone(browser: Browser, address: str) -> None:
    """Type, send by Enter, and Tab to a result that opens by Enter."""
    page = browser.new_page()
    page.goto(address)
    for stop in walk(page, 20):
        if stop == "INPUT q":
            break
    page.keyboard.type("宣传部")
    page.keyboard.press("Enter")
    page.wait_for_selector("#found li")
    assert "宣传部" in page.locator("#said, #found").last.inner_text()
    for stop in walk(page, 30):
        if "宣传部" in stop:
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/unit/**")
    assert "宣传部" in page.locator("h1").inner_text()
    page.close()


def test_nothing_is_lost_on_paper(browser: Browser, address: str) -> None:
    """In print the table stays with its pictures and figures, and what only a screen can use goes."""
    page = browser.new_page()
    page.goto(address + "q/satisfaction.html")
    page.emulate_media(media="print")
    assert page.locator("table tbody tr").first.is_visible()
    assert page.locator("svg.marks circle").first.is_visible()
    assert not page.locator("header nav").is_visible()
    page.close()


SEEN = """() => [...document.querySelectorAll("main table th, main table td")].filter((cell) => cell.checkVisibility())
  .map((cell) => cell.innerText)"""


@pytest.mark.parametrize(
    "path", ["q/satisfaction.html", "en/q/missing.html", "quality/", "units/", "downloads/", "statement/*/*/*/*.html"]
)
def test_a_page_as_pdf_holds_every_cell(browser: Browser, address: str, site: Path, path: str) -> None:
    """What a person prints to PDF has each cell of each table as text: none is cut off at the side of the paper."""
    file = min(site.glob(path), key=lambda each: each.stat().st_size) if "*" in path else site / path
    page = browser.new_page()
    page.goto(address + file.relative_to(site).as_posix())
    page.emulate_media(media="print")
    cells = [text for text in (squeezed(cell) for cell in page.evaluate(SEEN)) if text]
    assert len(cells) > 5
    document = pypdfium2.PdfDocument(page.pdf(format="A4"))
    left = Counter(squeezed("".join(sheet.get_textpage().get_text_bounded() for sheet in document)))
    assert Counter("".join(cells)) - left == Counter()
    page.close()


def squeezed(text: str) -> str:
    """A text without spaces, breaks and what only says where a line may end."""
    return re.sub(r"[\s\u00ad\u200b\ufffe]", "", text)

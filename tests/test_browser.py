"""Pages in a real browser: nothing from elsewhere, no error, readable wide and narrow, light and dark, zh and en."""

from __future__ import annotations

import base64
import contextlib
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pytest
from conftest import families_of
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs("chromium", "libatomic.so.1")
ROOT = Path(__file__).parent.parent
ARTEFACTS = ROOT / "build" / "screenshots"
QUESTIONS = ("satisfaction", "missing", "cost-budget", "deadlines", "copy-paste", "same-indicator", "years")
PATHS = (
    "", *(f"q/{name}.html" for name in QUESTIONS), "q/quantified/unit-120000-301101.html", "embed/q/years.html",
    "quality/", "indicators/", "quality/C16.html", "units/", "search/", "sparql/", "downloads/", "about/",
    "speed/", "ontology/", "changes/", "shapes/", "scheme/", "scheme/unit.html",
)  # fmt: skip
VIEWS: tuple[tuple[Literal["light", "dark"], int], ...] = tuple(
    (scheme, width) for scheme in ("light", "dark") for width in (1180, 390)
)
ENTITIES = ("unit/120000/301101.html", "404.html")  # and what else is in one language
KINDS = (  # pages without an address of their own
    "statement/*/*/*/*.html", "project/*/*/*.html", "source/*.html", "class/*.html", "quality/*/unit-*.html",
    "q/satisfaction/place-*.html", "q/years/year-*.html", "q/same-indicator/name-*.html",
)  # fmt: skip


@contextlib.contextmanager
def hosted(folder: Path) -> Iterator[str]:
    """Serve a folder by a plain file server, as any static host would."""
    handler = partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    with contextlib.suppress(OSError):
        server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    """Serves without a line for each request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(published: Path) -> Iterator[str]:
    """The frozen site on a plain file server: no endpoint behind it."""
    with hosted(published / "current" / "site") as found:
        yield found


@pytest.fixture(scope="module")
def still(browser: Browser) -> Page:
    """A page in which JavaScript is off; every test leads it elsewhere."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return browser.new_context(java_script_enabled=False).new_page()


def test_every_type_of_page_is_looked_at(site: Path) -> None:
    """The pages that tests open in a browser are of all families that the site has, in Chinese and English."""
    files = [f"{path}index.html" if path.endswith("/") or not path else path for path in (*PATHS, *ENTITIES)]
    files += [path.relative_to(site).as_posix() for kind in KINDS for path in site.glob(kind)]
    every = families_of(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    assert families_of(files) == every


@pytest.mark.parametrize("path", [*PATHS, *(f"en/{path}" for path in PATHS), *ENTITIES, *KINDS])
def test_page_is_quiet_and_fits(still: Page, address: str, site: Path, path: str) -> None:
    """No console message, no request elsewhere, no sideways scrolling, a heading: wide and narrow, light and dark."""
    said: list[str] = []
    asked: list[str] = []
    still.on("console", hear := lambda message: said.append(message.text))
    still.on("request", note := lambda request: asked.append(request.url))
    if path in KINDS:
        smallest = min(site.glob(path), key=lambda file: file.stat().st_size)
        response = still.goto(address + smallest.relative_to(site).as_posix())
    else:
        response = still.goto(address + path)
    assert response is not None
    assert response.ok
    name = re.sub(r"[/*]+", "-", path.removesuffix(".html")).strip("-") or "home"
    for scheme, width in VIEWS:
        still.emulate_media(color_scheme=scheme)
        still.set_viewport_size({"width": width, "height": 900})
        assert still.locator("h1").count() == 1
        box = still.locator("main").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width + 1
        assert still.evaluate("document.documentElement.scrollWidth") <= width
        still.screenshot(path=ARTEFACTS / f"{name}-{scheme}-{width}.png")
    still.remove_listener("console", hear)
    still.remove_listener("request", note)
    assert said == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []


SHOWN: tuple[tuple[str, str, Literal["light", "dark"], int], ...] = (
    ("docs/pictures/question-page.png", "q/satisfaction.html", "light", 1180),
    ("docs/pictures/question-page-phone-dark.png", "q/satisfaction.html", "dark", 390),
)
LARGEST_PICTURES = 300_000  # bytes, both together
UNLIKE = """async (urls) => {
  const [one, other] = await Promise.all(urls.map(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const [width, height] = [Math.round(image.width / 20), Math.round(image.height / 20)];
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, width, height);
    return { size: [image.width, image.height], dots: context.getImageData(0, 0, width, height).data };
  }));
  if (String(one.size) !== String(other.size)) return 255;
  return one.dots.reduce((sum, dot, at) => sum + Math.abs(dot - other.dots[at]), 0) / one.dots.length;
}"""
MOST_UNLIKE = 4  # of 255, the mean of squares of 20 pixels: another font is, another page is not


def test_readme_shows_two_pages_as_they_are(browser: Browser, address: str, request: pytest.FixtureRequest) -> None:
    """The two pictures of the README are small, and of a page as it looks now; `pytest --update` takes them anew."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r'<img src="([^"]+)"', readme) == [name for name, *_ in SHOWN]
    for name, path, scheme, width in SHOWN:
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
        page = context.new_page()
        page.goto(address + path)
        taken = page.screenshot()
        if request.config.getoption("--update"):
            (ROOT / name).write_bytes(taken)
        urls = [
            f"data:image/png;base64,{base64.b64encode(each).decode()}" for each in (taken, (ROOT / name).read_bytes())
        ]
        page.goto("about:blank")  # whose policy lets a script read pictures
        assert page.evaluate(UNLIKE, urls) < MOST_UNLIKE, f"{name}: run pytest tests/test_browser.py --update"
        context.close()
    assert sum((ROOT / name).stat().st_size for name, *_ in SHOWN) < LARGEST_PICTURES


def test_a_strip_fits_a_phone(still: Page, address: str) -> None:
    """On a phone name, picture, count and median stand side by side; on a wide screen lowest and highest too."""
    still.goto(address + "q/satisfaction.html")
    for width, columns in ((390, 4), (1180, 6)):
        still.set_viewport_size({"width": width, "height": 900})
        box = still.locator(".scroll").first
        assert box.locator("thead tr > :visible").count() == columns
        inner, outer = box.locator("table").bounding_box(), box.bounding_box()
        assert inner is not None
        assert outer is not None
        assert inner["width"] <= outer["width"] + 1

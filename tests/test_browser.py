"""Pages in a real browser: nothing from elsewhere, no error, readable wide and narrow, light and dark, zh and en."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs("chromium", "libatomic.so.1")
ARTEFACTS = Path(__file__).parent.parent / "build" / "screenshots"
QUESTIONS = ("satisfaction", "missing", "cost-budget", "deadlines", "copy-paste", "same-indicator", "years")
PATHS = (
    "", *(f"q/{name}.html" for name in QUESTIONS), "q/quantified/unit-120000-301101.html", "embed/q/years.html",
    "quality/", "indicators/", "quality/C16.html", "units/", "search/", "sparql/", "downloads/", "about/",
    "speed/",    "ontology/", "shapes/", "scheme/unit.html",
)  # fmt: skip
VIEWS: tuple[tuple[Literal["light", "dark"], int], ...] = tuple(
    (scheme, width) for scheme in ("light", "dark") for width in (1180, 390)
)
ENTITIES = ("unit/120000/301101.html",)
KINDS = ("statement/*/*/*/*.html", "project/*/*/*.html", "source/*.html")  # pages without an address of their own


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
    name = (path.partition("/*")[0] or "home").strip("/").replace("/", "-").removesuffix(".html")
    for scheme, width in VIEWS:
        still.emulate_media(color_scheme=scheme)
        still.set_viewport_size({"width": width, "height": 900})
        assert still.locator("h1").count() == 1
        box = still.locator("main").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width + 1
        still.screenshot(path=ARTEFACTS / f"{name}-{scheme}-{width}.png")
    still.remove_listener("console", hear)
    still.remove_listener("request", note)
    assert said == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []

"""Pages in a real browser: nothing from elsewhere, no error, readable wide and narrow, light and dark, zh and en."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.needs("chromium", "libatomic.so.1")
ARTEFACTS = Path(__file__).parent.parent / "build" / "screenshots"
QUESTIONS = ("satisfaction", "missing", "cost-budget", "deadlines", "copy-paste", "same-indicator", "years")
PATHS = (
    "", *(f"q/{name}.html" for name in QUESTIONS), "q/quantified/unit-120000-301101.html", "embed/q/years.html",
    "quality/", "indicators/", "quality/C16.html", "units/", "search/", "sparql/", "downloads/", "about/",
    "ontology/", "shapes/", "scheme/unit.html",
)  # fmt: skip
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


@pytest.mark.parametrize("width", [1180, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PATHS, *(f"en/{path}" for path in PATHS), *ENTITIES, *KINDS])
def test_page_is_quiet_and_fits(browser: Browser, address: str, site: Path, path: str, scheme: str, width: int) -> None:
    """No console message, no request elsewhere, no sideways scrolling, a heading: with JavaScript off."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=False,
    )
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    if path in KINDS:
        smallest = min(site.glob(path), key=lambda file: file.stat().st_size)
        response = page.goto(address + smallest.relative_to(site).as_posix())
    else:
        response = page.goto(address + path)
    assert response is not None
    assert response.ok
    assert said == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert page.locator("h1").count() == 1
    box = page.locator("main").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width + 1
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    name = (path.partition("/*")[0] or "home").strip("/").replace("/", "-").removesuffix(".html")
    page.screenshot(path=ARTEFACTS / f"{name}-{scheme}-{width}.png")
    context.close()

"""Pages by the Nu HTML checker of the W3C: each type of page in both languages, every page in the long form."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import VALIDATOR, families_of

pytestmark = pytest.mark.needs("java", "vnu.jar")
TYPES = (
    "index.html", "units/index.html", "indicators/index.html", "class/*.html", "q/*.html", "q/*/place-*.html",
    "q/*/year-*.html", "q/*/name-*.html", "q/*/unit-*.html",
    "embed/q/*.html", "quality/index.html", "quality/*.html", "quality/*/unit-*.html",
    "search/index.html", "sparql/index.html", "downloads/index.html", "about/index.html", "speed/index.html",
    "ontology/index.html", "changes/index.html", "shapes/index.html",
    "scheme/index.html", "scheme/*.html", "unit/*/*.html", "project/*/*/*.html",
    "statement/*/*/*/*.html", "source/*.html", "404.html",
)  # fmt: skip
# Of a file there is no origin that a policy could let in, and a list of English terms misleads the guess at a language.
NOT_OF_THE_PAGE = re.compile("Content Security Policy|appears to be written in")


def complaints(paths: Iterable[Path]) -> list[str]:
    """Return what the checker says of files, errors and warnings alike."""
    command = ["java", "-Xss4m", "-jar", VALIDATOR, "--format", "json", "--stdout", *paths]
    told = json.loads(subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=600).stdout)
    return [
        f"{message['url'].rpartition('/site/')[2]}:{message.get('lastLine')}: {message['message']}"
        for message in told["messages"]
        if not NOT_OF_THE_PAGE.search(message["message"])
    ]


def test_each_type_of_page_is_valid_html(site: Path) -> None:
    """The checker has nothing to say of the first page of each type, in Chinese and in English."""
    found = [sorted(site.glob(f"{language}{kind}"))[:1] for kind in TYPES for language in ("", "en/")]
    paths = [path for each in found for path in each]
    every = families_of(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    assert every == families_of(path.relative_to(site).as_posix() for path in paths)
    assert len(every) > 20
    assert complaints(paths) == []


def test_the_checker_would_say_so(tmp_path: Path) -> None:
    """A page with an element in the wrong place is complained of: silence above means something."""
    page = tmp_path / "site" / "bad.html"
    page.parent.mkdir()
    page.write_text("<!doctype html><html lang=en><title>x</title><ul><p>no</p></ul>", encoding="utf-8")
    assert len(complaints([page])) == 1


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_every_page_is_valid_html(site: Path) -> None:
    """The checker has nothing to say of any page."""
    assert complaints(sorted(site.rglob("*.html"))) == []

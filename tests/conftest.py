"""What several test files share: the examples as a published release, a browser, and programs of the machine."""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers import Server, serving

from fiscalkg.endpoint.pages import ROUTES, edition_of
from fiscalkg.endpoint.pages.history import PATHS
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.settings import Settings
from fiscalkg.loader.release import open_release
from fiscalkg.loader.stores.embedded import open_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
# program -> Debian package that brings it; `.ci/debian-packages` installs these before `make test`
PROGRAMS = {
    "Rscript": "r-base-core",
    "chromium": "chromium",
    "curl": "curl",
    "fc-list": "fontconfig",
    "git": "git",
    "isql-vt": "virtuoso-opensource-7-bin",
    "java": "default-jre-headless",
    "javac": "default-jdk-headless",  # java runs a source file only where the compiler is
    "npm": "npm",
    "libatomic.so.1": "libatomic1",  # the browser's driver is linked with it
    "minisign": "minisign",
    "nodejs/n3": "node-n3",
    "owlapi-distribution.jar": "libowlapi-java",
    "rapper": "raptor2-utils",
    "soffice": "libreoffice-writer libreoffice-calc",
    "nginx": "nginx-light",
    "openssl": "openssl",
    "systemd-analyze": "systemd",
    "vnu.jar": "npm, then make build/node/.ready",
    "virtuoso-t": "virtuoso-opensource-7-bin",
}

VALIDATOR = ROOT / "build" / "node" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
# Without these a browser calls home at every start, which a machine without a network refuses many times over.
QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
BROWSER_OPTIONS = ["--no-sandbox", "--disable-gpu", *QUIET]  # tests run as root, where Chromium has no sandbox


def fiscalkg(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the installed command as a person would and return what it printed."""
    command = [str(Path(sys.executable).parent / "fiscalkg"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **options)  # type: ignore[call-overload, no-any-return]  # options pass through


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `fiscalkg publish examples --out DIR` wrote: one for all tests and workers, to be read only."""
    own = tmp_path_factory.getbasetemp()
    home = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own  # the folder of a worker lies in that of the run
    out = home / "published"
    with (home / "published.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first worker publishes, the others wait for it
        if not (out / "current").exists():
            done = fiscalkg("publish", ROOT / "examples", "--out", out)
            assert (out / "current").exists(), f"publish wrote no release, exit {done.returncode}:\n{done.stderr}"
    return out


@pytest.fixture(scope="session")
def server(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the examples with the limits that it has by default: one for all tests, to be asked only."""
    with serving(Settings(published), tmp_path_factory.mktemp("server") / "log") as server:
        yield server


@pytest.fixture(scope="session")
def site(published: Path) -> Path:
    """The frozen pages of the examples."""
    return (published / "site").resolve()


@pytest.fixture(scope="session")
def edition(published: Path) -> Edition:
    """What pages of the examples are rendered from."""
    release = open_release(published)
    return edition_of(open_store(release.store), release)


@pytest.fixture(scope="module")  # not longer: while it runs, no test of the process may have an event loop of its own
def browser() -> Iterator[Browser]:
    """Chromium; a test opens a page or context of its own in it."""
    from playwright.sync_api import sync_playwright  # most files need none

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER_OPTIONS)
        yield started
        started.close()


CHOSEN = re.compile("/(place|year|unit|name)-")


def families_of(files: Iterable[str]) -> set[str]:
    """The families of pages that files of the site are of: the route, and for what a question or rule is narrowed to.

    The pages of changes stand beside those of a release.
    """
    found = set()
    for file in files:
        own = file.removeprefix("en/")
        names = [route.name for route in ROUTES if own.endswith(".html") and route.pattern.fullmatch(own)]
        chosen = CHOSEN.search(own) if {"question", "rule"} & set(names) else None
        found |= {f"{name} by {chosen[1]}" if chosen else name for name in names}
        found |= {"changes"} if file in PATHS and own.endswith(".html") else set()
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `pytest --update` rewrite the expectations of tests/cases, to be reviewed as a diff."""
    parser.addoption(
        "--update", action="store_true", help="rewrite tests/cases/**/expected.json, ontology/questions/*.csv"
    )


def _present(program: str) -> bool:
    if program == VALIDATOR.name:
        return VALIDATOR.exists()
    if program.endswith(".jar"):
        return (Path("/usr/share/java") / program).exists()
    if program.startswith("nodejs/"):
        return (Path("/usr/share") / program).exists()
    if ".so" not in program:
        return shutil.which(program) is not None
    try:
        ctypes.CDLL(program)
    except OSError:
        return False
    return True


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked needs("chromium", …) where a program is missing, naming what would bring it."""
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if not _present(program):
                pytest.skip(f"{program} is missing: apt-get install {PROGRAMS[program]}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a test was skipped where every part can be installed (.ci/run as root)."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("FISCALKG_NO_SKIPS"):
        reporter.write_line("\nFISCALKG_NO_SKIPS is set: a skipped test fails the run")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

"""The wheel as a stranger gets it: built from tracked files, installed from the lock, run far from here."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from fiscalkg.endpoint.pages import all_paths, edition_of, render
from fiscalkg.loader.release import open_release
from fiscalkg.loader.stores.embedded import open_store

ROOT = Path(__file__).parent.parent
CODE = ("loader", "endpoint", "ontology", "shapes", "site")
SOURCES, BUILT = "fiscalkg/site/editor/", "fiscalkg/site/assets/editor/"
BUNDLE = ("NOTICE.txt", "editor.js", "oxigraph.wasm.gz", "worker.js")

pytestmark = [pytest.mark.package, pytest.mark.needs("git"), pytest.mark.timeout(600)]


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def tracked() -> list[str]:
    names = run("git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", cwd=ROOT).splitlines()
    return [name for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tracked files so that nothing else can slip in."""
    copy, out = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", out, copy, cwd=copy)
    return next(out.glob("fiscalkg-*.whl"))


def bare_environment() -> Path:
    """An environment with what requirements.lock pins, no more; kept in build/ while the lock stays."""
    lock = ROOT / "requirements.lock"
    mark = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = ROOT / "build" / f"bare-{mark}"
    if not (home / "ready").exists():
        for old in home.parent.glob("bare-*"):
            shutil.rmtree(old)
        run(sys.executable, "-m", "venv", home, cwd=ROOT)
        pip = (
            home / "bin" / "python",
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            "install",
            "--require-hashes",
        )
        setuptools = re.search(r"^setuptools==.*?[^\\]$", lock.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        assert setuptools is not None, "requirements.lock pins no setuptools"
        (home / "setuptools.lock").write_text(setuptools[0] + "\n", encoding="utf-8")
        run(*pip, "-r", home / "setuptools.lock", cwd=home)
        run(*pip, "--no-build-isolation", "-r", lock, cwd=home)
        (home / "ready").touch()
    return home


@pytest.fixture(scope="module")
def command(wheel: Path) -> Path:
    """The command that the wheel brings, in the bare environment."""
    home = bare_environment()
    pip = (home / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "install", "--no-deps", "--no-index", "--force-reinstall", wheel, cwd=home)
    return home / "bin" / "fiscalkg"


def elsewhere(tmp_path: Path) -> dict[str, str]:
    """An environment that knows neither the checkout nor this virtual environment."""
    return {"PATH": os.defpath, "HOME": str(tmp_path), "LANG": "C.UTF-8"}


def test_the_wheel_holds_every_tracked_file_and_no_other(wheel: Path) -> None:
    """A folder or file type that pyproject.toml forgets would be missing only at a user's."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = {f"fiscalkg/{name}" for name in tracked() if name.split("/")[0] in CODE}
    expected = {name for name in expected if not name.startswith(SOURCES)} | {f"{BUILT}{name}" for name in BUNDLE}
    assert names == expected


def test_the_wheel_builds_the_editor_as_the_checkout_has_it(wheel: Path) -> None:
    """Made in another folder from the lock, every file of the bundle has the bytes that `make setup` made here."""
    with zipfile.ZipFile(wheel) as packed:
        for name in BUNDLE:
            assert packed.read(f"{BUILT}{name}") == (ROOT / "site" / "assets" / "editor" / name).read_bytes(), name


def test_the_wheel_carries_licence_and_version(wheel: Path) -> None:
    """The licence text goes along, and the version is that of pyproject.toml."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    names = zipfile.ZipFile(wheel).namelist()
    assert f"fiscalkg-{version}.dist-info/licenses/LICENSE" in names


@pytest.mark.parametrize("name", ["extract", "publish", "check", "query", "serve", "mcp"])
def test_every_command_explains_itself(command: Path, tmp_path: Path, name: str) -> None:
    """The commands start without the checkout and say how they are used."""
    assert "Usage:" in run(command, name, "--help", cwd=tmp_path, env=elsewhere(tmp_path))


@pytest.fixture(scope="module")
def release(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the installed wheel published the examples, far from the checkout."""
    home = tmp_path_factory.mktemp("elsewhere")
    examples = shutil.copytree(ROOT / "examples", home / "examples")
    arguments = [str(command), "publish", str(examples), "--out", str(home / "out")]
    done = subprocess.run(arguments, cwd=home, env=elsewhere(home), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode in {0, 1}, done.stderr  # 1: the examples hold violations, published all the same
    assert "Traceback" not in done.stderr
    return home / "out"


def test_the_wheel_publishes_the_examples(release: Path) -> None:
    """Ontology, shapes and templates are found in the installed package: a release and its pages appear."""
    assert (release / "current" / "release.json").exists()
    assert list((release / "site" / "q").glob("satisfaction*"))


def test_pages_from_the_wheel_are_those_of_the_checkout(release: Path) -> None:
    """Every page, script and style sheet that the wheel froze is what this checkout makes of the same release."""
    opened = open_release(release)
    edition = edition_of(open_store(opened.store), opened)
    paths = list(all_paths(edition))
    assert {"sparql/index.html", f"assets/editor/{BUNDLE[1]}"} <= set(paths)
    for path in paths:
        made = render(edition, path, {})
        assert made is not None
        assert (release / "site" / made.path).read_bytes() == made.body, path

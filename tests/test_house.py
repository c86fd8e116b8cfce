"""The rules of the house that no other tool holds: imports, sizes, reasons, what never stands in a file."""

from __future__ import annotations

import ast
import json
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Who may import whom: a module sees its own level and those below. First match of the prefix wins.
LEVELS = (
    ("fiscalkg.endpoint", 6),
    ("fiscalkg.loader.pipeline", 5),
    ("fiscalkg.loader.release", 4),
    ("fiscalkg.loader.graph", 3),
    ("fiscalkg.loader.check", 3),
    ("fiscalkg.loader.layouts", 2),
    ("fiscalkg.loader.readers", 2),
    ("fiscalkg.loader.stores", 2),
    ("fiscalkg.loader.values", 1),
    ("fiscalkg.loader.places", 0),
    ("fiscalkg.loader.model", 0),
    ("fiscalkg.loader.errors", 0),
)
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
LONGEST_NINETIETH, LONGEST_MEDIAN_FILE = 35, 250
SUPPRESSION = re.compile(
    r"#\s*(?:type:\s*ignore(?:\[[^\]]*\])?|noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?)(?P<reason>.*)"
)
SKIPPING = {"skip", "skipif", "xfail", "importorskip"}


def tracked(*patterns: str) -> list[Path]:
    """The files git knows or would add, so that a new file is held to the rules before its commit."""
    command = [
        "git",
        "-c",
        f"safe.directory={ROOT}",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    names = subprocess.run([*command, *patterns], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    return sorted(path for name in names.stdout.splitlines() if (path := ROOT / name).is_file())


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def level(module: str) -> int | None:
    return next((at for prefix, at in LEVELS if (module + ".").startswith(prefix + ".")), None)


def imported(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: a relative import hides its level"
            names += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.startswith("fiscalkg.")]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("fiscalkg", *parts)).removesuffix(".__init__")


def functions(paths: list[Path]) -> list[tuple[int, str]]:
    """Length in lines and place of every function."""
    return [
        (
            (node.end_lineno or node.lineno) - node.lineno + 1,
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
        )
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_imports_only_look_down() -> None:
    """endpoint → pipeline → release → graph, check → layouts, readers, stores → values → model."""
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("loader", "endpoint")
        for name in imported(path)
        if (own := level(module_name(path))) is not None and (other := level(name)) is not None and other > own
    ]
    assert not wrong


def test_the_loader_knows_nothing_of_the_endpoint() -> None:
    """No module of the loader, whatever its level, imports the endpoint."""
    assert not [str(p) for p in modules("loader") if any(n.startswith("fiscalkg.endpoint") for n in imported(p))]


def test_files_and_functions_stay_readable() -> None:
    """No file over 400 lines, no function over 60, nine of ten functions under 35."""
    paths = modules("loader", "endpoint", "benchmarks")
    lengths = functions(paths)
    sizes = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in paths}
    assert not [(name, size) for name, size in sizes.items() if size > LONGEST_FILE]
    assert not [(length, place) for length, place in lengths if length > LONGEST_FUNCTION]
    assert statistics.quantiles([length for length, _ in lengths], n=10)[-1] <= LONGEST_NINETIETH
    assert statistics.median(sizes.values()) <= LONGEST_MEDIAN_FILE


def test_every_suppression_carries_its_reason() -> None:
    """A type: ignore or noqa says on its own line why it stands there."""
    silent = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in modules("loader", "endpoint", "benchmarks", "tests")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := SUPPRESSION.search(line)) and path != Path(__file__) and not re.search(r"\w", found["reason"])
    ]
    assert not silent


def is_pytest(node: ast.expr) -> bool:
    """pytest or pytest.mark."""
    name = node.value if isinstance(node, ast.Attribute) and node.attr == "mark" else node
    return isinstance(name, ast.Name) and name.id == "pytest"


def silent_skips(path: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    told = {
        node.func
        for node in nodes
        if isinstance(node, ast.Call)
        if (node.args and ast.unparse(node.func) == "pytest.skip") or "reason" in {k.arg for k in node.keywords}
    }
    return [
        f"{path.name}:{node.lineno}"
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr in SKIPPING and is_pytest(node.value) and node not in told
    ]


def test_every_skip_gives_its_reason() -> None:
    """pytest.skip has its message; mark.skip, skipif, xfail and importorskip have their reason=."""
    assert not [place for path in modules("tests") for place in silent_skips(path)]


@pytest.mark.needs("git")
def test_no_machine_stands_in_a_file() -> None:
    """No file names a folder of some machine or the host of a package index."""
    machine = re.compile(
        r"/" r"(?:root|home/\w+|work/\w+|opt/\w+)/|" r"(?:pypi|registry|files)\.[\w.-]*(?:org|com|io|dev)\b"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path.suffix not in {".txt", ".png", ".gz", ".wasm"}
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if machine.search(line)
    ]
    assert not found


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_hold_hashes_and_no_address(name: str) -> None:
    """Every pinned requirement has a hash, and no line says where it came from."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    pinned = re.findall(r"^\S+==\S+.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(pinned) > 20
    assert not [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry]


def test_the_lock_of_the_editor_holds_hashes_and_no_address() -> None:
    """The same of npm's lock and of the one that brings Node.js; every bundled package has a licence we may pass on."""
    packages = json.loads(text := (ROOT / "site/editor/package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert "://" not in text + (ROOT / "requirements-node.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in (ROOT / "requirements-node.lock").read_text(encoding="utf-8")
    known = {name: package for name, package in packages.items() if name}
    assert len(known) > 10
    assert all(package["integrity"].startswith("sha512-") for package in known.values())
    assert {package["license"] for package in known.values()} <= {"MIT", "MIT OR Apache-2.0"}


def test_the_development_lock_repeats_the_runtime_lock() -> None:
    """What the tests run on is what a user installs: every runtime pin stands in the development lock."""
    runtime, development = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime
    assert runtime <= development

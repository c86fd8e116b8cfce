"""Servers under wrk, in turn and for the same queries: requests a second, and what 99 of 100 requests stay below."""

from __future__ import annotations

import contextlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from fiscalkg.loader.release import Release

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from sparql_servers import OXIGRAPH, VIRTUOSO, free_port, running, virtuoso  # they stand beside the tests

__all__ = ["Rate", "others", "ours", "paths_of", "rate", "side_by_side"]

ROUNDS, SECONDS, CONNECTIONS = 3, 4, 8
BIN = Path(sys.executable).parent
JSON = "application/sparql-results+json"
FACTS = "https://example.org/facts"
# Each request asks for the next statement, with a number that no request had before.
LUA = """local asked, paths, salt = 0, {{}}, "%s"
for line in io.lines("{paths}") do paths[#paths + 1] = line end
function request()
  asked = asked + 1
  local path = paths[asked %% #paths + 1]
  if salt ~= "" then path = path .. "%%20%%23" .. salt .. asked end
  return wrk.format("GET", path, {{ ["Accept"] = "{accept}"{headers} }})
end
"""


@dataclass(frozen=True)
class Rate:
    """What wrk saw of a server: requests a second, and milliseconds that 99 of 100 stayed below."""

    requests: float
    p99: float


def paths_of(service: str, queries: list[str], home: Path) -> Path:
    """Write the path and query string of each request to a file and return it."""
    path = re.sub(r"^https?://[^/]+", "", service)
    glue = "&" if "?" in path else "?"
    file = home / f"{re.sub(r'[^0-9A-Za-z]+', '-', service)}-{len(queries)}.txt"
    file.write_text("".join(f"{path}{glue}query={quote(query)}\n" for query in queries))
    return file


def rate(address: str, paths: Path, salted: bool, tag: str = "") -> Rate:
    """Ask a server for some seconds over a few connections; every answer must be 2xx or 3xx."""
    headers = f", [\"If-None-Match\"] = '{tag}'" if tag else ""
    salt = f"{time.monotonic_ns()}-" if salted else ""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA.format(paths=paths, accept=JSON, headers=headers) % salt)
        script.flush()
        command = [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{SECONDS}s",
            "--timeout",
            "20s",
            "--latency",
            "-s",
            script.name,
            address,
        ]
        told = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"{address}: refuses some requests\n{told}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told).groups()  # type: ignore[union-attr]  # wrk prints it
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]
    return Rate(float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]), float(number) * scale)  # type: ignore[index]  # as above


def side_by_side(measures: dict[str, Callable[[], Rate]]) -> dict[str, Rate]:
    """Measure servers in turn, several rounds, and return the median of each."""
    found: dict[str, list[Rate]] = {name: [] for name in measures}
    for _ in range(ROUNDS):
        for name, measure in measures.items():
            found[name].append(measure())
    return {
        name: Rate(statistics.median(each.requests for each in all_), statistics.median(each.p99 for each in all_))
        for name, all_ in found.items()
    }


@contextlib.contextmanager
def ours(out: Path, home: Path, workers: int = 2, processes: int = 1) -> Iterator[tuple[str, int]]:
    """Serve the release by ``fiscalkg serve`` and give address and process id."""
    address = f"http://127.0.0.1:{free_port()}"
    command: list[str | Path] = [BIN / "fiscalkg", "serve", out, "--port", address.rpartition(":")[2], "--no-log"]
    options = ["--workers", str(workers), "--processes", str(processes)]
    with running([*command, *options], f"{address}/ready", home) as process:
        yield address, process


@contextlib.contextmanager
def others(release: Release, home: Path) -> Iterator[dict[str, str]]:
    """Serve the same facts by Oxigraph's server and, where it is there, by Virtuoso; give the query services."""
    bind = f"127.0.0.1:{free_port()}"
    command: list[str | Path] = [OXIGRAPH, "serve-read-only", "--location", release.store, "--bind", bind]
    with contextlib.ExitStack() as stack:
        stack.enter_context(running(command, f"http://{bind}/", home))
        known = {"oxigraph": f"http://{bind}/query"}
        if shutil.which(VIRTUOSO):
            place = home / "virtuoso"
            place.mkdir()
            facts = home / "facts.nt"
            packed = release.path / "dumps" / "fiscalkg.nt.gz"
            subprocess.run(["bash", "-c", f"gzip -dc '{packed}' > '{facts}'"], check=True)
            address = stack.enter_context(virtuoso(place, {FACTS: facts}, buffers=170_000))
            facts.unlink()
            known["virtuoso"] = f"{address}?default-graph-uri={quote(FACTS)}"
        yield known

"""Servers on loopback as tests start them, what they are asked, and the processes they have."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from fiscalkg.endpoint.settings import Settings

COUNT = "SELECT (COUNT(?s) AS ?n) WHERE { ?s a <https://w3id.org/fiscalkg/ontology#Statement> }"
START = """import sys
from fiscalkg.endpoint.commands.serve import run
from fiscalkg.endpoint.settings import Settings

if __name__ == "__main__":
    run(Settings.from_json(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), int(sys.argv[3]))
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server under test: where it answers, its process, and the file it logs to."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def workers(self) -> set[int]:
        """Return the ids of its query workers: each leads a session of its own."""
        found = set()
        for process in descendants(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                if os.getsid(process) == process != self.process.pid:
                    found.add(process)
        return found


def descendants(parent: int) -> set[int]:
    """Return the ids of the processes that a process and its children have started."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
            if fields[0] != b"Z":
                parents[int(folder.name)] = int(fields[1])
    found: set[int] = {parent}
    while more := {process for process, starter in parents.items() if starter in found} - found:
        found |= more
    return found - {parent}


def busy_seconds(processes: set[int]) -> float:
    """Return the processor time that processes have used so far."""
    ticks = 0
    for process in processes:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(settings: Settings, log: Path, processes: int = 1) -> Iterator[Server]:
    """Run a server until the block ends, and end that process alone."""
    port = free_port()
    command = [sys.executable, "-c", START, settings.to_json(), str(port), str(processes)]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=file)
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_until_up(server)
        yield server
    finally:
        process.terminate()
        process.wait(60)


def wait_until_up(server: Server) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{server.address}/health", timeout=2).raise_for_status()
            return
        assert server.process.poll() is None, server.log.read_text()
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def ask(address: str, query: str, accept: str | None = None, **options: str) -> httpx.Response:
    """Return the answer to a query by GET."""
    headers = {"Accept": accept} if accept else {}
    return httpx.get(f"{address}/sparql", params={"query": query, **options}, headers=headers, timeout=60)

"""SPARQL servers of others, started on loopback with a store of their own, filled, and ended by their process id."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

OXIGRAPH = Path(sys.executable).parent / "oxigraph"
VIRTUOSO, ISQL = "virtuoso-t", "isql-vt"
INI = """[Database]
DatabaseFile = {home}/virtuoso.db
ErrorLogFile = {home}/virtuoso.log
LockFile = {home}/virtuoso.lck
TransactionFile = {home}/virtuoso.trx
xa_persistent_file = {home}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {home}/temporary.db
TransactionFile = {home}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {home}
NumberOfBuffers = {buffers}
ServerThreads = 20
CheckpointInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {home}
ServerThreads = 16
[SPARQL]
ResultSetMaxRows = {rows}
"""


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str | Path], address: str, home: Path) -> Iterator[int]:
    """Run a server until the block ends and give its process id; it must answer within 60 s, and ends within 10."""
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=home)
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(address, timeout=2)
                break
            assert server.poll() is None, (home / "server.log").read_text(errors="replace")[-1000:]
            assert time.monotonic() < until, f"{command[0]} does not answer"
            time.sleep(0.1)
        yield server.pid
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


@contextlib.contextmanager
def oxigraph(home: Path, facts: Path, graphs: Mapping[str, Path]) -> Iterator[str]:
    """Serve a new Oxigraph store, filled by the Graph Store Protocol, and give the address of its query service."""
    address = f"http://127.0.0.1:{free_port()}"
    command = [OXIGRAPH, "serve", "--location", home / "data", "--bind", address.removeprefix("http://")]
    with running(command, address, home):
        for name, file in {"default": facts, **graphs}.items():
            kind = {"Content-Type": "text/turtle" if file.suffix == ".ttl" else "application/n-triples"}
            where = "default" if name == "default" else f"graph={name}"
            httpx.put(
                f"{address}/store?{where}", content=file.read_bytes(), headers=kind, timeout=60
            ).raise_for_status()
        yield f"{address}/query"


@contextlib.contextmanager
def virtuoso(home: Path, graphs: Mapping[str, Path], buffers: int = 10_000, rows: int = 1_000_000_000) -> Iterator[str]:
    """Serve a new Virtuoso store, filled by its bulk loader, and give the address of its query service."""
    sql, http = free_port(), free_port()
    address = f"http://127.0.0.1:{http}/sparql"
    (home / "virtuoso.ini").write_text(INI.format(home=home, sql=sql, http=http, buffers=buffers, rows=rows))
    with running([VIRTUOSO, "+configfile", "virtuoso.ini", "+foreground"], address, home):
        steps = []
        for number, (graph, file) in enumerate(graphs.items()):
            shutil.copy(file, home / f"{number}{file.suffix}")
            steps.append(f"ld_dir('{home}', '{number}{file.suffix}', '{graph}');")
        steps += [
            "rdf_loader_run();",
            "checkpoint;",
            "select ll_error from DB.DBA.load_list where ll_error is not null;",
        ]
        call = [ISQL, f"127.0.0.1:{sql}", "dba", "dba", "VERBOSE=OFF", f"exec={' '.join(steps)}"]
        done = subprocess.run(call, capture_output=True, encoding="utf-8", check=True, timeout=300, env={**os.environ})
        assert "0 Rows" in done.stdout or "Error" not in done.stdout + done.stderr, done.stdout + done.stderr
        yield address

"""A published folder into a web server: SPARQL, pages and dumps."""

from __future__ import annotations

import ipaddress
import os
import socket
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import uvicorn

from fiscalkg.endpoint.operations import MULTIPROCESS
from fiscalkg.endpoint.settings import SETTINGS, Limits, Settings
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.portal import read_portal
from fiscalkg.loader.release import Release, open_release

__all__ = ["run", "serve"]

PROTOCOL = "fiscalkg.endpoint.connections:Timed"
APPLICATION = "fiscalkg.endpoint.app:from_environment"
KEEP_ALIVE = 5  # seconds that a connection stays open between two requests
# Freed pieces of memory of a size that a thread keeps at hand, where the system's own 7 are too few for a query: with
# them the engine's allocations take a fifth less of a small query's time. Read by glibc when a program starts.
ALLOCATOR = ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=200")
STARTING = 120  # seconds a server process has to begin, or to say that it lives: a busy machine loads it slowly
LIMITS = Limits()


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes that answer queries.  [default: two a core, at least four]"
)
@click.option("--processes", type=click.IntRange(min=1), default=1, show_default=True, help="Server processes.")
@click.option(
    "--time-limit", type=click.FloatRange(0.1), default=LIMITS.seconds, show_default=True, help="Seconds a query."
)
@click.option("--memory-limit", type=click.IntRange(64), default=LIMITS.memory, show_default=True, help="MiB a query.")
@click.option("--row-limit", type=click.IntRange(0), default=LIMITS.rows, help="Rows of an answer.  [default: none]")
@click.option("--proxy", "proxies", multiple=True, metavar="ADDRESS", help="Proxy whose X-Forwarded-For is believed.")
@click.option("--log/--no-log", default=True, show_default=True, help="A line of JSON a request on standard error.")
@click.option("--log-clients", is_flag=True, help="Write the clients' addresses into the log.")
def serve(folder: Path, host: str, port: int, processes: int, **options: Any) -> int:
    """Serve a published folder: SPARQL 1.1 at /sparql, pages of units, projects and questions, dumps.

    DIR is a folder that publish wrote; a new release in it is served as soon as it stands there. Runs until it is
    interrupted (Ctrl-C).

    A release that was published with --keep-persons is served on a loopback address only.

    Exit code 2: DIR holds no release, or the port is taken, or the address is open and the release holds persons.
    """
    release = open_release(folder)
    portal = read_portal(folder)
    _guard_persons(release, host)
    _try_port(host, port)
    settings = replace(_settings(folder, **options), store=portal.store)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    click.echo(f"serving {release.id} of {folder} at {address}/ – SPARQL at {address}/sparql – end with Ctrl-C")
    run(settings, host, port, processes)
    return 0


def _settings(
    folder: Path, workers: int | None, time_limit: float, memory_limit: int, row_limit: int, **others: Any
) -> Settings:
    limits = Limits(seconds=time_limit, memory=memory_limit, rows=row_limit)
    settings = Settings(folder.resolve(), limits=limits, **others)
    return replace(settings, workers=workers) if workers else settings


def run(settings: Settings, host: str, port: int, processes: int) -> None:
    """Run the web server until it is told to end; questions under way may then end within their own limit."""
    os.environ[SETTINGS] = settings.to_json()
    os.environ.setdefault(*ALLOCATOR)
    limits = settings.limits
    with tempfile.TemporaryDirectory(prefix="fiscalkg-metrics-") as figures:
        if processes > 1:  # each writes its figures there
            os.environ[MULTIPROCESS] = figures
        uvicorn.run(
            APPLICATION, factory=True, host=host, port=port, workers=processes, http=PROTOCOL, ws="none",
            log_level="warning", server_header=False, proxy_headers=False, limit_concurrency=limits.connections,
            timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=int(limits.seconds) + 1,
            timeout_worker_healthcheck=STARTING,
        )  # fmt: skip


def _guard_persons(release: Release, host: str) -> None:
    """Refuse to open names and telephone numbers of persons to others than this machine."""
    if release.info.get("persons", "masked") == "masked" or _is_loopback(host):
        return
    raise ReleaseError(
        f"{release.id} was published with --keep-persons and is for this machine only; serve it on 127.0.0.1, "
        "or publish it again without that option"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _try_port(host: str, port: int) -> None:
    """Say in one line what the server would say in a traceback of its workers."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReleaseError(f"{host}:{port}: cannot listen there ({reason}); choose another --port or --host") from error

"""A published folder into a web server: SPARQL, pages and dumps."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path

import click
import uvicorn

from fiscalkg.endpoint.app import DIRECTORY
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.portal import read_portal
from fiscalkg.loader.release import Release, open_release

__all__ = ["serve"]

APPLICATION = "fiscalkg.endpoint.app:from_environment"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Server processes.")
def serve(folder: Path, host: str, port: int, workers: int) -> int:
    """Serve a published folder: SPARQL 1.1 at /sparql, pages of units, projects and questions, dumps.

    DIR is a folder that publish wrote; a new release in it is served as soon as it stands there. Runs until it is
    interrupted (Ctrl-C).

    A release that was published with --keep-persons is served on a loopback address only.

    Exit code 2: DIR holds no release, or the port is taken, or the address is open and the release holds persons.
    """
    release = open_release(folder)
    read_portal(folder)  # what is wrong in it is said now and not at the next publish
    _guard_persons(release, host)
    _try_port(host, port)
    os.environ[DIRECTORY] = str(folder.resolve())
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    click.echo(f"serving {release.id} of {folder} at {address}/ – SPARQL at {address}/sparql – end with Ctrl-C")
    uvicorn.run(
        APPLICATION, factory=True, host=host, port=port, workers=workers, log_level="warning", server_header=False
    )
    return 0


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

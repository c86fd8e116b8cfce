"""A published folder into tools for assistants, over standard input and output (Model Context Protocol)."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import click

from fiscalkg.endpoint.releases import Releases
from fiscalkg.endpoint.settings import Limits, Settings
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.portal import read_portal
from fiscalkg.loader.release import open_release

__all__ = ["mcp"]

LIMITS = Limits()
WORKERS = 2  # one assistant asks one thing at a time, or a few


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--site", metavar="URL", default="", help="Where the pages stand.  [default: the files of DIR/site]")
@click.option(
    "--time-limit", type=click.FloatRange(0.1), default=LIMITS.seconds, show_default=True, help="Seconds a query."
)
@click.option("--memory-limit", type=click.IntRange(64), default=LIMITS.memory, show_default=True, help="MiB a query.")
def mcp(folder: Path, site: str, time_limit: float, memory_limit: int) -> int:
    """Let an assistant query a published folder: an MCP server on standard input and output.

    DIR is a folder that publish wrote; a new release in it is answered from as soon as it stands there. Tools: every
    ready-made query with its parameters, SPARQL SELECT, search, and what the data say of an IRI. Each answer names
    its release, its page, and the places in the sources. Needs fiscalkg[mcp]. Runs until its input ends.

    Exit code 2: DIR holds no release, or one with persons (--keep-persons), or fiscalkg[mcp] is not installed.
    """
    release = open_release(folder)
    if release.info.get("persons", "masked") != "masked":
        raise ReleaseError(f"{release.id} was published with --keep-persons; publish it without, then let others ask")
    if site and not (
        urlsplit(site).scheme in {"http", "https", "file"} and urlsplit(site).netloc + urlsplit(site).path
    ):
        raise click.UsageError(f"--site is an address such as https://data.example.cn/, not {site[:100]!r}")
    if find_spec("mcp") is None:
        raise click.UsageError("the MCP SDK is missing: pip install 'fiscalkg[mcp]'")
    own = site or (folder.resolve() / "site").as_uri()
    limits = Limits(seconds=time_limit, memory=memory_limit)
    settings = Settings(folder.resolve(), workers=WORKERS, limits=limits, store=read_portal(folder).store)
    asyncio.run(_run(settings, f"{own.rstrip('/')}/"))
    return 0


async def _run(settings: Settings, site: str) -> None:
    from fiscalkg.endpoint.assistants import Assistants, server_of  # only here: it needs the extra mcp

    releases = Releases(settings)
    await releases.current()
    try:
        await server_of(Assistants(releases, site), version("fiscalkg")).run_stdio_async()
    finally:
        await releases.close()

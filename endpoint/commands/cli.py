"""The eight commands as one group."""

from __future__ import annotations

import click

from fiscalkg.endpoint.commands.check import check
from fiscalkg.endpoint.commands.diff import diff
from fiscalkg.endpoint.commands.extract import extract
from fiscalkg.endpoint.commands.init import init
from fiscalkg.endpoint.commands.mcp import mcp
from fiscalkg.endpoint.commands.publish import publish
from fiscalkg.endpoint.commands.query import query
from fiscalkg.endpoint.commands.serve import serve

__all__ = ["cli"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fiscalkg", message="%(prog)s %(version)s")
def cli() -> None:
    """Read project performance target tables (项目支出绩效目标表), check them, publish and query them as a graph.

    \b
    Exit codes of every command:
      0  fine
      1  done, but rules are violated or some documents could not be read
      2  could not run: one line on standard error says what, where and what to do
    """


for command in (init, extract, publish, check, query, diff, serve, mcp):
    cli.add_command(command)

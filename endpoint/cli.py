"""Arguments into one of eight commands, and every failure into one line on standard error and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import click

from fiscalkg.endpoint.commands.check import check
from fiscalkg.endpoint.commands.diff import diff
from fiscalkg.endpoint.commands.extract import extract
from fiscalkg.endpoint.commands.init import init
from fiscalkg.endpoint.commands.mcp import mcp
from fiscalkg.endpoint.commands.publish import publish
from fiscalkg.endpoint.commands.query import query
from fiscalkg.endpoint.commands.serve import serve
from fiscalkg.loader.errors import FiscalkgError

__all__ = ["cli", "main"]

FINE, PARTLY, FAILED = 0, 1, 2


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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code; never ends in a traceback."""
    try:
        code = cli.main(arguments, prog_name="fiscalkg", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        code = FAILED
    except click.ClickException as error:
        code = _complain(_usage(error))
    except (KeyboardInterrupt, click.Abort):
        code = _complain("interrupted; what was published before still stands")
    except BrokenPipeError:  # the reader of our output has left, as head does: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FINE
    except (FiscalkgError, OSError) as error:
        code = _complain(str(error))
    except Exception as error:
        if os.environ.get("FISCALKG_TRACEBACK"):
            traceback.print_exc()
        fault = f"fault of the program ({type(error).__name__}: {error})"
        code = _complain(f"{fault}; please report it with what FISCALKG_TRACEBACK=1 prints")
    sys.exit(code if isinstance(code, int) else FINE)


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    name = context.command_path if context else "fiscalkg"
    return f"{error.format_message().rstrip('.')}; see {name} --help"


def _complain(message: str) -> int:
    print("fiscalkg: " + " ".join(message.split()), file=sys.stderr)
    return FAILED

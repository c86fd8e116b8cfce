"""Arguments into one of eight commands, and every failure into one line on standard error and an exit code.

Each worker process imports the program that it was started by, so what workers do not need is imported late.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fiscalkg.loader.errors import FiscalkgError

if TYPE_CHECKING:
    from click import ClickException

__all__ = ["main"]

FINE, PARTLY, FAILED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code; never ends in a traceback."""
    import click

    from fiscalkg.endpoint.commands.cli import cli

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


def _usage(error: ClickException) -> str:
    context = getattr(error, "ctx", None)
    name = context.command_path if context else "fiscalkg"
    return f"{error.format_message().rstrip('.')}; see {name} --help"


def _complain(message: str) -> int:
    print("fiscalkg: " + " ".join(message.split()), file=sys.stderr)
    return FAILED

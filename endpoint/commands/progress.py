"""Steps of a long command into a bar on a terminal, and into a few plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from fiscalkg.loader.publish import Tell

__all__ = ["progress"]

STAGES = {"read": "reading documents", "write": "writing dumps and store", "pages": "freezing pages"}
LINES_A_STAGE = 10


@contextmanager
def progress() -> Iterator[Tell]:
    """Give a function that shows how far a stage is: ``tell(stage, done, of how many, tables found)``."""
    if not sys.stderr.isatty():
        yield _plain
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[found]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def tell(stage: str, done: int, total: int, statements: int = 0, /) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(STAGES.get(stage, stage), total=total, found="")
            bar.update(tasks[stage], completed=done, total=total, found=_found(statements).lstrip(", "))

        yield tell


def _found(statements: int) -> str:
    return f", {statements} tables" if statements else ""


def _plain(stage: str, done: int, total: int, statements: int = 0, /) -> None:
    """Print a stage's first and last step and about ten between, so that a log stays short."""
    step = max(1, total // LINES_A_STAGE)
    if done in {0, total} or done % step == 0:
        print(f"{STAGES.get(stage, stage)}: {done} of {total}{_found(statements)}", file=sys.stderr, flush=True)

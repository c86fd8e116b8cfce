"""The options of every command that reads documents, into the bounds of its workers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from fiscalkg.loader.batches import MEMORY, SECONDS, Bounds

__all__ = ["bounded"]

LEAST_MEMORY = 128  # MiB: the program itself


def bounded(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command --jobs, --time-limit and --memory-limit, and their values as its argument ``bounds``."""

    @click.option("--jobs", type=click.IntRange(min=0), default=0, help="Processes that read; 0: one a processor.")
    @click.option(
        "--time-limit",
        type=click.FloatRange(min=0, min_open=True),
        default=SECONDS,
        show_default=True,
        help="Seconds one document, or one query of diff, may take.",
    )
    @click.option(
        "--memory-limit", type=click.IntRange(min=LEAST_MEMORY), default=MEMORY, show_default=True,
        help="MiB of memory one document, or one query of diff, may take.",
    )  # fmt: skip
    @wraps(command)
    def with_bounds(*arguments: Any, jobs: int, time_limit: float, memory_limit: int, **options: Any) -> int:
        return command(*arguments, bounds=Bounds(jobs, time_limit, memory_limit), **options)

    return with_bounds

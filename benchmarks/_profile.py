"""A missed mark into the profile that shows why: the functions that take most of the time, and what was tried."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable
from pathlib import Path

__all__ = ["explained"]

ROOT = Path(__file__).parent.parent
SHOWN = 12  # functions


def explained(name: str, work: Callable[[], object], tried: str) -> str:
    """Do some work once more under cProfile; return its functions by their own time, and what was tried, as Markdown.

    The profiler itself takes time with each call, so the shares of small functions are too large.
    """
    profile = cProfile.Profile()
    profile.runcall(work)
    stats = pstats.Stats(profile)
    timings = stats.stats.items()  # type: ignore[attr-defined]  # typeshed does not know it
    own = sorted(((row[2], row[1], function) for function, row in timings), reverse=True)[:SHOWN]
    whole = sum(row[2] for _, row in timings)
    lines = [f"{100 * spent / whole:5.1f} %  {calls:>9,} calls  {_named(*function)}" for spent, calls, function in own]
    return "\n".join([f"Where the time of *{name}* goes:", "", "```", *lines, "```", "", tried]).rstrip()


def _named(file: str, line: int, function: str) -> str:
    """Return a function as a reader of the repository finds it: no path of this machine."""
    path = Path(file)
    if path.is_relative_to(ROOT) and ".venv" not in path.parts:
        return f"{path.relative_to(ROOT)}:{line} {function}"
    return f"{path.name} {function}" if file not in ("~", "<string>") else function

"""A missed mark into the profile that shows why: the functions that take most of the time, and what was tried."""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from pathlib import Path
from types import CodeType

__all__ = ["explained"]

ROOT = Path(__file__).parent.parent
SHOWN = 12  # functions


def explained(name: str, work: Callable[[], object], tried: str) -> str:
    """Do some work once more under cProfile; return its functions by their own time, and what was tried, as Markdown.

    The profiler itself takes time with each call, so the shares of small functions are too large.
    """
    profile = cProfile.Profile()
    profile.runcall(work)
    entries = sorted(profile.getstats(), key=lambda entry: entry.inlinetime, reverse=True)
    whole = sum(entry.inlinetime for entry in entries)
    lines = [
        f"{100 * entry.inlinetime / whole:5.1f} %  {entry.callcount:>9,} calls  {_named(entry.code)}"
        for entry in entries[:SHOWN]
    ]
    return "\n".join([f"Where the time of *{name}* goes:", "", "```", *lines, "```", "", tried]).rstrip()


def _named(code: CodeType | str) -> str:
    """Return a function as a reader of the repository finds it: no path of this machine."""
    if isinstance(code, str):
        return code
    path = Path(code.co_filename)
    if path.is_relative_to(ROOT) and ".venv" not in path.parts:
        return f"{path.relative_to(ROOT)}:{code.co_firstlineno} {code.co_name}"
    return f"{path.name} {code.co_name}"

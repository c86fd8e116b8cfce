"""Figures into a table on the terminal and a section of RESULTS.md: with machine, versions, date, and their marks."""

from __future__ import annotations

import datetime
import os
import platform
import re
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

__all__ = ["RESULTS", "Figure", "Spent", "measured", "record", "where"]

RESULTS = Path(__file__).parent / "RESULTS.md"
LIBRARIES = ("pyoxigraph", "pyshacl", "rdflib", "lxml", "pypdfium2")

Result = TypeVar("Result")


@dataclass(frozen=True)
class Figure:
    """One measured figure; ``mark`` is what it is to reach, from below unless ``at_most``."""

    name: str
    value: float
    unit: str
    mark: float | None = None
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """Say whether the mark is reached; blank where there is none."""
        if self.mark is None:
            return ""
        reached = self.value <= self.mark if self.at_most else self.value >= self.mark
        return "reached" if reached else "missed"


@dataclass(frozen=True)
class Spent:
    """What some work took: seconds by the clock, seconds of processors, its children's too, and peak memory in MB."""

    wall: float
    cpu: float
    peak: float


def measured(work: Callable[[], Result]) -> tuple[Result, Spent]:
    """Do some work and return its result and what it took; peak memory is that of the process up to now."""
    wall, cpu = time.perf_counter(), _processors()
    result = work()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    return result, Spent(time.perf_counter() - wall, _processors() - cpu, peak)


def _processors() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def record(title: str, figures: Sequence[Figure], note: str = "") -> None:
    """Print the figures and write them to the section of RESULTS.md with this title, in place of what stood there."""
    rows = [
        f"| {each.name} | {_shown(each.value)} {each.unit} | {_mark(each)} | {each.verdict} |".replace("  ", " ")
        for each in figures
    ]
    table = "\n".join(["| figure | measured | mark | |", "|---|---|---|---|", *rows])
    section = f"## {title}\n\n{where()}\n\n{table}\n" + (f"\n{note}\n" if note else "")
    print(section)
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Results\n\nWritten by `make bench`.\n"
    parts = re.split(r"(?m)^(?=## )", text)
    parts = [part.rstrip("\n") + "\n" for part in parts if not part.startswith(f"## {title}\n")]
    RESULTS.write_text("\n".join([parts[0], *sorted([*parts[1:], section])]), encoding="utf-8")


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _mark(figure: Figure) -> str:
    return "" if figure.mark is None else f"{'≤' if figure.at_most else '≥'} {_shown(figure.mark)}"


def where() -> str:
    """Return one line: date, machine with its load, and versions; a machine that works for others measures less."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    load = os.getloadavg()[0]
    machine = f"{os.cpu_count()} cores, {platform.machine()}, load {load:.1f}"
    return f"{datetime.date.today()}; {machine}; Python {platform.python_version()}, {versions}"

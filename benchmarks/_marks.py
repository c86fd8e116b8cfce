"""RESULTS.md into the table of all marks with reached or missed: printed at the end of ``make bench``."""

from __future__ import annotations

import datetime
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from _results import RESULTS, where

__all__ = ["Row", "marked", "rows", "table"]

CELLS = re.compile(
    r"^\| (?P<name>[^|]+?) \| (?P<value>[\d.,]+)(?: (?P<unit>[^|]*?))? \| (?P<mark>[^|]*?) ?\|(?P<verdict>[^|]*)\|$"
)


@dataclass(frozen=True)
class Row:
    """One figure as RESULTS.md states it: its section and the section's date, name, value, unit, mark and verdict."""

    section: str
    date: datetime.date
    name: str
    value: float
    unit: str
    mark: str
    verdict: str


def rows(text: str) -> Iterator[Row]:
    """Yield every figure of the results; raises ``ValueError`` where a section lacks its date."""
    for part in re.split(r"(?m)^## ", text)[1:]:
        section, _, body = part.partition("\n")
        dated = re.search(r"(?m)^(\d{4}-\d\d-\d\d);", body)
        if dated is None:
            raise ValueError(f"{section}: no line begins with its date; measure it again")
        date = datetime.date.fromisoformat(dated[1])
        for line in body.splitlines():
            if found := CELLS.match(line):
                value = float(found["value"].replace(",", ""))
                mark, verdict = found["mark"].strip(), found["verdict"].strip()
                yield Row(section, date, found["name"], value, found["unit"] or "", mark, verdict)


def marked(text: str) -> list[Row]:
    """Return the figures that have a mark."""
    return [row for row in rows(text) if row.mark]


def table(text: str, today: datetime.date) -> str:
    """Return the table of marks, each of another day with its date, and how many are reached."""
    found = marked(text)
    lines = ["| section | figure | measured | mark | | measured on |", "|---|---|---|---|---|---|"]
    for row in found:
        old = "" if row.date == today else f"{row.date} (stale)"
        value = f"{row.value:,.4g}" if row.value < 100 else f"{row.value:,.0f}"
        lines.append(f"| {row.section} | {row.name} | {value} {row.unit} | {row.mark} | {row.verdict} | {old} |")
    reached = sum(row.verdict == "reached" for row in found)
    return "\n".join([*lines, "", f"{reached} of {len(found)} marks reached, {len(found) - reached} missed"])


def main(results: Path = RESULTS) -> None:
    """Print where this runs and the table."""
    sys.stdout.write(
        f"\n== all marks\n{where()}\n\n{table(results.read_text(encoding='utf-8'), datetime.date.today())}\n"
    )


if __name__ == "__main__":
    main()

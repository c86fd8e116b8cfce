"""RESULTS.md's figures of each stage into the small file that the site's page on speed is drawn from."""

from __future__ import annotations

import json
import re
from pathlib import Path

from _marks import rows

__all__ = ["GROWTH", "growth", "write_growth"]

GROWTH = Path(__file__).parent.parent / "site" / "pages" / "growth.json"
FIGURE = re.compile(r"publish (?P<size>[\d,]+): (?P<stage>.+), all processors$")


def growth(results: str) -> dict[str, object]:
    """Return the earliest date and, by stage, [statements, seconds of processors] a size; none where none stand."""
    stages: dict[str, list[tuple[int, float]]] = {}
    date = ""
    for row in rows(results):
        if found := FIGURE.match(row.name):
            own = row.date.isoformat()
            date = min(date or own, own)  # sections are measured one by one
            stages.setdefault(found["stage"], []).append((int(found["size"].replace(",", "")), row.value))
    return {"date": date, "stages": {name: sorted(points) for name, points in stages.items()}}


def write_growth(results: str, path: Path = GROWTH) -> None:
    """Write the file of a text of results."""
    path.write_text(json.dumps(growth(results), indent=1) + "\n", encoding="utf-8")

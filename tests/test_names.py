"""loader/names.py: what is counted of names, from rows of batches in any order, in parts, the most used of a class."""

from __future__ import annotations

import json
import random
from collections import defaultdict

from fiscalkg.loader.names import MOST_NAMES, sum_names

BASE = "https://example.org/id/"
FP = "https://w3id.org/fiscalkg/ontology#"
COST = "https://w3id.org/fiscalkg/scheme/base88/cost"


def row(
    name: str,
    kind: str,
    unit: int,
    indicators: int,
    quantified: int,
    line: int,
    *texts: str,
    at: tuple[str, str] = ("", ""),
) -> str:
    first = f"{BASE}source/a#L{line:06d} {BASE}statement/1/target"
    named, *printed = (json.dumps(text, ensure_ascii=False) for text in (name, *(texts or ("值", "值"))))
    cells = named, kind, f"{BASE}unit/{unit}", *at, str(indicators), str(quantified), first, *printed
    return "\t".join(cells) + "\n"


def observations(rows: list[str]) -> dict[str, dict[str, str]]:
    """The observations by their IRIs, each with the ends of its properties."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for line in sum_names(rows, BASE):
        subject, predicate, value = line.rstrip(" .\n").split(" ", 2)
        found[subject.strip("<>").removeprefix(f"{BASE}cube/")][predicate.strip("<>").rpartition("#")[2]] = value
    return {name: own for name, own in found.items() if "/" in name}


def count(own: dict[str, str], name: str) -> int:
    return int(own[name].split('"')[1])


def test_the_most_used_names_are_kept_and_all_are_counted() -> None:
    """Of 3,000 names the 300 used most stand in the class, equally used ones by name; its totals count all."""
    names = [(f"name {at:04d}", 1 + at % 7) for at in range(3_000)]
    made = [row(name, COST, 1, times, 0, 1) for name, times in names]
    random.Random(7).shuffle(made)
    found = observations(made)
    kept = {own["observedName"].strip('"') for name, own in found.items() if name.startswith("class-names/")}
    assert kept == {name for name, _ in sorted(names, key=lambda pair: (-pair[1], pair[0]))[:MOST_NAMES]}
    total = found["class-totals/base88-cost"]
    assert (count(total, "nameCount"), count(total, "indicatorCount")) == (3_000, sum(times for _, times in names))


def test_a_unit_counts_once_and_the_first_place_wins() -> None:
    """Rows of several batches are joined: units are counted once, and a name in two classes of two units is shared."""
    rows = [row("完成率", COST, 1, 2, 1, 30), row("完成率", COST, 1, 3, 3, 4), row("完成率", "", 2, 1, 0, 9)]
    found = observations(rows)
    (own,) = (each for name, each in found.items() if name.startswith("class-names/"))
    assert [count(own, name) for name in ("unitCount", "indicatorCount", "quantifiedCount")] == [1, 5, 4]
    (shared,) = (each for name, each in found.items() if name.startswith("shared-names/"))
    assert [count(shared, name) for name in ("unitCount", "indicatorCount")] == [2, 6]
    assert count(found["unclassified-total/all"], "nameCount") == 1
    assert len([name for name in found if name.startswith("unclassified-names/")]) == 1


def test_a_name_may_hold_anything() -> None:
    """Tabs, line feeds, quotes and an empty name stay what they are; indicators without a name are no shared name."""
    strange = 'a\tb\n"c" \u2028\\'
    rows = [row(name, COST, unit, 1, 0, 1) for name in (strange, "") for unit in (1, 2)]
    found = observations(rows)
    assert len([name for name in found if name.startswith("class-names/")]) == 2
    assert len([name for name in found if name.startswith("shared-names/")]) == 1


def test_what_is_printed_for_a_shared_name_is_told_by_place_and_year() -> None:
    """Least and greatest text are of all classes and batches; without place or year a data set of its own counts."""
    here, year = "https://w3id.org/fiscalkg/scheme/place/120000", "2025"
    rows = [
        row("完成率", COST, 1, 2, 0, 1, "100%", "≥90%", at=(here, year)),
        row("完成率", "", 2, 1, 0, 2, "\t95%", "95%", at=(here, year)),
        row("完成率", "", 2, 4, 0, 3, "95%", "95%", at=("", year)),
        row("完成率", "", 2, 5, 0, 3, "a", "a", at=(here, "")),
        row("完成率", "", 2, 6, 0, 3, "", "b"),
        row("独有", COST, 1, 9, 0, 4, at=(here, year)),
    ]
    found = observations(rows)
    told = {
        name.rpartition("/")[0]: (count(own, "indicatorCount"), own["leastPrintedText"], own["greatestPrintedText"])
        for name, own in found.items()
        if name.startswith("shared-values")
    }
    assert told == {
        "shared-values/place-120000/2025": (3, '"\\t95%"', '"≥90%"'),
        "shared-values-without-place/2025": (4, '"95%"', '"95%"'),
        "shared-values-without-year/place-120000": (5, '"a"', '"a"'),
        "shared-values-without-both": (6, '""', '"b"'),
    }

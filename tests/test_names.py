"""loader/names.py: what is counted of names, from rows of batches in any order, in parts, the most used of a class."""

from __future__ import annotations

import json
import random
from collections import defaultdict

from fiscalkg.loader.names import MOST_NAMES, sum_names
from fiscalkg.loader.shared_names import MOST_SHARED, MOST_TEXTS

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
    text: str = "值",
    share: str = "",
    at: tuple[str, str] = ("", ""),
) -> str:
    first = f"{BASE}source/a#L{line:06d} {BASE}statement/{line}/target"
    named, printed = (json.dumps(each, ensure_ascii=False) for each in (name, text))
    cells = named, kind, f"{BASE}unit/{unit}", *at, str(indicators), str(quantified), first, printed, share
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
        row("完成率", COST, 1, 1, 0, 1, "100%", "1", at=(here, year)),
        row("完成率", COST, 1, 1, 0, 1, "≥90%", "0.9", at=(here, year)),
        row("完成率", "", 2, 1, 0, 2, "\t95%", "0.95", at=(here, year)),
        row("完成率", "", 2, 4, 0, 3, "95%", "0.95", at=("", year)),
        row("完成率", "", 2, 5, 0, 3, "a", at=(here, "")),
        row("完成率", "", 2, 4, 0, 3, ""),
        row("完成率", "", 2, 2, 0, 3, "b"),
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


def test_each_text_of_a_shared_name_is_counted() -> None:
    """Rows of one text are added up, with the first place; the same text is told twice where it is read in two ways."""
    rows = [
        row("完成率", COST, 1, 1, 0, 8, "95", "0.95"),
        row("完成率", "", 2, 2, 0, 5, "95", "0.95"),
        row("完成率", "", 2, 4, 0, 9, "95"),
    ]
    told = {
        (own["observedText"], own["observedValue"]): (count(own, "indicatorCount"), own["firstTarget"])
        for name, own in observations(rows).items()
        if name.startswith("shared-texts-without-both/")
    }
    assert told == {
        ('"95"', '"0.95"'): (3, f"<{BASE}statement/5/target>"),
        ('"95"', '""'): (4, f"<{BASE}statement/9/target>"),
    }


def test_of_the_texts_of_a_name_the_most_usual_are_told_and_all_shares() -> None:
    """Of 40 texts the 10 most usual stand in the cube, equally usual ones by text; of 40 shares all do."""
    texts = [(f"text {at:02d}", 1 + at % 3) for at in range(40)]
    rows = [row("完成率", COST, unit, times, 0, 1, text) for text, times in texts for unit in (1, 2)]
    rows += [row("完成率", COST, 1, 1, 0, 1, f"{at}%", f"0.{at}") for at in range(10, 50)]
    random.Random(7).shuffle(rows)
    told = [own for name, own in observations(rows).items() if name.startswith("shared-texts-without-both/")]
    plain = {own["observedText"].strip('"') for own in told if own["observedValue"] == '""'}
    assert plain == {text for text, _ in sorted(texts, key=lambda pair: (-pair[1], pair[0]))[:MOST_TEXTS]}
    assert len(told) == MOST_TEXTS + 40


def test_of_shared_names_those_of_most_units_are_told_with_their_values() -> None:
    """Of 900 shared names the 300 of most units have values, equally shared ones by name; all are counted and named."""
    names = [(f"name {at:04d}", 2 + at % 4) for at in range(900)]
    rows = [row(name, COST, unit, 1, 0, 1) for name, units in names for unit in range(units)]
    rows += [row(f"own {at}", COST, at, 1, 0, 1) for at in range(50)]
    random.Random(7).shuffle(rows)
    found = observations(rows)

    def named(data_set: str) -> list[str]:
        return [own["observedName"].strip('"') for name, own in found.items() if name.startswith(f"{data_set}/")]

    most = sorted(name for name, _ in sorted(names, key=lambda pair: (-pair[1], pair[0]))[:MOST_SHARED])
    assert sorted(named("shared-names")) == most
    assert sorted(named("shared-values-without-both")) == sorted(named("shared-texts-without-both")) == most
    assert sorted([*most, *named("other-shared-names")]) == [name for name, _ in names]
    total = found["shared-total/all"]
    assert (count(total, "nameCount"), count(total, "indicatorCount")) == (900, sum(units for _, units in names))

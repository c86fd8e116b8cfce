"""Measurements: the table of marks, what README quotes of them, and documents that repeat no more than real ones."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import _documents  # noqa: E402  # benchmarks are scripts beside each other, not a package
import _growth  # noqa: E402  # as above
import _marks  # noqa: E402  # as above
import _processes  # noqa: E402  # as above
import _profile  # noqa: E402  # as above

from fiscalkg.endpoint.pages import render, speed  # noqa: E402  # beside the imports above
from fiscalkg.endpoint.pages.page import Edition  # noqa: E402  # as above
from renderers import document  # noqa: E402  # found by _documents too

RESULTS = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
UNITS = r"(?:statements|triples|requests|queries|张|个三元组|次)(?:/s| a second| per second|每秒)|每秒\s*[\d,.]+"


def test_each_mark_stands_in_the_table_with_its_verdict() -> None:
    """No marked line of the results is lost, the verdict is what its numbers say, and other days are named."""
    found = _marks.marked(RESULTS)
    assert len(found) == len(re.findall(r"(?m)\| (?:reached|missed) \|$", RESULTS)) > 10
    for row in found:
        sign, _, bound = row.mark.partition(" ")
        limit = float(bound.replace(",", ""))
        if abs(row.value - limit) > 0.01 * limit:  # what is printed is rounded
            assert (row.value > limit) == ((sign == "≥") == (row.verdict == "reached")), row
    newest = max(row.date for row in found)
    told = _marks.table(RESULTS, newest)
    assert told.count("(stale)") == sum(row.date != newest for row in found)
    later = _marks.table(RESULTS, newest + datetime.timedelta(1))
    assert later.count("(stale)") == len(found)
    assert f"{sum(row.verdict == 'reached' for row in found)} of {len(found)} marks reached" in told


def test_a_section_without_a_date_is_refused() -> None:
    """Whoever takes the date away cannot pass old figures off as new."""
    with pytest.raises(ValueError, match="Checking"):
        list(_marks.rows(RESULTS.replace(RESULTS.split("## Checking\n\n")[1][:10], "", 1)))


def quoted(text: str) -> Iterator[str]:
    """The numbers of each paragraph that speaks of the results or of a rate."""
    for paragraph in re.split(r"\n\s*\n", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        measured = "benchmarks/RESULTS.md)" in paragraph or re.search(rf"[\d,.]+\s*(?:{UNITS})", paragraph)
        if measured and not paragraph.lstrip().startswith("|"):
            words = re.sub(r"\]\([^)]*\)|\d{4}-\d\d-\d\d|`[^`]*`", " ", paragraph)
            yield from re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.]*\d)", words)


def test_readme_shows_the_demonstration_as_it_was_measured() -> None:
    """Statements, triples and seconds that README prints, in both languages, are those of *The examples*."""
    found = {row.name: row for row in _marks.rows(RESULTS) if row.section == "The examples"}
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("statements", "triples", "seconds"):
        assert [float(value) for value in re.findall(rf"(?m)^{name} +([\d.]+)$", text)] == [found[name].value] * 2
    assert text.count(str(found["seconds"].date)) == 2


def test_readme_quotes_only_figures_of_the_results() -> None:
    """Each number of README's sentences on speed is a figure, a mark or a size of RESULTS.md."""
    known = {number.rstrip(",.") for number in re.findall(r"\d[\d,]*(?:\.\d+)?", RESULTS)}
    numbers = list(quoted((ROOT / "README.md").read_text(encoding="utf-8")))
    assert len(numbers) >= 6
    assert [number for number in numbers if number not in known] == []
    assert "999,999" in set(quoted("It reads 999,999 statements a second.")) - known


def repeats(texts: Iterator[str]) -> tuple[int, int]:
    """How many texts there are and how many of them stand more than once."""
    counts = Counter(texts)
    return sum(counts.values()), sum(number for number in counts.values() if number > 1)


def test_documents_are_the_same_for_a_seed_in_every_format() -> None:
    """The same bytes again, others for another seed, and so many statements as were asked for."""
    for shape in _documents.SHAPES:
        first, again = (list(_documents.documents(30, shape, seed=7)) for _ in range(2))
        assert first == again
        assert sum(made.statements for made in first) == 30
        other = list(_documents.documents(30, shape, seed=8))
        assert not {made.content for made in first} & {made.content for made in other}


@pytest.mark.parametrize("field", ["project_name", "value", "name"])
def test_generated_texts_repeat_no_more_than_those_of_the_examples(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of as many statements as the examples have, no larger share of names and values stands more than once."""
    made: list[_documents.Statement] = []
    monkeypatch.setattr(document, "compose", lambda chosen, _: made.extend(chosen) or [])
    real = [one for example in _documents._examples() for one in example]
    list(_documents.documents(10 * len(real), "text"))

    def texts(statements: list[_documents.Statement]) -> Iterator[str]:
        for one in statements:
            items = [one] if field == "project_name" else one["indicators"]
            yield from (item[field] for item in items if item[field])

    most = {id(each): max(Counter(texts(each)).values()) / repeats(texts(each))[0] for each in (real, made)}
    assert most[id(made)] <= 1.2 * most[id(real)]
    total, twice = repeats(texts(real))
    windows = [repeats(texts(made[at : at + len(real)])) for at in range(0, len(made), len(real))]
    assert sum(again / here for here, again in windows) / len(windows) <= 1.05 * twice / total
    tables = Counter(tuple(sorted(map(str, one.items()))) for one in made)
    assert max(tables.values()) == 1


PUBLISHED = """## Publishing

2026-01-02; somewhere

| figure | measured | mark | |
|---|---|---|---|
| publish 1,000: facts, by the clock | 9.9 s | | |
| publish 1,000: facts, all processors | 2.5 s | | |
| publish 10,000: facts, all processors | 26 s | | |
| publish 1,000: store, all processors | 2 s | | |
| publish 10,000: store, all processors | 30 s | | |

## The site

2026-01-03; somewhere

| figure | measured | mark | |
|---|---|---|---|
| publish 1,000: pages, all processors | 40 s | | |
"""


def test_the_page_on_speed_tells_what_the_results_say(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's file is that of the results, and each stage is a row with sizes, seconds, growth and bar."""
    told = json.loads(_growth.GROWTH.read_text(encoding="utf-8"))
    assert told == json.loads(json.dumps(_growth.growth(RESULTS))), "run python benchmarks/_advice.py"
    found = _growth.growth(PUBLISHED)
    stages = {"facts": [(1000, 2.5), (10_000, 26.0)], "store": [(1000, 2.0), (10_000, 30.0)]}
    assert found == {"date": "2026-01-02", "stages": stages | {"pages": [(1000, 40.0)]}}
    steps = speed.steps(stages)
    assert [(one.times, one.bullet.over) for one in steps] == [("10.4", False), ("15.0", True)]
    monkeypatch.setattr(speed, "_measured", lambda: ("2026-01-02", tuple(steps)))
    for language, words in (("zh", "合并事实"), ("en", "facts")):
        page = render(edition, ("en/" if language == "en" else "") + "speed/index.html", {})
        assert page is not None
        text = page.body.decode()
        assert words in text
        assert "1,000 → 10,000" in text
        assert text.count('<svg class="marks"') == 2
        assert text.count('class="over"') == 1


def test_a_missed_mark_is_explained_by_its_profile() -> None:
    """The functions that take the time are named without a path of this machine, and no line reads as a figure."""
    told = _profile.explained("document", _documents._examples.__wrapped__, "Tried: all.")
    assert "loader/" in told
    assert str(ROOT) not in told
    assert told.endswith("Tried: all.")
    assert not [line for line in told.splitlines() if _marks.CELLS.match(line)]


def test_what_a_command_leaves_behind_is_waited_for_and_nothing_else() -> None:
    """A process that this one keeps does not hold a measurement up; one that outlives the command is measured too."""
    leaving = "import subprocess; subprocess.Popen(['sleep', '0.5']); print('begun')"
    with subprocess.Popen(["sleep", "60"]) as kept:
        taken = _processes.run([sys.executable, "-c", leaving])
        kept.kill()
    assert [stage.name for stage in taken.stages] == ["begun"]
    assert taken.wall >= 0.5

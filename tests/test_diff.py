"""fiscalkg diff: two releases or dumps into what changed, for people, as JSON and as an RDF patch."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import fiscalkg
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal

from fiscalkg.endpoint.canned_queries import canned_queries
from fiscalkg.loader.answers import compare_answers
from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.change_report import change_report
from fiscalkg.loader.changes import changes, counts
from fiscalkg.loader.differences import compare, patch
from fiscalkg.loader.differing import differing, lines_in
from fiscalkg.loader.release import open_release
from fiscalkg.loader.slices import write_slices
from fiscalkg.loader.stores import rows
from fiscalkg.loader.stores.embedded import open_store

EXAMPLES = Path(__file__).parent.parent / "examples"
LEAVES, CHANGES, COMES = "000_a0eefc0601dc6091.txt", "001_6faa1905088193ec.txt", "003_1c3d2c2c6bd79ef7.txt"
BASE = "http://x/id/"
BASE_IRI = "https://w3id.org/fiscalkg/id/"
PLACED = re.compile(r"(fiscalkg/id/[a-z-]+/)[0-9]{6}")
WHOLE = f"{BASE}statement/1/2025/2/abc"
FP = "https://w3id.org/fiscalkg/ontology#"


def dump(folder: Path) -> Path:
    return open_release(folder).path / "dumps" / "fiscalkg.nt.gz"


def lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two releases: one document leaves, one comes, and in one a value and nothing else changes."""
    home = tmp_path_factory.mktemp("pair")
    for side, names in (("old", (LEAVES, CHANGES)), ("new", (CHANGES, COMES))):
        (home / side).mkdir()
        for name in names:
            shutil.copy(EXAMPLES / name, home / side)
        text = (home / side / CHANGES).read_text(encoding="utf-8")
        assert text.count("≥1000人") == 1
        if side == "new":
            (home / side / CHANGES).write_text("\n" + text.replace("≥1000人", "≥1200人"), encoding="utf-8")
        done = fiscalkg("publish", home / side, "--out", home / f"{side}-out")
        assert done.returncode == 0, done.stderr
    return home / "old-out", home / "new-out"


@pytest.fixture(scope="module")
def told(pair: tuple[Path, Path]) -> dict[str, Any]:
    done = fiscalkg("diff", *pair, "--format", "json")
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def of(told: dict[str, Any], kind: str, state: str) -> list[dict[str, Any]]:
    return [change for change in told["changes"] if (change["kind"], change["state"]) == (kind, state)]


def test_it_says_exactly_what_changed(pair: tuple[Path, Path], told: dict[str, Any]) -> None:
    """One document more, one less, one changed: their tables, indicators and units, one value, and nothing else."""
    infos = [{each["name"]: each for each in open_release(side).info["documents"]} for side in pair]
    for state, name in (("added", COMES), ("removed", LEAVES), ("changed", CHANGES)):
        assert [change["label"] for change in of(told, "document", state)] == [name]
    assert len(of(told, "statement", "added")) == infos[1][COMES]["statements"]
    assert len(of(told, "statement", "removed")) == infos[0][LEAVES]["statements"]
    (table,) = of(told, "statement", "changed")
    (value,) = of(told, "value", "changed")
    assert value["of"] == table["iri"]
    printed = {field["name"]: (field["old"], field["new"]) for field in value["fields"]}
    assert printed[f"{FP}printedText"] == (["≥1000人"], ["≥1200人"])
    assert told["counts"]["statement"]["moved"] == infos[1][CHANGES]["statements"] - 1
    assert of(told, "indicator", "changed") == of(told, "unit", "changed") == of(told, "project", "changed") == []
    before, after = ({line.split()[0] for line in lines(dump(side)) if f"{BASE_OF}unit/" in line[:60]} for side in pair)
    assert {f"<{change['iri']}>" for change in of(told, "unit", "added")} == after - before
    assert {f"<{change['iri']}>" for change in of(told, "unit", "removed")} == before - after


BASE_OF = "https://w3id.org/fiscalkg/id/"


def test_indicators_are_counted_with_their_tables(pair: tuple[Path, Path], told: dict[str, Any]) -> None:
    """Indicators added less those removed is what the counts of the releases differ by."""
    old, new = (open_release(side).info["counts"]["indicators"] for side in pair)
    counted = told["counts"]["indicator"]
    assert counted["added"] - counted["removed"] == new - old
    assert counted["added"] > 0 < counted["removed"]


def test_queries_are_listed_with_both_answers(pair: tuple[Path, Path], told: dict[str, Any]) -> None:
    """A query is listed when its answers differ, and what only one side answers stands under that side."""
    totals = next(query for query in told["queries"] if query["name"] == "totals")
    at = totals["columns"].index("statements")
    for side, told_rows in zip(pair, (totals["old"], totals["new"]), strict=True):
        assert [row[at] for row in told_rows] == [str(open_release(side).info["counts"]["statements"])]
    assert all(query["old"] != query["new"] for query in told["queries"])


def test_dumps_say_what_releases_say(pair: tuple[Path, Path], told: dict[str, Any], tmp_path: Path) -> None:
    """Turtle against N-Triples unpacked gives the same changes, and the same answers where no report is asked."""
    plain = tmp_path / "new.nt"
    plain.write_text("".join(reversed(lines(dump(pair[1])))), encoding="utf-8")
    done = fiscalkg("diff", dump(pair[0]).with_name("fiscalkg.ttl.gz"), plain, "--format", "json")
    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)
    assert [again[key] for key in ("counts", "changes")] == [told[key] for key in ("counts", "changes")]
    of_report = {query.name for query in canned_queries() if "GRAPH" in query.text}
    assert again["queries"] == [query for query in told["queries"] if query["name"] not in of_report]
    assert again["queries"]


@pytest.mark.parametrize(("language", "words"), [("zh", "目标表：新增 5，删除 4，改变 1"), ("en", "tables: added 5, ")])
def test_people_read_it_in_their_language(pair: tuple[Path, Path], language: str, words: str) -> None:
    """The report counts, and names the value with what was printed before and after."""
    done = fiscalkg("diff", *pair, "--lang", language)
    assert words in done.stdout
    assert "≥1000人 → ≥1200人" in done.stdout
    assert COMES in done.stdout


def test_nothing_differs(pair: tuple[Path, Path]) -> None:
    """A release against its own Turtle dump: nothing, said in one line after the names."""
    done = fiscalkg("diff", pair[0], dump(pair[0]).with_name("fiscalkg.ttl.gz"))
    assert (done.returncode, done.stdout.splitlines()[1:]) == (0, ["nothing differs"])


def test_the_patch_makes_the_new_release(pair: tuple[Path, Path]) -> None:
    """Taking what it deletes from the old facts and adding what it adds gives the new facts, byte for byte."""
    head, *body = fiscalkg("diff", *pair, "--format", "patch").stdout.splitlines(keepends=True)
    assert head == f"H id <{BASE_OF}release/{open_release(pair[1]).id}> .\n"
    facts = set(lines(dump(pair[0])))
    for line in body:
        if line.startswith("D "):
            facts.remove(line[2:])
        elif line.startswith("A "):
            assert line[2:] not in facts
            facts.add(line[2:])
    assert sorted(facts) == lines(dump(pair[1]))
    assert (body[1], body[-1]) == ("TX .\n", "TC .\n")


def test_what_cannot_be_compared_is_named(pair: tuple[Path, Path], tmp_path: Path) -> None:
    """A folder without a release, a file of another kind, a damaged dump: one line each, exit 2."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.md").write_text("no dump")
    (tmp_path / "cut.nt.gz").write_bytes(dump(pair[0]).read_bytes()[:2000])
    (tmp_path / "wrong.ttl").write_text("<a> <b>")
    (tmp_path / "blank.nt").write_text("_:b <http://x/p> <http://x/o> .\n")
    for name, says in (
        ("empty", "holds no release"),
        ("notes.md", "no dump"),
        ("cut.nt.gz", "cannot be read"),
        ("wrong.ttl", "is not what its name says"),
        ("blank.nt", "blank node"),
    ):
        done = fiscalkg("diff", pair[0], tmp_path / name)
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr
        assert done.stderr.count("\n") == 1


def table(*names: str) -> list[str]:
    """Sorted facts of one table with indicators of these names, numbered in this order."""
    facts = [f'<{WHOLE}> <{FP}projectName> "p" .\n']
    for number, name in enumerate(names, 1):
        facts.append(f"<{WHOLE}> <{FP}indicator> <{WHOLE}/indicator/{number}> .\n")
        facts.append(f'<{WHOLE}/indicator/{number}> <{FP}name> "{name}" .\n')
        facts.append(f'<{WHOLE}/indicator/{number}/target> <{FP}printedText> "of {name}" .\n')
    return sorted(facts)


def test_an_indicator_is_known_by_its_name_not_its_number() -> None:
    """One put in front of twelve is one indicator and one value more, though every number after it changed."""
    names = [f"n{number}" for number in range(12)]
    found = list(changes(compare(table(*names), table("first", *names)), BASE))
    counted = counts(found)
    assert counted["indicator"] == {"added": 1, "removed": 0, "changed": 0, "moved": 0}
    assert counted["value"] == {"added": 1, "removed": 0, "changed": 0, "moved": 0}
    assert [change.label for change in found if change.state == "added"] == ["first", "first"]


SUBJECTS = st.sampled_from(
    [
        f"{BASE}statement/1/2025/2/{own}{part}"
        for own in ("t-a-1", "t-a-12", "t-a-1-2", "abc", "abc-2", "abc0")
        for part in ("", "/goal/year-1", "/indicator/1", "/indicator/1/target")
    ]
    + [f"{BASE}unit/1/2", f"{BASE}cube/unit/1/2/2025", f"{BASE}cube/unit/1/2/2025/base88-cost"]
)
FACTS = st.sets(st.tuples(SUBJECTS, st.sampled_from("abc"))).map(
    lambda facts: sorted(f'<{subject}> <http://x/p> "{text}" .\n' for subject, text in facts)
)


@given(FACTS, FACTS)
def test_every_thing_comes_once_with_all_its_lines(old: list[str], new: list[str]) -> None:
    """Whatever names sort between a whole and its parts, each whole comes once, and no line is lost or doubled."""
    found = list(compare(old, new))
    assert len({thing.iri for thing in found}) == len(found)
    for thing in found:
        for line in (*thing.old, *thing.new):
            own = line[1 : line.index(">")]
            assert own == thing.iri or ("/statement/" in own and own.startswith(f"{thing.iri}/"))
    assert sorted(line for thing in found for line in thing.old) == old
    assert sorted(line for thing in found for line in thing.new) == new
    changed = [line for line in patch(old, new) if line[0] in "AD"]
    assert sorted(changed) == sorted(
        [*(f"D {line}" for line in set(old) - set(new)), *(f"A {line}" for line in set(new) - set(old))]
    )


def test_memory_is_that_of_what_changed() -> None:
    """Comparing 20,000 tables of which one differs takes no more memory than comparing 200."""

    def facts(count: int, text: str) -> Iterator[str]:
        for number in range(count):
            value = text if number == count // 2 else "same"
            yield f'<{BASE}statement/1/2025/2/{number:06}/indicator/1> <{FP}name> "{value}" .\n'
            yield f'<{BASE}statement/1/2025/2/{number:06}> <{FP}projectName> "{value}" .\n'

    peaks = []
    for count in (200, 20_000):
        tracemalloc.start()
        found = list(changes(compare(facts(count, "old"), facts(count, "new")), BASE))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert [change.kind for change in found if change.state == "changed"] == ["statement"]
    assert peaks[1] < peaks[0] * 2


LOADING = """
import sys
from pathlib import Path
from fiscalkg.loader.lines import Facts
made = '<http://x/{:07}> <http://x/p{}> "text {:07} of some length, as facts have" .'
lines = (made.format(n // 10, n % 10, n) for n in range(int(sys.argv[2])))
folder = Path(sys.argv[1])
with (folder / "facts.nt").open("w") as file:
    file.writelines(line + "\\n" for line in lines)
Facts("x", folder / "facts.nt", folder).store()
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
# A process takes over the peak of the one it was begun by: so a small one begins what is measured.
MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def test_a_dump_of_any_size_is_loaded_in_the_same_memory(tmp_path: Path) -> None:
    """Four times as many facts take less than a third more memory of the process that loads them."""
    peaks = []
    for count in (300_000, 1_200_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        done = subprocess.run(  # our own program
            [sys.executable, "-c", LOADING, str(folder), str(count)], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout))
        asked = open_store(folder / "store")
        assert rows(asked, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")[0]["n"] == Literal(count)
    assert peaks[1] < peaks[0] * 4 / 3, peaks


def many(dump: Path, copies: int, target: Path) -> Path:
    """A dump with the tables and units of another as often as asked, each time under places of their own."""
    told = lines(dump)
    own = [line for line in told if line.startswith(f"<{BASE_IRI}")]
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(line for line in told if not line.startswith(f"<{BASE_IRI}"))
        for number in range(copies):
            file.writelines(PLACED.sub(rf"\g<1>{600000 + number}", line) for line in own)
    return target


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_the_memory_of_diff_is_that_of_what_changed(published: Path, tmp_path: Path) -> None:
    """Of dumps three times as large, with the same change, diff takes less than a quarter more; its queries 400 MiB."""
    peaks = []
    for copies in (4, 12):
        old = many(dump(published), copies, tmp_path / f"old-{copies}.nt.gz")
        new = tmp_path / f"new-{copies}.nt.gz"
        text = gzip.decompress(old.read_bytes()).decode()
        assert "≥1000人" in text
        new.write_bytes(gzip.compress(text.replace("≥1000人", "≥1200人", 1).encode(), 1))
        command = [Path(sys.executable).parent / "fiscalkg", "diff", old, new, "--memory-limit", "400"]
        measured = [sys.executable, "-c", MEASURED, *command]
        done = subprocess.run(measured, capture_output=True, encoding="utf-8", check=True)  # our own
        assert ("≥1200人" in done.stdout, "not compared" in done.stdout) == (True, False), done.stdout
        peaks.append(int(done.stderr.split()[-1]))
    assert peaks[1] < peaks[0] * 1.25, peaks


def test_a_query_that_needs_more_than_its_limit_is_named(pair: tuple[Path, Path], tmp_path: Path) -> None:
    """It costs itself: it is told as not compared, with the reason, and the others are compared."""
    queries = {query.name: query.text for query in canned_queries() if query.name == "budgets"}
    endless = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    stores = [open_release(folder).store for folder in pair]
    bounds = Bounds(jobs=2, seconds=2)
    found = list(compare_answers(stores[0], stores[1], {"endless": endless, **queries}, tmp_path, bounds))
    assert [(each.name, bool(each.fault)) for each in found] == [("endless", True), ("budgets", False)]
    assert "took longer than 2 s; give more with --time-limit" in found[0].fault
    assert found[1].old and found[1].new
    for language, word in (("zh", "没有比较（took longer"), ("en", "not compared (took longer")):
        assert f"? endless : {word}" in "".join(change_report(("a", "b"), [], found, {}, language))


def test_slices_that_differ_are_read_in_the_order_of_the_facts(tmp_path: Path) -> None:
    """Terms stand before the data and behind them: where one term came, the tables that also changed are changed."""
    sides = []
    for side, value, terms in (("old", "1", "a"), ("new", "2", "ab")):
        facts = [f'<http://a/first> <http://x/p> "{value}" .\n', *table(value)]
        facts += [f'<http://x/scheme/{term}> <http://x/p> "v" .\n' for term in terms]
        (tmp_path / f"{side}.nt").write_text("".join(facts), encoding="utf-8")
        write_slices(tmp_path / f"{side}.nt", tmp_path / side, BASE)
        sides.append(tmp_path / side)
    old, new = (list(lines_in(files)) for files in differing(*sides))
    assert (old, new) == (sorted(old), sorted(new))
    counted = counts(changes(compare(old, new), BASE))
    assert counted["statement"] == {"added": 0, "removed": 0, "changed": 1, "moved": 0}
    assert counted["other"] == {"added": 1, "removed": 0, "changed": 1, "moved": 0}

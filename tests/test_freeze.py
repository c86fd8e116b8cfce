"""The freezer: the same files however they are made, by one process or several, asked ahead or one by one."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from test_release import ended, in_session

from fiscalkg.endpoint import freeze as freezer
from fiscalkg.endpoint.copies import CopyError, in_copies
from fiscalkg.endpoint.freeze import Frozen, freeze
from fiscalkg.endpoint.in_memory import free_memory, has_room, in_memory
from fiscalkg.endpoint.kept import NAME, known_notes
from fiscalkg.endpoint.pages import all_paths
from fiscalkg.endpoint.pages.ahead import asked_ahead
from fiscalkg.endpoint.pages.asking import ask, node
from fiscalkg.endpoint.pages.history import PATHS
from fiscalkg.endpoint.pages.holes import dump_of, filled, left_open, place_among_peers, refilled
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.pages.shown import shown
from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.formats import Format
from fiscalkg.loader.origins import Origins
from fiscalkg.loader.portal import Portal
from fiscalkg.loader.publish import Settings, publish
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores import Store, answer_of
from fiscalkg.loader.stores.embedded import open_store

FP = "https://w3id.org/fiscalkg/ontology#"
EXAMPLES = Path(__file__).parent.parent / "examples"
STAYS, CHANGES = "000_a0eefc0601dc6091.txt", "001_6faa1905088193ec.txt"


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def without_history(files: dict[str, bytes]) -> dict[str, bytes]:
    """Files without those that publish writes beside what the freezer makes."""
    return {name: body for name, body in files.items() if name not in PATHS}


def test_processes_write_the_same_site(
    published: Path, edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether one process makes all pages or several make bundles of them, the files are the same, byte by byte."""
    monkeypatch.setattr(freezer, "FEW", 0)
    count = freeze(edition.store, open_release(published), tmp_path, jobs=2).files
    made, known = files_of(tmp_path), without_history(files_of((published / "site").resolve()))
    assert count > 1500
    assert made.keys() == known.keys()
    assert [name for name, body in made.items() if body != known[name]] == []


def test_processes_that_ask_the_disk_write_the_same_site(
    published: Path, edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So do those of a release that is too large for memory, each of which opens the store on disk."""
    monkeypatch.setattr(freezer, "FEW", 0)
    monkeypatch.setattr("fiscalkg.endpoint.in_memory.MOST", 0)
    freeze(edition.store, open_release(published), tmp_path, jobs=2)
    assert files_of(tmp_path) == without_history(files_of((published / "site").resolve()))


def test_processes_that_ask_the_disk_keep_the_same_pages(
    published: Path, edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They read what pages are made from in a file, and keep or note each page as one process does."""
    before = tmp_path / "before"
    shutil.copytree((published / "current").resolve(), before, ignore=shutil.ignore_patterns("site", "pages.jsonl"))
    release = replace(open_release(published), path=before)
    query = f"SELECT ?s WHERE {{ ?s a ?kind FILTER(?kind IN (<{FP}Statement>, <{FP}SourceDocument>)) }}"
    digests = {row["s"]: "0" for row in ask(edition.store, query)}
    monkeypatch.setattr(freezer, "FEW", 0)
    freeze(edition.store, release, tmp_path / "alone", Origins(digests), jobs=1)
    alone = (before / NAME).read_bytes()
    monkeypatch.setattr("fiscalkg.endpoint.in_memory.MOST", 0)
    first = freeze(edition.store, release, before / "site", Origins(digests), jobs=2)
    assert (before / NAME).read_bytes() == alone
    again = freeze(edition.store, release, tmp_path / "again", Origins(digests, before), jobs=2)
    assert 0 < again.made < first.made / 2
    assert (before / NAME).read_bytes() == alone
    assert files_of(tmp_path / "again") == files_of(before / "site") == files_of(tmp_path / "alone")


def test_a_page_that_cannot_be_made_is_named_by_processes_too(
    published: Path, edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong in a copy of this process comes out of it as it would here."""
    monkeypatch.setattr(freezer, "FEW", 0)
    listed = [*list(all_paths(edition))[:20], "unit/000000/none.html"]
    monkeypatch.setattr(freezer, "all_paths", lambda _: iter(listed))
    with pytest.raises(ReleaseError, match=r"unit/000000/none\.html"):
        freeze(edition.store, open_release(published), tmp_path, jobs=2)


@pytest.mark.parametrize("error", [None, MemoryError])
def test_where_copies_end_pages_are_made_from_the_disk(
    published: Path, edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None
) -> None:
    """A copy that is killed, or has too little memory, costs time and no page."""

    def end(*_: object) -> None:
        if error:
            raise error
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(freezer, "FEW", 0)
    monkeypatch.setattr(freezer, "write_pages", end)  # here and in copies; not in processes that begin anew
    freeze(edition.store, open_release(published), tmp_path, jobs=2)
    assert files_of(tmp_path) == without_history(files_of((published / "site").resolve()))


@pytest.mark.parametrize(
    ("number", "after"), [(signal.SIGKILL, 0.1), (signal.SIGTERM, 0.1), (signal.SIGINT, 0.1), (signal.SIGINT, 0)]
)
def test_pages_that_are_interrupted_leave_no_process(
    published: Path, tmp_path: Path, number: signal.Signals, after: float
) -> None:
    """However the process ends whose copies make pages, they end too, and have nothing to say of Ctrl-C."""
    script = (
        "import signal, sys, time; from pathlib import Path; from fiscalkg.endpoint import freeze\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs tests behind may have them ignore it\n"
        "from fiscalkg.loader.release import open_release; from fiscalkg.loader.stores.embedded import open_store\n"
        "freeze.FEW = 0; freeze.write_pages = lambda *_: time.sleep(100)  # in the copies: surely at work\n"
        "release = open_release(Path(sys.argv[1]))\n"
        "freeze.freeze(open_store(release.store), release, Path(sys.argv[2]), jobs=2)"
    )
    command = [sys.executable, "-c", script, published, tmp_path / "site"]
    made = subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True)
    until = time.monotonic() + 60
    while sum(in_session(path, made.pid) for path in Path("/proc").glob("[0-9]*/stat")) < 3:
        assert made.poll() is None, "all pages were made before the end"
        assert time.monotonic() < until
        time.sleep(0.01)
    time.sleep(after)
    (os.killpg if number == signal.SIGINT else os.kill)(made.pid, number)
    try:
        assert ended(made.pid), "processes go on"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(made.pid, signal.SIGKILL)
    told = made.communicate()[1]
    assert made.returncode == -number
    assert "Process" not in told


def test_a_copy_ends_at_its_deadline() -> None:
    """What hangs in a copy ends it, and is told."""
    assert list(in_copies(abs, [-1, -2, -3], 2, 60)) == [1, 2, 3]
    with pytest.raises(CopyError):
        list(in_copies(time.sleep, [0, 60], 2, 0.2))


@pytest.mark.parametrize(("kind", "names"), [
    ("Statement", ("statement", "findings")), ("Project", ("project",)), ("BudgetUnit", ("unit",)),
])  # fmt: skip
def test_what_is_asked_ahead_is_what_is_asked_alone(edition: Edition, kind: str, names: tuple[str, ...]) -> None:
    """For each entity its rows, in their order, and its properties; afterwards the edition has forgotten them."""
    text = f"SELECT ?iri WHERE {{ ?iri a <https://w3id.org/fiscalkg/ontology#{kind}> }} ORDER BY ?iri LIMIT 25"
    iris = [row["iri"] for row in ask(edition.store, text)]
    unknown = iris[0] + "-none"
    before = len(edition.answered)
    with asked_ahead(edition, [*iris, unknown]):
        for iri in [*iris, unknown]:
            for name in names:
                assert edition.answered[shown(edition, name, iri)] == ask(edition.store, shown(edition, name, iri))
            known = node(edition.store, iri)
            assert {name: sorted(held) for name, held in edition.nodes[iri].items()} == {
                name: sorted(held) for name, held in known.items()
            }
    assert iris
    assert len(edition.answered) == before
    assert not edition.nodes


def made(documents: Path, out: Path, portal: Portal) -> tuple[Release, Frozen]:
    """Publish with pages; what was frozen too."""
    found: list[Frozen] = []
    settings = Settings(portal=portal, bounds=Bounds(1))
    publish([documents], out, settings, lambda *given: found.append(freeze(*given)), lambda *_: None)
    return open_release(out), found[0]


def entities(release: Release) -> dict[str, bytes]:
    """The pages of tables, projects, units and sources, each without the release's name."""
    own = re.compile(r"(?:statement|project|unit|source)/.*\.html")
    found = files_of(release.site).items()
    return {name: body.replace(release.id.encode(), b"") for name, body in found if own.fullmatch(name)}


@pytest.mark.parametrize("most_files", [20_000, 100], ids=["pages", "sections"])
def test_only_what_changed_is_made_again(tmp_path: Path, most_files: int) -> None:
    """After a document has changed, no page of what stayed is made, and every file is that of a build from nothing.
    A page whose file is no longer as it was written is made, and so are all where nothing is known of them.
    """
    source, portal = tmp_path / "in", Portal(most_files=most_files)
    source.mkdir()
    for name in (STAYS, CHANGES):
        shutil.copy(EXAMPLES / name, source)
    old, first = made(source, tmp_path / "out", portal)
    assert first.made == first.files
    before = entities(old)
    text = (source / CHANGES).read_text(encoding="utf-8")
    (source / CHANGES).write_text(text.replace("≥1000人", "≥1200人"), encoding="utf-8")
    shutil.copytree(tmp_path / "out" / "cache", tmp_path / "fresh" / "cache")
    spoiled = old.site / next(name for name in before if name.startswith("project/"))
    spoiled.write_bytes(spoiled.read_bytes() + b"<!-- -->")
    new, again = made(source, tmp_path / "out", portal)
    fresh, whole = made(source, tmp_path / "fresh", portal)
    assert whole.made == whole.files == again.files
    assert files_of(new.site) == files_of(fresh.site)
    assert (new.path / NAME).read_bytes() == (fresh.path / NAME).read_bytes()
    stayed = [name for name, body in entities(new).items() if before.get(name) == body]
    assert len(stayed) > 3
    assert again.made <= again.files - len(stayed) + 1  # the spoiled one
    tables = [path for path in new.site.rglob("unit-*.csv") if (old.site / path.relative_to(new.site)).exists()]
    assert any(path.samefile(old.site / path.relative_to(new.site)) for path in tables)


def test_broken_notes_are_none(tmp_path: Path) -> None:
    """Where notes on pages are missing or cannot be read, nothing is known of a release and all is made."""
    assert known_notes(tmp_path) == {}
    for broken in ("[", "[1]\n", '["a", "b", "c", 1]\n'):
        (tmp_path / NAME).write_text(broken, encoding="utf-8")
        assert known_notes(tmp_path) == {}


def test_holes_are_filled_with_what_a_page_would_say(edition: Edition) -> None:
    """A hole is filled with what stands there on a page without holes, again in another release; other marks stay."""
    key, kind = "0" * 32, "https://w3id.org/fiscalkg/scheme/base88/satisfaction"
    opened = left_open(edition, key)

    def page(one: Edition) -> str:
        return f"a {one.identifier}{dump_of(one)} b {place_among_peers(one, kind, 'up', '0.9')} c"

    plain = page(edition).encode()
    assert "更严" in plain.decode()
    body, holes = filled(edition, page(opened).encode(), key)
    assert body == plain
    other = replace(edition, identifier="9", filled={})
    assert refilled(other, body, holes)[0] == page(other).encode()
    assert refilled(edition, *refilled(other, body, holes)) == (body, holes)
    assert filled(edition, page(opened).encode(), "1" * 32) == (page(opened).encode(), [])


def test_a_small_release_is_asked_in_memory(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read from its files is what the store on disk holds, graph by graph; a large one is left on disk."""
    release = open_release(published)
    found = in_memory(release)
    assert found
    counted = "SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph"
    named = "SELECT * WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER(!isBlank(?s) && !isBlank(?o)) }"
    on_disk = open_store(release.store)
    assert ask(found, counted) == ask(on_disk, counted)
    assert set(lines_of(found, named)) == set(lines_of(on_disk, named))
    monkeypatch.setattr("fiscalkg.endpoint.in_memory.MOST", release.info["counts"]["triples"] - 1)
    assert in_memory(release) is None


@pytest.mark.parametrize(("triples", "free", "held"), [
    (20_000, None, True), (20_000, 600 << 20, True), (20_000, 500 << 20, False), (3_000_000, 3 << 30, True),
    (3_000_000, 2 << 30, False), (5_000_000, 4 << 30, True), (5_000_001, 64 << 30, False),
])  # fmt: skip
def test_memory_is_chosen_where_there_is_room(triples: int, free: int | None, held: bool) -> None:
    """A release is held where it is not too large, and what is free takes it and the processes that ask it."""
    assert has_room(triples, free) is held


def test_free_memory_is_that_of_the_narrowest_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A control group's limit holds where it is less than the machine has; one without a limit changes nothing."""
    machine = free_memory()
    assert machine is not None
    monkeypatch.setattr("fiscalkg.endpoint.in_memory._groups", lambda: [tmp_path])
    for name, text in (("max", "1000\n"), ("current", "900\n"), ("stat", "anon 500\ninactive_file 300\n")):
        (tmp_path / f"memory.{name}").write_text(text)
    assert free_memory() == 400
    (tmp_path / "memory.max").write_text("max\n")
    assert (free_memory() or 0) > 400


def lines_of(store: Store, query: str) -> list[bytes]:
    """The rows of a query, each with its terms whole."""
    return answer_of(store, query, Format.tsv).splitlines()

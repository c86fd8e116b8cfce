"""A release as its readers meet it: whole, the same bytes every time, and the old one whatever happens to a build."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from fiscalkg.endpoint.pages.history import PATHS
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.release import open_release, staging, switch
from fiscalkg.loader.stores import rows
from fiscalkg.loader.stores.embedded import open_store

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
COMMAND = Path(sys.executable).parent / "fiscalkg"
SMALL = "000_a0eefc0601dc6091.txt"
OTHER = "003_1c3d2c2c6bd79ef7.txt"


def fiscalkg(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the installed command as a person would."""
    command = [COMMAND, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **options)


def sums(folder: Path) -> str:
    return (folder / "current" / "SHA256SUMS").read_text(encoding="utf-8")


def lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples published again: from another path, in another order, zone, locale and mood, by one process."""
    home = tmp_path_factory.mktemp("second")
    copies = [Path(shutil.copy(path, home)) for path in sorted(EXAMPLES.iterdir(), reverse=True)]
    for path in copies:
        os.utime(path, (0, 0))
    environment = {**os.environ, "TZ": "Asia/Shanghai", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    documents = [path for path in copies if path.suffix == ".txt"]
    done = fiscalkg("publish", *documents, "--out", home / "out", "--jobs", "1", env=environment, umask=0o077)
    assert done.returncode == 0, done.stderr
    return home / "out"


def test_the_same_documents_give_the_same_bytes(published: Path, second: Path) -> None:
    """Path, order, file times, zone, locale, hash seed, umask and number of processes change no byte and no id."""
    assert sums(second) == sums(published)
    assert open_release(second).path.name == open_release(published).path.name


def test_every_file_is_in_the_checksums_and_matches(published: Path) -> None:
    """SHA256SUMS names every file but those of the store, the history of the folder and itself, with its true sum."""
    release = open_release(published).path
    named = dict(reversed(line.split("  ", 1)) for line in sums(published).splitlines())
    there = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    beside = {"SHA256SUMS", *(f"site/{path}" for path in PATHS)}
    assert set(named) == {name for name in there if not name.startswith("store/")} - beside
    assert beside <= there
    assert all(hashlib.sha256((release / name).read_bytes()).hexdigest() == sha for name, sha in named.items())


def test_the_id_is_that_of_the_sorted_triples(published: Path) -> None:
    """The id ends in the SHA-256 of the N-Triples, which are sorted and hold no line twice."""
    release = open_release(published)
    facts = lines(release.path / "dumps" / "fiscalkg.nt.gz")
    assert facts == sorted(set(facts))
    assert release.id.endswith("-" + hashlib.sha256("".join(facts).encode()).hexdigest()[:8])
    assert len(facts) == release.info["counts"]["triples"]


def test_turtle_triples_and_store_say_the_same(published: Path) -> None:
    """Turtle dump, N-Triples dump and default graph of the store are one set of triples without blank nodes."""
    release = open_release(published)
    dumps = release.path / "dumps"
    turtle = {
        quad.triple for quad in parse(gzip.decompress((dumps / "fiscalkg.ttl.gz").read_bytes()), RdfFormat.TURTLE)
    }
    facts = gzip.decompress((dumps / "fiscalkg.nt.gz").read_bytes())
    assert turtle == {quad.triple for quad in parse(facts, RdfFormat.N_TRIPLES)}
    store = open_store(release.store)
    count = rows(store, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")[0]["n"].value
    blank = rows(store, "SELECT ?s WHERE { ?s ?p ?o FILTER(ISBLANK(?s) || ISBLANK(?o)) } LIMIT 1")
    assert (int(count), blank) == (len(turtle), [])


def test_turtle_reads_as_a_table_with_its_parts(published: Path) -> None:
    """Prefixes come first, sorted; after a statement come its own amounts, and indicator 2 before indicator 10."""
    text = "".join(lines(open_release(published).path / "dumps" / "fiscalkg.ttl.gz"))
    prefixes = [line for line in text.splitlines() if line.startswith("@prefix")]
    assert prefixes == sorted(prefixes)
    assert text.startswith("@base ")
    subjects = [line.split()[0][1:-1] for line in text.splitlines() if line.startswith("<statement/")]
    longest = max((name for name in subjects if name.endswith("/indicator/10")), key=len)
    whole = longest.removesuffix("/indicator/10")
    at = [subjects.index(whole + part) for part in ("", "/indicator/2", "/indicator/2/target", "/indicator/10")]
    assert at == sorted(at)
    assert all(name.startswith(whole) for name in subjects[at[0] : at[-1]])


def test_the_named_graphs_stand_beside_the_facts(published: Path) -> None:
    """Ontology, shapes, report and catalogue each have a graph of their own."""
    release = open_release(published)
    found = rows(open_store(release.store), "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")
    names = {"ontology", "shapes", "report", "catalogue"}
    assert {row["g"].value for row in found} == {f"{release.base}graph/{name}" for name in names}


def test_sources_are_the_documents_byte_for_byte(published: Path) -> None:
    """Each document of the release is kept under the first digits of its own SHA-256."""
    release = open_release(published)
    for document in release.info["documents"]:
        assert (release.path / document["source"]).read_bytes() == (EXAMPLES / document["name"]).read_bytes()
        assert document["sha256"].startswith(Path(document["source"]).stem)


def test_no_clock_and_no_machine_stand_in_a_release(published: Path) -> None:
    """Neither this year's date, nor the host, nor a path of this machine stands in a text of the release."""
    release = open_release(published).path
    told = [os.uname().nodename.encode() * (len(os.uname().nodename) > 4), str(ROOT).encode()]
    today = time.strftime("%Y-%m-%d").encode()
    files = [path for path in release.rglob("*") if path.is_file() and path.relative_to(release).parts[0] != "store"]
    for path in files:
        own = path.relative_to(release)
        if "ontology" in str(own) or own.relative_to(own.parts[0]).as_posix() in PATHS:
            continue  # says itself when it was last changed; tells of the folder, not of the release
        data = path.read_bytes()
        text = gzip.decompress(data) if path.suffix == ".gz" else data
        words = told if "speed" in own.parts else [*told, today]  # that page says when it was measured
        assert not [word for word in words if word and word in text], path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "out"
    done = fiscalkg("publish", EXAMPLES / SMALL, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def out(small: Path, tmp_path: Path) -> Path:
    """A folder of its own with a release of the smallest example."""
    return Path(shutil.copytree(small, tmp_path / "out", symlinks=True))


def rests(out: Path) -> list[str]:
    return [path.name for folder in (out, out / "releases") for path in folder.glob(".staging-*")]


def ended(session: int) -> bool:
    """Whether no process of a session is left after at most ten seconds."""
    until = time.monotonic() + 10
    while left := [path for path in Path("/proc").glob("[0-9]*/stat") if in_session(path, session)]:
        if time.monotonic() > until:
            return not left
        time.sleep(0.05)
    return True


def in_session(path: Path, session: int) -> bool:
    try:
        state, _, _, number = path.read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return False
    return number == str(session) and state != "Z"


def test_a_build_killed_at_any_moment_leaves_the_old_release(out: Path) -> None:
    """kill -9 at random moments of every stage: current still answers, and the next build cleans up and succeeds."""
    old = open_release(out)
    before = sums(out)
    chance = random.Random(7)
    for step in (0, 1, 3, 5, 8, 9, 99):  # lines of progress seen before the end: reading, writing, pages, switching
        shutil.rmtree(out / "cache", ignore_errors=True)  # where the last build ended before it made one
        build = subprocess.Popen(
            [COMMAND, "publish", EXAMPLES / OTHER, "--out", out],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert build.stderr is not None
        seen = sum(1 for _ in zip(range(step), build.stderr, strict=False))
        time.sleep(chance.uniform(0, 0.4))
        build.send_signal(signal.SIGKILL)
        build.wait()
        build.stderr.close()
        assert ended(build.pid), "processes of a killed build go on"
        now = open_release(out)
        assert len(rows(open_store(now.store), "SELECT ?s WHERE { ?s ?p ?o } LIMIT 1")) == 1
        if now.path == old.path:
            assert sums(out) == before
    assert seen > 9, "the last build was not to be killed before its end"
    assert fiscalkg("publish", EXAMPLES / OTHER, "--out", out).returncode == 0
    assert [document["name"] for document in open_release(out).info["documents"]] == [OTHER]
    assert (old.path / "store").is_dir()
    assert rests(out) == []


def test_a_build_that_fails_leaves_the_old_release_and_no_rest(out: Path) -> None:
    """An exception inside the block changes nothing and leaves no folder behind."""
    old = open_release(out)
    with pytest.raises(RuntimeError), staging(out) as stage:
        (stage.path / "half").write_text("made")
        raise RuntimeError
    assert open_release(out).path == old.path
    assert rests(out) == []


def test_a_full_disk_is_said_in_one_line(out: Path) -> None:
    """Errors of the file system name the place and say that the old release stands."""
    with pytest.raises(ReleaseError, match=r"no space left.*the old release stands"), staging(out):
        raise OSError(28, "No space left on device", "dumps/fiscalkg.nt.gz")
    assert open_release(out).info["counts"]["documents"] == 1


@pytest.mark.parametrize("most", [2_000, 60_000, 250_000, 700_000])
def test_a_file_that_cannot_grow_leaves_the_old_release(out: Path, most: int) -> None:
    """A disk that takes no more at any point of a build: one line, exit 2, the old release, nothing half-made."""
    old = open_release(out)
    script = (
        "import resource, sys; from fiscalkg.endpoint.cli import main\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\nmain(sys.argv[1:])"
    )
    command = [sys.executable, "-c", script, "publish", EXAMPLES, "--out", out, "--jobs", "1"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("fiscalkg: ")]
    assert len(told) == 1
    assert "fault of the program" not in told[0]
    assert "Traceback" not in done.stderr
    assert open_release(out).path == old.path
    assert rests(out) == []


MOUNTED = {
    "full": "mount -t tmpfs -o size={room}k none {out} && cp -a {small}/. {out}",
    "read-only": "cp -a {small}/. {out} && mount --bind {out} {out} && mount -o remount,ro,bind {out}",
}


@pytest.mark.parametrize(("kind", "told"), [("full", "no space left"), ("read-only", "Read-only file system")])
def test_a_disk_full_or_mounted_read_only_leaves_the_old_release(
    kind: str, told: str, small: Path, tmp_path: Path
) -> None:
    """On such a file system: one line with its reason, exit 2, and the old release, whole by its own checksums."""
    if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", tmp_path], check=False).returncode:
        pytest.skip("mounting a file system takes root and a namespace of mounts, which this machine does not give")
    out = tmp_path / "out"
    out.mkdir()
    size = sum(path.stat().st_size + 4096 for path in small.rglob("*") if not path.is_symlink()) // 1024
    command = [
        sys.executable,
        "-c",
        "from fiscalkg.endpoint.cli import main; main()",
        "publish",
        EXAMPLES,
        "--out",
        out,
    ]
    script = (
        MOUNTED[kind].format(room=size + 3_000, out=out, small=small)
        + f" || exit 99\n{shlex.join(map(str, command))}\necho status $?\n"
        f"cd {out}/current/ && sha256sum --quiet -c SHA256SUMS && basename $(pwd -P) && ls -A {out}/releases"
    )
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, encoding="utf-8", check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("fiscalkg: ")]
    assert len(lines) == 1 and told in lines[0] and "the old release stands" in lines[0], done.stderr
    assert "Traceback" not in done.stderr
    status, name, *kept = done.stdout.splitlines()
    assert (status, name) == ("status 2", open_release(small).path.name)
    assert {each for each in kept if not each.startswith(".lock")} == {name}


def test_a_folder_that_may_not_be_written_is_said(small: Path) -> None:
    """Without permission to write: one line that says so, exit 2, and the release that stands there is untouched."""
    script = (
        "import os, sys, fiscalkg.endpoint.commands.cli\n"  # while the interpreter's own folder may be read
        "from fiscalkg.endpoint.cli import main; from fiscalkg.loader.shards import code_version\n"
        "code_version()\nif os.geteuid() == 0:\n    os.seteuid(65534)\nmain(sys.argv[1:])"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(small, Path(name) / "out", symlinks=True))
        for path in (Path(name), folder, folder / "releases", *folder.glob("releases/.lock")):
            path.chmod(0o555)
        try:
            command = [sys.executable, "-c", script, "publish", EXAMPLES / SMALL, "--out", folder]
            done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        finally:
            for path in (Path(name), folder, folder / "releases"):
                path.chmod(0o755)
        assert (done.returncode, done.stderr.count("fiscalkg: ")) == (2, 1), done.stderr
        assert re.search(r"cannot be written \(Permission denied\).*the old release stands", done.stderr), done.stderr
        assert open_release(folder).id == open_release(small).id


def test_one_build_at_a_time(out: Path) -> None:
    """A second publish into the same folder is refused while the first is at work."""
    with staging(out):
        done = fiscalkg("publish", EXAMPLES / SMALL, "--out", out)
    assert done.returncode == 2
    assert "another publish is at work" in done.stderr


def test_a_reader_sees_the_old_release_or_the_new_one(out: Path) -> None:
    """While two releases take turns, whoever opens the folder finds files that belong together."""
    wrong: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.wait(0.02):  # of a core that the builds need too
            release = open_release(out)
            info = json.loads((release.path / "release.json").read_text(encoding="utf-8"))
            facts = (release.path / "dumps" / "fiscalkg.nt.gz").read_bytes()
            digest = hashlib.sha256(gzip.decompress(facts)).hexdigest()[:8]
            if info["id"] != release.id or not release.id.endswith(digest):
                wrong.append(release.id)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for name in (OTHER, SMALL, OTHER):
            assert fiscalkg("publish", EXAMPLES / name, "--out", out).returncode == 0
    finally:
        stop.set()
        reader.join()
    assert not wrong
    assert [document["name"] for document in open_release(out).info["documents"]] == [OTHER]


def test_other_pages_of_the_same_data_do_not_replace_a_release(out: Path) -> None:
    """A release of the same id with other files stands beside the first, whose readers keep what they read."""
    old = open_release(out)
    with staging(out) as stage:
        shutil.copytree(old.path, stage.path, dirs_exist_ok=True)
        (stage.path / "SHA256SUMS").write_text("newer pages\n")
        place = switch(stage, old.id)
    assert place.name == f"{old.id}-2"
    assert old.path.is_dir()
    assert open_release(out).path == place


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    """A real folder called site or current is never touched."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.html").write_text("mine")
    done = fiscalkg("publish", EXAMPLES / SMALL, "--out", tmp_path)
    assert done.returncode == 2
    assert "site: stands where a link" in done.stderr
    assert (tmp_path / "site" / "mine.html").read_text() == "mine"


def test_no_release_is_said_with_advice(tmp_path: Path) -> None:
    """Opening an empty folder says how to make a release."""
    with pytest.raises(ReleaseError, match="fiscalkg publish"):
        open_release(tmp_path)

"""Documents as they come: encodings, damaged files, duplicates, collisions, processes that die."""

from __future__ import annotations

import json
import os
import shutil
from importlib import import_module
from pathlib import Path

import pytest

from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.collisions import renamed
from fiscalkg.loader.contents import Contents
from fiscalkg.loader.errors import DocumentError, ManifestError, ReleaseError
from fiscalkg.loader.findings import finding_from_json, finding_line, finding_to_json
from fiscalkg.loader.manifest import find_documents, read_manifest
from fiscalkg.loader.portal import Portal
from fiscalkg.loader.publish import Settings, gather
from fiscalkg.loader.shards import lines_of, read_shard

EXAMPLES = Path(__file__).parent.parent / "examples"
SMALL = EXAMPLES / "000_a0eefc0601dc6091.txt"
MIDDLE = EXAMPLES / "001_6faa1905088193ec.txt"


def silent(stage: str, done: int, total: int, statements: int = 0, /) -> None:
    """Progress that nobody watches."""


def read(paths: list[Path], cache: Path, jobs: int = 1) -> Contents:
    return gather(paths, cache, Settings(bounds=Bounds(jobs)), silent)


def statements(contents: Contents) -> list[dict[str, object]]:
    """The interchange form of all statements, without the name of the document."""
    lines = (line for shard in contents.shards for line in lines_of(shard, "statements"))
    return [{**json.loads(line), "document": None} for line in lines]


def codes(contents: Contents, document: str) -> set[str]:
    return {finding.code for finding in contents.all_findings() if finding.document == document}


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("gb18030", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16", b""), ("utf-16-le", b""), ("utf-16-be", b"")],
)
def test_any_encoding_gives_the_same_statements(tmp_path: Path, encoding: str, mark: bytes) -> None:
    """A document in GB18030, UTF-16 or with a byte order mark says what it says in UTF-8."""
    copy = tmp_path / "copy.txt"
    copy.write_bytes(mark + MIDDLE.read_bytes().decode("utf-8").encode(encoding))
    known, other = read([MIDDLE], tmp_path / "a"), read([copy], tmp_path / "b")
    assert statements(other) == statements(known)
    assert len(statements(other)) == 12


def bad_files(folder: Path) -> dict[str, str]:
    """Files that are no tables, and the code of the finding that must name each."""
    whole = MIDDLE.read_bytes()
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 100)
    (folder / "report.pdf").write_bytes(b"%PDF-1.7 " + os.urandom(500))
    (folder / "letter.txt").write_text("关于召开会议的通知\n各单位:请准时参加。\n", encoding="utf-8")
    (folder / "truncated.txt").write_bytes(whole[: whole.rindex("产出指标".encode()) + 12])
    (folder / "pipe.txt").unlink(missing_ok=True)
    os.mkfifo(folder / "pipe.txt")
    (folder / "dangling.txt").symlink_to("nowhere.txt")
    return {
        "empty.txt": "R-NO-TABLE",
        "binary.txt": "R-DOCUMENT-UNREADABLE",
        "report.pdf": "R-DOCUMENT-UNREADABLE",
        "letter.txt": "R-NO-TABLE",
        "truncated.txt": "R-TRUNCATED",
        "pipe.txt": "R-DOCUMENT-UNREADABLE",
        "dangling.txt": "R-DOCUMENT-UNREADABLE",
    }


def test_each_bad_file_is_named_and_costs_only_itself(tmp_path: Path) -> None:
    """Every file that is no table gets a finding with its name; the good one is read whole."""
    folder = tmp_path / "in"
    folder.mkdir()
    expected = bad_files(folder)
    shutil.copy(SMALL, folder)
    contents = read([folder], tmp_path / "cache", jobs=2)
    assert {name: code for name, code in expected.items() if code not in codes(contents, name)} == {}
    assert len(next(s for s in contents.shards if s.document.name == SMALL.name).statements) == 4


def test_what_was_read_of_a_table_that_breaks_off_is_kept(tmp_path: Path) -> None:
    """A document cut in its last table keeps its other tables and says at which line it breaks off."""
    whole = MIDDLE.read_bytes()
    (tmp_path / "cut.txt").write_bytes(whole[: whole.rindex("产出指标".encode()) + 12])
    contents = read([tmp_path / "cut.txt"], tmp_path / "cache")
    assert len(statements(contents)) >= 11
    cut = [finding for finding in contents.all_findings() if finding.code == "R-TRUNCATED"]
    assert [finding.place is not None for finding in cut] == [True]


def test_the_same_bytes_are_read_once(tmp_path: Path) -> None:
    """Two files of the same content are one document; the second is named, and no statement is doubled."""
    for name in ("a.txt", "b.txt"):
        shutil.copy(SMALL, tmp_path / name)
    contents = read([tmp_path / "b.txt", tmp_path / "a.txt"], tmp_path / "cache")
    assert [shard.document.name for shard in contents.shards] == ["a.txt"]
    assert codes(contents, "b.txt") == {"R-DOCUMENT-REPEATED"}


def test_tables_of_one_name_in_two_documents_stay_two(tmp_path: Path) -> None:
    """Later statements of the same IRI get a suffix in every line, a finding, and stay sorted."""
    (tmp_path / "a.txt").write_bytes(SMALL.read_bytes())
    (tmp_path / "b.txt").write_bytes(SMALL.read_bytes() + b"\n")
    contents = read([tmp_path], tmp_path / "cache")
    first, second = (list(lines) for lines in contents.lines("facts"))
    subjects = [{line.split(" ")[0] for line in part if "/statement/" in line} for part in (first, second)]
    named = [{name for name in part if name.startswith("<") and "/statement/" in name} for part in subjects]
    assert not named[0] & named[1]
    assert len(named[0]) == len(named[1]) > 50
    assert second == sorted(second)
    repeated = [finding for finding in contents.all_findings() if finding.code == "R-STATEMENT-REPEATED"]
    assert {(finding.document, finding.statement) for finding in repeated} == {("b.txt", n) for n in (1, 2, 3, 4)}
    assert all(finding.focus and finding.focus.endswith("-2") for finding in repeated)


def test_renaming_touches_iris_and_no_text() -> None:
    """A literal that spells an IRI stays as printed."""
    old = "http://e/statement/1/2/3/a"
    line = f'<{old}> <http://e/p> "see <{old}>" .\n'
    assert list(renamed([line], {old: old + "-2"})) == [f'<{old}-2> <http://e/p> "see <{old}>" .\n']
    other = f"<{old}b> <http://e/p> <{old}/goal/1> .\n"
    assert list(renamed([other], {old: old + "-2"})) == [f"<{old}b> <http://e/p> <{old}-2/goal/1> .\n"]


def test_an_unchanged_document_is_not_read_again(tmp_path: Path) -> None:
    """The second run takes the shard as it stands; another base IRI or a damaged shard makes a new one."""
    shard = read([SMALL], tmp_path).shards[0]
    stamp = shard.path.stat().st_mtime_ns
    assert read([SMALL], tmp_path).shards[0] == shard
    assert shard.path.stat().st_mtime_ns == stamp
    other = gather([SMALL], tmp_path, Settings(Portal(base="http://e/"), bounds=Bounds(1)), silent).shards[0]
    assert other.path != shard.path
    whole = shard.path.read_bytes()
    for damaged in (b"damaged", whole[:-9], whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], b""):
        shard.path.write_bytes(damaged)
        assert read_shard(shard.path) is None
        assert read([SMALL], tmp_path).shards[0] == shard
        assert shard.path.read_bytes() == whole


ILL_BEHAVED = """import os

def double(number):
    if number == 13:
        os._exit(1)
    if number == 14:
        raise ValueError("fourteen")
    return number * 2
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_that_ends_its_worker_costs_only_itself(
    workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 400 jobs one ends its process and one fails; both are named, all others are done, in order."""
    (tmp_path / f"ill_behaved_{workers}.py").write_text(ILL_BEHAVED)
    monkeypatch.syspath_prepend(tmp_path)  # workers import what they run
    double = import_module(f"ill_behaved_{workers}").double
    done = list(run_all(double, list(range(400)), Bounds(workers)))
    assert [task for task, _ in done] == list(range(400))
    failed = {task: str(result) for task, result in done if isinstance(result, DocumentError)}
    assert set(failed) == {13, 14}
    assert "ended its process" in failed[13]
    assert "ValueError: fourteen" in failed[14]
    assert [result for task, result in done if task not in failed] == [n * 2 for n in range(400) if n not in failed]


def test_findings_survive_the_road_through_json(tmp_path: Path) -> None:
    """Every finding of the examples is the same after JSON, and one line for people in both languages."""
    findings = list(read([EXAMPLES], tmp_path, jobs=2).all_findings())
    assert len(findings) > 100
    for finding in findings:
        assert finding_from_json(json.loads(json.dumps(finding_to_json(finding)))) == finding
        assert "\n" not in finding_line(finding, "zh") + finding_line(finding, "en")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[document]]\nfile = 'a.txt'\nplaec = '120000'", "unknown key 'plaec'"),
        ("[[document]]\ntitle = 'x'", "no file is named"),
        ("[[document]]\nfile = 'a.txt'\nplace = '12'", "place = '12' is not six digits"),
        ("[[document]]\nfile = 'a.txt'\nyear = 25", "year = '25' is not a year"),
        ("[[document]]\nfile = '../a.txt'", "outside the manifest's folder"),
        ("[[document]]\nfile = 'a.txt'\n[[document]]\nfile = 'a.txt'", "described twice"),
        ("[document]\nfile = 'a.txt'", "two brackets"),
        ("documents = 3", "unknown table 'documents'"),
        ("[[document]\n", "cannot be read as TOML"),
        ("[[document]]\nfile = 'a.txt'\ntitle = ''", "leave out what is unknown"),
    ],
)
def test_a_wrong_manifest_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    """The error names the manifest, the document and the key, in one line."""
    path = tmp_path / "manifest.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError) as caught:
        read_manifest(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_manifest_says_what_is_known_of_files_below_it(tmp_path: Path) -> None:
    """Years and dates may be TOML's own; files in folders are described by path; a missing file is found too."""
    text = (
        "[[document]]\nfile = 'sub/a.txt'\nyear = 2025\ndate = 2025-03-01\nplace = 120000\n"
        "[[document]]\nfile = 'gone.txt'\n"
    )
    (tmp_path / "manifest.toml").write_text(text, encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    entries = {entry.path.name: entry for entry in find_documents([tmp_path])}
    assert set(entries) == {"a.txt", "gone.txt"}
    assert (entries["a.txt"].year, entries["a.txt"].date, entries["a.txt"].place) == ("2025", "2025-03-01", "120000")
    with pytest.raises(ReleaseError, match=r"no document could be read.*gone\.txt: does not exist"):
        read([tmp_path / "gone.txt"], tmp_path / "cache")

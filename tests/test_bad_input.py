"""Bad input beside good: each file is named with what is wrong with it, and the rest is published."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import hostile
import pytest

from fiscalkg.loader.release import open_release

COMMAND = Path(sys.executable).parent / "fiscalkg"
FILES = {
    "truncated.docx": (lambda: hostile.word_file()[:9000], "R-DOCUMENT-UNREADABLE", "cut off or damaged"),
    "truncated.xlsx": (lambda: hostile.sheet_file()[:2000], "R-DOCUMENT-UNREADABLE", "cut off or damaged"),
    "truncated.pdf": (lambda: hostile.pdf_file()[:300], "R-DOCUMENT-UNREADABLE", "PDF"),
    "truncated.zip": (lambda: hostile.archive({"a.txt": hostile.GOOD})[:800], "R-DOCUMENT-UNREADABLE", "damaged"),
    "truncated.txt": (
        lambda: hostile.GOOD[: hostile.GOOD.index("绩效指标描述".encode()) + 4], "R-TRUNCATED", "",
    ),
    "locked.docx": (hostile.locked_office_file, "R-DOCUMENT-UNREADABLE", "password"),
    "locked.xlsx": (lambda: hostile.locked_office_file() + bytes(512), "R-DOCUMENT-UNREADABLE", "password"),
    "locked.pdf": (lambda: hostile.pdf_file(locked=True), "R-DOCUMENT-UNREADABLE", "password"),
    "bomb.docx": (
        lambda: hostile.with_part(hostile.word_file(), hostile.WORD, bytes(64 << 20)),
        "R-DOCUMENT-UNREADABLE", "zip bomb",
    ),
    "bomb.xlsx": (
        lambda: hostile.with_part(hostile.sheet_file(), hostile.SHEET, bytes(64 << 20)),
        "R-DOCUMENT-UNREADABLE", "zip bomb",
    ),
    "external.docx": (
        lambda: hostile.with_entities(hostile.word_file(), hostile.WORD, "external", "e"),
        "R-DOCUMENT-UNREADABLE", "document type",
    ),
    "laughs.docx": (
        lambda: hostile.with_entities(hostile.word_file(), hostile.WORD, "laughs", "l9"),
        "R-DOCUMENT-UNREADABLE", "document.xml",
    ),
    "laughs.xlsx": (
        lambda: hostile.with_entities(hostile.sheet_file(), hostile.SHEET, "laughs", "l9"),
        "R-DOCUMENT-UNREADABLE", "",
    ),
    "crowded.pdf": (hostile.crowded_pdf, "R-DOCUMENT-UNREADABLE", "more characters than any page"),
    "contradicting.docx": (hostile.contradicting_word_file, "R-GRID-CONTRADICTS", ""),
    "really-text.docx": (lambda: hostile.GOOD + b"\n", "R-EXTENSION", "read as what it is"),
    "really-word.xls": (hostile.word_file, "R-EXTENSION", "read as what it is"),
    "picture.pdf": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "R-DOCUMENT-UNREADABLE", "PNG"),
    "mixed.txt": (
        lambda: hostile.GOOD + hostile.GOOD.decode().encode("gb18030"), "R-DOCUMENT-UNREADABLE", "not text",
    ),
    "nul.txt": (lambda: hostile.GOOD[:400] + b"\0" + hostile.GOOD[400:], "R-DOCUMENT-UNREADABLE", "not text"),
    "private.txt": (lambda: ("\ue000\uf8ff" * 400 + hostile.GOOD.decode()).encode(), "R-DOCUMENT-UNREADABLE", ""),
    "no-head.html": (
        lambda: hostile.form_page(hostile.form(1)[:3] + hostile.form(1)[4:]), "R-LEFTOVER", "belongs to no field"
    ),
    "half-row.html": (
        lambda: hostile.form_page([*hostile.form(2)[:4], ["产出指标", "数量指标"]]), "R-TRUNCATED", "breaks off"
    ),
    "unlabelled.html": (
        lambda: hostile.form_page([["产出", "数量", "场次", "≥3场"], ["效益", "社会", "满意度", "≥90%"]]),
        "R-FORM-UNKNOWN", "",
    ),
}  # fmt: skip
ARCHIVE = {"内/好.txt": hostile.GOOD + b"\n\n", "../out.txt": b"x", "bomb.txt": bytes(64 << 20), "~$a.docx": b"x"}


def publish(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, "publish", *arguments], capture_output=True, encoding="utf-8", check=False)


def findings_of(out: Path) -> dict[str, list[dict[str, Any]]]:
    """The findings of a release, by document."""
    found: dict[str, list[dict[str, Any]]] = {}
    lines = (out / "current" / "reports" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    for finding in map(json.loads, lines):
        found.setdefault(finding["document"], []).append(finding)
    return found


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was published of a folder with every bad file, a bad archive, a locked one, and one good file."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "in").mkdir()
    for name, (make, _, _) in FILES.items():
        (folder / "in" / name).write_bytes(make())
    (folder / "in" / "archive.zip").write_bytes(hostile.archive(ARCHIVE))
    (folder / "in" / "locked.zip").write_bytes(hostile.locked_archive())
    (folder / "in" / "two.html").write_bytes(hostile.form_page(hostile.form(3) + hostile.form(4)))
    (folder / "in" / "good.txt").write_bytes(hostile.GOOD)
    done = publish(folder / "in", "--out", folder / "out")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return folder / "out"


@pytest.mark.parametrize("name", FILES)
def test_each_bad_file_is_named_with_what_is_wrong(release: Path, name: str) -> None:
    """The finding has the code and says what it is, in both languages, in one line."""
    _, code, word = FILES[name]
    found = findings_of(release).get(name, [])
    assert code in {finding["code"] for finding in found}
    told = next(finding for finding in found if finding["code"] == code)
    assert word in told["message_en"]
    assert told["message_zh"]
    assert "\n" not in told["message_en"] + told["message_zh"]


def test_the_rest_is_published(release: Path) -> None:
    """The good file, the good member of a bad archive, and text named docx are in the release, whole."""
    documents = {line["document"] for line in map(json.loads, _lines(release))}
    assert {"good.txt", "archive.zip/内/好.txt", "really-text.docx"} <= documents
    assert open_release(release).info["counts"]["statements"] >= 12


def test_two_projects_in_one_table_are_two(release: Path) -> None:
    """A table that goes on with a second project's form gives both, each with its own indicators."""
    found = [line for line in map(json.loads, _lines(release)) if line["document"] == "two.html"]
    assert [line["project_name"] for line in found] == ["项目3", "项目4"]
    assert [[row["name"] for row in line["indicators"]] for line in found] == [["场次3", "满意度"], ["场次4", "满意度"]]


def _lines(out: Path) -> list[str]:
    packed = (out / "current" / "tables" / "statements.jsonl.gz").read_bytes()
    return gzip.decompress(packed).decode().splitlines()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("archive.zip/../out.txt", "outside its archive"),
        ("archive.zip/bomb.txt", "zip bomb"),
        ("locked.zip/表.txt", "password"),
    ],
)
def test_a_bad_member_of_an_archive_is_named(release: Path, name: str, word: str) -> None:
    """A member that leads outside, a bomb and a locked one each cost only themselves."""
    (finding,) = findings_of(release)[name]
    assert finding["code"] == "R-DOCUMENT-UNREADABLE"
    assert word in finding["message_en"]


def test_nothing_of_this_machine_is_in_the_release(release: Path) -> None:
    """An external entity brings no file of the machine into any text that is published."""
    assert not [path for path in release.rglob("*") if path.is_file() and b"root:x:0" in path.read_bytes()]


def test_a_document_that_takes_too_long_or_too_much_costs_only_itself(tmp_path: Path) -> None:
    """With small limits a huge text is ended for time, another for memory, and the good one is published; exit 1."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_bytes(hostile.GOOD)
    (folder / "long.txt").write_bytes(hostile.LARGE * 60)
    slow = publish(folder, "--out", tmp_path / "slow", "--time-limit", "6", "--jobs", "1")
    assert slow.returncode == 1
    assert "long.txt: violation R-DOCUMENT-UNREADABLE: " in slow.stderr
    assert "longer than 6 s" in slow.stderr
    (folder / "long.txt").write_bytes("\t值\n".encode() * 4_000_000)
    hungry = publish(folder, "--out", tmp_path / "hungry", "--memory-limit", "400", "--jobs", "1")
    assert hungry.returncode == 1
    assert "more than 400 MiB" in hungry.stderr
    assert {open_release(tmp_path / out).info["counts"]["statements"] for out in ("slow", "hungry")} == {4}

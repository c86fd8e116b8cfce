"""fiscalkg publish: the summary, progress, exit codes, and bad files beside good ones."""

from __future__ import annotations

import gzip
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import hostile

from fiscalkg.loader.release import open_release

EXAMPLES = Path(__file__).parent.parent / "examples"
SMALL = EXAMPLES / "000_a0eefc0601dc6091.txt"
COMMAND = Path(sys.executable).parent / "fiscalkg"


def publish(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, "publish", *arguments], capture_output=True, encoding="utf-8", check=False)


def test_the_summary_says_what_was_done(tmp_path: Path) -> None:
    """Documents, statements, indicators, triples, findings by severity and seconds; progress goes elsewhere."""
    done = publish(EXAMPLES, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    counts = open_release(tmp_path / "out").info["counts"]
    assert (told["documents"], told["statements"]) == ("5", "134")
    assert (int(told["indicators"]), int(told["triples"])) == (counts["indicators"], counts["triples"])
    assert re.fullmatch(r"\d+ violation, \d+ warning, \d+ info", told["findings"])
    assert float(told["seconds"]) > 0
    assert "reading documents: 5 of 5" in done.stderr


def test_bad_files_are_named_and_the_others_published(tmp_path: Path) -> None:
    """Exit 1; each bad file on standard error and in release.json; the good one is in the release."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_bytes(SMALL.read_bytes())
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "gone.txt").symlink_to("nowhere.txt")
    done = publish(folder, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "1 (2 not wholly read)" in done.stdout
    assert {
        name
        for name in ("binary.txt", "gone.txt")
        if f"fiscalkg: {name}: violation R-DOCUMENT-UNREADABLE" in done.stderr
    } == {
        "binary.txt",
        "gone.txt",
    }
    info = open_release(tmp_path / "out").info
    assert sorted(info["left_out"]) == ["binary.txt", "gone.txt"]
    assert info["counts"]["statements"] == 4
    assert info["counts"]["findings"]["violation"] >= 2


def test_a_deleted_document_disappears(tmp_path: Path) -> None:
    """Published again without it, no current file of the release names the document, its unit or its project."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "kept.txt").write_bytes(SMALL.read_bytes())
    page = hostile.form_page([["项目名称", "销号项目"], ["主管部门", "销号局"], ["实施单位", "销号所"]])
    (folder / "gone.html").write_bytes(page)
    assert publish(folder, "--out", out).returncode in {0, 1}
    assert files_with(open_release(out).path, "销号", "gone.html")
    (folder / "gone.html").unlink()
    assert publish(folder, "--out", out).returncode == 0
    assert open_release(out).info["counts"]["statements"] == 4
    assert files_with(open_release(out).path, "销号", "gone.html") == []


def files_with(folder: Path, *words: str) -> list[str]:
    """Return the files below a folder that hold one of the words, compressed ones too."""
    found: list[str] = []
    for path in filter(Path.is_file, folder.rglob("*")):
        content = path.read_bytes()
        text = gzip.decompress(content) if path.suffix == ".gz" else content
        found += [path.name] if any(word.encode() in text for word in words) else []
    return found


def test_the_exit_code_speaks_of_what_is_no_table_or_breaks_off(tmp_path: Path) -> None:
    """An empty file, another kind of table, and one cut inside a character give exit 1 and a line each, by name."""
    folder = tmp_path / "in"
    folder.mkdir()
    data = SMALL.read_bytes()
    cut = data.index("绩效指标描述".encode()) + 4
    (folder / "good.txt").write_bytes(data)
    (folder / "empty.txt").write_bytes(b"")
    (folder / "other.txt").write_text("部门整体支出绩效自评表\n", encoding="utf-8")
    (folder / "cut.txt").write_bytes(data[:cut])
    done = publish(folder, "--out", tmp_path / "out")
    assert done.returncode == 1
    for name, code in (("empty.txt", "R-NO-TABLE"), ("other.txt", "R-OTHER-KIND"), ("cut.txt", "R-TRUNCATED")):
        assert re.search(rf"^fiscalkg: {name}\b.* {code}: ", done.stderr, re.MULTILINE), (name, done.stderr)
    assert open_release(tmp_path / "out").info["counts"]["statements"] == 5


AS_NOBODY = """import os, sys
from pathlib import Path
from fiscalkg.loader.manifest import find_documents
from fiscalkg.loader.pipeline import jobs_of
from fiscalkg.loader.shards import code_version

code_version()  # reads the code, which may lie in a home that nobody else may enter
if os.geteuid() == 0:  # root reads everything
    os.seteuid(65534)
jobs, findings = jobs_of(find_documents([Path(sys.argv[1])]), Path("cache"), "http://e/", None)
print([job.entry.path.name for job in jobs], [finding.message_en for finding in findings])
"""


def test_a_file_without_permission_is_named() -> None:
    """What may not be read is named with the reason; the file beside it is read."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for file, mode in (("good.txt", 0o644), ("closed.txt", 0)):
            (folder / file).write_bytes(SMALL.read_bytes() + file.encode())
            (folder / file).chmod(mode)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, folder], capture_output=True, encoding="utf-8", check=True
        )
    assert "['good.txt']" in done.stdout
    assert "closed.txt: cannot be read (Permission denied)" in done.stdout


def test_a_bar_is_drawn_on_a_terminal(tmp_path: Path) -> None:
    """With a terminal as standard error the stages are bars, not lines."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [COMMAND, "publish", SMALL, "--out", tmp_path / "out"], stdout=subprocess.PIPE, stderr=slave
    ) as build:
        os.close(slave)
        shown = bytearray()
        while piece := _read(master):
            shown += piece
        build.wait()
    os.close(master)
    assert build.returncode == 0
    assert "━".encode() in shown
    assert b"reading documents: " not in shown


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # how a terminal says that its other side is closed
        return b""

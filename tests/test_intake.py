"""Folders and archives into documents: names, nesting, duplicates, manifests, what is no document, old Word files."""

from __future__ import annotations

import io
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import hostile
import pytest

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.manifest import find_documents
from fiscalkg.loader.pipeline import extract, jobs_of
from fiscalkg.loader.readers.recognise import DOC, DOCX, HTML, PDF, TEXT, XLSX, ZIP, recognise


def names(folder: Path) -> list[str]:
    return [entry.name for entry in find_documents([folder])]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (hostile.word_file, DOCX),
        (hostile.sheet_file, XLSX),
        (hostile.pdf_file, PDF),
        (lambda: hostile.form_page([["a"]]), HTML),
        (lambda: hostile.GOOD, TEXT),
        (lambda: hostile.archive({"a.txt": b"x"}), ZIP),
    ],
)
@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a"])
def test_a_file_is_known_by_what_it_holds(make: object, kind: str, name: str) -> None:
    """Whatever its name says, each kind of file is recognised."""
    assert recognise(make(), name) == kind  # type: ignore[operator]  # a function of no arguments


def test_an_archive_stands_for_its_documents(tmp_path: Path) -> None:
    """Inner archives are opened one deep; hidden files, lock files and Thumbs.db are no documents."""
    deepest = hostile.archive({"c.txt": b"c"})
    inner = hostile.archive({"b.txt": b"b", "deepest.zip": deepest})
    members = {"夹/a.txt": b"a", "inner.zip": inner, "~$a.docx": b"", ".x": b"", "Thumbs.db": b""}
    (tmp_path / "all.zip").write_bytes(hostile.archive(members))
    (tmp_path / "~$b.docx").write_bytes(b"")
    (tmp_path / "manifest.toml").write_text("")
    assert names(tmp_path) == ["all.zip/inner.zip/b.txt", "all.zip/inner.zip/deepest.zip", "all.zip/夹/a.txt"]
    entries = {entry.name: entry for entry in find_documents([tmp_path])}
    assert entries["all.zip/inner.zip/b.txt"].read_bytes() == b"b"


def test_names_that_windows_packed_are_chinese(tmp_path: Path) -> None:
    """A name in GB18030 without the mark of UTF-8 is read as Chinese."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("XXXXXX.txt", b"x")
    (tmp_path / "a.zip").write_bytes(stream.getvalue().replace(b"XXXXXX", "目标表".encode("gbk")))
    assert names(tmp_path) == ["a.zip/目标表.txt"]


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    """A symbolic link gives an error that names it; nothing is read through it."""
    info = zipfile.ZipInfo("link.txt")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(info, "/etc/hostname")
    (entry,) = find_documents([tmp_path])
    with pytest.raises(DocumentError, match=r"a\.zip/link\.txt: is a link"):
        entry.read_bytes()


def test_the_same_bytes_in_a_folder_and_an_archive_are_read_once(tmp_path: Path) -> None:
    """A document that lies beside an archive that holds it too is one job; the other is named."""
    (tmp_path / "good.txt").write_bytes(hostile.GOOD)
    (tmp_path / "all.zip").write_bytes(hostile.archive({"good.txt": hostile.GOOD}))
    jobs, findings = jobs_of(find_documents([tmp_path]), tmp_path / "cache", "http://e/", None)
    assert [job.entry.name for job in jobs] == ["all.zip/good.txt"]
    assert [(finding.document, finding.code) for finding in findings] == [("good.txt", "R-DOCUMENT-REPEATED")]


def test_a_manifest_speaks_of_a_document_in_an_archive(tmp_path: Path) -> None:
    """``file = "all.zip/夹/a.txt"`` describes that member, and a member that is not there is named."""
    (tmp_path / "all.zip").write_bytes(hostile.archive({"夹/a.txt": b"a", "b.txt": b"b"}))
    text = '[[document]]\nfile = "all.zip/夹/a.txt"\ntitle = "表"\n[[document]]\nfile = "all.zip/gone.txt"\n'
    (tmp_path / "manifest.toml").write_text(text, encoding="utf-8")
    entries = {entry.name: entry for entry in find_documents([tmp_path])}
    assert set(entries) == {"all.zip/夹/a.txt", "all.zip/b.txt", "all.zip/gone.txt"}
    assert (entries["all.zip/夹/a.txt"].title, entries["all.zip/b.txt"].title) == ("表", None)
    with pytest.raises(DocumentError, match="is not in the archive"):
        entries["all.zip/gone.txt"].read_bytes()


def test_the_layout_that_a_manifest_names_holds(tmp_path: Path) -> None:
    """It goes before the words that a form prints; one that nobody has described is refused with those that are."""
    (tmp_path / "a.html").write_bytes(hostile.form_page([["项目名称", "甲"], ["主管部门", "乙"], ["实施单位", "丙"]]))
    (tmp_path / "b.html").write_bytes(b"<table><tr><td>b")
    text = '[[document]]\nfile = "a.html"\nlayout = "hunan"\n[[document]]\nfile = "b.html"\nlayout = "hubei"\n'
    (tmp_path / "manifest.toml").write_text(text, encoding="utf-8")
    entries = {entry.name: entry for entry in find_documents([tmp_path])}
    _, reading = extract(entries["a.html"])
    assert [statement.layout for statement in reading.statements] == ["hunan"]
    _, unnamed = extract(replace(entries["a.html"], layout=None))
    assert [statement.layout for statement in unnamed.statements] == ["general"]
    with pytest.raises(DocumentError, match=r"b\.html: the manifest names layout 'hubei'; known are .*tianjin"):
        extract(entries["b.html"])


def test_an_old_word_file_without_libreoffice_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no LibreOffice is on the path, the error names the package and the other way out."""
    from fiscalkg.loader.readers.doc import read_doc

    monkeypatch.setenv("PATH", "")
    with pytest.raises(DocumentError, match=r"a\.doc: .*apt-get install libreoffice-writer.* or save the file as docx"):
        read_doc(b"", "a.doc")
    assert DOC == "application/msword"

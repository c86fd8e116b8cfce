"""The facts of a release: the lines of all documents, sorted, each once, whatever was copied and whatever merged."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.contents import Contents
from fiscalkg.loader.errors import ReleaseError
from fiscalkg.loader.facts import write_facts
from fiscalkg.loader.publish import Settings, gather
from fiscalkg.loader.shards import lines_of, read_shard, text_of
from fiscalkg.loader.void import void_lines

EXAMPLES = Path(__file__).parent.parent / "examples"


def silent(stage: str, done: int, total: int, statements: int = 0, /) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """Documents of three units, two of which speak of one unit's tables under the same names."""
    folder = tmp_path_factory.mktemp("documents")
    names = sorted(path.name for path in EXAMPLES.glob("00*.txt"))[:3]
    for name in names:
        shutil.copy(EXAMPLES / name, folder / name)
    (folder / "again.txt").write_bytes((EXAMPLES / names[0]).read_bytes() + b"\n")
    return gather([folder], tmp_path_factory.mktemp("cache"), Settings(bounds=Bounds(1)), silent)


def test_facts_are_all_lines_sorted_and_each_once(contents: Contents, tmp_path: Path) -> None:
    """What is written is the sorted set of the lines of all documents, under their new names, and of other lines."""
    others = ["<a:first> <a:p> <a:o> .\n"], ["<a:first> <a:p> <a:o> .\n", "<z:last> <z:p> <z:o> .\n"]
    count, digest = write_facts(contents.shards, contents.renames, others, tmp_path / "facts.nt")
    expected = sorted({*chain.from_iterable(contents.lines("facts")), *chain.from_iterable(others)})
    with (tmp_path / "facts.nt").open(encoding="utf-8", newline="\n") as file:
        assert list(file) == expected
    assert contents.renames
    assert count == len(expected)
    assert len(digest) == 64


def test_a_unit_that_one_document_speaks_of_is_cut_by_itself(contents: Contents) -> None:
    """The cuts of a shard, end to end, are its facts; all lines of a unit stand in one, and begin as it says."""
    for shard in contents.shards:
        texts = [text_of(shard, cut).decode() for cut in shard.cuts]
        assert "".join(texts) == "".join(lines_of(shard, "facts"))
        units = [cut.unit for cut in shard.cuts if cut.unit]
        assert len(units) == len(set(units)) > 0
        for cut, text in zip(shard.cuts, texts, strict=True):
            lines = text.removesuffix("\n").split("\n")
            assert cut.lines == len(lines)
            assert all(line.startswith(cut.unit) for line in lines)
            assert bool(cut.unit) == ("/statement/" in lines[0].split(" ")[0])
        assert read_shard(shard.path) == shard


def test_a_damaged_cut_is_named(contents: Contents, tmp_path: Path) -> None:
    """A shard whose bytes are not what was written names its file."""
    shard = contents.shards[0]
    path = tmp_path / "damaged.gz"
    path.write_bytes(shard.path.read_bytes()[: shard.places["facts"][0] + shard.cuts[0].size // 2])
    with pytest.raises(ReleaseError, match=r"damaged\.gz"):
        text_of(replace(shard, path=path), shard.cuts[0])


def test_counts_by_shapes_are_counts_by_lines(contents: Contents, monkeypatch: pytest.MonkeyPatch) -> None:
    """VoID says of classes and properties what counting line by line says, also where shapes are added up early."""
    facts = sorted(set(chain.from_iterable(contents.lines("facts"))))
    whole = sorted(void_lines("http://x/", "http://x/id/", facts))
    monkeypatch.setattr("fiscalkg.loader.void.MOST_SHAPES", 3)
    assert sorted(void_lines("http://x/", "http://x/id/", facts)) == whole
    typed = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    counted = {line for line in whole if "#triples>" in line and line.startswith("<http://x/> ")}
    assert [line.split('"')[1] for line in counted] == [str(len(facts))]
    assert any(f'#triples> "{sum(f" {typed} " in line for line in facts)}"' in line for line in whole)
    subjects = len({line.split(" ")[0] for line in facts})
    assert any(f'#distinctSubjects> "{subjects}"' in line for line in whole)


def test_findings_by_code_are_those_among_all(contents: Contents) -> None:
    """Findings asked for by code are the ones of that code among all, in their order, and no others."""
    everything = list(contents.all_findings())
    codes = frozenset({"R-STATEMENT-REPEATED", everything[0].code})
    assert 0 < sum(finding.code in codes for finding in everything) < len(everything)
    assert list(contents.findings_of(codes)) == [finding for finding in everything if finding.code in codes]
    assert list(contents.findings_of(frozenset())) == []

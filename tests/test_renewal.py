"""Publishing again: what did not change is neither read nor written nor loaded again, and nobody can tell."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from fiscalkg.loader import renewal
from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.errors import StoreError
from fiscalkg.loader.publish import Settings, publish
from fiscalkg.loader.release import Release, open_release
from fiscalkg.loader.stores.embedded import renew_store

EXAMPLES = Path(__file__).parent.parent / "examples"
STAYS, CHANGES = "000_a0eefc0601dc6091.txt", "001_6faa1905088193ec.txt"


def made(documents: Path, out: Path) -> Release:
    publish([documents], out, Settings(bounds=Bounds(1)), lambda *_: None, lambda *_: None)
    return open_release(out)


def named_quads(release: Release) -> set[ox.Quad]:
    """All quads of a store but those of blank nodes, which have other names in each store."""
    found = ox.Store.read_only(str(release.store)).quads_for_pattern(None, None, None, None)
    return {quad for quad in found if not any(isinstance(term, ox.BlankNode) for term in quad.triple)}


def shared(old: Release, new: Release) -> bool:
    return any(
        (old.store / path.name).samefile(path) for path in new.store.glob("*.sst") if (old.store / path.name).exists()
    )


def unlike(old: Path, new: Path) -> list[str]:
    files = {path.relative_to(side) for side in (old, new) for path in side.rglob("*") if path.is_file()}
    names = [name.as_posix() for name in files if name.parts[0] != "store"]
    _, differ, missing = filecmp.cmpfiles(old, new, names, shallow=False)
    return differ + missing


def test_a_renewed_store_is_that_of_a_fresh_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change the store shares files with the old one and holds, as all files do, what a build from nothing has.
    One that does not come out with the facts that are published is refused.
    """
    source = tmp_path / "in"
    source.mkdir()
    for name in (STAYS, CHANGES):
        shutil.copy(EXAMPLES / name, source)
    monkeypatch.setattr(renewal, "LARGEST_SHARE", 1)
    old = made(source, tmp_path / "out")
    before = named_quads(old)
    shutil.copytree(tmp_path / "out" / "cache", tmp_path / "fresh" / "cache")
    text = (source / CHANGES).read_text(encoding="utf-8")
    (source / CHANGES).write_text(text.replace("≥1000人", "≥1200人"), encoding="utf-8")
    new, fresh = made(source, tmp_path / "out"), made(source, tmp_path / "fresh")
    assert shared(old, new)
    assert unlike(new.path, fresh.path) == []
    assert named_quads(new) == named_quads(fresh) != before == named_quads(old)
    (tmp_path / "no.nq").touch()
    with pytest.raises(StoreError, match="facts"):
        renew_store(tmp_path / "other", new.store, tmp_path / "no.nq", tmp_path / "no.nq", 7)

"""The freezer: the same files however they are made, by one process or several, asked ahead or one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fiscalkg.endpoint import freeze as freezer
from fiscalkg.endpoint.freeze import freeze
from fiscalkg.endpoint.pages.ahead import asked_ahead
from fiscalkg.endpoint.pages.asking import ask, node
from fiscalkg.endpoint.pages.page import Edition
from fiscalkg.endpoint.pages.shown import shown
from fiscalkg.loader.release import open_release


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_processes_write_the_same_site(
    published: Path, edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether one process makes all pages or several make bundles of them, the files are the same, byte by byte."""
    monkeypatch.setattr(freezer, "FEW", 0)
    count = freeze(edition.store, open_release(published), tmp_path, jobs=2)
    made, known = files_of(tmp_path), files_of((published / "site").resolve())
    assert count > 1500
    assert made.keys() == known.keys()
    assert [name for name, body in made.items() if body != known[name]] == []


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

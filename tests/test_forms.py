"""Forms of other places: every case folder reads as its expected statements, and leaves nothing over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fiscalkg.loader.interchange import to_json
from fiscalkg.loader.manifest import Entry
from fiscalkg.loader.model import StatementKind
from fiscalkg.loader.pipeline import extract
from fiscalkg.loader.reading import leftover
from renderers.compare import differences

CASES = Path(__file__).parent / "cases" / "forms"
FOLDERS = sorted(folder for folder in CASES.glob("*/*") if folder.is_dir())
FOREIGN = {"department", "evaluation", "self-evaluation", "transfer"}
# Shapes in which a line break inside a text cannot be told from the end of a line.
WITHOUT_BREAKS = {".txt", ".pdf"}


def document(folder: Path) -> Path:
    return next(path for path in folder.iterdir() if path.stem == "document")


def without_target(statement: dict[str, Any]) -> dict[str, Any]:
    rows = [{key: value for key, value in row.items() if key != "target"} for row in statement["indicators"]]
    return {**statement, "indicators": rows}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_a_document_of_each_form_reads_as_expected(folder: Path) -> None:
    """Every field, amount, goal and indicator is read from its labels, and every character accounted for."""
    path = document(folder)
    expected = [json.loads(line) for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()]
    source, reading = extract(Entry(path))
    found = [without_target(to_json(statement)) for statement in reading.statements]
    assert differences([without_target(one) for one in expected], found, path.suffix not in WITHOUT_BREAKS) == []
    assert leftover(reading, source.text) == []
    is_foreign = folder.parent.name in FOREIGN
    assert bool(found) is not is_foreign


def test_each_variant_has_documents_and_the_foreign_kinds_are_named() -> None:
    """No variant is without its folder, and a table of another kind is told by what it is."""
    variants = {folder.parent.name for folder in FOLDERS}
    known = {*("shanghai", "wuhan", "hunan", "shaanxi", "sichuan", "chongqing", "yunnan", "central")}
    assert variants >= FOREIGN | known
    for folder in (folder for folder in FOLDERS if folder.parent.name in FOREIGN):
        _, reading = extract(Entry(document(folder)))
        kinds = {finding.value for finding in reading.findings if finding.code == "R-OTHER-KIND"}
        assert kinds == {StatementKind(folder.parent.name).value}

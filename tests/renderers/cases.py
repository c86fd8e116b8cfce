"""Writes tests/cases/forms: documents of invented statements in the forms of many places, with what they say.

``PYTHONPATH=tests python -m renderers.cases FOLDER`` writes each as VARIANT/NUMBER/document.EXTENSION beside
expected.jsonl: the interchange JSON without places, document, version and targets.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from renderers.docx import write_docx
from renderers.form import Block, Statement
from renderers.html import write_html
from renderers.office import convert
from renderers.text import SHAPES, write_text
from renderers.xlsx import write_xlsx


@dataclass(frozen=True)
class Case:
    """A document of a variant; ``shape`` is docx, html, xlsx, pdf, doc, xls or a shape of text."""

    variant: str
    number: int
    shape: str
    blocks: Sequence[Block]
    expected: Sequence[Statement]
    sheet: str = "绩效目标表"


def draw(case: Case) -> tuple[str, bytes]:
    """Return extension and bytes; the seed is the number of the case. LibreOffice makes pdf, doc and xls."""
    random = Random(case.number)
    if case.shape in SHAPES:
        return "txt", write_text(case.blocks, case.shape)
    if case.shape == "html":
        return "html", write_html(case.blocks, random)
    if case.shape in ("xlsx", "xls"):
        made = write_xlsx(case.blocks, random, case.sheet)
        return case.shape, made if case.shape == "xlsx" else convert({"a.xlsx": made}, "xls")["a"]
    made = write_docx(case.blocks, random)
    return case.shape, made if case.shape == "docx" else convert({"a.docx": made}, case.shape)["a"]


def write_cases(cases: Iterable[Case], folder: Path) -> None:
    """Write each case to its folder under ``folder``."""
    for case in cases:
        extension, content = draw(case)
        place = folder / case.variant / str(case.number)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"document.{extension}").write_bytes(content)
        lines = [json.dumps(statement, ensure_ascii=False) + "\n" for statement in case.expected]
        (place / "expected.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    from renderers.open_cases import CASES

    write_cases(CASES, Path(sys.argv[1]))

"""Rows of a canned query into what stands behind a figure: project, indicator, printed text, reading, source."""

from __future__ import annotations

from dataclasses import dataclass

from fiscalkg.endpoint.pages.asking import Row
from fiscalkg.endpoint.pages.markup import words
from fiscalkg.endpoint.pages.page import Language

__all__ = ["Evidence", "evidence_of"]

# The columns that say how a row was counted, the first one present; "class" names what a table lacks.
NOTES = ("reading", "repeats", "class")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row behind a figure: ``statement`` and ``source`` are IRIs, ``note`` says how it was counted."""

    statement: str
    project: str
    name: str
    printed: str
    note: str
    source: str


def evidence_of(rows: list[Row], language: Language) -> list[Evidence]:
    """Return the evidence that rows of a query hold."""
    return [
        Evidence(
            row["statement"], row.get("projectName", ""), row.get("name", ""), row.get("printed", ""),
            _note(row, language), row["source"],
        )
        for row in rows
    ]  # fmt: skip


def _note(row: Row, language: Language) -> str:
    column = next((name for name in NOTES if name in row), None)
    if column is None:
        return ""
    told = words().get(f"note-{row[column]}")
    return told[language] if told else row[column]

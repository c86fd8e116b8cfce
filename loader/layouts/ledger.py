"""Who took which characters: every cell a form's reading uses is entered once, under its role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fiscalkg.loader.model import Document, Finding, Severity
from fiscalkg.loader.places import Place
from fiscalkg.loader.reading import Span
from fiscalkg.loader.tables import Cell, Source, spans_of

__all__ = ["Ledger"]


@dataclass(slots=True)
class Ledger:
    """Spans and findings of one document while it is read."""

    source: Source
    document: Document
    spans: list[Span] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def enter(self, role: str, cell: Cell, owner: str = "") -> None:
        """Account for a cell's characters."""
        self.spans += spans_of(cell, role, owner)

    def enter_all(self, cells: Iterable[tuple[str, Cell]], owner: str) -> None:
        """Account for the characters of cells, each with its role."""
        self.spans += [
            Span(role, start, end, owner) for role, cell in cells for _, start, end in cell.pieces if start < end
        ]

    def find(
        self,
        code: str,
        severity: Severity,
        message: tuple[str, str],
        statement: int | None = None,
        place: Place | None = None,
        value: str | None = None,
    ) -> None:
        """Note what is doubtful, in Chinese and English."""
        name = self.document.name
        self.findings.append(Finding(code, severity, *message, name, statement, place, None, value))

"""The lines of a page as PDF extraction leaves them into paragraphs: a wrapped piece is joined to the next.

Extraction ends a cell's last line with a blank and leaves none where a cell wraps, so the blank says where
a cell ends. Which paragraph is which cell is the layout's to say: only labels tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from fiscalkg.loader.tables import Cell, Paragraph, cell_at, concat

__all__ = ["wrapped_blocks"]


def wrapped_blocks(text: str, lines: Sequence[tuple[int, int]]) -> list[Paragraph]:
    """Return the page's lines with wrapped pieces rejoined; ``lines`` are offsets of start and end."""
    filled = [(start, end) for start, end in lines if text[start:end].strip()]
    if not any(_is_closed(text[start:end]) for start, end in filled):
        return [Paragraph(cell_at(text, start, end)) for start, end in filled]
    paragraphs: list[Paragraph] = []
    pieces: list[Cell] = []
    for start, end in filled:
        pieces.append(cell_at(text, start, end))
        if _is_closed(text[start:end]):
            paragraphs.append(Paragraph(concat(pieces)))
            pieces = []
    return [*paragraphs, Paragraph(concat(pieces))] if pieces else paragraphs


def _is_closed(line: str) -> bool:
    return line.rstrip("\r\n").endswith((" ", "\t", "\u3000", "\u00a0"))

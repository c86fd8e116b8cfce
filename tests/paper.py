"""Pages drawn for tests of the PDF reader: lines and ruled tables, broken over pages as word processors break them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from fiscalkg.loader.readers.assemble import Box
from grids import Written, boxes

FONT = "STSong-Light"
PADDING = 5.0
pdfmetrics.registerFont(UnicodeCIDFont(FONT))


@dataclass
class Cell:
    """A cell on paper: ``waiting`` are the lines of its text that no page has printed yet."""

    box: Box
    left: float
    right: float
    lines: list[str]
    waiting: list[str] = field(default_factory=list)


@dataclass
class Strip:
    """A row, or as much of it as one page holds, from top to bottom."""

    row: int
    top: float
    bottom: float
    is_first: bool = True
    is_last: bool = True


@dataclass
class Paper:
    """A PDF as it is drawn.

    ``rules`` are drawn as ``lines``, as thin filled ``bars``, as ``boxes`` around cells, or as lines that leave page
    ends ``open``. ``footer`` is printed on every page, its ``{}`` is the page's number.
    """

    size: tuple[float, float] = A4
    margin: float = 60.0
    letter: float = 9.0
    rules: str = "lines"
    footer: str = ""
    head: str = ""
    rotation: int = 0
    protected: str | None = None
    stream: io.BytesIO = field(default_factory=io.BytesIO)
    number: int = 1

    def __post_init__(self) -> None:
        self.leading = self.letter * 1.4
        self.canvas = Canvas(self.stream, pagesize=self.size, encrypt=self.protected, invariant=1)
        self._begin()

    def _begin(self) -> None:
        self.canvas.setFont(FONT, self.letter)
        self.canvas.setLineWidth(0.5)
        self.canvas.setPageRotation(self.rotation)
        self.down = self.margin
        if self.head:
            self.write(self.margin, 36, self.head)
        if self.footer:
            text = self.footer.format(self.number)
            self.write((self.size[0] - width_of(text, self.letter)) / 2, self.size[1] - 30, text)

    def write(self, left: float, baseline: float, text: str) -> None:
        """Write a text at a place, counted from the top left corner."""
        self.canvas.drawString(left, self.size[1] - baseline, text)

    def page(self) -> Paper:
        """Begin the next page."""
        self.canvas.showPage()
        self.number += 1
        self._begin()
        return self

    def line(self, text: str) -> Paper:
        """Write a paragraph, wrapped at the margin."""
        for piece in wrapped(text, self.size[0] - 2 * self.margin, self.letter):
            if self.down + self.leading > self.size[1] - self.margin:
                self.page()
            self.write(self.margin, self.down + self.letter, piece)
            self.down += self.leading
        self.down += self.leading / 2
        return self

    def bytes(self) -> bytes:
        """Return the PDF."""
        self.canvas.showPage()
        self.canvas.save()
        return self.stream.getvalue()

    def table(
        self, rows: Sequence[Sequence[Written]], widths: Sequence[float], repeat: int = 0, splits: bool = False
    ) -> Paper:
        """Draw a table: its first ``repeat`` rows again on each page, rows broken at page ends where it ``splits``."""
        cells = [self._cell(box, widths) for box in boxes(rows)]
        heights = heights_of(cells, len(rows))
        strips: list[Strip] = []
        for row, needed in enumerate(heights):
            left = needed
            while left:
                room = int((self.size[1] - self.margin - self.down - PADDING) / self.leading)
                taken = min(left, room) if splits else left
                if taken <= room and taken > 0:
                    strips.append(self._strip(row, taken, left == needed, left == taken))
                    left -= taken
                if left:
                    self._print(cells, strips)
                    self.page()
                    strips = [self._strip(row, heights[row], True, True) for row in range(repeat)]
        self._print(cells, strips)
        self.down += self.leading
        return self

    def _cell(self, box: Box, widths: Sequence[float]) -> Cell:
        left, width = sum(widths[: box.column]), sum(widths[box.column : box.column + box.columns])
        lines = wrapped(box.text, width - 2 * PADDING, self.letter)
        return Cell(box, self.margin + left, self.margin + left + width, lines, list(lines))

    def _strip(self, row: int, lines: int, is_first: bool, is_last: bool) -> Strip:
        top = self.down
        self.down += lines * self.leading + PADDING
        return Strip(row, top, self.down, is_first, is_last)

    def _print(self, cells: Sequence[Cell], strips: Sequence[Strip]) -> None:
        for cell in cells:
            own = [strip for strip in strips if cell.box.row <= strip.row < cell.box.row + cell.box.rows]
            if own:
                top, bottom = own[0].top, own[-1].bottom
                waiting = cell.waiting or (cell.lines if own[0].is_first and own[0].row == cell.box.row else [])
                for at, line in enumerate(waiting[: round((bottom - top - PADDING) / self.leading)]):
                    self.write(cell.left + PADDING, top + PADDING / 2 + at * self.leading + self.letter, line)
                cell.waiting = waiting[round((bottom - top - PADDING) / self.leading) :]
                self._rule(cell, own)

    def _rule(self, cell: Cell, own: Sequence[Strip]) -> None:
        left, right, top, bottom = cell.left, cell.right, self.size[1] - own[0].top, self.size[1] - own[-1].bottom
        if self.rules == "boxes":
            self.canvas.rect(left, bottom, right - left, top - bottom)
            return
        sides = [(left, bottom, left, top), (right, bottom, right, top)]
        if self.rules != "open" or (own[0].is_first and own[0].row == cell.box.row):
            sides.append((left, top, right, top))
        if self.rules != "open" or (own[-1].is_last and own[-1].row == cell.box.row + cell.box.rows - 1):
            sides.append((left, bottom, right, bottom))
        for x0, y0, x1, y1 in sides:
            if self.rules == "bars":
                self.canvas.rect(x0 - 0.25, y0 - 0.25, x1 - x0 + 0.5, y1 - y0 + 0.5, stroke=0, fill=1)
            else:
                self.canvas.line(x0, y0, x1, y1)


def width_of(text: str, letter: float) -> float:
    """Return the width of a text in points."""
    return float(pdfmetrics.stringWidth(text, FONT, letter))


def wrapped(text: str, width: float, letter: float) -> list[str]:
    """Return the lines that a text makes in a width, broken anywhere, as Chinese is."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for character in paragraph:
            if line and width_of(line + character, letter) > width:
                lines.append(line)
                line = ""
            line += character
        lines += [line] if line else []
    return lines


def heights_of(cells: Sequence[Cell], rows: int) -> list[int]:
    """Return how many lines high each row is; a cell over several rows makes its last one higher."""
    heights = [1] * rows
    for cell in sorted(cells, key=lambda cell: cell.box.rows):
        last = cell.box.row + cell.box.rows - 1
        heights[last] += max(len(cell.lines) - sum(heights[cell.box.row : last + 1]), 0)
    return heights

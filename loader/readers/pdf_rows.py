"""Two rows of cells, one at a page's end and one at the next page's top, compared: the same head, or one row broken."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from fiscalkg.loader.readers.pdf_lattice import NEAR
from fiscalkg.loader.readers.pdf_lines import leaves_no_room
from fiscalkg.loader.readers.pdf_tables import PrintedCell
from fiscalkg.loader.text import glue, squeeze

__all__ = [
    "are_alike",
    "closed",
    "filled",
    "have_same_sides",
    "is_broken",
    "is_head",
    "joined",
    "pairs_of",
    "paragraphs",
    "spans_on",
]

LEAST_HEAD = 3  # filled cells of a row that is a head wherever it stands
PADDING = 8.0  # points between a cell's rule and its text, at most
LABEL_AND_TEXT = 2  # cells of a row
LETTERS_A_LINE = 2  # of a text printed from top to bottom
LEAST_REST = 0.75  # of the cells beside a word that is cut in two: one of them may have had room on its line
LONGEST_SPLINTER = 3  # letters; the names of levels are longer
ITEM = re.compile(r"(?:\d{1,2}[.．])?(\d{1,2})[.．、](?=\s*[^\d\s])")
VALUE = re.compile(r"[≥≤><=＞＜＝≧≦]?\d.{0,7}[^\d.,，、/至到和及\-~—～≥≤><=＞＜＝≧≦&]")
ENDS_OPEN = re.compile(r"[≥≤><=＞＜＝≧≦&]$")  # what a comparator compares with is still to come
BEGINS_A_VALUE = re.compile(r"[-－]?[\d.,]+%?$|[≥≤><=＞＜＝≧≦]")

Pair = tuple[PrintedCell, PrintedCell]


def closed(cells: Sequence[PrintedCell], start: int, count: int) -> list[PrintedCell]:
    """Return the cells of ``count`` rows with rows counted from ``start``; none where one reaches beyond them."""
    if any(cell.row + cell.rows > start + count for cell in cells):
        return []
    return sorted((replace(cell, row=cell.row - start) for cell in cells), key=lambda cell: (cell.row, cell.left))


def are_alike(some: Sequence[PrintedCell], others: Sequence[PrintedCell]) -> bool:
    """Return whether rows print the same text in the same columns."""
    return len(some) == len(others) and all(
        (one.row, one.rows, squeeze(one.text)) == (other.row, other.rows, squeeze(other.text))
        and have_same_sides(one, other)
        for one, other in zip(some, others, strict=True)
    )


def have_same_sides(one: PrintedCell, other: PrintedCell) -> bool:
    """Return whether two cells stand in the same columns."""
    return abs(one.left - other.left) <= NEAR and abs(one.right - other.right) <= NEAR


def filled(cells: Sequence[PrintedCell], row: int) -> int:
    """Return how many cells of a row print something."""
    return sum(cell.row == row and bool(cell.lines) for cell in cells)


def is_head(row: Sequence[PrintedCell]) -> bool:
    """Return whether a row may be the head of columns: several cells, all filled, without any number."""
    return len(row) >= LEAST_HEAD and all(cell.lines and not re.search(r"\d", cell.text) for cell in row)


def pairs_of(above: Sequence[PrintedCell], below: Sequence[PrintedCell]) -> list[Pair]:
    """Return the cells of two rows that stand in the same columns, from left to right."""
    pairs = [(one, two) for one in above for two in below if have_same_sides(one, two)]
    return sorted(pairs, key=lambda pair: pair[0].left)


def is_broken(pairs: Sequence[Pair], known: Collection[str]) -> bool:
    """Return whether the second row, whose columns are those of the first, goes on with it.

    Each of its filled cells has text above it; and either the next word had no room above, as only where a line
    wraps, or the row has one filled cell alone: the text of a label, or one with several lines above. A row of
    blanks is the empty rest of a row whose text ended on the page before.
    """
    going_on = [(above, below) for above, below in pairs if below.lines]
    if any(not above.lines or _are_values(above.text, below.text) for above, below in going_on):
        return False
    whole = {*known, *(squeeze(above.text) for above, below in pairs if not below.lines)}
    words = [pair for pair in going_on if not BEGINS_A_VALUE.match(pair[1].text)]
    is_cut = any(_make_known(*pair, whole) or ENDS_OPEN.search(pair[0].text) for pair in going_on)
    if len(words) < len(going_on) and not is_cut:
        return False  # a number begins the value of another row, unless a word beside it is cut for certain
    rest = sum(_is_full(*pair) or _make_known(*pair, whole) for pair in going_on)
    if rest >= len(going_on) * (LEAST_REST if is_cut else 1):
        return any(above.lines for above, _ in pairs)
    label, texts = pairs[0], [pair for pair in going_on if pair is not pairs[0]]
    if len(texts) != 1 or (label[1].lines and not spans_on(*label, known, is_spanned=True)):
        return False
    return len(pairs) == LABEL_AND_TEXT or len(texts[0][0].lines) > 1


def _are_values(above: str, below: str) -> bool:
    """Return whether both are short texts that begin with a number: values of two rows, neither cut."""
    return VALUE.fullmatch(above) is not None and re.match(r"[≥≤><=＞＜＝≧≦]?\d", below) is not None


def _is_full(above: PrintedCell, below: PrintedCell) -> bool:
    """Return whether a cell's last line had no room for what goes on below, however the cell is aligned."""
    return leaves_no_room(above.lines[-1], below.text, _room(above))


def _room(cell: PrintedCell) -> float:
    """Return how wide a line of a cell may be: its padding is what its longest line leaves at the nearer side."""
    insets = [inset for line in cell.lines for inset in (line.left - cell.left, cell.right - line.right)]
    return cell.right - cell.left - 2 * min(max(min(insets), 0.0), PADDING)


def paragraphs(cell: PrintedCell) -> str:
    """Return the text of a cell with its wrapped lines rejoined.

    A line that had room for more ends a paragraph, and the next number of a list that lines have counted begins one.
    """
    text = cell.lines[0].text if cell.lines else ""
    items = int(bool((first := ITEM.match(text)) and first[1] == "1"))
    for line, following in pairwise(cell.lines):
        number = ITEM.match(following.text)
        is_next = number is not None and int(number[1]) == items + 1
        items += is_next
        wraps = not (is_next and items > 1) and leaves_no_room(line, following.text, _room(cell))
        text += (glue(text, following.text) if wraps else "\n") + following.text
    return text


def spans_on(above: PrintedCell, below: PrintedCell, known: Collection[str], is_spanned: bool) -> bool:
    """Return whether a cell over several rows goes on below; ``is_spanned`` says that its column has such cells.

    One that is spanned prints its text once. Where it prints a part on each page, the parts together are a text
    ``known`` from cells elsewhere in the document, or letters one below the other, of which some stand alone.
    """
    if above.lines and not below.lines:
        return is_spanned
    if not (above.lines and below.lines):
        # A label too high for the first of its rows is printed where the next ones stand.
        if not below.lines:
            return False
        is_label = is_spanned and above.height < below.lines[-1].bottom - below.lines[0].top
        return above.rows > 1 or is_label
    if _make_known(above, below, known):
        return True
    parts = squeeze(above.text), squeeze(below.text)
    is_upright = all(len(line.text) <= LETTERS_A_LINE for line in above.lines + below.lines)
    is_split = min(map(len, parts)) <= LONGEST_SPLINTER and not any(map(str.isdigit, "".join(parts)))
    are_new = parts[0] not in known and parts[1] not in known
    return is_upright and is_split and are_new and _is_full(above, below) and _fills(above)


def _make_known(above: PrintedCell, below: PrintedCell, known: Collection[str]) -> bool:
    parts = squeeze(above.text), squeeze(below.text)
    return "".join(parts) in known and not (parts[0] in known and parts[1] in known)


def _fills(cell: PrintedCell) -> bool:
    """Return whether a cell's text leaves no height for one more line."""
    first, last = cell.lines[0], cell.lines[-1]
    return cell.height - (last.bottom - first.top) < PADDING + 2 * last.size


def joined(above: PrintedCell, below: PrintedCell, start: int) -> PrintedCell:
    """Return two parts of a cell as one, the lower of which begins in row ``start``; its place is its text's first."""
    place = above.place if above.lines or not below.lines else below.place
    return replace(above, rows=start + below.rows - above.row, lines=above.lines + below.lines, place=place)

"""Which lines of a PDF's pages are furniture: page numbers, which are left out, and heads and feet that run through.

Only what is certain counts. A number is a page number where it grows with the pages or is dressed as one (- 3 -,
第3页); a running line stands in the margin of three pages or more, in the same spot, in no larger print than the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from fiscalkg.loader.readers.pdf_lines import TextLine
from fiscalkg.loader.readers.pdf_tables import Fragment, Layer
from fiscalkg.loader.text import squeeze

__all__ = ["Spot", "page_numbers", "running_lines"]

MARGIN = 0.1  # of the page's height, where page numbers stand
RUNNING_MARGIN = 52.0  # points, where running heads stand: Word's are 42 points from the edge
TITLE = 1.25  # of the height of the text: larger print in the margin is a title
LEAST_PAGES = 3
BARE = re.compile(r"[-—–－·~]*(\d{1,4})[-—–－·~]*")
DRESSED = re.compile(r"[-—–－·~]+(\d{1,4})[-—–－·~]+|第(\d{1,4})页(?:[,，/]?共\d{1,4}页)?|(\d{1,4})/\d{1,4}页?")

Spot = tuple[int, int]  # index of the layer, index of the element


def page_numbers(layers: Sequence[Layer]) -> set[Spot]:
    """Return which elements are page numbers."""
    dressed: set[Spot] = set()
    bare: dict[Spot, int] = {}
    for spot, line, layer in _margin_lines(layers, None):
        text = squeeze(line.text)
        if DRESSED.fullmatch(text):
            dressed.add(spot)
        elif match := BARE.fullmatch(text):
            bare[spot] = int(match.group(1)) - layer.page.number
    offsets = Counter(bare.values())
    return dressed | {spot for spot, offset in bare.items() if offsets[offset] > 1}


def running_lines(layers: Sequence[Layer]) -> tuple[set[Spot], set[Spot]]:
    """Return which elements are heads or feet that run through the pages, and which of these came before."""
    keys: dict[Spot, tuple[str, int]] = {}
    for spot, line, layer in _margin_lines(layers, RUNNING_MARGIN):
        if line.size <= TITLE * _text_size(layer):
            keys[spot] = (re.sub(r"\d+", "", squeeze(line.text)), round(line.top / 2))
    counts = Counter(keys.values())
    running = {spot: key for spot, key in sorted(keys.items()) if counts[key] >= LEAST_PAGES}
    first = {key: spot for spot, key in reversed(running.items())}
    return set(running), set(running) - set(first.values())


def _margin_lines(layers: Sequence[Layer], margin: float | None) -> Iterable[tuple[Spot, TextLine, Layer]]:
    for index, layer in enumerate(layers):
        height = layer.page.height
        depth = height * MARGIN if margin is None else margin
        for at, element in enumerate(layer.elements):
            if isinstance(element, TextLine) and (element.bottom < depth or element.top > height - depth):
                yield (index, at), element, layer


def _text_size(layer: Layer) -> float:
    """Return the height of most of a page's print."""
    sizes: list[float] = []
    for element in layer.elements:
        lines = (line for cell in element.cells for line in cell.lines) if isinstance(element, Fragment) else [element]
        sizes += [line.size for line in lines]
    return median(sizes)

"""What must hold of the reading of any source at all."""

from __future__ import annotations

from fiscalkg.loader.layouts import parse
from fiscalkg.loader.model import Document
from fiscalkg.loader.readers.assemble import Part, assemble
from fiscalkg.loader.readers.plain import read_text
from fiscalkg.loader.reading import Reading
from fiscalkg.loader.tables import Source

SHA256 = "0" * 64


def check_parts(parts: list[Part]) -> Reading:
    """Read paragraphs and grids as a layout does; raises ``AssertionError`` when a character is lost."""
    return _checked(assemble(parts, "noise.docx", SHA256, "application/x-noise"))


def check_text(text: str) -> Reading:
    """Read a text as a layout does; raises ``AssertionError`` when a character is lost."""
    source = read_text(text, "noise.txt", SHA256, "utf-8")
    assert source.text == text
    return _checked(source)


def _checked(source: Source) -> Reading:
    reading = parse(source, Document(source.name, source.sha256, source.media_type))
    held = [0] * len(source.text)
    for span in reading.spans:
        assert 0 <= span.start < span.end <= len(source.text), span
        for at in range(span.start, span.end):
            held[at] += 1
    for at, character in enumerate(source.text):
        assert held[at] <= 1, f"{character!r} at {at} is in {held[at]} spans"
        assert held[at] == 1 or not character.strip(), f"{character!r} at {at} is in no span"
    sequences = [statement.sequence for statement in reading.statements]
    assert len(set(sequences)) == len(sequences)
    return reading

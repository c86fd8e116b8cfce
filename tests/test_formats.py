"""The same table gives the same statement in every format: the examples, drawn anew by chance and read back.

What is expected is the reading of the text extracts. Places differ by nature; runs of blanks count as one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import pytest

from fiscalkg.loader.interchange import to_json
from fiscalkg.loader.manifest import Entry
from fiscalkg.loader.pipeline import extract
from fiscalkg.loader.reading import leftover
from renderers import compare, document, office
from renderers.docx import write_docx
from renderers.form import Block, Form, Statement
from renderers.html import write_html
from renderers.text import SHAPES, write_text
from renderers.xlsx import write_xlsx

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.txt"))
SEEDS = range(30)  # seed n draws example n modulo 5: six styles for each of the 134 tables
FEW_SEEDS = range(5)
# A line break inside a cell is a blank between pipes, and in a PDF it may be a wrap.
WITHOUT_BREAKS = frozenset(("pipes", "pdf"))

Write = Callable[[Iterable[Block], Random], bytes]
WRITERS: dict[str, Write] = {"docx": write_docx, "html": write_html, "xlsx": write_xlsx}


@functools.cache
def statements_of(example: Path) -> tuple[Statement, ...]:
    """Return the statements that the text of an example gives."""
    _, reading = extract(Entry(example))
    return tuple(to_json(statement) for statement in reading.statements)


def expected(seed: int) -> tuple[Statement, ...]:
    """Return the statements of the example that a seed draws."""
    return statements_of(EXAMPLES[seed % len(EXAMPLES)])


@functools.cache
def original(extension: str, seed: int) -> bytes:
    """Return an example as an office file or page; one seed gives the same docx to read and to convert."""
    random = Random(seed)
    return WRITERS[extension](document.compose(expected(seed), random), random)


def has_soft_breaks(seed: int) -> bool:
    """Return whether a seed draws cells with soft breaks: whether one ends a line or wraps it is not to be told."""
    blocks = document.compose(expected(seed), Random(seed))
    return any("\v" in cell.text for block in blocks if isinstance(block, Form) for row in block.rows for cell in row)


def assert_same(folder: Path, data: bytes, name: str, seed: int, breaks: bool = True) -> None:
    """Read a rendered example as ``fiscalkg extract`` does: its statements are the text's, and nothing is left."""
    path = folder / name
    path.write_bytes(data)
    source, reading = extract(Entry(path))
    found = [to_json(statement) for statement in reading.statements]
    assert compare.differences(expected(seed), found, breaks) == []
    assert leftover(reading, source.text) == []


def test_the_examples_are_all_tables() -> None:
    """What the formats are compared with is every table of the five examples."""
    assert sum(len(statements_of(example)) for example in EXAMPLES) == 134


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("extension", WRITERS)
def test_a_file_with_real_tables_gives_the_same_statements(extension: str, seed: int, tmp_path: Path) -> None:
    """Word, HTML and Excel, whatever is merged, repeated, split or wrapped."""
    assert_same(tmp_path, original(extension, seed), f"{seed}.{extension}", seed, not has_soft_breaks(seed))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_of_text_gives_the_same_statements(shape: str, seed: int, tmp_path: Path) -> None:
    """Cells between pipes, one a line, and led by a tab, where merged cells are lost."""
    data = write_text(document.compose(expected(seed), Random(seed)), shape)
    assert_same(tmp_path, data, f"{seed}.txt", seed, shape not in WITHOUT_BREAKS)


@functools.cache
def converted(given: str, extension: str, seeds: range) -> dict[str, bytes]:
    """Return what one run of LibreOffice makes of the examples, by seed."""
    return office.convert({f"{seed}.{given}": original(given, seed) for seed in seeds}, extension)


@pytest.mark.needs("soffice")
@pytest.mark.timeout(600)  # the first one converts all of them
@pytest.mark.parametrize("seed", SEEDS)
def test_a_pdf_gives_the_same_statements(seed: int, tmp_path: Path) -> None:
    """Printed pages: cells wrapped and broken over pages, heads repeated or not."""
    assert_same(tmp_path, converted("docx", "pdf", SEEDS)[str(seed)], f"{seed}.pdf", seed, breaks=False)


@pytest.mark.needs("soffice")
@pytest.mark.parametrize("seed", FEW_SEEDS)
@pytest.mark.parametrize(("given", "extension"), [("docx", "doc"), ("xlsx", "xls")])
def test_an_old_office_file_gives_the_same_statements(given: str, extension: str, seed: int, tmp_path: Path) -> None:
    """Word and Excel 97, as LibreOffice saves them."""
    data = converted(given, extension, FEW_SEEDS)[str(seed)]
    assert_same(tmp_path, data, f"{seed}.{extension}", seed, not has_soft_breaks(seed))

"""An original as the shapes of text that extraction leaves: cells between pipes, one cell a line, cells led by tabs."""

from __future__ import annotations

from random import Random

from renderers.document import Original
from renderers.form import Cell


def write_pipes(original: Original, seed: int) -> bytes:
    """Return rows of cells between pipes: a merged cell is blank where it goes on, line breaks are lost."""
    random = Random(seed)
    edge = random.random() < 0.5
    lines = list(original.cover)
    for form in original.forms:
        lines += ["", *([form.title] if form.title else []), *form.lines, ""]
        for table in form.tables:
            for row in table:
                text = " | ".join(part for cell in row for part in [_flat(cell), *[""] * (cell.columns - 1)])
                lines.append(f"| {text} |" if edge else text)
    return ("\n".join(lines) + "\n").encode()


def _flat(cell: Cell) -> str:
    return cell.text.replace("\n", "")

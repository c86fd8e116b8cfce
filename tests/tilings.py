"""Random tables with merged cells, for tests of readers: cells that fill a grid and never overlap."""

from __future__ import annotations

from hypothesis import strategies as st

from fiscalkg.loader.tables import Grid, Source

Tile = tuple[int, int, int, int, str]  # row, column, rows, columns, text
TEXTS = st.text(alphabet="绩效目标金额≥95%万元<&>\"'A1.", max_size=6)


@st.composite
def tilings(draw: st.DrawFn, most: int = 6) -> list[Tile]:
    """Return tiles by row and column; the first one holds text, and so does the last, so that no edge is blank."""
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    taken: set[tuple[int, int]] = set()
    tiles: list[Tile] = []
    for row in range(height):
        for column in range(width):
            if (row, column) in taken:
                continue
            free = next((at for at in range(column, width) if (row, at) in taken), width)
            down, across = draw(st.integers(1, min(3, height - row))), draw(st.integers(1, min(3, free - column)))
            taken |= {(row + i, column + j) for i in range(down) for j in range(across)}
            is_edge = row == 0 or column == 0 or row + down == height or column + across == width
            tiles.append((row, column, down, across, draw(TEXTS) or ("边" if is_edge else "")))
    return tiles


def tiles_of(source: Source) -> list[list[Tile]]:
    """Return the tiles of each grid of a source."""
    return [
        [(area.row, area.column, area.rows, area.columns, area.cell.text) for area in block.areas]
        for block in source.blocks
        if isinstance(block, Grid)
    ]

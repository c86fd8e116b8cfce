"""What one form says of itself, from its file in ``forms/``; everything else is shared by all forms."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fiscalkg.loader.model import AmountSource, Scope
from fiscalkg.loader.text import fold

__all__ = ["GENERAL", "Layout", "layout_named", "layout_of", "layout_of_folded", "layouts", "marked"]

FORMS = Path(__file__).parent / "forms"


@dataclass(frozen=True, slots=True)
class Layout:
    """A form: how it is known, what its money labels mean, and how its fields run in wrapped text.

    ``marks`` are words that this form prints and others do not print together, each with its other spellings.
    ``amounts`` fixes scope and source of money labels; where it is empty the blocks of the grid say them.
    ``default_unit`` is the currency unit the form uses without printing it, believed only if the amounts look like
    it. ``order`` lists the fields of wrapped text as printed, ``groups`` those that head others in the same row,
    ``inline`` those that stand in the middle of a line.
    """

    name: str
    marks: tuple[tuple[str, ...], ...] = ()
    amounts: Mapping[str, tuple[Scope, AmountSource]] = field(default_factory=dict)
    default_unit: str | None = None
    order: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inline: frozenset[str] = frozenset()


# A form nobody has described: read as far as its labels go.
GENERAL = Layout("general")


@cache
def layouts() -> tuple[Layout, ...]:
    """Return the forms that are described, in order of their names."""
    return tuple(_layout(path) for path in sorted(FORMS.glob("*.toml")))


def _layout(path: Path) -> Layout:
    content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    wrapped = content.get("wrapped", {})
    amounts = content.get("amounts", {})
    return Layout(
        name=path.stem,
        marks=tuple(tuple(fold(word) for word in mark.split("|")) for mark in content["marks"]),
        amounts={concept: (Scope(scope), AmountSource(source)) for concept, (scope, source) in amounts.items()},
        default_unit=content.get("default_unit"),
        order=tuple(wrapped.get("order", ())),
        groups={concept: tuple(below) for concept, below in wrapped.get("groups", {}).items()},
        inline=frozenset(wrapped.get("inline", ())),
    )


def layout_named(name: str) -> Layout:
    """Return the layout of a name; raises ``KeyError`` with the known names where there is none."""
    known = {layout.name: layout for layout in (*layouts(), GENERAL)}
    if name not in known:
        raise KeyError(", ".join(known))
    return known[name]


def marked(layout: Layout, folded: str) -> int:
    """Return how many of a layout's marks stand in a folded text, in one spelling or another."""
    return sum(any(word in folded for word in mark) for mark in layout.marks)


def layout_of(words: Iterable[str]) -> Layout:
    """Return the layout all of whose marks stand among the words, the one with most of them; else ``GENERAL``."""
    return layout_of_folded("\n".join(fold(word) for word in words))


def layout_of_folded(text: str) -> Layout:
    """Return the layout all of whose marks stand in a folded text, as ``layout_of``."""
    known = [layout for layout in layouts() if marked(layout, text) == len(layout.marks)]
    return max(known, key=lambda layout: len(layout.marks), default=GENERAL)

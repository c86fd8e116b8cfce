"""What one layout says of itself; everything else is shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiscalkg.loader.model import AmountSource, Scope

__all__ = ["Layout"]


@dataclass(frozen=True, slots=True)
class Layout:
    """A form: how it is known, its fields in printed order, and what its money labels mean.

    ``marks`` are labels that only this form prints together. ``groups`` are labels that head others in the
    same row. ``inline`` may stand in the middle of a line. ``default_unit`` is the currency unit the form
    uses without printing it, believed only if the amounts look like it.
    """

    name: str
    marks: tuple[str, ...]
    order: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    inline: frozenset[str]
    columns: tuple[str, ...]
    amounts: Mapping[str, tuple[Scope, AmountSource]]
    default_unit: str | None = None

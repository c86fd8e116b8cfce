"""The numbers Word prints before paragraphs without their being text: 1. and （一） of automatic lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from fiscalkg.loader.readers.ooxml import Package

__all__ = ["Numbering", "numbering_of"]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SLOT = re.compile(r"%([1-9])")
DIGITS = "〇一二三四五六七八九"
CHINESE = (
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "taiwaneseCountingThousand",
    "ideographDigital",
)
CIRCLED = ("decimalEnclosedCircle", "decimalEnclosedCircleChinese")
MOST_LISTS = 10_000


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """The lists of a document and how far each has counted."""

    levels: Mapping[str, Mapping[int, _Level]]
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def next(self, paragraph: etree._Element) -> str:
        """Return the number of a paragraph, as printed, and count it; blank where it is in no list."""
        properties = paragraph.find(f"{W}pPr/{W}numPr")
        if properties is None:
            return ""
        listed, depth = _value(properties, "numId"), _value(properties, "ilvl") or "0"
        levels = self.levels.get(listed or "", {})
        level = levels.get(int(depth)) if depth.isascii() and depth.isdigit() else None
        if level is None or listed is None:
            return ""
        counts = self.counts.setdefault(listed, {})
        counts[int(depth)] = counts.get(int(depth), level.start - 1) + 1
        for deeper in [known for known in counts if known > int(depth)]:
            del counts[deeper]
        return SLOT.sub(lambda slot: self._part(levels, counts, int(slot[1]) - 1), level.text)

    @staticmethod
    def _part(levels: Mapping[int, _Level], counts: Mapping[int, int], depth: int) -> str:
        level = levels.get(depth)
        return _spell(counts.get(depth, level.start), level.form) if level else ""


def _spell(number: int, form: str) -> str:
    if form in CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        ten = "" if not tens else "十" if tens == 1 else DIGITS[tens] + "十"
        return ten + (DIGITS[ones] if ones or not tens else "")
    if form in CIRCLED and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if form in ("upperLetter", "lowerLetter") and 0 < number <= 26:
        return chr((ord("A") if form == "upperLetter" else ord("a")) + number - 1)
    return "" if form in ("bullet", "none") else str(number)


def numbering_of(package: Package) -> Numbering:
    """Return the lists that a package's numbering part describes; none where it has no such part."""
    root = package.xml("word/numbering.xml")
    if root is None:
        return Numbering({})
    abstract = {
        str(each.get(f"{W}abstractNumId")): _levels(each) for each in root.findall(f"{W}abstractNum")[:MOST_LISTS]
    }
    lists = {
        str(each.get(f"{W}numId")): abstract.get(_value(each, "abstractNumId") or "", {})
        for each in root.findall(f"{W}num")[:MOST_LISTS]
    }
    return Numbering(lists)


def _levels(abstract: etree._Element) -> dict[int, _Level]:
    levels: dict[int, _Level] = {}
    for level in abstract.findall(f"{W}lvl"):
        depth, start = str(level.get(f"{W}ilvl", "")), _value(level, "start") or "1"
        if depth.isascii() and depth.isdigit():
            first = int(start[:9]) if start.isascii() and start.isdigit() else 1
            form, text = _value(level, "numFmt") or "decimal", _value(level, "lvlText") or ""
            levels[int(depth[:2])] = _Level(form, "" if form == "bullet" else text, first)
    return levels


def _value(parent: etree._Element, tag: str) -> str | None:
    element = parent.find(f"{W}{tag}")
    return None if element is None else element.get(f"{W}val")

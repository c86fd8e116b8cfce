"""The numbers Word prints before paragraphs without their being text: 1. and （一） of automatic lists.

A paragraph is in a list by itself or by its style. Lists made of one pattern count on from each other, unless one says
where it starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from fiscalkg.loader.readers.docx_texts import W, is_on, number_of, value_of, word_xml
from fiscalkg.loader.readers.ooxml import Package

__all__ = ["Numbering", "next_number", "numbering_of", "spell"]

RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
SLOT = re.compile(r"%([1-9])")
MOST_LISTS = 10_000
LONGEST_TEXT = 100  # of a level, around its numbers
LONGEST_CHAIN = 20  # styles based on styles


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int
    follows: str  # what stands between the number and the text: tab, space or nothing
    style: str | None  # of the paragraphs that are at this level
    after: int  # begins anew after a number of a level above this one
    all_digits: bool  # numbers of the levels above it are printed in digits too


@dataclass(frozen=True, slots=True)
class _List:
    """A list: the pattern it counts with, its levels, and those that start anew with it."""

    pattern: str
    levels: Mapping[int, _Level]
    restarts: frozenset[int] = frozenset()


@dataclass(slots=True)
class Numbering:
    """The lists of a document, the list and level of its styles, and how far each pattern has counted."""

    lists: Mapping[str, _List]
    styles: Mapping[str, tuple[str | None, int | None]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)


def next_number(numbering: Numbering, paragraph: etree._Element) -> str:
    """Return the number of a paragraph, as printed, and count it; blank where it is in no list."""
    found = _listed(numbering, paragraph)
    if found is None:
        return ""
    name, depth = found
    listed = numbering.lists[name]
    level = listed.levels[depth]
    counts = numbering.counts.setdefault(listed.pattern, {})
    if depth in listed.restarts and found not in numbering.begun:
        counts.pop(depth, None)
    numbering.begun.add(found)
    counts[depth] = counts.get(depth, level.start - 1) + 1
    for deeper in [known for known in counts if known > depth]:
        if deeper not in listed.levels or depth < listed.levels[deeper].after:
            del counts[deeper]
    number = SLOT.sub(lambda slot: _part(listed.levels, counts, int(slot[1]) - 1, level.all_digits), level.text)
    return number + _gap(number, level.follows)


def _listed(numbering: Numbering, paragraph: etree._Element) -> tuple[str, int] | None:
    """Return the list and level of a paragraph: its own, else its style's."""
    style = value_of(paragraph.find(f"{W}pPr"), "pStyle") or ""
    name, depth = numbering.styles.get(style, (None, None))
    own = paragraph.find(f"{W}pPr/{W}numPr")
    if own is not None:
        name = value_of(own, "numId") or name
        level = own.find(f"{W}ilvl")
        depth = depth if level is None else number_of(level, 0)
    listed = numbering.lists.get(name or "")
    if name is None or listed is None:
        return None
    if depth is None:  # a style without a level has the one that names it
        depth = next((at for at, each in listed.levels.items() if each.style and each.style == style), 0)
    return (name, depth) if depth in listed.levels else None


def _part(levels: Mapping[int, _Level], counts: Mapping[int, int], depth: int, in_digits: bool) -> str:
    level = levels.get(depth)
    if level is None:
        return ""
    return spell(counts.get(depth, level.start), "decimal" if in_digits else level.form)


def _gap(number: str, follows: str) -> str:
    """A tab after a mark only indents; after a digit it keeps the number apart from the text."""
    if not number or follows == "nothing":
        return ""
    return " " if follows == "space" or number[-1].isalnum() else ""


def numbering_of(package: Package, main: str) -> Numbering:
    """Return the lists that the numbering part of a main part describes; none where it has no such part."""
    root = word_xml(package, _related(package, main, "numbering"))
    if root is None:
        return Numbering({})
    patterns = {str(each.get(f"{W}abstractNumId")): each for each in root.findall(f"{W}abstractNum")[:MOST_LISTS]}
    linked = {value_of(each, "styleLink"): name for name, each in patterns.items()}
    levels = {name: _levels(each) for name, each in patterns.items()}
    lists = {}
    for each in root.findall(f"{W}num")[:MOST_LISTS]:
        pattern = value_of(each, "abstractNumId") or ""
        link = value_of(patterns.get(pattern), "numStyleLink")  # the levels are another pattern's, found by a style
        pattern = linked.get(link, pattern) if link else pattern
        lists[str(each.get(f"{W}numId"))] = _overridden(_List(pattern, levels.get(pattern, {})), each)
    return Numbering(lists, _styles(word_xml(package, _related(package, main, "styles"))))


def _related(package: Package, main: str, kind: str) -> str:
    """Return the part of a kind that the main part names, the usual one where it names none."""
    folder, _, file = main.rpartition("/")
    relations = package.xml(f"{folder}/_rels/{file}.rels")
    for relation in relations.iter(RELATION) if relations is not None else ():
        if str(relation.get("Type", "")).endswith(f"/{kind}"):
            target = str(relation.get("Target", ""))
            return target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
    return f"word/{kind}.xml"


def _overridden(listed: _List, element: etree._Element) -> _List:
    """Return a list with what it says otherwise than its pattern: levels of its own, and where they start."""
    levels, restarts = dict(listed.levels), set()
    for override in element.findall(f"{W}lvlOverride"):
        depth, start, level = _depth(override), override.find(f"{W}startOverride"), override.find(f"{W}lvl")
        if depth is None:
            continue
        if level is not None:
            levels[depth] = _level(level, depth)
        if start is not None and depth in levels:
            levels[depth] = replace(levels[depth], start=number_of(start, 1))
            restarts.add(depth)
    return replace(listed, levels=levels, restarts=frozenset(restarts))


def _levels(pattern: etree._Element) -> dict[int, _Level]:
    depths = ((_depth(level), level) for level in pattern.findall(f"{W}lvl"))
    return {depth: _level(level, depth) for depth, level in depths if depth is not None}


def _level(element: etree._Element, depth: int) -> _Level:
    form = value_of(element, "numFmt") or "decimal"
    return _Level(
        form=form,
        text="" if form in ("bullet", "none") else (value_of(element, "lvlText") or "")[:LONGEST_TEXT],
        start=number_of(element.find(f"{W}start"), 1),
        follows=value_of(element, "suff") or "tab",
        style=value_of(element, "pStyle"),
        after=number_of(element.find(f"{W}lvlRestart"), depth),
        all_digits=is_on(element.find(f"{W}isLgl")),
    )


def _depth(element: etree._Element) -> int | None:
    depth = str(element.get(f"{W}ilvl", ""))
    return int(depth) if len(depth) == 1 and depth in "012345678" else None


def _styles(root: etree._Element | None) -> dict[str, tuple[str | None, int | None]]:
    """Return the list and level of each paragraph style, its own or that of the style it is based on."""
    found = root.findall(f"{W}style")[:MOST_LISTS] if root is not None else []
    by_name = {str(style.get(f"{W}styleId")): style for style in found}
    styles: dict[str, tuple[str | None, int | None]] = {}
    for name, style in by_name.items():
        numbers = _numbers_of(style, by_name)
        if numbers is not None:
            depth = numbers.find(f"{W}ilvl")
            styles[name] = value_of(numbers, "numId"), number_of(depth, 0) if depth is not None else None
    return styles


def _numbers_of(style: etree._Element, by_name: Mapping[str, etree._Element]) -> etree._Element | None:
    for _ in range(LONGEST_CHAIN):
        numbers = style.find(f"{W}pPr/{W}numPr")
        based = by_name.get(value_of(style, "basedOn") or "")
        if numbers is not None or based is None:
            return numbers
        style = based
    return None


DIGITS = "〇一二三四五六七八九"
CHINESE = (
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand",
)  # fmt: skip
ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
LARGEST_ROMAN = 3999
LARGEST_LETTER = 780  # 26 letters, thirty times over


def spell(number: int, form: str) -> str:
    """Return a number in one of Word's forms; in digits where the form is unknown or has no such number.

    >>> [spell(12, form) for form in ("decimal", "chineseCounting", "lowerRoman", "upperLetter", "decimalZero")]
    ['12', '十二', 'xii', 'L', '12']
    """
    if form in ("bullet", "none"):
        return ""
    speller = FORMS.get(form)
    return (speller(number) if speller and number > 0 else None) or str(number)


def _chinese(number: int) -> str | None:
    if number >= 100:  # no list of a form is that long
        return None
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else DIGITS[tens] + "十"
    return ten + (DIGITS[ones] if ones or not tens else "")


def _roman(number: int) -> str | None:
    if number > LARGEST_ROMAN:
        return None
    text = ""
    for value, mark in ROMAN:
        text += mark * (number // value)
        number %= value
    return text


def _letters(number: int) -> str | None:
    """After Z come AA and BB, not AB."""
    times, letter = divmod(number - 1, 26)
    return chr(ord("A") + letter) * (times + 1) if number <= LARGEST_LETTER else None


def _lower(speller: Callable[[int], str | None]) -> Callable[[int], str | None]:
    return lambda number: (speller(number) or "").lower()


def _series(characters: str) -> Callable[[int], str | None]:
    return lambda number: characters[number - 1] if number <= len(characters) else None


FORMS: dict[str, Callable[[int], str | None]] = {
    **dict.fromkeys(CHINESE, _chinese),
    "ideographDigital": lambda number: "".join(DIGITS[int(digit)] for digit in str(number)),
    "ideographTraditional": _series("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _series("子丑寅卯辰巳午未申酉戌亥"),
    "decimalEnclosedCircle": _series("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "decimalEnclosedCircleChinese": _series("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "decimalEnclosedParen": _series("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    "decimalEnclosedFullstop": _series("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    "decimalFullWidth": lambda number: str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "decimalZero": lambda number: f"{number:02d}",
    "upperRoman": _roman,
    "lowerRoman": _lower(_roman),
    "upperLetter": _letters,
    "lowerLetter": _lower(_letters),
}

"""The runs of a Word paragraph into the text Word shows: insertions and equations kept, what is deleted or hidden not.

Symbols of picture fonts become the characters they look like; fields give their results, ruby its base alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from fiscalkg.loader.readers.ooxml import Package, parse_xml

__all__ = ["W", "children", "is_on", "is_text", "number_of", "runs_on", "texts", "value_of", "word_xml"]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# The namespaces of ISO 29500 Strict, and what every program writes instead.
STRICT = b"http://purl.oclc.org/ooxml/"
USUAL = {
    STRICT + b"wordprocessingml/main": W.strip("{}").encode(),
    STRICT + b"officeDocument/math": M.strip("{}").encode(),
}
# What is marked as taken out or moved away, holds a field's code rather than its result, or only says how it looks.
LEFT_OUT = frozenset(
    f"{W}{tag}"
    for tag in ("del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr", "tcPr", "tblPr", "trPr", "rt")
)
CHARACTERS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": "\t"}
# Of an equation, what is drawn rather than written: before and after an element, and settings that say otherwise.
DRAWN = {
    f"{M}d": (("begChr", "("), ("endChr", ")")),
    f"{M}den": (("", "/"), None),
    f"{M}rad": (("", "√"), None),
    f"{M}nary": (("chr", "∫"), None),
}
RUNS = frozenset((f"{W}r", f"{W}t", f"{W}hyperlink", f"{W}fldSimple", f"{M}oMath", f"{M}oMathPara"))
SHOWING = (f"{W}t", f"{W}sym", f"{M}t")
OFF = ("0", "false", "off", "none")
LONGEST_NUMBER = 7  # digits; what is longer counts as the largest, and may be too long to convert

# Fonts of pictures: the code of a character, and what it looks like. Forms tick boxes with them, by a symbol of its
# own or by a letter in the font, and old ones write their signs and Greek letters so.
LOOKS: dict[str, dict[int, str]] = {
    "wingdings": {
        0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "□", 0x72: "□", 0x75: "◆", 0x78: "☒", 0x9F: "•", 0xA1: "○", 0xA4: "◉",
        0xA7: "▪", 0xA8: "□", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xFB: "×", 0xFC: "√", 0xFD: "☒", 0xFE: "☑",
    },
    "wingdings 2": {0x4F: "×", 0x50: "√", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0xA3: "□"},
    "symbol": {
        0xA3: "≤", 0xA5: "∞", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈",
        0xD6: "√", **{ord(mark): mark for mark in " !#%&()+,./0123456789:;<=>?[]_{|}"},
        **dict(enumerate("ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", ord("A"))),
        **dict(enumerate("αβχδεφγηιϕκλμνοπθρστυϖωξψζ", ord("a"))),
    },
}  # fmt: skip
PRIVATE = 0xF000  # where Word keeps the characters of such fonts


def word_xml(package: Package, member: str) -> etree._Element | None:
    """Return a part of a Word document in the usual namespaces, ``None`` where there is none."""
    root = package.xml(member)
    if root is None or not str(root.tag).startswith("{" + STRICT.decode()):
        return root
    data = etree.tostring(root)
    for strict, usual in USUAL.items():
        data = data.replace(strict, usual)
    return parse_xml(data, f"{package.name}: {member} inside it")


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the elements in an element that Word shows; of what is there twice, for old and new readers, one."""
    for child in element:
        if not isinstance(child.tag, str) or child.tag in LEFT_OUT:
            continue
        if child.tag == f"{MC}AlternateContent":
            branch = _chosen(child)
            if branch is not None:
                yield from children(branch)
        else:
            yield child


def _chosen(alternate: etree._Element) -> etree._Element | None:
    """Return the first branch that says something: the one for newer readers, unless it is only a drawing."""
    branches = [branch for branch in alternate if branch.tag in (f"{MC}Choice", f"{MC}Fallback")]
    telling = (branch for branch in branches if next(branch.iter(*SHOWING), None) is not None)
    return next(telling, branches[0] if branches else None)


def is_text(element: etree._Element) -> bool:
    """Whether an element holds text of a paragraph; outside of one, it is taken for a paragraph itself."""
    return element.tag in RUNS


def texts(element: etree._Element, boxes: list[etree._Element], font: str = "") -> Iterator[str]:
    """Yield the text of an element piece by piece; the contents of text boxes go to ``boxes`` instead."""
    tag = str(element.tag)
    if tag in (f"{W}t", f"{M}t"):
        yield _shown_in(font, element.text or "")
    elif tag in CHARACTERS:
        yield CHARACTERS[tag]
    elif tag == f"{W}sym":
        yield _symbol(element.get(f"{W}font", ""), element.get(f"{W}char", ""))
    elif tag == f"{W}checkBox":
        yield "☑" if _is_checked(element) else "□"
    elif tag == f"{W}txbxContent":
        boxes.append(element)
    else:
        look = element.find(f"{W}rPr")  # of a run
        if look is not None:
            if is_on(look.find(f"{W}vanish")):
                return
            fonts = look.find(f"{W}rFonts")
            font = fonts.get(f"{W}ascii", "") if fonts is not None else font
        before, after = DRAWN.get(tag, (None, None))
        yield from _drawn(element, before)
        for child in children(element):
            yield from texts(child, boxes, font)
        yield from _drawn(element, after)


def _drawn(element: etree._Element, mark: tuple[str, str] | None) -> Iterator[str]:
    if mark is not None:
        setting, usual = mark
        stated = element.find(f"{element.tag}Pr/{M}{setting}") if setting else None
        yield stated.get(f"{M}val", usual) if stated is not None else usual


def _symbol(font: str, code: str) -> str:
    """Return what a symbol looks like, by its font and hexadecimal code; what is not known stays as it is stored."""
    try:
        character = chr(int(code[:8], 16))
        character.encode("utf-8")
    except (ValueError, OverflowError):
        return ""
    return _shown_in(font, character)


def _shown_in(font: str, text: str) -> str:
    """Return what text looks like in a font; text in a font of letters is as it is."""
    looks = LOOKS.get(font.strip().lower()) if font else None
    if looks is None:
        return text
    return "".join(looks.get(_code(character), character) for character in text)


def _code(character: str) -> int:
    number = ord(character)
    return number - PRIVATE if PRIVATE <= number <= PRIVATE + 0xFF else number


def _is_checked(box: etree._Element) -> bool:
    checked = box.find(f"{W}checked")
    return is_on(checked if checked is not None else box.find(f"{W}default"))


def is_on(element: etree._Element | None) -> bool:
    """Whether a setting is there and not said to be off."""
    return element is not None and element.get(f"{W}val", "1") not in OFF


def runs_on(paragraph: etree._Element) -> bool:
    """Whether the end of a paragraph is taken out, moved away or hidden: the next one then goes on with it."""
    marks = paragraph.find(f"{W}pPr/{W}rPr")
    if marks is None:
        return False
    is_gone = marks.find(f"{W}del") is not None or marks.find(f"{W}moveFrom") is not None
    return is_gone or is_on(marks.find(f"{W}vanish"))


def value_of(parent: etree._Element | None, tag: str) -> str | None:
    """Return what the element of a kind in another states, ``None`` where there is none."""
    element = parent.find(f"{W}{tag}") if parent is not None else None
    return None if element is None else element.get(f"{W}val")


def number_of(element: etree._Element | None, default: int) -> int:
    """Return the whole number an element states, ``default`` where there is none; a huge one is cut."""
    value = element.get(f"{W}val", "").strip() if element is not None else ""
    if not (value.isascii() and value.isdigit()):
        return default
    digits = value.lstrip("0")
    return int(digits or "0") if len(digits) <= LONGEST_NUMBER else 10**LONGEST_NUMBER

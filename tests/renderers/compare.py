"""Two readings of the same table compared: everything but places, runs of blanks counted as one."""

from __future__ import annotations

import re
from collections.abc import Sequence

PLACES = frozenset(("lines", "page", "box", "cell", "sheet", "document", "sequence", "version"))
BLANKS = re.compile(r"[ \u00a0\u3000]+")
HAN = "\u3400-\u9fff\uff00-\uffef\u3000-\u303f□√"
# A blank beside a Chinese character is the setter's, not the text's.
SETTING = re.compile(rf"(?<=[{HAN}]) | (?=[{HAN}])")


def plain(value: object, breaks: bool = True) -> object:
    """Return a statement's JSON without places; blanks that only set the text apart do not count.

    Without ``breaks`` a line break counts as a blank: some shapes of text have lost them.
    """
    if isinstance(value, dict):
        return {key: plain(inner, breaks) for key, inner in value.items() if key not in PLACES}
    if isinstance(value, list):
        return [plain(inner, breaks) for inner in value]
    if not isinstance(value, str):
        return value
    return SETTING.sub("", BLANKS.sub(" ", value if breaks else value.replace("\n", " "))).strip()


def differences(expected: Sequence[dict], found: Sequence[dict], breaks: bool = True) -> list[str]:
    """Return what differs, a line each: which statement, which key, both values."""
    lines = [] if len(expected) == len(found) else [f"{len(expected)} statements expected, {len(found)} read"]
    for number, (left, right) in enumerate(zip(expected, found, strict=False), 1):
        lines += [f"{number}{line}" for line in _different(plain(left, breaks), plain(right, breaks))]
    return lines


def _different(left: object, right: object, at: str = "") -> list[str]:
    if isinstance(left, dict) and isinstance(right, dict):
        keys = sorted(left.keys() | right.keys())
        return [line for key in keys for line in _different(left.get(key), right.get(key), f"{at}.{key}")]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = enumerate(zip(left, right, strict=True))
        return [line for index, pair in pairs for line in _different(*pair, f"{at}[{index}]")]
    return [] if left == right else [f"{at}: expected {left!r}, read {right!r}"]

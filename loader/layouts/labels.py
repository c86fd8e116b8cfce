"""The label dictionary ``labels.toml``: printed words into the concepts of a form."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from fiscalkg.loader.model import StatementKind
from fiscalkg.loader.tables import Cell, cut
from fiscalkg.loader.text import fold, squeeze

__all__ = [
    "Label", "column_of", "currency_in", "field_of", "foreign_kind", "head_of", "is_level", "is_title", "kind_of",
    "label_before", "label_of", "label_starts_with", "split_labelled",
]  # fmt: skip

COLON = re.compile(r"[:：]")
TITLE = re.compile(
    r"^(?:附件\d*|附表\d*)?(?:\d+[.、．])?.*(?:绩效目标(?:申报|填报)?(?:申报)?表|项目申报表|自评表|自评价表|绩效评价.{0,16}表)(?:[(（]\d{4}年度?[)）])?$"
)
LONGEST_TITLE = 160
LONGEST_LABEL = 40
# 一、项目名称 and 1.项目名称; 其中：财政拨款; 项目资金（万元）; 中期目标(2021年—2023年).
NUMBERING = re.compile(r"^(?:(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s*[、.)]|\([一二三四五六七八九十\d]{1,2}\))\s*")
ASIDE = re.compile(r"[(（][^()（）]*[)）]")
CURRENCY = re.compile(r"[(（][^()（）]*?((?:百|千|万|百万|千万|亿)?元)[^()（）]*[)）]")
SECTIONS = ("fields", "groups", "unmodelled", "persons")
LEAST_FOREIGN_COLUMNS = 2


@cache
def _dictionaries() -> tuple[dict[str, Any], ...]:
    """Return the dictionary of all forms, then what single forms add to it: their own words for known concepts."""
    here = Path(__file__).parent
    paths = (here / "labels.toml", *sorted((here / "forms").glob("*.toml")))
    return tuple(tomllib.loads(path.read_text(encoding="utf-8")) for path in paths)


@cache
def _words(section: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for tables in _dictionaries():
        for concept, printed in tables.get(section, {}).items():
            for word in printed:
                words.setdefault(fold(word), concept)
    return words


@cache
def _levels(level: str) -> frozenset[str]:
    return frozenset(fold(word) for tables in _dictionaries() for word in tables.get("levels", {}).get(level, ()))


def field_of(text: str) -> str | None:
    """Return the field a label names, e.g. ``project_name`` for 项目名称."""
    return _words("fields").get(fold(text))


@dataclass(frozen=True, slots=True)
class Label:
    """What a label cell of a form names: a concept of one of the dictionary's ``SECTIONS``."""

    section: str
    concept: str


@lru_cache(maxsize=8192)  # the same words come again in every table, and are asked for at every step
def label_of(text: str) -> Label | None:
    """Return what a cell that holds only a label names, whatever it is numbered or noted with; else ``None``.

    >>> label_of("二、项目资金 (万元)"), label_of("其中： 财政拨款")
    (Label(section='groups', concept='group'), Label(section='fields', concept='fiscal_amount'))
    """
    for folded in _spellings(text):
        for section in SECTIONS:
            if concept := _words(section).get(folded):
                return Label(section, concept)
    return None


@lru_cache(maxsize=8192)
def head_of(text: str) -> str | None:
    """Return the column a cell of a table head names, whatever it is numbered or noted with.

    >>> head_of("年度指标值（包含数字及文字描述）"), head_of("权重(%)")
    ('value', 'weight')
    """
    return next((column for folded in _spellings(text) if (column := _words("columns").get(folded))), None)


def _spellings(text: str) -> Iterator[str]:
    """Yield the folded forms of a label: as printed, then without what may stand around it."""
    if len(text) > LONGEST_LABEL:
        return
    printed = unicodedata.normalize("NFKC", text).strip()
    yield fold(printed)
    bare = ASIDE.sub("", printed)
    yield fold(bare)
    bare = NUMBERING.sub("", bare, count=1)
    yield fold(bare)
    yield fold(bare).removeprefix("其中")


def currency_in(text: str) -> str | None:
    """Return the currency unit a label notes in brackets.

    >>> currency_in("项目资金（万元）")
    '万元'
    """
    match = CURRENCY.search(text)
    return match[1] if match else None


def column_of(text: str) -> str | None:
    """Return the column a table head names, e.g. ``value`` for 指标值."""
    return _words("columns").get(fold(text))


def label_starts_with(folded: str) -> bool:
    """Say whether a field or column label starts with this folded text: a label may wrap."""
    return any(word.startswith(folded) for section in ("fields", "columns") for word in _words(section))


def is_level(text: str, level: str) -> bool:
    """Say whether a text is a label of ``level1`` or ``level2``, e.g. 产出指标 or 数量指标."""
    return fold(text) in _levels(level)


def split_labelled(cell: Cell) -> tuple[str, Cell, Cell] | None:
    """Return field, label and value of a cell that holds both, as 单位：万元; ``None`` for any other."""
    colon = COLON.search(cell.text, 0, LONGEST_LABEL + 1)
    label = label_of(cell.text[: colon.start()]) if colon else None
    if colon is None or label is None or label.section != "fields":
        return None
    return label.concept, cut(cell, 0, colon.end()), cut(cell, colon.end(), len(cell.text))


def label_before(text: str) -> Label | None:
    """Return what the words before the first colon name, as in 填表人：███."""
    colon = COLON.search(text, 0, LONGEST_LABEL + 1)
    return label_of(text[: colon.start()]) if colon else None


def is_title(text: str) -> bool:
    """Say whether a line is the title of a table, e.g. 3.外事工作经费绩效目标表."""
    return "表" in text and len(text) <= LONGEST_TITLE and TITLE.match(squeeze(text)) is not None


def kind_of(title: str) -> StatementKind:
    """Return what a table with this title is; a project's target table unless the title says otherwise."""
    folded = fold(title)
    for word, kind in _words("kinds").items():
        if word in folded:
            return StatementKind(kind)
    return StatementKind.TARGET


def foreign_kind(words: Iterable[str]) -> StatementKind | None:
    """Return the kind two of whose columns stand among the words: no table of targets has such."""
    firsts = _foreign_firsts()
    # What begins with another Chinese character is told by it: no folding changes that.
    likely = (word for word in words if word[0] in firsts or not "\u4e00" <= word[0] <= "\u9fff")
    heads = {head for word in likely for head in _foreign_heads(word)}
    kinds = [kind for _, kind in heads]
    return StatementKind(kinds[0]) if len(kinds) >= LEAST_FOREIGN_COLUMNS else None


@cache
def _foreign_firsts() -> frozenset[str]:
    return frozenset(word[0] for word in _words("foreign_columns"))


@lru_cache(maxsize=16384)
def _foreign_heads(text: str) -> tuple[tuple[str, str], ...]:
    folded = fold(text)
    return tuple((word, kind) for word, kind in _words("foreign_columns").items() if folded.startswith(word))

"""The lines before the first table into page furniture and the year the cover prints."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fiscalkg.loader.layouts.labels import is_title
from fiscalkg.loader.layouts.ledger import Ledger
from fiscalkg.loader.layouts.statement import Draft
from fiscalkg.loader.model import Basis, Stated
from fiscalkg.loader.tables import Cell, cut
from fiscalkg.loader.text import fold, squeeze

__all__ = ["is_page_number", "read_cover"]

YEAR = re.compile(r"[(（]?\s*(\d{4})\s*年度?\s*[)）]?")
ATTACHMENT = re.compile(r"(?:附件|附表|附)\s*[\d一二三四五六七八九十]*[:：]?")
PAGE_NUMBER = re.compile(r"[-—–\s]*\d{1,4}[-—–\s]*|第\s*\d+\s*页(?:\s*[,，/]?\s*共\s*\d+\s*页)?")


def read_cover(lines: Sequence[Cell], ledger: Ledger, drafts: Sequence[Draft]) -> Stated | None:
    """Enter the furniture of cover and contents, and return the year the cover prints."""
    names = {fold(unit.value) for draft in drafts for unit in _units(draft) if unit}
    headings = {fold(draft.statement.heading) for draft in drafts if draft.statement.heading}
    year: Stated | None = None
    for line in lines:
        match = YEAR.fullmatch(line.text)
        if match and year is None:
            year = Stated(cut(line, *match.span(1)).text, Basis.COVER, ledger.source.place(line))
        role = "cover-year" if match else _role(line.text, names, headings)
        if role:
            ledger.enter(role, line)
    return year


def is_page_number(text: str) -> bool:
    """Say whether a line is a page's number, - 3 - or 第 3 页."""
    return PAGE_NUMBER.fullmatch(text) is not None


def _units(draft: Draft) -> tuple[Stated | None, ...]:
    statement = draft.statement
    return statement.unit_name, statement.implementing_unit, statement.supervising_unit


def _role(text: str, names: set[str], headings: set[str]) -> str | None:
    if squeeze(text) == "目录":
        return "contents-title"
    if fold(text) in headings and fold(text) != fold("项目绩效目标表"):
        return "contents-entry"
    if is_title(text):
        return "cover-title"
    if fold(text) in names:
        return "cover-publisher"
    if ATTACHMENT.fullmatch(text):
        return "attachment"
    return "page-number" if is_page_number(text) else None

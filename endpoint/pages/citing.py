"""An entity into what others write of it: a reference by GB/T 7714, one in BibTeX, and a letter about a misreading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from fiscalkg.endpoint.pages.page import Edition

__all__ = ["Citation", "Reading", "cite", "misreading"]

LONGEST = 300
SPECIAL = re.compile(r"([#$%&_{}~^\\])")
NAMED = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True, slots=True)
class Citation:
    """The same reference twice; the day of the visit is left for whoever cites."""

    gbt7714: str
    bibtex: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What may have been misread: where it stands, what is printed there, and what was made of it."""

    table: str
    name: str
    place: str
    printed: str
    understood: str


def cite(edition: Edition, iri: str, author: str, title: str, year: str | None) -> Citation:
    """Return the references of an entity by its IRI, with the release they speak of.

    GB/T 7714-2015: author, title [DS/OL], publisher, year [day of the visit], address.
    """
    publisher = edition.portal.publisher.zh if edition.portal.publisher else edition.portal.name.zh
    printed = f"{author}. " if author else ""
    dated = f", {year}" if year else ""
    text = f"{printed}{title}[DS/OL]. {publisher}{dated}，版本 {edition.identifier}[引用日期]. {iri}."
    fields = {
        "author": f"{{{_tex(author)}}}" if author else "", "title": f"{{{_tex(title)}}}", "year": year or "",
        "publisher": _tex(publisher), "version": edition.identifier, "url": iri,
    }  # fmt: skip
    key = "fiscalkg-" + re.sub(r"[^0-9A-Za-z]+", "-", iri.removeprefix(edition.base)).strip("-")
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return Citation(text, f"@misc{{{key},\n{lines}}}")


def _tex(text: str) -> str:
    """Return a text in which no character means anything to TeX.

    >>> _tex("R&D 50% {a}")
    'R\\\\&D 50\\\\% \\\\{a\\\\}'
    """
    return SPECIAL.sub(lambda found: NAMED.get(found[0], "\\" + found[0]), text)


def misreading(edition: Edition, reading: Reading, iri: str) -> str:
    """Return the address that opens a letter or a form to the portal's contact, filled in; empty without a contact."""
    contact = edition.portal.contact
    if not contact:
        return ""
    body = "\n".join(
        (
            f"目标表 table: {reading.table[:LONGEST]}", f"指标 indicator: {reading.name[:LONGEST]}",
            f"出处 source: {reading.place}", f"原文 as printed: {reading.printed[:LONGEST]}",
            f"读作 understood as: {reading.understood}", "应读作 should be: ", iri,
            f"版本 release {edition.identifier}",
        )
    )  # fmt: skip
    subject = f"报告误读 misreading: {reading.name[:60]}"
    head = "subject" if contact.startswith("mailto:") else "title"
    joint = "&" if "?" in contact else "?"
    return f"{contact}{joint}{head}={quote(subject, safe='')}&body={quote(body, safe='')}"

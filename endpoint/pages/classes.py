"""Indicators by class into pages: what sits under 质量指标, how much of it can be checked, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fiscalkg.endpoint.canned_queries import canned_query
from fiscalkg.endpoint.pages.answers.answer import percent
from fiscalkg.endpoint.pages.asked import Choice, narrowed
from fiscalkg.endpoint.pages.asking import Row, remembered, rows_by
from fiscalkg.endpoint.pages.markup import html, twin_path
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route

__all__ = ["CLASS", "INDEX", "class_key"]

MOST_NAMES = 150
SCHEME = "https://w3id.org/fiscalkg/scheme/"


@dataclass(frozen=True, slots=True)
class Sum:
    """What stands in one class: ``key`` names its page, ``value`` is the class's IRI or ``none``."""

    key: str
    value: str
    names: int
    indicators: int
    quantified: int

    @property
    def told(self) -> str:
        """The checkable share, in percent."""
        return percent(self.quantified, self.indicators)

    @property
    def share(self) -> str:
        """The same as the length of a bar."""
        return f"{100 * self.quantified / max(1, self.indicators):.2f}%"


def class_key(value: str) -> str:
    """Return what names the page of a class.

    >>> class_key("https://w3id.org/fiscalkg/scheme/base88/quality")
    'base88-quality'
    """
    return value.removeprefix(SCHEME).replace("/", "-")


def _sum(row: Row) -> Sum:
    counts = (int(row[name]) for name in ("names", "indicators", "quantified"))
    return Sum(class_key(row["class"]), row["class"], *counts)


def _classes(edition: Edition) -> list[Sum]:
    found = map(_sum, remembered(edition, canned_query("classes").text))
    return sorted(found, key=lambda each: (-each.indicators, each.key))


def index(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the list of classes with their indicators and the share that can be checked."""
    classes = _classes(edition)
    return html(
        edition, path, language, "classes.html", twin_path("indicators/index.html", language), classes=classes,
        total=sum(each.indicators for each in classes), query=canned_query("class-names"), rows=None,
        text=canned_query("classes").text,
    )  # fmt: skip


def group(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return the page of a class: its names, the most used first; ``None`` for no such class."""
    own = next((each for each in _classes(edition) if each.key == parameters["key"]), None)
    if own is None:
        return None
    rows = rows_by(edition, canned_query("class-names").text, "class").get(own.value, [])
    return html(
        edition, path, language, "classes.html", twin_path(f"class/{own.key}.html", language), own=own,
        rows=rows[:MOST_NAMES], query=canned_query("class-names"),
        text=narrowed(canned_query("class-names").text, Choice("class", own.key, own.value, "")),
    )  # fmt: skip


def _index_paths(_: Edition) -> Iterator[str]:
    yield "indicators/index.html"


def _class_paths(edition: Edition) -> Iterator[str]:
    yield from (f"class/{own.key}.html" for own in _classes(edition))


INDEX = Route("indicators", re.compile(r"indicators/index\.html"), index, _index_paths)
CLASS = Route("class", re.compile(r"class/(?P<key>[0-9a-z-]+)\.html"), group, _class_paths)

"""The text of a canned query as a page shows it: header comments taken apart, the query as it is run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fiscalkg.endpoint.pages.page import Language

__all__ = ["CannedText", "canned", "canned_names"]

FOLDER = Path(__file__).parent.parent / "canned"
HEADER = re.compile(r"^# ([a-z]+-(?:zh|en)): (.*)$", re.MULTILINE)
SELECTED = re.compile(r"^SELECT\s+(?:DISTINCT\s+)?(.*?)\s*(?:WHERE\b|\{)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class CannedText:
    """A canned query: ``headers`` are title-zh, title-en, question-zh, question-en; ``text`` is what is run."""

    name: str
    headers: Mapping[str, str]
    text: str

    def question(self, language: Language) -> str:
        """Return the question it answers, or its title where it asks none."""
        return self.headers.get(f"question-{language}") or self.headers[f"title-{language}"]

    @property
    def columns(self) -> tuple[str, ...]:
        """The selected variables, in order."""
        selected = SELECTED.search(self.text)
        found = re.findall(r"\(.*?\bAS\s+\?(\w+)\s*\)|\?(\w+)", selected.group(1), re.DOTALL) if selected else []
        return tuple(alias or plain for alias, plain in found)


def canned_names() -> tuple[str, ...]:
    """Return the names of all canned queries, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.rq")))


@cache
def canned(name: str) -> CannedText:
    """Return a canned query by its name; raises ``KeyError`` for an unknown one."""
    if name not in canned_names():
        raise KeyError(name)
    text = (FOLDER / f"{name}.rq").read_text(encoding="utf-8")
    return CannedText(name, dict(HEADER.findall(text)), HEADER.sub("", text).lstrip("\n"))

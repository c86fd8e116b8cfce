"""The code lists of ``ontology/codes`` as look-ups from printed labels to concepts: one source for both."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.iris import SCHEME, concept, digest
from fiscalkg.loader.rules import rule_concepts

__all__ = ["CODES", "code_lists", "fold_label", "indicator_class", "taxonomy_of", "unit_concept"]

CODES = Path(__file__).parent.parent / "ontology" / "codes"
SKOS = "http://www.w3.org/2004/02/skos/core#"
LEVEL_SUFFIX = re.compile(r"(?:指标|目标)$")


def code_lists() -> Iterator[ox.Triple]:
    """Yield every triple of the code lists, file by file in the order of their names, then the rules'."""
    for path in sorted(CODES.glob("*.ttl")):
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            yield quad.triple
    yield from rule_concepts()


def fold_label(text: str) -> str:
    """Return a label without width, blanks, punctuation and the closing 指标 or 目标.

    >>> fold_label("服务对象 满意度指标")
    '服务对象满意度'
    """
    folded = "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())
    return LEVEL_SUFFIX.sub("", folded) or folded


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    """Return scheme -> folded label or notation -> concept IRI."""
    found: dict[str, dict[str, str]] = {}
    names = {f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{SKOS}notation"}
    for triple in code_lists():
        subject, value = triple.subject, triple.object
        if triple.predicate.value not in names or not isinstance(value, ox.Literal) or value.language == "en":
            continue
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(SCHEME):
            scheme, _, _name = subject.value.removeprefix(SCHEME).rpartition("/")
            text = value.value if scheme == "unit" else fold_label(value.value)
            found.setdefault(scheme, {}).setdefault(text, subject.value)
    return found


def taxonomy_of(level1: frozenset[str]) -> str:
    """Return the scheme a table's level-1 labels belong to: base88 unless they say otherwise."""
    folded = {unicodedata.normalize("NFKC", label).strip() for label in level1}
    if folded & {"产出目标", "效果目标"}:
        return "shenzhen2019"
    return "central101" if "成本指标" in folded else "base88"


@lru_cache(maxsize=4096)  # tables print the same few names of level 2
def indicator_class(taxonomy: str, level2: str | None) -> str | None:
    """Return the concept of a printed level-2 label in a scheme, else in base88, else ``None``."""
    if not level2:
        return None
    label = fold_label(level2)
    labels = _labels()
    return labels.get(taxonomy, {}).get(label) or labels.get("base88", {}).get(label)


def unit_concept(text: str) -> tuple[str, bool]:
    """Return the concept of a unit of measure and whether the code list holds it."""
    known = _labels().get("unit", {}).get(text)
    return (known, True) if known else (concept("unit", f"u-{digest(text)}"), False)

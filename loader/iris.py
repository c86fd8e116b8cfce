"""Names of things as IRIs: deterministic, ASCII only, stable when documents are added or reordered."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from fiscalkg.loader.model import Document, Statement
from fiscalkg.loader.places import Place, fragment

__all__ = [
    "BASE", "GRAPHS", "ONTOLOGY", "SCHEME", "StatementIris", "concept", "document_iri", "graph_iri", "place_iri",
    "source_iri", "statement_iris", "unit_iri",
]  # fmt: skip

BASE = "https://w3id.org/fiscalkg/id/"
ONTOLOGY = "https://w3id.org/fiscalkg/ontology#"
SCHEME = "https://w3id.org/fiscalkg/scheme/"
GRAPHS = ("ontology", "shapes", "report", "catalogue")
UNKNOWN = "unknown"
YEAR_TOKENS = re.compile(r"(?:19|20)\d{2}年?度?")


@dataclass(frozen=True, slots=True)
class StatementIris:
    """The IRIs of a statement and of the unit and project it speaks of."""

    statement: str
    unit: str
    project: str


def digest(text: str) -> str:
    """Return the first 12 hex digits of the SHA-256 of a text; lone surrogates are replaced."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def concept(scheme: str, name: str) -> str:
    """Return the IRI of a code.

    >>> concept("scope", "year")
    'https://w3id.org/fiscalkg/scheme/scope/year'
    """
    return f"{SCHEME}{scheme}/{name}"


def graph_iri(base: str, name: str) -> str:
    """Return the IRI of a named graph: ontology, shapes, report or catalogue."""
    return f"{base}graph/{name}"


def place_iri(code: str) -> str:
    """Return the concept of a GB/T 2260 division; what is no code is ``unknown``."""
    return concept("place", code if re.fullmatch(r"\d{6}", code) else UNKNOWN)


def document_iri(base: str, document: Document) -> str:
    """Return the IRI of a document, by its content and not by its name."""
    return f"{base}source/{document.sha256[:12]}"


def source_iri(base: str, document: Document, place: Place) -> str:
    """Return the IRI of a place in a document."""
    return f"{document_iri(base, document)}#{fragment(place)}"


def unit_iri(base: str, place: str, code: str | None, name: str) -> str:
    """Return the IRI of a budget unit: by its printed code, else by its name."""
    return f"{base}unit/{place}/{_unit_key(code, name)}"


def _unit_key(code: str | None, name: str) -> str:
    if code and re.fullmatch(r"[0-9A-Za-z]{1,32}", code):
        return code
    return f"n-{digest(unicodedata.normalize('NFKC', name))}" if name else UNKNOWN


def project_key(name: str) -> str:
    """Return what stays of a project's name over the years: no blanks, punctuation or year.

    >>> project_key("2022年 节能（专项）资金") == project_key("2023年度节能专项资金")
    True
    """
    folded = unicodedata.normalize("NFKC", name)
    bare = "".join(char for char in folded if char.isalnum())
    return YEAR_TOKENS.sub("", bare) or bare


def statement_iris(base: str, statement: Statement, document: Document) -> StatementIris:
    """Return the IRIs of a statement; two statements of one unit, year and project name get the same."""
    place = document.place or UNKNOWN
    name = unit_name(statement)
    key = _unit_key(statement.unit_code.value if statement.unit_code else None, name)
    year = statement.fiscal_year.value if statement.fiscal_year else UNKNOWN
    year = year if re.fullmatch(r"\d{4}", year) else UNKNOWN
    project = statement.project_name.value if statement.project_name else ""
    corrected = dict(statement.corrections).get("project_name")
    printed = corrected.superseded if corrected else project
    # A table without a name is told apart by its place in its document, never merged with another.
    own = digest(printed) if printed else f"t-{document.sha256[:6]}-{statement.sequence}"
    lasting = digest(project_key(project)) if project else own
    return StatementIris(
        f"{base}statement/{place}/{year}/{key}/{own}",
        f"{base}unit/{place}/{key}",
        f"{base}project/{place}/{key}/{lasting}",
    )


def unit_name(statement: Statement) -> str:
    """Return the responsible unit's name: the implementing unit, else the unit printed with its code."""
    stated = statement.implementing_unit or statement.unit_name or statement.supervising_unit
    return stated.value if stated else ""

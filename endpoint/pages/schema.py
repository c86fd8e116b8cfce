"""Entities into JSON-LD of schema.org, which search engines read inside a page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from fiscalkg.endpoint.pages.asking import Node, one
from fiscalkg.endpoint.pages.downloads import File
from fiscalkg.endpoint.pages.markup import FORBIDDEN
from fiscalkg.endpoint.pages.page import Edition

__all__ = ["data_block", "of_project", "of_site", "of_statement", "of_unit"]

Thing = Mapping[str, object]
UNSAFE = re.compile(f"[<>&\u2028\u2029]|{FORBIDDEN.pattern}")
DERIVED = "http://www.w3.org/ns/prov#wasDerivedFrom"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


def data_block(thing: Thing) -> Markup:
    """Return a thing as an element of a page; no text in it can end the element."""
    text = json.dumps({"@context": "https://schema.org", **_known(thing)}, ensure_ascii=False)
    safe = UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(safe))  # noqa: S704  # escaped above


def _known(thing: Thing) -> Thing:
    """Leave out what is not known, at every level."""
    return {
        name: _known(value) if isinstance(value, Mapping) else value
        for name, value in thing.items()
        if value not in (None, "", [], {})
    }


def of_unit(iri: str, name: str, code: str | None, place: str) -> Thing:
    """Return a unit as the organisation it is."""
    return {
        "@type": "GovernmentOrganization", "@id": iri, "name": name, "identifier": code,
        "areaServed": {"@type": "AdministrativeArea", "name": place} if place else None,
    }  # fmt: skip


def of_project(iri: str, name: str, unit: str, unit_name: str, years: Sequence[str]) -> Thing:
    """Return a project with the unit that carries it out and the tables of its years."""
    return {
        "@type": "Project", "@id": iri, "name": name,
        "parentOrganization": {"@id": unit, "name": unit_name} if unit else None,
        "subjectOf": [{"@type": "Dataset", "@id": year} for year in years],
    }  # fmt: skip


def of_statement(
    edition: Edition, iri: str, known: Node, unit: Thing, document: Thing, indicators: Sequence[Thing]
) -> Thing:
    """Return a statement as a data set: each indicator is a variable with the value it is to reach, as printed."""
    year = one(known, "fiscalYear")
    return {
        "@type": "Dataset", "@id": iri, "name": one(known, LABEL),
        "description": one(known, "heading") or one(known, "purpose"),
        "inLanguage": "zh-Hans", "temporalCoverage": year, "creator": unit, "isBasedOn": document,
        "license": edition.portal.licence.address, "version": edition.identifier,
        "variableMeasured": [
            _known(
                {
                    "@type": "PropertyValue", "name": row["name"], "value": row["printed"],
                    "description": row["description"],
                }
            )
            for row in indicators
        ],
    }  # fmt: skip


def of_site(edition: Edition, name: str, description: str, files: Sequence[File]) -> Thing:
    """Return the release as a data set with its files, for the first page."""
    publisher = edition.portal.publisher
    return {
        "@type": "Dataset", "name": name, "description": description, "version": edition.identifier,
        "inLanguage": ["zh-Hans"], "license": edition.portal.licence.address, "isAccessibleForFree": True,
        "publisher": {"@type": "Organization", "name": publisher.zh} if publisher else None,
        "distribution": [
            {"@type": "DataDownload", "name": file.path, "encodingFormat": file.format, "sha256": file.sha256}
            for file in files
        ],
    }  # fmt: skip

"""A ``Catalogue`` into files for those who read no RDF: schema.org, Croissant, DataCite, CITATION.cff, an SBOM."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from fiscalkg.loader.columns import TABLES, Column, ColumnKind, Table
from fiscalkg.loader.described import KEYWORDS, Catalogue

__all__ = ["write_catalogue_files"]

CODE_LICENCE = "Apache-2.0"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
CROISSANT_TYPES: Mapping[ColumnKind, str] = {
    "iri": "sc:URL", "text": "sc:Text", "integer": "sc:Integer", "decimal": "sc:Float", "year": "sc:Integer",
}  # fmt: skip
# The context that Croissant 1.0 asks for whole, whatever of it is used.
CROISSANT_TERMS = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format",
    "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
CROISSANT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"}, **{name: f"cr:{name}" for name in CROISSANT_TERMS},
}  # fmt: skip


def write_catalogue_files(known: Catalogue, folder: Path) -> None:
    """Write the descriptions of a release that are no RDF graph, each from the same value."""
    folder.mkdir(parents=True, exist_ok=True)
    files: Mapping[str, object] = {
        "schema-org.jsonld": _schema_org(known),
        "croissant.json": _croissant(known),
        "datacite.json": _datacite(known),
        "sbom.cdx.json": _sbom(known),
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "CITATION.cff").write_text(_citation(known), encoding="utf-8")


def _both(zh: str, en: str) -> list[dict[str, str]]:
    return [{"@language": "zh", "@value": zh}, {"@language": "en", "@value": en}]


def _schema_org(known: Catalogue) -> dict[str, Any]:
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": known.dataset,
        "name": _both(known.portal.name.zh, known.portal.name.en),
        "description": _both(known.description.zh, known.description.en),
        "version": known.id,
        "license": known.portal.licence.address,
        "isAccessibleForFree": True,
        "keywords": [word.zh for word in KEYWORDS] + [word.en for word in KEYWORDS],
        "creator": {"@type": "Organization", "name": known.publisher.zh, "alternateName": known.publisher.en},
        "spatialCoverage": list(known.places),
        "isBasedOn": [origin.address or origin.iri for origin in known.origins],
        **({"temporalCoverage": f"{known.years[0]}/{known.years[-1]}"} if known.years else {}),
        **({"datePublished": known.date} if known.date else {}),
        "distribution": [
            {
                "@type": "DataDownload",
                "name": offer.path,
                "contentUrl": known.address(offer.path),
                "encodingFormat": offer.media_type,
                "contentSize": f"{offer.size} B",
                "sha256": offer.sha256,
            }
            for offer in known.files
        ],
    }


def _croissant(known: Catalogue) -> dict[str, Any]:
    tables = {f"tables/{table.name}.csv": table for table in TABLES}
    return {
        "@context": CROISSANT,
        "@type": "Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": known.portal.name.en,
        "description": known.description.en,
        "version": known.id,
        "url": known.dataset,
        "license": known.portal.licence.address,
        "citeAs": f"{known.publisher.en}: {known.portal.name.en}, {known.id}",
        **({"datePublished": known.date} if known.date else {}),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": offer.path,
                "name": offer.path,
                "contentUrl": known.address(offer.path),
                "encodingFormat": offer.media_type,
                "sha256": offer.sha256,
            }
            for offer in known.files
            if offer.path in tables
        ],
        "recordSet": [_record_set(table, path) for path, table in tables.items()],
    }


def _record_set(table: Table, path: str) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.en,
        **({"key": {"@id": f"{table.name}/{table.key}"}} if table.key else {}),
        "field": [_field(column, table, path) for column in table.columns],
    }


def _field(column: Column, table: Table, path: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": f"{column.en} ({column.zh})",
        "dataType": CROISSANT_TYPES[column.kind],
        "source": {"fileObject": {"@id": path}, "extract": {"column": column.name}},
        **({"references": {"field": {"@id": f"{column.target}/{column.name}"}}} if column.target else {}),
    }


def _datacite(known: Catalogue) -> dict[str, Any]:
    """Return the record that whoever registers a DOI hands to DataCite, by its schema 4.5; the DOI is theirs to add."""
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "RDF graph"},
        "identifiers": [{"identifier": known.dataset, "identifierType": "URL"}],
        "titles": [
            {"title": known.portal.name.zh, "lang": "zh"},
            {"title": known.portal.name.en, "lang": "en", "titleType": "TranslatedTitle"},
        ],
        "creators": [{"name": known.publisher.zh, "nameType": "Organizational"}],
        "publisher": {"name": known.publisher.zh},
        **(
            {"publicationYear": known.date[:4], "dates": [{"date": known.date, "dateType": "Issued"}]}
            if known.date
            else {}
        ),
        "version": known.id,
        "language": "zh",
        "subjects": [{"subject": word.en, "lang": "en"} for word in KEYWORDS],
        "rightsList": [{"rights": known.portal.licence.name, "rightsUri": known.portal.licence.address}],
        "descriptions": [
            {"description": known.description.zh, "descriptionType": "Abstract", "lang": "zh"},
            {"description": known.description.en, "descriptionType": "Abstract", "lang": "en"},
        ],
        "sizes": [f"{known.counts['triples']} triples", f"{known.counts['statements']} tables"],
        "relatedIdentifiers": [
            {"relatedIdentifier": origin.address, "relatedIdentifierType": "URL", "relationType": "IsDerivedFrom"}
            for origin in known.origins
            if origin.address
        ],
    }


def _citation(known: Catalogue) -> str:
    """Return CITATION.cff 1.2.0; JSON strings are YAML strings."""
    quoted = {
        "title": f"{known.portal.name.zh} ({known.portal.name.en})",
        "version": known.id,
        "url": known.dataset,
        "abstract": known.description.en,
        "message": "请注明版本号。Please cite the version.",
    }
    lines = ["cff-version: 1.2.0", "type: dataset"]
    lines += [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in quoted.items()]
    lines += ["authors:", f"  - name: {json.dumps(known.publisher.zh, ensure_ascii=False)}"]
    if known.date and len(known.date) == len("2025-01-01"):
        lines.append(f'date-released: "{known.date}"')
    lines.append(f"license-url: {json.dumps(known.portal.licence.address)}")
    return "\n".join(lines) + "\n"


def _sbom(known: Catalogue) -> dict[str, Any]:
    """Return CycloneDX 1.5: fiscalkg and every package it ran with, by what their own metadata say."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "fiscalkg",
                "version": known.version,
                "licenses": [{"license": {"id": CODE_LICENCE}}],
            }
        },
        "components": [_component(name) for name in sorted(_needed("fiscalkg") - {"fiscalkg"})],
    }


def _needed(root: str) -> set[str]:
    """Return the names of a package and of all it requires that are installed, extras apart."""
    found: set[str] = set()
    waiting = [root]
    while waiting:
        name = _plain(waiting.pop())
        try:
            requires = distribution(name).requires or []
        except PackageNotFoundError:
            continue  # for another machine or Python
        if name not in found:
            found.add(name)
            waiting += [named[0] for text in requires if "extra ==" not in text and (named := NAME.match(text))]
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(name: str) -> dict[str, Any]:
    about = distribution(name).metadata
    licence = next((about[key] for key in ("License-Expression", "License") if key in about), "")
    short = licence if 0 < len(licence) < 100 and "\n" not in licence else ""
    return {
        "type": "library",
        "name": name,
        "version": about["Version"],
        "purl": f"pkg:pypi/{name}@{about['Version']}",
        **({"licenses": [{"license": {"name": short}}]} if short else {}),
    }

"""The columns of the tables into what tells programs of them: CSVW metadata and a Frictionless data package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fiscalkg.loader.columns import TABLES, Column, ColumnKind, Table
from fiscalkg.loader.dumps import sha256_of
from fiscalkg.loader.portal import Portal

__all__ = ["write_descriptions"]

CSVW: Mapping[ColumnKind, str] = {
    "iri": "anyURI", "text": "string", "integer": "integer", "decimal": "decimal", "year": "gYear",
}  # fmt: skip
FRICTIONLESS: Mapping[ColumnKind, Mapping[str, str]] = {
    "iri": {"type": "string", "format": "uri"},
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "year": {"type": "year"},
}


def write_descriptions(folder: Path, identifier: str, portal: Portal) -> None:
    """Write ``csv-metadata.json`` (CSV on the Web) and ``datapackage.json`` beside the tables they speak of."""
    _write(folder / "csv-metadata.json", _csvw(identifier, portal))
    _write(folder / "datapackage.json", _package(folder, identifier, portal))


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _csvw(identifier: str, portal: Portal) -> dict[str, Any]:
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:identifier": identifier,
        "dc:title": [{"@value": portal.name.zh, "@language": "zh"}, {"@value": portal.name.en, "@language": "en"}],
        "dc:license": {"@id": portal.licence.address},
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tables": [_csvw_table(table) for table in TABLES],
    }


def _csvw_table(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {"columns": [_csvw_column(column, table) for column in table.columns]}
    if table.key:
        schema |= {"primaryKey": table.key, "aboutUrl": f"{{+{table.key}}}"}
    keys = [
        _key(column, "columnReference", "resource", f"{column.target}.csv") for column in table.columns if column.target
    ]
    return {
        "url": f"{table.name}.csv",
        "dc:description": [{"@value": table.zh, "@language": "zh"}, {"@value": table.en, "@language": "en"}],
        "tableSchema": schema | ({"foreignKeys": keys} if keys else {}),
    }


def _key(column: Column, field: str, resource: str, target: str) -> dict[str, Any]:
    """Return a foreign key as either standard spells it: their words for column and table differ."""
    return {field: column.name, "reference": {resource: target, field: "statement"}}


def _csvw_column(column: Column, table: Table) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "titles": {"und": column.name, "zh": column.zh, "en": column.en},
        "datatype": CSVW[column.kind],
        "required": column.name == table.key,
    }
    if column.property:
        described["propertyUrl"] = column.property
        described |= {"valueUrl": f"{{+{column.name}}}"} if column.kind == "iri" else {}
    elif column.name != table.key:
        described["suppressOutput"] = True
    return described


def _package(folder: Path, identifier: str, portal: Portal) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": "fiscalkg",
        "id": identifier,
        "version": identifier,
        "title": f"{portal.name.zh} / {portal.name.en}",
        "licenses": [{"title": portal.licence.name, "path": portal.licence.address}],
        "resources": [_resource(table, folder / f"{table.name}.csv") for table in TABLES],
    }


def _resource(table: Table, path: Path) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [
            {"name": column.name, "title": column.zh, "description": column.en, **FRICTIONLESS[column.kind]}
            | ({"rdfType": column.property} if column.property else {})
            for column in table.columns
        ],
        "missingValues": [""],
    }
    keys = [_key(column, "fields", "resource", column.target) for column in table.columns if column.target]
    schema |= {"primaryKey": table.key} if table.key else {}
    schema |= {"foreignKeys": keys} if keys else {}
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": path.name,
        "title": table.zh,
        "description": table.en,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\r\n", "header": True},
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "schema": schema,
    }

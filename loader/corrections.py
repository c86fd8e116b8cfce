"""``corrections.toml`` into proposed readings, each of one place of one document.

The file lies beside the documents it speaks of, as manifest.toml does. Each entry names a place and the text printed
there, what to read instead, who says so and why; where several fields are printed alike at that place, it names one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fiscalkg.loader.errors import DocumentError, ManifestError
from fiscalkg.loader.interchange import place_from_json
from fiscalkg.loader.locations import Location, read_location
from fiscalkg.loader.places import Place

__all__ = ["FIELDS", "FILE", "ROW_FIELDS", "STATEMENT_FIELDS", "Proposed", "read_corrections"]

FILE = "corrections.toml"
LARGEST = 16 << 20
LONGEST = 2000
TEXTS = ("file", "printed", "read", "by", "reason")
PLACES = ("lines", "page", "box", "cell", "sheet")
# Names of the interchange form. One of a statement may be printed once for many tables, such as a cover's year.
STATEMENT_FIELDS = (
    "unit_code", "unit_name", "supervising_unit", "supervising_unit_code", "implementing_unit", "project_name",
    "fiscal_year", "currency_unit",
)  # fmt: skip
ROW_FIELDS = ("level1", "level2", "name")
FIELDS = (*STATEMENT_FIELDS, *ROW_FIELDS, "amount", "value")


@dataclass(frozen=True, slots=True)
class Proposed:
    """One entry of a file: at ``place`` stands ``printed``; read it as if ``read`` stood there.

    ``field`` is one of ``FIELDS``, or ``None`` for the only one that is printed so at that place.
    """

    place: Place
    printed: str
    read: str
    by: str
    reason: str
    field: str | None = None


def read_corrections(path: Location) -> Mapping[Location, tuple[Proposed, ...]]:
    """Return what a file proposes, by the document's path.

    Raises ``ManifestError`` naming the file, the entry and the key that is unknown, missing or ill-formed.
    """
    try:
        content = tomllib.loads(read_location(path, LARGEST).decode("utf-8-sig"))
    except (DocumentError, UnicodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestError(f"{path}: cannot be read as TOML ({error}); correct or remove it") from error
    tables = content.get("correction", [])
    if set(content) - {"correction"} or not isinstance(tables, list):
        raise ManifestError(f"{path}: holds more than [[correction]] tables; remove the rest")
    found: dict[Location, tuple[Proposed, ...]] = {}
    for number, table in enumerate(tables, 1):
        where = f"{path}: correction {number}"
        if not isinstance(table, dict):
            raise ManifestError(f"{where}: write [[correction]] with two brackets, one table a correction")
        file, proposed = _entry(table, where)
        document = path.parent.joinpath(file)
        found[document] = (*found.get(document, ()), proposed)
    return found


def _entry(table: Mapping[str, Any], where: str) -> tuple[str, Proposed]:
    for key in TEXTS:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
            raise ManifestError(f'{where}: {key} is no text of at most {LONGEST} characters; write {key} = "…"')
    known = (*TEXTS, *PLACES, "field")
    if strange := sorted(set(table) - set(known)):
        raise ManifestError(f"{where}: unknown key {strange[0][:100]!r}; known are {', '.join(known)}")
    field = table.get("field")
    if field is not None and field not in FIELDS:
        raise ManifestError(f"{where}: field = {field!r:.100} is none of {', '.join(FIELDS)}")
    file, printed, read, by, reason = (str(table[key]) for key in TEXTS)
    if Path(file).is_absolute() or ".." in Path(file).parts:
        raise ManifestError(f"{where}: {file} lies outside the folder of this file; name files below it")
    return file, Proposed(_place(table, where), printed, read, by, reason, field)


def _place(table: Mapping[str, Any], where: str) -> Place:
    given = {key: table[key] for key in PLACES if key in table}
    sizes = {"lines": 2, "box": 4, "cell": 3, "sheet": 2}
    kinds: Mapping[str, type | tuple[type, ...]] = {"sheet": str, "box": (int, float)}
    right = set(given) in ({"lines"}, {"page", "box"}, {"cell"}, {"sheet"}) and all(
        isinstance(value, int) if key == "page" else _is_list(value, sizes[key], kinds.get(key, int))
        for key, value in given.items()
    )
    if not right:
        advice = "lines = [36, 36], cell = [table, row, column], sheet = [name, cell], or page and box"
        raise ManifestError(f"{where}: no one place is named; copy it from fiscalkg extract: {advice}")
    return place_from_json(given)


def _is_list(value: object, size: int, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, list) and len(value) == size and all(isinstance(each, kind) for each in value)

"""``corrections.toml`` into readings that stand instead of ours; what is printed never changes.

The file lies beside the documents it speaks of, as manifest.toml does. Each entry names a place and the text printed
there, what to read instead, who says so and why. The machine's reading stays beside the corrected one; an entry that
does not fit its document (any more) becomes a finding and changes nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fiscalkg.loader.errors import ManifestError
from fiscalkg.loader.interchange import place_from_json
from fiscalkg.loader.model import Amount, Correction, Finding, Indicator, Severity, Statement
from fiscalkg.loader.places import Place
from fiscalkg.loader.values import canonical, read_amount, read_target, render

__all__ = ["FILE", "Proposed", "apply_corrections", "read_corrections"]

FILE = "corrections.toml"
LARGEST = 16 << 20
LONGEST = 2000
TEXTS = ("file", "printed", "read", "by", "reason")
PLACES = ("lines", "page", "box", "cell", "sheet")
UNKNOWN = "not understood"


@dataclass(frozen=True, slots=True)
class Proposed:
    """One entry of a file: at ``place`` stands ``printed``; read it as if ``read`` stood there."""

    place: Place
    printed: str
    read: str
    by: str
    reason: str


def read_corrections(path: Path) -> Mapping[Path, tuple[Proposed, ...]]:
    """Return what a file proposes, by the document's path.

    Raises ``ManifestError`` naming the file, the entry and the key that is unknown, missing or ill-formed.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ManifestError(f"{path}: larger than {LARGEST >> 20} MiB; split it over folders")
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestError(f"{path}: cannot be read as TOML ({error}); correct or remove it") from error
    tables = content.get("correction", [])
    if set(content) - {"correction"} or not isinstance(tables, list):
        raise ManifestError(f"{path}: holds more than [[correction]] tables; remove the rest")
    found: dict[Path, tuple[Proposed, ...]] = {}
    for number, table in enumerate(tables, 1):
        where = f"{path}: correction {number}"
        if not isinstance(table, dict):
            raise ManifestError(f"{where}: write [[correction]] with two brackets, one table a correction")
        file, proposed = _entry(table, where)
        document = path.parent / file
        found[document] = (*found.get(document, ()), proposed)
    return found


def _entry(table: Mapping[str, Any], where: str) -> tuple[str, Proposed]:
    for key in TEXTS:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
            raise ManifestError(f'{where}: {key} is no text of at most {LONGEST} characters; write {key} = "…"')
    if strange := sorted(set(table) - {*TEXTS, *PLACES}):
        raise ManifestError(f"{where}: unknown key {strange[0][:100]!r}; known are {', '.join((*TEXTS, *PLACES))}")
    file, printed, read, by, reason = (str(table[key]) for key in TEXTS)
    if Path(file).is_absolute() or ".." in Path(file).parts:
        raise ManifestError(f"{where}: {file} lies outside the folder of this file; name files below it")
    return file, Proposed(_place(table, where), printed, read, by, reason)


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


def apply_corrections(
    statements: Sequence[Statement], proposed: Sequence[Proposed], document: str
) -> tuple[tuple[Statement, ...], list[Finding]]:
    """Return the statements with the corrected readings, and a finding for each correction: made, or not fitting."""
    changed = list(statements)
    findings: list[Finding] = []
    for each in proposed:
        fitting = [(at, part) for at, one in enumerate(changed) for part in _fitting(one, each)]
        if len(fitting) != 1:
            findings.append(_unmatched(each, len(fitting), document))
            continue
        ((at, part),) = fitting
        changed[at], superseded = _corrected(changed[at], part, each)
        findings.append(_made(each, superseded, changed[at], document))
    return tuple(changed), findings


def _fitting(statement: Statement, proposed: Proposed) -> Iterator[Amount | Indicator]:
    for amount in statement.amounts:
        if (amount.place, amount.printed) == (proposed.place, proposed.printed):
            yield amount
    for indicator in statement.indicators:
        if (indicator.place, indicator.target.printed) == (proposed.place, proposed.printed):
            yield indicator


def _corrected(statement: Statement, part: Amount | Indicator, proposed: Proposed) -> tuple[Statement, str]:
    """Return the statement with one reading replaced, and what the machine had read."""
    if isinstance(part, Amount):
        superseded = UNKNOWN if part.cny is None else f"{canonical(part.cny)} CNY"
        unit = part.printed_unit or (statement.currency_unit.value if statement.currency_unit else None)
        note = Correction(proposed.read, superseded, proposed.by, proposed.reason)
        amount = replace(part, cny=read_amount(proposed.read, unit), correction=note)
        amounts = tuple(amount if each is part else each for each in statement.amounts)
        return replace(statement, amounts=amounts), superseded
    superseded = f"{part.target.kind}: {render(part.target)}"
    note = Correction(proposed.read, superseded, proposed.by, proposed.reason)
    read = read_target(proposed.read, name=part.name, level2=part.level2)
    row = replace(part, target=replace(read, printed=part.target.printed, correction=note))
    return replace(
        statement, indicators=tuple(row if each is part else each for each in statement.indicators)
    ), superseded


def _unmatched(proposed: Proposed, count: int, document: str) -> Finding:
    zh = "此处没有这样的原文" if not count else f"此处有 {count} 处这样的原文"
    en = "nothing printed so stands there" if not count else f"{count} values printed so stand there"
    return Finding(
        "R-CORRECTION-UNMATCHED",
        Severity.WARNING,
        f"更正“{proposed.printed}”→“{proposed.read}”没有采用：{zh}；请核对 {FILE}",
        f"the correction of {proposed.printed!r} to {proposed.read!r} was not made: {en}; check {FILE}",
        document,
        place=proposed.place,
        value=proposed.printed,
    )


def _made(proposed: Proposed, superseded: str, statement: Statement, document: str) -> Finding:
    return Finding(
        "R-CORRECTED",
        Severity.INFO,
        f"“{proposed.printed}”按“{proposed.read}”读（{proposed.by}：{proposed.reason}）；机器原读作 {superseded}",
        f"{proposed.printed!r} is read as {proposed.read!r} ({proposed.by}: {proposed.reason}); "
        f"the machine had read {superseded}",
        document,
        statement.sequence,
        proposed.place,
        value=proposed.printed,
    )

"""``withdrawals.toml`` into why tables were taken back: stated by the data officer, told to whoever asks for them.

The file stands beside portal.toml in the folder of releases. Each entry names a document, or one table by its address,
and the reason in both languages. It is read by the publish that no longer has the table, and kept in the history.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fiscalkg.loader.errors import PortalError
from fiscalkg.loader.portal import Texts

__all__ = ["FILE", "Withdrawal", "read_withdrawals", "reason_of"]

FILE = "withdrawals.toml"
LARGEST = 1 << 20
LONGEST = 500
EXAMPLE = 'write [[withdrawn]] with document = "…" or table = "…", and reason = { zh = "…", en = "…" }'


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why a document (by its file name) or a table (``statement/…``) was taken back; the other of the two is blank."""

    document: str
    table: str
    reason: Texts


def read_withdrawals(folder: Path) -> tuple[Withdrawal, ...]:
    """Return what the file of a folder says, nothing where there is none.

    Raises ``PortalError`` naming the file, the entry, and what to write there.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        if path.stat().st_size > LARGEST:
            raise PortalError(f"{path}: larger than {LARGEST >> 20} MiB; leave out what was withdrawn long ago")
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PortalError(f"{path}: cannot be read as TOML ({error}); correct or remove it") from error
    tables = content.get("withdrawn", [])
    if set(content) - {"withdrawn"} or not isinstance(tables, list):
        raise PortalError(f"{path}: holds more than [[withdrawn]] tables; remove the rest")
    return tuple(_entry(table, f"{path}: entry {number}") for number, table in enumerate(tables, 1))


def _entry(table: object, where: str) -> Withdrawal:
    if not isinstance(table, dict) or set(table) not in ({"document", "reason"}, {"table", "reason"}):
        raise PortalError(f"{where}: {EXAMPLE}")
    reason: Any = table["reason"]
    if not isinstance(reason, dict) or set(reason) != {"zh", "en"}:
        raise PortalError(f"{where}: {EXAMPLE}")
    named = str(table.get("table", ""))
    if named and not named.startswith("statement/"):
        raise PortalError(f"{where}: table = {named[:100]!r} is no address below the base; write statement/…")
    texts = [str(text).strip() for text in (reason["zh"], reason["en"])]
    if not all(texts) or max(map(len, texts)) > LONGEST:
        raise PortalError(f"{where}: give a reason of at most {LONGEST} characters in both languages")
    return Withdrawal(str(table.get("document", "")), named, Texts(*texts))


def reason_of(withdrawals: Iterable[Withdrawal], table: str, document: str | None) -> Mapping[str, str] | None:
    """Return the reason stated for a table by its address, else for its document by its name; else ``None``."""
    stated = list(withdrawals)
    own = next((each.reason for each in stated if each.table and each.table == table), None)
    found = own or next((each.reason for each in stated if document and each.document == document), None)
    return {"zh": found.zh, "en": found.en} if found else None

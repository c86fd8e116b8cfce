"""The rows of a table into the corrections its page tells: of which field, what the machine had read, who and why."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter

from fiscalkg.endpoint.pages.asking import Row

__all__ = ["FIELDS", "corrections"]

# What the forms print before each field, and the word for it.
FIELDS: Mapping[str, tuple[str, str]] = {
    "unit_code": ("单位编码", "unit code"), "unit_name": ("单位名称", "unit"),
    "supervising_unit": ("主管部门", "supervising unit"), "supervising_unit_code": ("主管部门编码", "its code"),
    "implementing_unit": ("实施单位", "implementing unit"), "project_name": ("项目名称", "project name"),
    "fiscal_year": ("年度", "fiscal year"), "currency_unit": ("金额单位", "unit of money"),
    "level1": ("一级指标", "level 1"), "level2": ("二级指标", "level 2"), "name": ("三级指标", "level 3"),
}  # fmt: skip


def corrections(rows: list[Row], *nodes: str) -> list[dict[str, str]]:
    """Return what was corrected in some nodes; those of a value or an amount, which are of no field, first.

    ``rows`` are those of ``queries/statement.rq``.
    """
    found = sorted((row for row in rows if "correction" in row and row["node"] in nodes), key=itemgetter("correction"))
    return sorted(map(_correction, found), key=itemgetter("en"))


def _correction(row: Row) -> dict[str, str]:
    zh, en = FIELDS.get(row.get("field", ""), ("", ""))
    keys = {"superseded": "supersededReading", "by": "correctedBy", "reason": "correctionReason"}
    return {"zh": zh, "en": en, **{key: row.get(name, "") for key, name in keys.items()}}

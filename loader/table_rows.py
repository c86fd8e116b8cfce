"""Statements and findings of shards into rows of the tables: the same IRIs and numbers as in the graph."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from fiscalkg.loader.codes import indicator_class, taxonomy_of
from fiscalkg.loader.interchange import from_json
from fiscalkg.loader.iris import document_iri, source_iri, statement_iris, unit_name
from fiscalkg.loader.model import Amount, Document, Finding, Indicator, Statement
from fiscalkg.loader.places import fragment

__all__ = ["Cell", "Row", "finding_row", "statement_rows"]

Cell = str | int | Decimal | None
Row = Mapping[str, Cell]


def statement_rows(
    lines: Iterable[str], names: Iterable[str], document: Document, base: str
) -> Iterator[tuple[str, Row]]:
    """Yield rows with the table each belongs to, from a document's statements as JSON and their IRIs in order."""
    for line, name in zip(lines, names, strict=True):
        content = json.loads(line)
        statement = from_json(content)
        about = _about(statement, document, base)
        yield "statements", _statement(name, statement, content, document, base) | about
        shared = {"statement": name, **about}
        yield from (("amounts", row | shared) for row in _amounts(name, statement, document, base))
        yield from (("indicators", row | shared) for row in _indicators(name, statement, document, base))


def _about(statement: Statement, document: Document, base: str) -> dict[str, Cell]:
    """Return what every row says of the table it stands in."""
    year = statement.fiscal_year.value if statement.fiscal_year else ""
    return {
        "unit": statement_iris(base, statement, document).unit,
        "unit_name": unit_name(statement) or None,
        "project_name": statement.project_name.value if statement.project_name else None,
        "fiscal_year": int(year) if len(year) == 4 and year.isascii() and year.isdigit() else None,
    }


def _statement(
    name: str, statement: Statement, content: Mapping[str, Any], document: Document, base: str
) -> dict[str, Cell]:
    return {
        "statement": name,
        "document": document.name,
        "document_iri": document_iri(base, document),
        "sequence": statement.sequence,
        "kind": statement.kind.value,
        "place": document.place,
        "unit_code": content["unit_code"],
        "supervising_unit": content["supervising_unit"],
        "project": statement_iris(base, statement, document).project,
        "goals": "\n".join(content["goals"]) or None,
        "indicators": len(statement.indicators),
        "source": source_iri(base, document, statement.place),
    } | {
        key: content[key]
        for key in (
            "heading", "purpose", "overall_goal", "overview", "use", "project_type", "fund_use", "planned_start",
            "planned_end",
        )
    }  # fmt: skip


def _amounts(name: str, statement: Statement, document: Document, base: str) -> Iterator[dict[str, Cell]]:
    seen: Counter[str] = Counter()
    for amount in statement.amounts:
        key = f"{amount.scope}-{amount.source}"
        seen[key] += 1
        suffix = f"-{seen[key]}" if seen[key] > 1 else ""
        yield _amount(f"{name}/amount/{key}{suffix}", amount, document, base)


def _amount(name: str, amount: Amount, document: Document, base: str) -> dict[str, Cell]:
    return {
        "amount": name,
        "scope": amount.scope.value,
        "fund_source": amount.source.value,
        "printed": amount.printed,
        "printed_unit": amount.printed_unit,
        "cny": amount.cny,
        "source": source_iri(base, document, amount.place),
    }


def _indicators(name: str, statement: Statement, document: Document, base: str) -> Iterator[dict[str, Cell]]:
    taxonomy = taxonomy_of(frozenset(row.level1 for row in statement.indicators if row.level1))
    for indicator in statement.indicators:
        group = indicator_class(taxonomy, indicator.level2)
        yield _indicator(f"{name}/indicator/{indicator.ordinal}", indicator, group, document, base)


def _indicator(name: str, indicator: Indicator, group: str | None, document: Document, base: str) -> dict[str, Cell]:
    target = indicator.target
    return {
        "indicator": name,
        "ordinal": indicator.ordinal,
        "level1": indicator.level1,
        "level2": indicator.level2,
        "class": group,
        "name": indicator.name,
        "description": indicator.description,
        "value_basis": indicator.basis,
        "weight": indicator.weight,
        "scope": indicator.scope.value,
        "printed": target.printed,
        "kind": target.kind.value,
        "comparator": target.comparator.value if target.comparator else None,
        "number": target.number,
        "upper_number": target.number_max,
        "printed_unit": target.unit,
        "normalized": target.normalized,
        "normalized_upper": target.normalized_max,
        "normalized_unit": target.normalized_unit,
        "date": target.date,
        "remark": target.remark,
        "confidence": target.confidence.value,
        "source": source_iri(base, document, indicator.place),
    }


def finding_row(finding: Finding) -> Row:
    """Return the row of a finding; its place is as a fragment spells it."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message_zh": finding.message_zh,
        "message_en": finding.message_en,
        "document": finding.document,
        "sequence": finding.statement,
        "focus": finding.focus,
        "value": finding.value,
        "place": fragment(finding.place) if finding.place else None,
    }

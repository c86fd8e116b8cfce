"""Statements and findings into rows of the tables: the same IRIs and numbers as in the graph.

A row is its cells in the order of the table's columns, a number that may have a fraction as text: as JSON keeps it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from fiscalkg.loader.codes import indicator_class, taxonomy_of
from fiscalkg.loader.columns import TABLES
from fiscalkg.loader.interchange import to_json
from fiscalkg.loader.iris import document_iri, source_iri, statement_iris, unit_name
from fiscalkg.loader.model import Amount, Document, Finding, Indicator, Statement
from fiscalkg.loader.places import fragment
from fiscalkg.loader.values import canonical

__all__ = ["Cell", "Row", "Values", "finding_row", "row_of", "statement_rows"]

Cell = str | int | None
Row = tuple[str, list[Cell]]  # a table's name and the cells
Values = Mapping[str, Cell | Decimal]
NAMES = {table.name: table.names for table in TABLES}
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")


def statement_rows(name: str, statement: Statement, document: Document, base: str) -> Iterator[Row]:
    """Yield the rows of a statement with an IRI, each with the name of the table it belongs to."""
    about = _about(statement, document, base)
    yield "statements", row_of("statements", _statement(name, statement, document, base) | about)
    shared = {"statement": name, **about}
    for amount in _amounts(name, statement, document, base):
        yield "amounts", row_of("amounts", amount | shared)
    for indicator in _indicators(name, statement, document, base):
        yield "indicators", row_of("indicators", indicator | shared)


def row_of(table: str, values: Values) -> list[Cell]:
    """Return what is known of a row of a table, by column, as its cells; no value is an empty cell."""
    return [_cell(values.get(name)) for name in NAMES[table]]


def _cell(value: Cell | Decimal) -> Cell:
    """Return a value without what no UTF-8 file may hold."""
    if isinstance(value, Decimal):
        return canonical(value)
    return value.translate(SURROGATES) if isinstance(value, str) and not value.isascii() else value


def _about(statement: Statement, document: Document, base: str) -> dict[str, Cell | Decimal]:
    """Return what every row says of the table it stands in."""
    year = statement.fiscal_year.value if statement.fiscal_year else ""
    return {
        "unit": statement_iris(base, statement, document).unit,
        "unit_name": unit_name(statement) or None,
        "project_name": statement.project_name.value if statement.project_name else None,
        "fiscal_year": int(year) if len(year) == 4 and year.isascii() and year.isdigit() else None,
    }


def _statement(name: str, statement: Statement, document: Document, base: str) -> dict[str, Cell | Decimal]:
    content = to_json(statement)
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


def _amounts(name: str, statement: Statement, document: Document, base: str) -> Iterator[dict[str, Cell | Decimal]]:
    seen: Counter[str] = Counter()
    for amount in statement.amounts:
        key = f"{amount.scope}-{amount.source}"
        seen[key] += 1
        suffix = f"-{seen[key]}" if seen[key] > 1 else ""
        yield _amount(f"{name}/amount/{key}{suffix}", amount, document, base)


def _amount(name: str, amount: Amount, document: Document, base: str) -> dict[str, Cell | Decimal]:
    return {
        "amount": name,
        "scope": amount.scope.value,
        "fund_source": amount.source.value,
        "printed": amount.printed,
        "printed_unit": amount.printed_unit,
        "cny": amount.cny,
        "source": source_iri(base, document, amount.place),
    }


def _indicators(name: str, statement: Statement, document: Document, base: str) -> Iterator[dict[str, Cell | Decimal]]:
    taxonomy = taxonomy_of(frozenset(row.level1 for row in statement.indicators if row.level1))
    for indicator in statement.indicators:
        group = indicator_class(taxonomy, indicator.level2)
        yield _indicator(f"{name}/indicator/{indicator.ordinal}", indicator, group, document, base)


def _indicator(
    name: str, indicator: Indicator, group: str | None, document: Document, base: str
) -> dict[str, Cell | Decimal]:
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


def finding_row(finding: Finding) -> list[Cell]:
    """Return the row of a finding; its place is as a fragment spells it."""
    values: Values = {
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
    return row_of("findings", values)

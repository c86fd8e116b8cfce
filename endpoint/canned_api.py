"""``/queries/<name>?unit=301101&year=2025&format=csv`` into the answer of a canned query with its parameters bound."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pyoxigraph import Literal

from fiscalkg.endpoint.canned_queries import CannedQuery, bindings, canned_queries
from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.protocol import pairs
from fiscalkg.endpoint.refusals import ProtocolError
from fiscalkg.endpoint.sparql import Desk, deliver, format_of
from fiscalkg.endpoint.work import Asked, edition
from fiscalkg.loader.formats import RESULTS
from fiscalkg.loader.iris import ONTOLOGY
from fiscalkg.loader.stores import rows
from fiscalkg.loader.stores.binding import with_values

__all__ = ["answer_canned", "listing"]

RESERVED = frozenset({"format", "release"})
CODE = re.compile(r"[0-9A-Za-z]{1,32}")
UNITS = f"SELECT ?unit ?code WHERE {{ ?unit a <{ONTOLOGY}BudgetUnit> ; <{ONTOLOGY}code> ?code }} ORDER BY ?unit"


def listing() -> Response:
    """Return all canned queries with their titles, parameters and texts, as JSON."""
    return JSONResponse([_listed(query) for query in canned_queries()])


def _listed(query: CannedQuery) -> dict[str, object]:
    return {
        "name": query.name,
        "address": f"/queries/{query.name}",
        "title": {"zh": query.title_zh, "en": query.title_en},
        "question": {"zh": query.question_zh, "en": query.question_en},
        "parameters": [
            {"name": each.name, "type": each.type, "label": {"zh": each.label_zh, "en": each.label_en}}
            for each in query.parameters
        ],
        "example_without": query.example_without or None,
        "columns": query.columns,
        "query": query.text,
    }


async def answer_canned(request: Request, name: str, desk: Desk) -> Response:
    """Return the delivery of a canned query's answer.

    A unit may be given by its code, and any IRI of the data by its path below the base. Raises ``ProtocolError`` 404
    for an unknown name, ``QueryError`` for a parameter that does not exist or whose value is not of its type.
    """
    query = next((query for query in canned_queries() if query.name == name), None)
    if query is None:
        raise ProtocolError(404, "there is no such canned query; /queries lists them")
    given = pairs(request.url.query)
    repeated = [key for key, _ in given if [other for other, _ in given].count(key) > 1]
    if repeated:
        raise ProtocolError(400, f"{repeated[0][:40]} is given more than once")
    chosen = format_of(request.headers.get("accept"), dict(given).get("format"), RESULTS)
    values = await _in_full(request, query, {key: value for key, value in given if key not in RESERVED}, desk)
    text = with_values(query.text, bindings(query, values))  # reaches subselects that choose by a parameter
    return await deliver(request, Asked(text, chosen, rows=desk.settings.limits.rows), desk)


async def _in_full(request: Request, query: CannedQuery, values: Mapping[str, str], desk: Desk) -> dict[str, str]:
    """Return the values with IRIs written in full."""
    iris = {parameter.name for parameter in query.parameters if parameter.type == "iri"}
    base = desk.engine.release.base
    full = {name: value.strip() for name, value in values.items()}
    for name in iris & full.keys():
        value = full[name]
        if CODE.fullmatch(value) and name == "unit":
            found = await desk.engine.result(client_of(request, desk.settings.proxies), units_with, value)
            if found and len(found) > 1:
                raise ProtocolError(400, f"{value} is the code of several units; give one of {', '.join(found)}")
            full[name] = found[0] if found else f"{base}unit/{value}"
        elif value and ":" not in value:
            full[name] = base + value
    return full


def units_with(code: str) -> Iterator[list[str]]:
    """Yield the IRIs of the units with a code."""
    yield [row["unit"].value for row in rows(edition().store, UNITS, {"code": Literal(code)})]

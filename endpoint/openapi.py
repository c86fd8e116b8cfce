"""The canned queries and the other addresses of the server into their description as OpenAPI 3.1."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from fiscalkg.endpoint.canned_queries import CannedQuery, Parameter, canned_queries
from fiscalkg.endpoint.protocol import DIRECT, FORM
from fiscalkg.loader.formats import GRAPHS, RESULTS, Format

__all__ = ["openapi"]

Part = dict[str, Any]
SCHEMAS: dict[str, Part] = {
    "iri": {"type": "string", "minLength": 1},
    "string": {"type": "string"},
    "decimal": {"type": "string", "pattern": r"^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$"},
    "year": {"type": "integer", "minimum": 1000, "maximum": 2999},
}
REFUSALS = {
    "400": "what was sent cannot be read; line and column for a syntax error",
    "404": "there is no such thing",
    "406": "the format asked for cannot be made",
    "410": "the release asked for is no longer kept, or what was asked for is no longer in the data",
    "503": "too much is going on, or the query met a limit; see Retry-After",
}
POSTED = {"405": "not by this method", "408": "the request arrived too slowly", "413": "the request is too large"}


@cache
def openapi() -> Part:
    """Return the description of every address that programs use."""
    paths: Part = {
        "/sparql": _sparql(),
        "/queries": {"get": {"summary": "All canned queries · 全部现成查询", "responses": _plain("application/json")}},
    }
    paths |= {f"/queries/{query.name}": {"get": _canned(query)} for query in canned_queries()}
    for path, summary, media_type in (
        ("/.well-known/void", "The data set: VoID and DCAT · 数据集描述", "text/turtle"),
        ("/health", "Whether the server is alive · 是否在运行", "text/plain"),
        ("/ready", "Whether it can answer · 能否回答", "text/plain"),
        ("/openapi.json", "This description · 本说明", "application/json"),
    ):
        paths[path] = {"get": {"summary": summary, "responses": _plain(media_type)}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fiscalkg",
            "version": version("fiscalkg"),
            "summary": "项目支出绩效目标 · performance targets",
        },
        "paths": paths,
        "components": {"schemas": {"Problem": _problem()}},
    }


def _problem() -> Part:
    numbers = {name: {"type": "integer"} for name in ("status", "line", "column")}
    texts = {name: {"type": "string"} for name in ("type", "title", "detail")}
    return {"type": "object", "properties": {**numbers, **texts}, "required": ["type", "title", "status", "detail"]}


def _plain(media_type: str) -> Part:
    return {"200": {"description": "the answer", "content": {media_type: {}}}, **_refusals()}


def _refusals(*more: dict[str, str]) -> Part:
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    content = {"application/problem+json": problem, "text/plain": {"schema": {"type": "string"}}}
    told = REFUSALS | {status: text for each in more for status, text in each.items()}
    return {status: {"description": text, "content": content} for status, text in told.items()}


def _answers(formats: tuple[Format, ...]) -> Part:
    content: Part = {each.media_type: {} for each in formats} | {"text/html": {}}
    return {
        "200": {"description": "the whole answer; ETag names release, query and format", "content": content},
        "304": {"description": "the client holds this answer"},
    }


def _query_parameter(name: str, text: str, schema: Part) -> Part:
    return {"name": name, "in": "query", "description": text, "required": False, "schema": schema}


def _common(formats: tuple[Format, ...]) -> list[Part]:
    return [
        _query_parameter("format", "instead of Accept", {"enum": [each.name for each in formats]}),
        _query_parameter("release", "a release that is still kept, instead of the newest", {"type": "string"}),
    ]


def _canned(query: CannedQuery) -> Part:
    return {
        "operationId": query.name,
        "summary": f"{query.title_zh} · {query.title_en}",
        "description": f"{query.told('zh')} · {query.told('en')}",
        "parameters": [*map(_canned_parameter, query.parameters), *_common(RESULTS)],
        "responses": {**_answers(RESULTS), **_refusals()},
    }


def _canned_parameter(parameter: Parameter) -> Part:
    return _query_parameter(parameter.name, f"{parameter.label_zh} · {parameter.label_en}", SCHEMAS[parameter.type])


def _sparql() -> Part:
    formats = (*RESULTS, *GRAPHS)
    graphs = [
        _query_parameter(name, "IRI of a graph; may be repeated", {"type": "array", "items": {"type": "string"}})
        for name in ("default-graph-uri", "named-graph-uri")
    ]
    text = {"type": "string"}
    form = {"type": "object", "properties": {"query": text}, "required": ["query"]}
    query = _query_parameter("query", "a SPARQL 1.1 query; without it the service describes itself", text)
    responses = {**_answers(formats), **_refusals(POSTED, {"415": "a query is sent in another media type"})}
    posted = {"required": True, "content": {FORM: {"schema": form}, DIRECT: {"schema": text}}}
    return {
        "get": {"summary": "SPARQL 1.1", "parameters": [query, *graphs, *_common(formats)], "responses": responses},
        "post": {"summary": "SPARQL 1.1", "parameters": graphs, "requestBody": posted, "responses": responses},
    }

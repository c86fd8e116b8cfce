"""A folder of releases into a server of the Model Context Protocol: questions of assistants in, cited answers out."""

from __future__ import annotations

import inspect as signatures
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from keyword import iskeyword
from typing import Annotated, Any
from urllib.parse import quote, urljoin

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field
from pyoxigraph import NamedNode

from fiscalkg.endpoint.canned_queries import CannedQuery, Parameter, bindings, canned_queries
from fiscalkg.endpoint.citations import Posed, Sought, answered, explained, found, units_with
from fiscalkg.endpoint.limits import inspect
from fiscalkg.endpoint.pages.asked import QUESTIONS
from fiscalkg.endpoint.releases import Releases
from fiscalkg.loader.errors import FiscalkgError, QueryError
from fiscalkg.loader.stores.binding import with_values
from fiscalkg.loader.workers import Work

__all__ = ["Assistants", "server_of"]

CLIENT = "assistant"  # one process serves one
MOST_ROWS = 500
INSTRUCTIONS = """Performance targets of Chinese public bodies (项目支出绩效目标表) as an RDF graph.
Every answer names the release it was made from (`release`), the page where people see the same (`page`, `pages`) and
where each value stands in the source document (`places`: file, line, cell or page). Cite release, page and place with
every figure. Printed text (`printed`) is quoted as it stands, never translated; where `reading` says inferred, say so.
An aggregate has no place of its own: `rows` names the tool that lists the rows behind it. `more` says that rows were
left out. Amounts (`budget`, `cny`) are yuan. Begin with `search` for names, with a ready-made query for figures across
units, and write SPARQL (`sparql`) for the rest."""
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
PATTERNS = {"year": r"^[12]\d{3}$", "decimal": r"^-?\d+(\.\d+)?$"}
Rows = Annotated[int, Field(ge=1, le=MOST_ROWS, description="The most rows of the answer.")]


@dataclass(frozen=True, slots=True)
class Assistants:
    """Answers tools from the current release; ``site`` is the address of its pages, with a slash at its end."""

    releases: Releases
    site: str

    async def _done(self, work: Work[dict[str, Any]], asked: object, page: str, **told: object) -> dict[str, Any]:
        """Return what a worker makes of a question, with the release and page that an answer is cited by."""
        try:
            engine = await self.releases.current()
            made = await engine.result(CLIENT, work, asked)
        except FiscalkgError as error:
            raise ToolError(str(error)) from error
        if made is None:
            raise ToolError("the data do not know this IRI; search finds names")
        return {"release": engine.release.id, "page": urljoin(self.site, page), **told, **made}

    async def sparql(
        self, query: Annotated[str, Field(description="A SPARQL 1.1 SELECT query.")], rows: Rows = 50
    ) -> dict[str, Any]:
        """Answer a SPARQL SELECT query, within limits of time, memory and structure; SERVICE and updates are refused.

        Prefixes: fp: <https://w3id.org/fiscalkg/ontology#>; a fp:Statement (目标表) has fp:unit, fp:fiscalYear,
        fp:project, fp:amount, fp:goal, fp:indicator; an fp:Indicator has fp:name, fp:target. Describe a term's IRI,
        such as https://w3id.org/fiscalkg/ontology#Indicator, to learn more. Select IRIs of what you count or quote:
        they are what citations are made of.
        """
        try:
            form = inspect(query)
            if form != "SELECT":
                raise QueryError(f"this is {form}; ask by SELECT, or describe an IRI")
        except FiscalkgError as error:
            raise ToolError(str(error)) from error
        page = f"sparql/?query={quote(query, safe='')}"
        return await self._done(answered, Posed(query, self.site, rows), page)

    async def search(
        self, words: Annotated[str, Field(min_length=1, max_length=200, description="Parts of a name, by blanks.")]
    ) -> dict[str, Any]:
        """Find units, projects, indicators and questions by any part of their Chinese name.

        Simplified and traditional characters, width and case are the same. The first 50 results, each with its IRI.
        """
        return await self._done(found, Sought(words, self.site), f"search/?q={quote(words, safe='')}")

    async def describe(
        self, iri: Annotated[str, Field(description="An IRI of the data or vocabulary, or its path below the base.")]
    ) -> dict[str, Any]:
        """Say what the data know of a unit, project, table, indicator, place, class or term: Turtle with labels."""
        base = (await self.releases.current()).release.base
        whole = iri if ":" in iri else base + iri
        try:
            NamedNode(whole)
        except ValueError as error:
            raise ToolError(f"{iri[:200]!r} is no IRI") from error
        done = await self._done(explained, Sought(whole, self.site), "")
        return {**done, "page": done["pages"].get(whole, done["page"])}

    async def canned(self, query: CannedQuery, rows: int, values: dict[str, str]) -> dict[str, Any]:
        """Answer a ready-made query, its parameters bound as terms; a unit may be given by its code."""
        iris = [each.name for each in query.parameters if each.type == "iri" and ":" not in values.get(each.name, ":")]
        try:
            whole = {name: await self._whole(name, values[name]) for name in iris}
            posed = Posed(with_values(query.text, bindings(query, values | whole)), self.site, rows)
        except FiscalkgError as error:
            raise ToolError(str(error)) from error
        told: dict[str, Any] = {"question": {"zh": query.question_zh, "en": query.question_en}, "query": query.text}
        if query.example_without and query.example_without not in values:
            told["example"] = True
        if (asked := QUESTIONS.get(query.name)) and asked.rows:
            told["rows_behind"] = asked.rows
        return await self._done(answered, posed, _page_of(query), **told)

    async def _whole(self, name: str, value: str) -> str:
        """Return the IRI that a path below the base, or the code of a unit, stands for."""
        engine = await self.releases.current()
        if name != "unit" or "/" in value:
            return engine.release.base + value
        known = await engine.result(CLIENT, units_with, value) or []
        if len(known) != 1:
            options = f"; give one of {', '.join(known)}" if known else "; search finds units"
            raise QueryError(f"{value[:100]} is the code of {len(known)} units{options}")
        return known[0]


def _page_of(query: CannedQuery) -> str:
    """Return the page that shows a query's answer: that of its question, else the query page with it."""
    for question in QUESTIONS.values():
        if query.name in (question.name, question.rows, question.tops, *question.own.values()):
            return f"q/{question.name}.html"
    return f"sparql/?query={quote(query.text, safe='')}"


def server_of(assistants: Assistants, version: str) -> MCPServer:
    """Return the server with its tools: SPARQL, search, description, and one for each ready-made query."""
    server = MCPServer("fiscalkg", title="绩效目标 · Performance targets", instructions=INSTRUCTIONS, version=version)
    for own in (assistants.sparql, assistants.search, assistants.describe):
        server.add_tool(own, annotations=READS)
    for query in canned_queries():
        text = f"{query.told('zh')} {query.told('en')} Columns: {', '.join(query.columns)}."
        server.add_tool(
            _tool(assistants, query), name=query.name, title=f"{query.title_zh} · {query.title_en}",
            description=text, annotations=READS,
        )  # fmt: skip
    return server


def _tool(assistants: Assistants, query: CannedQuery) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Return a function with the parameters of a query, typed as they are declared, which the tool's schema is of."""

    async def ask(rows: int = 50, **values: str | None) -> dict[str, Any]:
        return await assistants.canned(query, rows, {name: value for name, value in values.items() if value})

    own = [_parameter(each) for each in query.parameters]
    most = signatures.Parameter("rows", signatures.Parameter.KEYWORD_ONLY, default=50, annotation=Rows)
    ask.__signature__ = signatures.Signature(  # type: ignore[attr-defined]  # what inspect.signature reads first
        [*own, most], return_annotation=dict[str, Any]
    )
    return ask


def _parameter(declared: Parameter) -> signatures.Parameter:
    """Return a parameter of a query as one of a function; a word of Python, as class, goes by another name inside."""
    alias = declared.name if iskeyword(declared.name) else None
    field = Field(
        alias=alias,
        description=f"{declared.label_zh} · {declared.label_en}",
        pattern=PATTERNS.get(declared.type),
    )
    name = f"{declared.name}_" if alias else declared.name
    kind = Annotated[str | None, field]
    return signatures.Parameter(name, signatures.Parameter.KEYWORD_ONLY, default=None, annotation=kind)

"""A folder of releases into a web application: SPARQL, entity pages and descriptions, the site, the dumps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse
from pyoxigraph import NamedNode
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fiscalkg.endpoint.negotiate import accepts_html
from fiscalkg.endpoint.releases import current
from fiscalkg.endpoint.resources import EXTENSIONS, describe, redirect
from fiscalkg.endpoint.settings import SECURITY_HEADERS, Settings
from fiscalkg.endpoint.sparql import ProtocolError, answer, read_question, refusal
from fiscalkg.loader.errors import FiscalkgError

__all__ = ["create_app", "from_environment"]

DIRECTORY = "FISCALKG_DIRECTORY"
FOLDERS = ("dumps", "tables", "reports", "catalogue", "sources")
METHODS = ["GET", "HEAD", "POST", "OPTIONS"]


def from_environment() -> FastAPI:
    """Return the application for the folder named in the environment: how each server process starts."""
    return create_app(Settings(Path(os.environ[DIRECTORY])))


def create_app(settings: Settings) -> FastAPI:
    """Return the application that serves ``settings.directory``."""
    app = FastAPI(title="fiscalkg", openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(SecurityHeaders)

    @app.exception_handler(FiscalkgError)
    async def refuse(request: Request, error: FiscalkgError) -> Response:
        return refusal(request, error)

    @app.api_route("/sparql", methods=[*METHODS, "PUT", "PATCH", "DELETE"])
    async def sparql(request: Request) -> Response:
        return await _sparql(request, settings)

    @app.get("/health")
    async def health() -> Response:
        return PlainTextResponse("ok\n")

    @app.api_route("/id/{path:path}", methods=["GET", "HEAD"])
    async def entity(request: Request, path: str) -> Response:
        return redirect(request, path)

    @app.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def page(path: str) -> Response:
        return await run_in_threadpool(_page, settings, path)

    return app


async def _sparql(request: Request, settings: Settings) -> Response:
    if request.method not in METHODS:
        return PlainTextResponse("a query comes by GET or POST\n", 405, {"Allow": ", ".join(METHODS)})
    if request.method == "OPTIONS":
        headers = {"Allow": ", ".join(METHODS), "Access-Control-Allow-Methods": ", ".join(METHODS)}
        return Response(status_code=204, headers={**headers, "Access-Control-Allow-Headers": "Accept, Content-Type"})
    named = request.method == "POST" or "format" in request.query_params
    if not named and accepts_html(request.headers.get("accept")):
        return await run_in_threadpool(_page, settings, "sparql/")
    question = await read_question(request, settings)
    return await answer(request, question, current(settings.directory), settings)


def _page(settings: Settings, path: str) -> Response:
    """Return a file of the release, the frozen page of a path, or a description made from the store."""
    served = current(settings.directory)
    first = path.partition("/")[0]
    found = _inside(served.release.path if first in FOLDERS else served.release.path / "site", path)
    if found is not None:
        return FileResponse(found, headers={"Cache-Control": f"public, max-age={settings.max_age}"})
    stem, _, extension = path.rpartition(".")
    if extension in EXTENSIONS and stem:
        try:
            NamedNode(served.release.base + stem)
        except ValueError as error:
            raise ProtocolError(404, "no such IRI") from error
        described = describe(served, stem, extension)
        if described is not None:
            return described
    raise ProtocolError(404, "no such page; begin at / or ask /sparql")


def _inside(root: Path, path: str) -> Path | None:
    """Return the file a path names below a folder, never one outside it."""
    if "\x00" in path:
        return None
    root = root.resolve()
    for name in (path, f"{path}.html", f"{path.rstrip('/')}/index.html"):
        try:
            found = (root / name.lstrip("/")).resolve()
            if found.is_relative_to(root) and found.is_file():
                return found
        except (OSError, ValueError):  # a name too long for the file system
            return None
    return None


class SecurityHeaders:
    """Middleware that says of every answer what a browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
                given = {name.lower() for name, _ in headers}
                headers += [pair for pair in SECURITY_HEADERS if pair[0] not in given]
                changed: dict[str, Any] = {**message, "headers": headers}
                message = changed
            await send(message)

        await self.app(scope, receive, with_headers)

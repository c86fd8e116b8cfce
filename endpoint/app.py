"""A folder of releases into a web application: SPARQL, canned queries, the IRIs of the data, the site, the dumps."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from fiscalkg.endpoint.caching import Kept
from fiscalkg.endpoint.canned_api import answer_canned, listing
from fiscalkg.endpoint.changelog import changes_path, chapters, made
from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.engine import Engine
from fiscalkg.endpoint.files import file_of, folder_of
from fiscalkg.endpoint.heads import Heads
from fiscalkg.endpoint.negotiate import accepts_html
from fiscalkg.endpoint.openapi import openapi
from fiscalkg.endpoint.operations import Observed, count_workers, metrics
from fiscalkg.endpoint.pages.history import PATHS
from fiscalkg.endpoint.protocol import METHODS, read_question
from fiscalkg.endpoint.query_page import query_page
from fiscalkg.endpoint.question_page import choices_asked, question_page
from fiscalkg.endpoint.refusals import ProtocolError, refusal
from fiscalkg.endpoint.releases import Releases
from fiscalkg.endpoint.repeats import Repeating, Repeats, once_a_tick
from fiscalkg.endpoint.resources import described, in_section, is_vocabulary, missing, redirect
from fiscalkg.endpoint.search_page import is_search, search_page
from fiscalkg.endpoint.security import SecurityHeaders
from fiscalkg.endpoint.service import service_description, void
from fiscalkg.endpoint.settings import MIB, Settings
from fiscalkg.endpoint.shortcut import Shortcut
from fiscalkg.endpoint.sparql import Desk, respond
from fiscalkg.endpoint.work import probe
from fiscalkg.loader.errors import FiscalkgError

__all__ = ["create_app", "from_environment"]

READ = ["GET", "HEAD", "OPTIONS"]
FRESH = 1.0  # seconds for which an answer of /ready holds


def from_environment() -> ASGIApp:
    """Return the application with the settings named in the environment: how each server process starts."""
    return create_app(Settings.from_environment())


def create_app(settings: Settings) -> ASGIApp:
    """Return the application that serves ``settings.directory``.

    What is common to all answers stands around the web framework: an answer that is repeated does not reach it.
    """
    server = _Server(settings)
    repeats = Repeats(once_a_tick(server.releases.link), settings.cache * MIB // 2)
    app = Observed(Repeating(SecurityHeaders(Heads(_routed(server))), repeats), settings)
    app.shortcut = Shortcut(server.releases, settings, server.kept, repeats, app)
    return app


def _routed(server: _Server) -> FastAPI:
    app = FastAPI(title="fiscalkg", openapi_url=None, docs_url=None, redoc_url=None, lifespan=server.lifespan)
    app.add_exception_handler(FiscalkgError, _refuse)
    app.add_exception_handler(HTTPException, _refuse_http)
    app.add_route("/sparql", server.sparql, [*METHODS])
    for path, answer in (
        ("/queries", server.queries),
        ("/queries/{name}", server.canned),
        ("/id/{path:path}", server.entity),
        ("/ontology", server.entity),
        ("/ontology/{path:path}", server.page),
        ("/openapi.json", _openapi),
        ("/.well-known/void", server.void),
        ("/changes/{path:path}", server.changes),
        ("/en/changes/{path:path}", server.changes),
        ("/v/{name}", server.older),
        ("/v/{name}/{path:path}", server.older),
        ("/health", _health),
        ("/ready", server.ready),
        ("/metrics", metrics),
        ("/{path:path}", server.page),
    ):
        app.add_route(path, answer, READ)
    return app


async def _refuse(request: Request, error: Exception) -> Response:
    return refusal(request, cast(FiscalkgError, error))


async def _refuse_http(request: Request, error: Exception) -> Response:
    """Give the framework's own refusals, such as 405 with Allow, the form of ours."""
    known = cast(HTTPException, error)
    return refusal(request, ProtocolError(known.status_code, f"{known.detail}", known.headers))


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


async def _openapi(_: Request) -> Response:
    return JSONResponse(openapi())


def _options(methods: list[str]) -> Response:
    allowed = ", ".join(methods)
    headers = {"Allow": allowed, "Access-Control-Allow-Methods": allowed, "Access-Control-Max-Age": "86400"}
    return Response(status_code=204, headers={**headers, "Access-Control-Allow-Headers": "Accept, Content-Type"})


class _Server:
    """The addresses of one application, which share its releases and the answers it keeps."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.releases = Releases(settings)
        self.kept = Kept(settings.cache * MIB // 2)
        self._probed = (0.0, "")
        count_workers(self.releases.gate)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        await self.releases.current()
        yield
        await self.releases.close()

    async def _desk(self, release: str | None = None) -> Desk:
        engine: Engine = await (self.releases.pinned(release) if release else self.releases.current())
        return Desk(engine, self._settings, self.kept)

    async def sparql(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return _options([*METHODS])
        question = await read_question(request, self._settings.limits)
        asked_in_full = request.method == "POST" or (question and question.format)
        if not asked_in_full and accepts_html(request.headers.get("accept")):
            return await query_page(request, question.text if question else "", await self._desk())
        if question is None:
            return await service_description(request, await self._desk(request.query_params.get("release")))
        return await respond(request, question, await self._desk(question.release))

    async def queries(self, request: Request) -> Response:
        return _options(READ) if request.method == "OPTIONS" else listing()

    async def canned(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return _options(READ)
        return await answer_canned(request, request.path_params["name"], await self._desk(_release(request)))

    async def entity(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return _options(READ)
        path = request.path_params.get("path") or request.url.path.strip("/")
        return await redirect(request, path, await self._desk())

    async def void(self, request: Request) -> Response:
        return (
            _options(READ) if request.method == "OPTIONS" else await void(request, await self._desk(_release(request)))
        )

    async def changes(self, request: Request) -> Response:
        """Return the changelog or its feed; neither is part of a release, so none names one in its ETag."""
        if request.method == "OPTIONS":
            return _options(READ)
        path, desk = changes_path(request.url.path.lstrip("/")), await self._desk()
        asked = await run_in_threadpool(chapters, self._settings.directory, path)
        page = await desk.engine.result(client_of(request, self._settings.proxies), made, asked)
        if page is None:
            raise missing(desk, path)
        return Response(page.body, headers={"Cache-Control": "max-age=60", "Content-Type": page.media_type})

    async def older(self, request: Request) -> Response:
        """Return a file of a release that is kept, under its own address; ``latest`` leads to the current one."""
        if request.method == "OPTIONS":
            return _options(READ)
        name, path = request.path_params["name"], request.path_params.get("path")
        if name == "latest" or path is None:
            own = (await self._desk()).engine.release.path.name if name == "latest" else name
            return RedirectResponse(f"/v/{quote(own)}/{quote(path or '')}", 302 if name == "latest" else 308)
        if changes_path(path) in PATHS:  # of all releases: an older one knows those before it alone
            return RedirectResponse(f"/{path}", 302)
        desk = await self._desk(name)
        choices = choices_asked(request, path)
        found = await question_page(request, path, choices, desk) if choices else None
        if folder := folder_of(desk, path):
            return _to_folder(request, f"/v/{quote(name)}/{folder}")
        found = found or await file_of(request, path, desk) or await described(request, path, desk)
        if found is None:
            raise missing(desk, path)
        return found

    async def ready(self, request: Request) -> Response:
        desk = await self._desk()
        at, release = self._probed
        if time.monotonic() - at > FRESH or release != desk.engine.release.id:
            await desk.engine.result(f"ready {client_of(request, self._settings.proxies)}", probe, None)
            self._probed = (time.monotonic(), desk.engine.release.id)
        return PlainTextResponse(f"{desk.engine.release.id}\n", headers={"Cache-Control": "no-store"})

    async def page(self, request: Request) -> Response:
        """Return a file of the release, else what the data say of the IRI the path stands for."""
        if request.method == "OPTIONS":
            return _options(READ)
        path = request.url.path.lstrip("/")
        desk = await self._desk(_release(request))
        searched = request.query_params.get("q", "")
        if is_search(path, searched):
            return await search_page(request, path, searched, desk)
        if (choices := choices_asked(request, path)) and (made := await question_page(request, path, choices, desk)):
            return made
        own = urlsplit(desk.engine.release.base).path.strip("/")
        if own and path.startswith(f"{own}/"):  # the whole path of an IRI, whatever the host
            return await redirect(request, path.removeprefix(f"{own}/"), desk)
        if is_vocabulary(path):
            return await redirect(request, path, desk)
        if folder := folder_of(desk, path):
            return _to_folder(request, f"/{folder}")
        found = await file_of(request, path, desk)
        if found is None and (own_path := in_section(desk, path)):
            return await redirect(request, own_path, desk)
        found = found or await described(request, path, desk)
        if found is None:
            raise missing(desk, path)
        return found


def _to_folder(request: Request, address: str) -> Response:
    return RedirectResponse(f"{address}?{request.url.query}" if request.url.query else address, 308)


def _release(request: Request) -> str | None:
    return request.query_params.get("release")

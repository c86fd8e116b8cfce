"""A path into a file of a release: its frozen pages, dumps, tables, reports, catalogue and sources."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from fiscalkg.endpoint.caching import coding, headers_of, is_known
from fiscalkg.endpoint.delivery import packed
from fiscalkg.endpoint.question_page import shows_form, with_form
from fiscalkg.endpoint.settings import MIB
from fiscalkg.endpoint.sparql import Desk, not_modified

__all__ = ["file_of", "folder_of", "inside"]

FOLDERS = ("dumps", "tables", "reports", "catalogue", "sources")
TYPES = {".nt": "application/n-triples", ".ttl": "text/turtle", ".jsonl": "application/jsonl", ".rq": "text/plain"}
PACKED = ("text/", "application/json", "application/n-triples", "application/ld+json", "image/svg")
TEXT = ("text/", "application/n-triples")


async def file_of(request: Request, path: str, desk: Desk) -> Response | None:
    """Return a file of the release or a page without its ending, packed where that helps; ``None`` for no file."""
    release = desk.engine.release
    first = path.partition("/")[0]
    found = await run_in_threadpool(inside, release.path if first in FOLDERS else release.site, path)
    if found is None:
        return None
    kind = TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    if found.suffix == ".gz":
        kind = "application/gzip"
    small = kind.startswith(PACKED) and found.stat().st_size <= MIB
    coded = coding(request) if small else "identity"
    known = str(found.relative_to(release.path))
    headers = headers_of(release, coded, desk.settings.max_age, known)
    headers["Vary"] = "Accept-Encoding"
    headers["Content-Type"] = f"{kind}; charset=utf-8" if kind.startswith(TEXT) else kind
    if is_known(request, headers):
        return not_modified(headers)
    change = with_form if shows_form(known) else bytes
    if coded == "identity":
        if change is bytes:
            return FileResponse(found, headers=headers)
        return Response(change(await run_in_threadpool(found.read_bytes)), headers=headers)
    body = desk.kept.get(headers["ETag"])
    if body is None:
        body = await run_in_threadpool(lambda: packed(change(found.read_bytes())))
        desk.kept.put(headers["ETag"], body)
    return Response(body, headers=headers)


def folder_of(desk: Desk, path: str) -> str | None:
    """Return the address of the page of a folder that a path names without its last slash, which its links need."""
    if not path or path.endswith("/") or inside(desk.engine.release.site, f"{path}.html"):
        return None
    return f"{quote(path)}/" if inside(desk.engine.release.site, f"{path}/index.html") else None


def inside(root: Path, path: str) -> Path | None:
    """Return the file a path names below a folder, with or without its ending, never one outside the folder."""
    if "\x00" in path or "\\" in path:
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

"""A search in the address bar, ``/search/?q=满意度``, into the search page with what was found: no script is needed."""

from __future__ import annotations

from fastapi import Request, Response

from fiscalkg.endpoint.caching import coding, headers_of, is_known
from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.delivery import packed
from fiscalkg.endpoint.sparql import Desk, not_modified
from fiscalkg.endpoint.work import Wanted, page

__all__ = ["is_search", "search_page"]

PAGES = ("search", "search/", "search/index.html")


def is_search(path: str, query: str) -> bool:
    """Say whether a path is the search page's, in any language, and something is searched."""
    return bool(query.strip()) and path.removeprefix("en/") in PAGES


async def search_page(request: Request, path: str, query: str, desk: Desk) -> Response:
    """Return the search page with the results of a query."""
    name = "en/search/index.html" if path.startswith("en/") else "search/index.html"
    headers = headers_of(desk.engine.release, coding(request), desk.settings.max_age, name, query)
    headers |= {"Content-Type": "text/html; charset=utf-8", "Vary": "Accept-Encoding"}
    if is_known(request, headers):
        return not_modified(headers)
    made = await desk.engine.result(client_of(request, desk.settings.proxies), page, Wanted(name, {"q": query}))
    body = made.body if made else b""
    return Response(packed(body) if "Content-Encoding" in headers else body, headers=headers)

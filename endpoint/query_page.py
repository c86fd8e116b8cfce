"""A query in the address bar of a browser into the query page with that query filled in."""

from __future__ import annotations

from fastapi import Request, Response

from fiscalkg.endpoint.caching import coding, headers_of, is_known
from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.delivery import packed
from fiscalkg.endpoint.negotiate import parse
from fiscalkg.endpoint.sparql import Desk, not_modified
from fiscalkg.endpoint.work import Wanted, page

__all__ = ["query_page"]


async def query_page(request: Request, text: str, desk: Desk) -> Response:
    """Return the query page in the language the browser likes most, with a query filled in that is not run."""
    english = _likes_english(request.headers.get("accept-language", ""))
    headers = headers_of(
        desk.engine.release, coding(request), desk.settings.max_age, "query page", str(english), text
    )  # fmt: skip
    headers |= {"Content-Type": "text/html; charset=utf-8", "Vary": "Accept, Accept-Encoding, Accept-Language"}
    if is_known(request, headers):
        return not_modified(headers)
    wanted = Wanted("en/sparql/index.html" if english else "sparql/index.html", {"query": text, "at": "sparql"})
    made = await desk.engine.result(client_of(request, desk.settings.proxies), page, wanted)
    body = made.body if made else b""
    return Response(packed(body) if "Content-Encoding" in headers else body, headers=headers)


def _likes_english(accepted: str) -> bool:
    liked = {"zh": 0.0, "en": 0.0}
    for name, quality in parse(accepted):
        language = name.partition("-")[0]
        if language in liked:
            liked[language] = max(liked[language], quality)
    return liked["en"] > liked["zh"]

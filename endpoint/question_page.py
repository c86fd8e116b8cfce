"""A question narrowed in the address bar, ``/q/years.html?place=120000&year=2025``, into its page or one of its files.

No script is needed: the form on question pages asks so. It stands hidden on them, for the same pages lie on hosts that
cannot answer; here it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import Request, Response

from fiscalkg.endpoint.caching import coding, headers_of, is_known
from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.delivery import packed
from fiscalkg.endpoint.pages.combined import KINDS
from fiscalkg.endpoint.protocol import pairs
from fiscalkg.endpoint.refusals import ProtocolError
from fiscalkg.endpoint.sparql import Desk, not_modified
from fiscalkg.endpoint.work import Wanted, page

__all__ = ["choices_asked", "question_page", "shows_form", "with_form"]

PATH = re.compile(r"(?:en/)?q/[a-z-]+(?:\.(?:html|csv|json|rq|svg|zip))?")
FROZEN = re.compile(r"site/(?:en/)?q/.+\.html")
HIDDEN = re.compile(rb'(<form class="combine" method="get" action="[^"]*") hidden>')


def choices_asked(request: Request, path: str) -> Mapping[str, str]:
    """Return place, year and unit that a question's page or file is asked for, empty where none is, or another path.

    Raises ``ProtocolError`` 400 for one that is given twice.
    """
    if not PATH.fullmatch(path):
        return {}
    given = [(kind, text.strip()) for kind, text in pairs(request.url.query) if kind in KINDS]
    names = [kind for kind, _ in given]
    if len(set(names)) < len(names):
        raise ProtocolError(400, f"each of {', '.join(KINDS)} is given once at most")
    return {kind: text for kind, text in given if text}


async def question_page(request: Request, path: str, choices: Mapping[str, str], desk: Desk) -> Response | None:
    """Return a question's page or file for a visitor's choices; ``None`` for no such question."""
    name = path if "." in path else f"{path}.html"
    known = (name, *(f"{kind}={text}" for kind, text in sorted(choices.items())))
    headers = headers_of(desk.engine.release, coding(request), desk.settings.max_age, *known)
    headers["Vary"] = "Accept-Encoding"
    if is_known(request, headers) == "tag":
        return not_modified(headers)
    made = await desk.engine.result(client_of(request, desk.settings.proxies), page, Wanted(name, choices))
    if made is None:
        return None
    if is_known(request, headers):
        return not_modified(headers)
    headers["Content-Type"] = made.media_type
    return Response(packed(made.body) if "Content-Encoding" in headers else made.body, headers=headers)


def shows_form(path: str) -> bool:
    """Say whether a file of a release, by its path there, is a question's page."""
    return bool(FROZEN.fullmatch(path))


def with_form(body: bytes) -> bytes:
    """Return a frozen page of a question as the endpoint serves it: with the form shown."""
    return HIDDEN.sub(rb"\1>", body, count=1)

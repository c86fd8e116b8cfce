"""The IRIs the data mint into what a browser or a program gets for them: a page or a description."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import normpath
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pyoxigraph import NamedNode

from fiscalkg.endpoint.caching import coding, headers_of, is_known
from fiscalkg.endpoint.changelog import why_gone
from fiscalkg.endpoint.clients import client_of
from fiscalkg.endpoint.delivery import packed
from fiscalkg.endpoint.descriptions import EXTENSIONS, Subject, describe, iri_of, is_described
from fiscalkg.endpoint.files import inside
from fiscalkg.endpoint.negotiate import accepts_html, choose
from fiscalkg.endpoint.pages.by_unit import has_sections
from fiscalkg.endpoint.pages.facts import version
from fiscalkg.endpoint.refusals import ProtocolError
from fiscalkg.endpoint.sparql import Desk, content_type, not_modified
from fiscalkg.loader.formats import Format

__all__ = ["described", "in_section", "is_vocabulary", "missing", "redirect"]

SEE_OTHER = 303
VOCABULARY = frozenset({"ontology", "scheme", "shapes"})
MOST_PAGES = 10_000
SECTIONS = {"statement": 4, "project": 3}  # parts of the path of a page whose sections these may be


async def redirect(request: Request, path: str, desk: Desk) -> Response:
    """Send an IRI's reader on: 303 to the page, or to the description in the format accepted.

    Raises ``ProtocolError`` 404 for an IRI that the data do not know, 410 for one that a kept release knew.
    """
    accept = request.headers.get("accept")
    chosen = choose(accept, tuple(EXTENSIONS.values()))
    # Without a header, or with one that takes anything, a person is more likely than a program.
    page = accept is None or accepts_html(accept) or accept.strip() == "*/*"
    if not page and chosen is None:
        raise ProtocolError(406, "ask for text/html, text/turtle, application/n-triples, JSON-LD or RDF/XML")
    if path.startswith("release/"):
        return RedirectResponse(_in_release(path, None if page else chosen), SEE_OTHER, {"Vary": "Accept"})
    term = _vocabulary_page(desk, path)
    section = section_of(desk.engine.release.site, path)
    own = term or section or _page_of(desk, path)
    # What has a page of its own is there; a page with anchors has them for what there is, and for nothing else.
    whole_page = "#" not in term if term else own == f"{quote(path)}.html" and _is_plain(path)
    if (section or not whole_page) and not await _exists(request, path, desk):
        raise missing(desk, path)
    whole = "ontology" if path == f"ontology/{version()}" else path  # an earlier version is described, no more
    target = (own or f"{quote(path)}.html") if page or chosen is None else f"{quote(whole)}.{chosen.extension}"
    return RedirectResponse(f"/{target}", SEE_OTHER, {"Vary": "Accept"})


def _in_release(path: str, chosen: Format | None) -> str:
    """Return the address of a release, described in a format or by its page of files, or of one of its files."""
    name, _, rest = path.removeprefix("release/").partition("/")
    own = f"release/{name}.{chosen.extension}" if chosen and not rest else rest or "downloads/"
    return f"/v/{quote(name)}/{quote(own)}"


def is_vocabulary(path: str) -> bool:
    """Return whether a path is an IRI of ontology, code lists or shapes, and not the file or page of one."""
    ending = path.rpartition(".")[2]
    return path.split("/")[0] in VOCABULARY and not path.endswith("/") and ending not in {*EXTENSIONS, "html"}


def _vocabulary_page(desk: Desk, path: str) -> str | None:
    """Return the address of the page, and the anchor there, that tells of a term, code list, code or version."""
    first, _, rest = path.partition("/")
    if first not in VOCABULARY:
        return None
    site = desk.engine.release.site
    name, _, code = rest.partition("/")
    if first == "scheme" and name:
        anchor = f"#{quote(code)}" if code else ""
        known = re.fullmatch("[a-z0-9-]+", name) and inside(site, f"scheme/{name}.html")
        return f"scheme/{name}.html{anchor}" if known else None
    if not inside(site, f"{first}/index.html") or not re.fullmatch(r"[\d.]*", rest):
        return None  # what has no place on the page is described
    return f"{first}/#v{rest}" if rest else f"{first}/"


def section_of(site: Path, path: str) -> str | None:
    """Return the address of the page and section that a table or project stands in; ``None`` where they have pages."""
    depth = SECTIONS.get(path.partition("/")[0])
    parts = path.split("/")
    if depth is None or len(parts) <= depth:
        return None
    page, anchor = "/".join(parts[:depth]), parts[depth]
    if not has_sections(site) or not inside(site, f"{page}.html"):
        return None
    rest = parts[depth + 1 :]
    row = f"-indicator-{rest[1]}" if rest[:1] == ["indicator"] and len(rest) > 1 else ""
    return f"{quote(page)}.html#{quote(anchor + row)}"


def in_section(desk: Desk, path: str) -> str | None:
    """Return the path of the IRI of a table or project whose page is asked for, where it is a section of another."""
    own = path.removesuffix(".html")
    described_as = own.rpartition(".")[2] in EXTENSIONS
    return None if described_as or section_of(desk.engine.release.site, own) is None else own


def _page_of(desk: Desk, path: str) -> str | None:
    """Return the address of the frozen page an entity stands on, with its anchor there."""
    site = desk.engine.release.site
    whole, _, rest = path.partition("/indicator/")
    if rest and inside(site, f"{whole}.html"):
        return f"{quote(whole)}.html#indicator-{quote(rest.partition('/')[0])}"
    parts = path.split("/")
    # A part of a statement stands on its statement's page; unit and project have no parts.
    ends = range(len(parts), 1, -1) if parts[0] == "statement" else (len(parts),)
    for end in ends:
        if inside(site, "/".join(parts[:end]) + ".html"):
            return quote("/".join(parts[:end])) + ".html"
    return None


def _is_plain(path: str) -> bool:
    """Return whether a path is written as an IRI has it: the file system takes others for the same."""
    return normpath(path) == path and not path.startswith("/")


async def _exists(request: Request, path: str, desk: Desk) -> bool:
    iri = _iri(desk, path)
    return bool(await desk.engine.result(client_of(request, desk.settings.proxies), is_described, iri))


def _iri(desk: Desk, path: str) -> str:
    iri = iri_of(desk.engine.release.base, path)
    try:
        NamedNode(iri)
    except ValueError as error:
        raise ProtocolError(404, "no such IRI") from error
    return iri


def missing(desk: Desk, path: str) -> ProtocolError:
    """Return the refusal of a path without data: 410 where a release that is still kept has a page of it."""
    stem = path.rpartition(".")[0] if path.rpartition(".")[2] in {*EXTENSIONS, "html"} else path
    if stem.startswith("statement/") and (reason := why_gone(desk.settings.directory, stem)):
        return ProtocolError(410, reason)
    for release in sorted(_kept(desk.settings.directory), reverse=True):
        if release.resolve() != desk.engine.release.path and _had(release / "site", stem):
            return ProtocolError(410, f"this is no longer in the data; release {release.name} had it")
    return ProtocolError(404, "no such page; begin at / or ask /sparql")


def _had(site: Path, stem: str) -> bool:
    """Say whether a frozen site has the page of an entity, or the section with its anchor."""
    if inside(site, f"{stem}.html"):
        return True
    page, _, anchor = (section_of(site, stem) or "").partition("#")
    found = inside(site, page) if page else None
    return found is not None and f'id="{anchor}"'.encode() in found.read_bytes()


def _kept(directory: Path) -> list[Path]:
    folder = directory / "releases"
    return [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []


async def described(request: Request, path: str, desk: Desk) -> Response | None:
    """Return what the data say of an IRI at ``<path>.<extension>``; ``None`` where the path is no such thing."""
    stem, _, extension = path.rpartition(".")
    if not stem or extension not in {*EXTENSIONS, "html"}:
        return None
    number = _page_number(request.query_params.get("page", "1"))
    known = (path, str(number))
    headers = headers_of(desk.engine.release, coding(request), desk.settings.max_age, "description", *known)
    headers["Content-Type"] = content_type(EXTENSIONS[extension]) if extension != "html" else "text/html; charset=utf-8"
    if is_known(request, headers) == "tag":
        return not_modified(headers)
    subject = Subject(_iri(desk, stem), stem, extension, number)
    found = await desk.engine.result(client_of(request, desk.settings.proxies), describe, subject)
    if found is None:
        return None
    if is_known(request, headers):
        return not_modified(headers)
    headers |= _links(quote(path.rpartition("/")[2]), number, found.more)
    body = packed(found.body) if "Content-Encoding" in headers else found.body
    return Response(body, headers=headers)


def _page_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_PAGES):
        raise ProtocolError(400, f"page is a number from 1 to {MOST_PAGES}")
    return int(text)


def _links(name: str, number: int, more: bool) -> dict[str, str]:
    links = [f'<{name}?page={number + 1}>; rel="next"'] if more else []
    links += [f'<{name}?page={number - 1}>; rel="prev"'] if number > 1 else []
    return {"Link": ", ".join(links)} if links else {}

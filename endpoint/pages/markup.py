"""Templates and values into HTML: one Jinja environment, escaping on, links relative to the page they stand on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Call, Expr
from markupsafe import Markup, escape

from fiscalkg.endpoint.pages.page import Edition, Language, Page
from fiscalkg.endpoint.policy import policy
from fiscalkg.loader.places import anchor, place_of, told

__all__ = ["FORBIDDEN", "SITE", "html", "link", "plain", "site_path", "twin_path", "words"]

SITE = Path(__file__).parent.parent.parent / "site"
# HTML forbids these characters even as references; a hostile or broken source may hold them. The last two ranges turn
# the direction of what follows: they are shown as a mark and never obeyed.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
CHANGED = re.compile(rf"[&<>\"']|{FORBIDDEN.pattern}")  # what no text in HTML may hold as it is

SHORT = 200  # characters: longer texts are rarely the same


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of the site by name, each in zh and en."""
    return tomllib.loads((SITE / "pages" / "words.toml").read_text(encoding="utf-8"))


def link(origin: str, target: str) -> str:
    """Return the relative address of one page of the site on another.

    >>> link("q/satisfaction.html", "unit/120000/301101.html")
    '../unit/120000/301101.html'
    >>> link("en/index.html", "index.html"), link("index.html", "units/index.html#a")
    ('../', 'units/#a')
    >>> link("sparql/index.html", "sparql")
    '../sparql'
    """
    path, mark, fragment = target.partition("#")
    if path == origin and fragment:
        return "#" + fragment
    return _relative(origin.rpartition("/")[0], path) + mark + fragment


@lru_cache(maxsize=4096)  # pages of a folder link to the same pages of the site
def _relative(folder: str, path: str) -> str:
    here, there = folder.split("/") if folder else [], path.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    relative = "/".join([".."] * (len(here) - shared) + there[shared:])
    if relative == "index.html" or relative.endswith("/index.html"):
        relative = relative.removesuffix("index.html") or "./"
    return relative


def site_path(path: str, language: Language) -> str:
    """Return the path of a page in a language: zh at the root, en below ``en/``."""
    return path if language == "zh" else "en/" + path


def twin_path(path: str, language: Language) -> str:
    """Return the path of the same page in the other language."""
    return site_path(path, "en" if language == "zh" else "zh")


def html(edition: Edition, path: str, language: Language, template: str, twin: str | None, **values: object) -> Page:
    """Return a page made from a template.

    ``path`` is the whole path of the page; ``twin`` the path of the page a change of language leads to.
    """
    context = _context(edition, path, language, twin or twin_path("index.html", language))
    body = _environment().get_template(template).render(**context, **values)
    return Page(path, "text/html; charset=utf-8", body.encode(), language)


def plain(template: str, **values: object) -> str:
    """Return a text made from a template that needs nothing of an edition."""
    return _environment().get_template(template).render(**values)


def _context(edition: Edition, path: str, language: Language, twin: str) -> dict[str, object]:
    addresses: dict[str, str] = {}  # of sources

    def here(target: str) -> str:
        return link(path, target)

    def section(target: str) -> str:
        return link(path, site_path(target, language))

    def at(iri: str) -> Markup:
        """Return a link to a place in a source, in the words that say where it is."""
        document, _, fragment = iri.partition("#")
        mark, *said = _place(fragment)
        if document not in addresses:
            addresses[document] = edition.path_of(document)
        address = _escaped(link(path, addresses[document] + mark))
        return Markup(f'<a class="source" href="{address}">{said[0 if language == "zh" else 1]}</a>')  # noqa: S704  # escaped here

    def top() -> Markup:
        """Return what stands at the head of every page of a folder, made once for all of them."""
        known = path.rpartition("/")[0], language, context["twin"]
        if known not in edition.tops:
            edition.tops[known] = Markup(_environment().get_template("top.html").render(**context))  # noqa: S704  # a template's
        return edition.tops[known]

    context: dict[str, object] = {
        "edition": edition, "language": language, "tag": "zh-Hans" if language == "zh" else "en", "path": path,
        "here": here, "section": section, "at": at, "top": top, "twin": link(path, twin), "say": _speaker(language),
        "label": lambda iri: edition.label(iri, language),
        "policy": policy(path), "page_of": lambda iri: link(path, edition.path_of(iri)),
    }  # fmt: skip
    return context


@lru_cache(maxsize=1 << 14)  # sources have lines of the same numbers
def _place(fragment: str) -> tuple[str, str, str]:
    """Return the anchor of a place in a source with its mark, and what it is called in zh and en, escaped."""
    place = place_of(fragment)
    zh, en = told(place) if place else (words()["source"]["zh"], words()["source"]["en"])
    return f"#{anchor(place)}" if place else "", _escaped(zh), _escaped(en)


def _speaker(language: Language) -> Callable[..., str]:
    def say(name: str, **values: object) -> str:
        return words()[name][language].format(**values)

    return say


def _clean(value: object) -> object:
    """Return a text without what no page may hold; markup was made of such texts."""
    if not isinstance(value, str) or isinstance(value, Markup) or not FORBIDDEN.search(value):
        return value
    return FORBIDDEN.sub("\ufffd", value)


def _escaped(value: object) -> str:
    """Return a value as it stands in HTML, without what no page may hold."""
    if type(value) is str and len(value) <= SHORT:
        return _short(value)
    if type(value) is int:
        return str(value)
    return value if type(value) is Markup else str(escape(_clean(value)))


@lru_cache(maxsize=1 << 15)  # most short texts stand on many pages
def _short(text: str) -> str:
    return str(escape(_clean(text))) if CHANGED.search(text) else text


class _Generator(CodeGenerator):
    """Templates into code that escapes by ``_escaped``, in one step with what Jinja calls the finalizing of a value."""

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write("environment.escaped((")
        else:
            super()._output_child_pre(node, frame, finalize)

    def visit_Call(self, node: Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802  # Jinja's name
        """Write a call as it stands: ours take nothing of the context, which Jinja would ask at each call."""
        if forward_caller or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for each in node.args:
            self.visit(each, frame)
            self.write(", ")
        for named in node.kwargs:
            self.write(f"{named.key}=")
            self.visit(named.value, frame)
            self.write(", ")
        self.write(")")


class _Environment(Environment):
    """An environment that the code of templates calls for escaping."""

    code_generator_class = _Generator
    escaped = staticmethod(_escaped)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute, of a dict at once what it holds by that name: Jinja tries its methods before."""
        return obj[attribute] if type(obj) is dict and attribute in obj else super().getattr(obj, attribute)


@cache
def _environment() -> Environment:
    made = _Environment(
        loader=FileSystemLoader(SITE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=_clean,
    )  # fmt: skip
    made.filters["urlencode"] = lambda text: "".join(map(_quoted, text.splitlines(keepends=True)))
    return made


@lru_cache(maxsize=4096)  # the queries of many pages differ in few lines
def _quoted(line: str) -> str:
    return quote(line, errors="replace")

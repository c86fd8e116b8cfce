"""``portal.toml`` into what a portal says of itself: names, publisher, contact, base IRI, licence, places, store.

The file stands in the folder of releases and is written by the data officer. A release keeps what it was published
with, so pages and catalogue say the same wherever they are read; ``[store]`` alone is read by ``serve``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from fiscalkg.loader.errors import PortalError
from fiscalkg.loader.iris import BASE
from fiscalkg.loader.manifest import Entry

__all__ = [
    "DEFAULT", "FILE", "Licence", "Portal", "StoreSettings", "Texts", "check_base", "place_documents",
    "portal_from_json", "portal_to_json", "read_portal",
]  # fmt: skip

FILE = "portal.toml"
LARGEST = 64 * 1024
LONGEST = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FORBIDDEN_IN_IRI = re.compile(r'[^!-~]|[<>"{}|^`\\]')

StoreKind = Literal["embedded", "rdflib", "remote"]


@dataclass(frozen=True, slots=True)
class Texts:
    """A text in both languages."""

    zh: str
    en: str

    def __getitem__(self, language: Literal["zh", "en"]) -> str:
        """Return the text in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Licence:
    """The terms under which a portal's data may be used: what they are called, and where they stand."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What answers queries: ``address`` and ``graph`` are for a remote store, ``{release}`` in them is filled in.

    ``graph`` is the graph that holds the facts where a server keeps several releases; blank: its default graph.
    """

    kind: StoreKind = "embedded"
    address: str = ""
    graph: str = ""


@dataclass(frozen=True, slots=True)
class Portal:
    """What ``portal.toml`` says; ``place`` is a document's place where nothing else says one, by folder ``places``.

    Above ``most_files`` files of a site, tables and projects are sections of pages by unit. ``site_path`` is where on
    its host the static site stands: the page for whoever is lost is shown at any address, and needs whole ones.
    """

    name: Texts = Texts("绩效目标图谱", "Performance targets")
    publisher: Texts | None = None
    contact: str = ""
    base: str = BASE
    licence: Licence = Licence("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")
    place: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    most_files: int = 20_000
    store: StoreSettings = StoreSettings()
    site_path: str = "/"


DEFAULT = Portal()


def read_portal(folder: Path) -> Portal:
    """Return what the portal.toml of a folder says, the defaults for what it leaves out or where there is none.

    Raises ``PortalError`` naming the file, the key, and what to write there.
    """
    path = folder / FILE
    if not path.exists():
        return DEFAULT
    try:
        if path.stat().st_size > LARGEST:
            raise PortalError(f"{path}: larger than {LARGEST >> 10} KiB; write it anew with: fiscalkg init")
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PortalError(f"{path}: cannot be read as TOML ({error}); correct or remove it") from error
    return _portal(content, str(path))


def _portal(content: Mapping[str, object], where: str) -> Portal:
    _known(content, tuple(READERS), where)
    values: dict[str, Any] = {key: READERS[key](value, f"{where}: {key}") for key, value in content.items()}
    return replace(DEFAULT, **{"base" if key == "base_iri" else key: value for key, value in values.items()})


def _known(table: Mapping[str, object], keys: Sequence[str], where: str) -> None:
    if strange := sorted(set(table) - set(keys)):
        raise PortalError(f"{where}: unknown key {strange[0][:LONGEST]!r}; known are {', '.join(keys)}")


def _table(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise PortalError(f"{where}: is no table; write it as fiscalkg init does")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PortalError(f"{where} = {value!r:.100} is no text; leave out what is unknown")
    text = value.strip()
    if len(text) > LONGEST or CONTROL.search(text):
        raise PortalError(f"{where}: is longer than {LONGEST} characters or holds a control character; shorten it")
    return text


def _texts(value: object, where: str) -> Texts:
    table = _table(value, where)
    _known(table, ("zh", "en"), where)
    if missing := {"zh", "en"} - set(table):
        raise PortalError(f'{where}: lacks {min(missing)}; write {{ zh = "…", en = "…" }}')
    return Texts(_text(table["zh"], f"{where}.zh"), _text(table["en"], f"{where}.en"))


def _contact(value: object, where: str) -> str:
    text = _text(value, where)
    if not re.fullmatch(r"mailto:[^\s@?<>\"]+@[^\s@?<>\"]+|https?://[^\s<>\"]+", text):
        raise PortalError(f"{where} = {text!r} is no address; write mailto:name@example.org or https://…")
    return text


def _address(value: object, where: str, filled: bool = False) -> str:
    text = _text(value, where)
    bare = text.replace("{release}", "0") if filled else text
    if not re.match(r"https?://[^/]", bare) or FORBIDDEN_IN_IRI.search(bare):
        raise PortalError(f"{where} = {text!r} is no web address; write https://…")
    return text


def check_base(base: str, where: str) -> str:
    """Return a base IRI as it is; raises ``PortalError`` that begins with ``where`` for what is none."""
    if not base.startswith(("http://", "https://")) or not base.endswith(("/", "#")) or not base.isascii():
        raise PortalError(f"{where} {base}: give an http(s) IRI in ASCII that ends in / or #")
    if FORBIDDEN_IN_IRI.search(base):
        raise PortalError(f"{where} {base}: holds a character that no IRI may hold")
    return base


def _licence(value: object, where: str) -> Licence:
    table = _table(value, where)
    _known(table, ("name", "address"), where)
    if missing := {"name", "address"} - set(table):
        raise PortalError(f'{where}: lacks {min(missing)}; write {{ name = "…", address = "https://…" }}')
    return Licence(_text(table["name"], f"{where}.name"), _address(table["address"], f"{where}.address"))


def _place(value: object, where: str) -> str:
    code = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value, where)
    if not re.fullmatch(r"\d{6}", code, re.ASCII):
        raise PortalError(f"{where} = {code!r} is no place; write six digits of GB/T 2260, such as 120000")
    return code


def _store(value: object, where: str) -> StoreSettings:
    table = _table(value, where)
    _known(table, ("kind", "address", "graph"), where)
    kinds = get_args(StoreKind)
    kind = table.get("kind", "embedded")
    if kind not in kinds:
        raise PortalError(f"{where}.kind = {kind!r:.100} is none of {', '.join(kinds)}")
    if kind != "remote":
        if strange := sorted({"address", "graph"} & set(table)):
            raise PortalError(f'{where}.{strange[0]}: belongs to kind = "remote"; remove it or change the kind')
        return StoreSettings(cast(StoreKind, kind))
    if "address" not in table:
        raise PortalError(f'{where}: a remote store needs address = "http://…/sparql"')
    graph = _address(table["graph"], f"{where}.graph", filled=True) if "graph" in table else ""
    return StoreSettings("remote", _address(table["address"], f"{where}.address", filled=True), graph)


def _places(value: object, where: str) -> dict[str, str]:
    return {name: _place(code, f"{where}.{name:.100}") for name, code in _table(value, where).items()}


def _files(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise PortalError(f"{where} = {value!r:.100} is no number of files; write one such as {DEFAULT.most_files}")
    return value


def _site_path(value: object, where: str) -> str:
    text = _text(value, where)
    if not re.fullmatch(r"/([A-Za-z0-9._~-]+/)*", text):
        raise PortalError(f'{where} = {text!r} is no path of a folder; write "/" or one such as "/targets/"')
    return text


def _base(value: object, where: str) -> str:
    return check_base(_text(value, where), where)


READERS: Mapping[str, Callable[[object, str], object]] = {
    "name": _texts,
    "publisher": _texts,
    "contact": _contact,
    "base_iri": _base,
    "licence": _licence,
    "place": _place,
    "places": _places,
    "most_files": _files,
    "site_path": _site_path,
    "store": _store,
}


def place_documents(entries: Iterable[Entry], portal: Portal) -> list[Entry]:
    """Return the documents, each without a place given the one of its nearest folder in ``places``, else ``place``.

    A folder is matched by its name, inside a zip archive too; what a manifest says stands.
    """
    placed = []
    for entry in entries:
        inside = "/".join(entry.inside).split("/")[:-1]
        path = entry.path.absolute() if isinstance(entry.path, Path) else entry.path
        folders = (*path.parts[:-1], *inside)
        nearest = next((portal.places[name] for name in reversed(folders) if name in portal.places), portal.place)
        placed.append(entry if entry.place or nearest is None else replace(entry, place=nearest))
    return placed


def portal_to_json(portal: Portal) -> dict[str, Any]:
    """Return what a release keeps of its portal: all besides the store, which is a matter of the machine."""
    return {name: value for name, value in asdict(portal).items() if name != "store"}


def portal_from_json(content: Mapping[str, Any] | None) -> Portal:
    """Return the portal that a release was published with, the defaults for an older release without one."""
    if not content:
        return DEFAULT
    texts: dict[str, Any] = {name: Texts(**content[name]) for name in ("name", "publisher") if content.get(name)}
    plain = ("contact", "base", "place", "places", "most_files", "site_path")
    rest = {name: content[name] for name in plain if name in content}
    return Portal(**texts, **rest, licence=Licence(**content["licence"]))

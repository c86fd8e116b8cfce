"""Ontology, shapes and code lists into files that programs load: Turtle, N-Triples, JSON-LD, RDF/XML."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.endpoint.pages.facts import ontology, ontology_files, scheme_names, schemes, shape_files, shapes
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.loader.dumps import PREFIXES
from fiscalkg.loader.formats import Format
from fiscalkg.loader.iris import SCHEME

__all__ = ["ROUTE"]

FORMATS = {
    form.extension: (form.media_type, form.engine)
    for form in (Format.ttl, Format.nt, Format.jsonld, Format.rdf)
    if isinstance(form.engine, ox.RdfFormat)
}
WHOLE = {"ontology": (ontology, ontology_files), "shapes": (shapes, shape_files)}


def make(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page | None:
    """Return a vocabulary in a format; ``None`` for no such code list.

    The Turtle of ontology and shapes is the text of their files, one after another, with every comment.
    """
    name, (kind, form) = parameters["name"], FORMATS[parameters["ending"]]
    if name in WHOLE:
        _, files = WHOLE[name]
        body = _text(files()) if form == ox.RdfFormat.TURTLE else _written(_whole(name), form)
    elif name.removeprefix("scheme/") in scheme_names():
        body = _written(_of_scheme(name.removeprefix("scheme/")), form)
    else:
        return None
    return Page(path, f"{kind}; charset=utf-8" if kind.startswith("text/") else kind, body, language)


def _text(files: Iterable[Path]) -> bytes:
    return b"\n".join(path.read_bytes() for path in files)


@cache
def _whole(name: str) -> list[ox.Triple]:
    return _ordered(WHOLE[name][0]().triples)


@cache
def _of_scheme(name: str) -> list[ox.Triple]:
    return _ordered(_by_scheme()[name])


@cache
def _by_scheme() -> Mapping[str, list[ox.Triple]]:
    found: dict[str, list[ox.Triple]] = defaultdict(list)
    for triple in schemes().triples:
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(SCHEME):
            found[triple.subject.value.removeprefix(SCHEME).partition("/")[0]].append(triple)
    return found


def _ordered(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return triples in the same order each time: blank nodes named by what they say, lines sorted."""
    dataset = ox.Dataset(ox.Quad(each.subject, each.predicate, each.object) for each in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((quad.triple for quad in dataset), key=str)


def _written(triples: Iterable[ox.Triple], form: ox.RdfFormat) -> bytes:
    return ox.serialize(triples, format=form, prefixes=PREFIXES) or b""


def _paths(_: Edition) -> Iterator[str]:
    names = (*WHOLE, *(f"scheme/{name}" for name in scheme_names()))
    yield from (f"{name}.{ending}" for name in names for ending in FORMATS)


PATTERN = re.compile(r"(?P<name>ontology|shapes|scheme/[a-z0-9-]+)\.(?P<ending>ttl|nt|jsonld|rdf)")
ROUTE = Route("vocabulary", PATTERN, make, _paths, ("zh",))

"""A graph, ours or from elsewhere, into findings about its structure: is it what the ontology and the shapes describe?

The shapes are SHACL core and run under pySHACL, in batches and in parallel, so memory stays the same for a graph of
any size. Besides, a term of our ontology that is not declared there is found: a misspelt property is no property.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.codes import code_lists
from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.graph_files import load_graph, node_batches
from fiscalkg.loader.iris import ONTOLOGY, SCHEME
from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.reference import Batch, complaints
from fiscalkg.loader.results import SH, SHAPE, Result
from fiscalkg.loader.rules import SHAPES

__all__ = ["Held", "check_structure", "finding_of"]

NODES = 500  # a batch: a second or two of pySHACL
WAVE = 64  # batches on disk at a time
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

USED = (
    (
        "SELECT DISTINCT ?used WHERE { { ?a ?used ?b } UNION { ?c a ?used } }",
        ONTOLOGY,
        "本体没有声明 fp:{}",
        "the ontology declares no fp:{}",
    ),
    (
        f"SELECT DISTINCT ?used WHERE {{ ?a ?b ?used FILTER(ISIRI(?used) && STRSTARTS(STR(?used), '{SCHEME}')) }}",
        SCHEME,
        "代码表中没有 {}",
        "the code lists hold no {}",
    ),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A file and the shapes it is held to: ``structure``, ``ontology`` or ``catalogue``."""

    files: tuple[Path, ...]
    name: str
    shapes: str = "structure"


def check_structure(held: Held, folder: Path, bounds: Bounds) -> Iterator[Result]:
    """Yield what is wrong with the structure of a graph; ``folder`` is for what is made on the way.

    Raises ``DocumentError`` where a file is no Turtle or N-Triples, holds nothing that the shapes speak of, or a batch
    takes more than its bounds.
    """
    shapes = SHAPES / f"{held.shapes}.ttl"
    store = ox.Store(str(folder / f"{held.shapes}-store"))
    for path in held.files:
        load_graph(store, path)
    checked = 0
    for wave in _waves(store, shapes, folder):
        checked += len(wave)
        for batch, results in run_all(complaints, wave, bounds):
            batch.path.unlink()
            if not isinstance(results, list):
                raise DocumentError(f"{held.name}: {results}")
            yield from results
    blank = list(_blank(store, shapes))
    if not checked and not blank:
        raise DocumentError(f"{held.name}: holds nothing that the shapes speak of; is it another graph?")
    yield from blank
    yield from _undeclared(store)


def _waves(store: ox.Store, shapes: Path, folder: Path) -> Iterator[list[Batch]]:
    """Yield batches as files, as many at a time as a disk should hold."""
    wave: list[Batch] = []
    found = (batch for name in _targets(shapes) for batch in node_batches(store, name, NODES))
    for number, (nodes, lines) in enumerate(found):
        path = folder / f"batch-{number}.nt"
        path.write_text("".join(lines), encoding="utf-8")
        wave.append(Batch(path, (shapes,), tuple(nodes)))
        if len(wave) == WAVE:
            yield wave
            wave = []
    if wave:
        yield wave


@cache
def _targets(shapes: Path) -> dict[str, str]:
    """Return the classes that a file of shapes speaks of, each with the shape that asks its nodes for an IRI, or ""."""
    quads = [quad.triple for quad in ox.parse(path=str(shapes), format=ox.RdfFormat.TURTLE)]
    named = {triple.subject for triple in quads if triple.predicate.value == f"{SH}nodeKind"}
    return {
        str(triple.object)[1:-1]: str(triple.subject)[1:-1].removeprefix(SHAPE) if triple.subject in named else ""
        for triple in quads
        if triple.predicate.value == f"{SH}targetClass"
    }


def _blank(store: ox.Store, shapes: Path) -> Iterator[Result]:
    """Yield the classes of which nodes have no IRI: such a node has no name in any file, so it is counted here."""
    for name, shape in _targets(shapes).items():
        found = store.quads_for_pattern(None, TYPE, ox.NamedNode(name))
        count = sum(not isinstance(quad.subject, ox.NamedNode) for quad in found) if shape else 0
        if count:
            messages = {"zh": f"{count} 个节点没有标识（空白节点）", "en": f"{count} nodes have no IRI (blank nodes)"}
            yield Result(shape, "NodeKindConstraintComponent", Severity.VIOLATION, name, messages)


def finding_of(result: Result, document: str) -> Finding:
    """Return a complaint as a finding about a file."""
    zh, en = (" ".join(result.messages.get(language, "").split()) for language in ("zh", "en"))
    return Finding(f"S-{result.shape}", result.severity, zh, en, document, focus=result.focus, value=result.value)


@cache
def _declared() -> frozenset[str]:
    """Return every term of the ontology and every code of its lists."""
    terms = [
        quad.triple
        for path in (SHAPES.parent / "ontology").glob("*.ttl")
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    ]
    typed = [triple.subject for triple in (*terms, *code_lists()) if triple.predicate == TYPE]
    return frozenset(subject.value for subject in typed if isinstance(subject, ox.NamedNode))


def _undeclared(store: ox.Store) -> Iterator[Result]:
    """Yield the terms and codes under our names that neither the ontology nor the graph itself declares."""
    for query, name, zh, en in USED:
        used = store.query(query)
        assert isinstance(used, ox.QuerySolutions)  # noqa: S101  # both queries are SELECTs
        names = {row["used"].value for row in used if isinstance(row["used"], ox.NamedNode)}
        for one in sorted(names - _declared()):
            if one.startswith(name) and next(store.quads_for_pattern(ox.NamedNode(one), TYPE, None), None) is None:
                short = one.removeprefix(name)
                messages = {"zh": zh.format(short), "en": en.format(short)}
                yield Result("terms", "ClosedConstraintComponent", Severity.VIOLATION, one, messages)

"""Batches of N-Triples into what pySHACL complains of: the reference for our runner, and the runner of SHACL core.

pySHACL holds a graph in rdflib and takes time with its square where a constraint is a query: so it gets small
batches, each a file, and one process each. Importing it takes half a second: import this module where it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyshacl
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.term import Node

from fiscalkg.loader.errors import DocumentError
from fiscalkg.loader.model import Severity
from fiscalkg.loader.results import SH, SHAPE, Result

__all__ = ["Batch", "complaints", "validate"]


@dataclass(frozen=True, slots=True)
class Batch:
    """A file of N-Triples, and the files of shapes it is held to; of ``nodes`` alone where any are named."""

    path: Path
    shapes: tuple[Path, ...]
    nodes: tuple[str, ...] = ()


def complaints(batch: Batch) -> list[Result]:
    """Return what the shapes complain of in a batch; a task for workers."""
    return validate(batch.path.read_text(encoding="utf-8"), batch.shapes, batch.nodes)


def validate(lines: str, shapes: tuple[Path, ...], nodes: tuple[str, ...] = ()) -> list[Result]:
    """Return what shapes complain of in N-Triples, each complaint under the shape that has a name.

    Where ``nodes`` are named, only they are looked at: the others are there for their types.

    Raises ``DocumentError`` where pySHACL cannot tell, as when shapes nest too deep.
    """
    data, held = Graph().parse(data=lines, format="nt"), _shapes(shapes)
    focus: list[str | URIRef] = [URIRef(node) for node in nodes]
    _, report, text = pyshacl.validate(
        data, shacl_graph=held, focus_nodes=focus or None, advanced=False, inference="none"
    )
    if not isinstance(report, Graph):
        raise DocumentError(f"pySHACL cannot check this: {' '.join(text.split())[:200]}")
    found = [_result(report, held, node) for node in report.subjects(RDF.type, URIRef(f"{SH}ValidationResult"))]
    return sorted(found, key=lambda result: (result.shape, result.focus, result.path or "", result.said))


@lru_cache(maxsize=4)
def _shapes(paths: tuple[Path, ...]) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path)
    return graph


def _result(report: Graph, shapes: Graph, node: Node) -> Result:
    def one(name: str) -> Node | None:
        return report.value(node, URIRef(SH + name))

    shape = one("sourceShape")
    while shape is not None and not isinstance(shape, URIRef):  # a property of a shape has no name of its own
        shape = shapes.value(None, URIRef(SH + "property"), shape)
    told = [term for term in report.objects(node, URIRef(SH + "resultMessage")) if isinstance(term, Literal)]
    value, path, component = one("value"), one("resultPath"), str(one("sourceConstraintComponent")).removeprefix(SH)
    return Result(
        str(shape).removeprefix(SHAPE),
        component,
        Severity(str(one("resultSeverity")).removeprefix(SH).lower()),
        str(one("focusNode")),
        {term.language or "en": str(term) for term in told},
        None if value is None else str(value),
        None if path is None else str(path),
        said=f"{component}\n{path}\n{value}",
    )

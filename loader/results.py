"""What a shape complains of into an ``sh:ValidationResult`` whose IRI follows from what it says: no blank nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from fiscalkg.loader.iris import concept, graph_iri
from fiscalkg.loader.model import Severity
from fiscalkg.loader.terms import BOOLEAN, fp, iri, literal, triple, typed

__all__ = ["SH", "SHAPE", "Result", "report_head", "result_lines"]

SH = "http://www.w3.org/ns/shacl#"
SHAPE = "https://w3id.org/fiscalkg/shapes#"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DERIVED = "<http://www.w3.org/ns/prov#wasDerivedFrom>"


@dataclass(frozen=True, slots=True)
class Result:
    """One complaint: ``shape`` is a local name, ``component`` that of SHACL, ``messages`` are by language.

    ``value`` is as text; ``path`` is the property complained of, ``about`` the node below the focus node, ``source``
    the place of it in a document: each ``None`` where there is none. ``said`` tells results apart that are alike in
    all of these.
    """

    shape: str
    component: str
    severity: Severity
    focus: str
    messages: Mapping[str, str]
    value: str | None = None
    path: str | None = None
    rule: str | None = None
    about: str | None = None
    source: str | None = None
    said: str = ""


def result_lines(result: Result, base: str) -> Iterator[str]:
    """Yield a result of the report of a base IRI as N-Triples."""
    report = graph_iri(base, "report")
    told = (result.shape, result.focus, result.about or result.focus, result.said)
    digest = sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:16]
    node = iri(f"{report}#{result.rule or result.shape}-{digest}")
    yield triple(iri(report), f"<{SH}result>", node)
    yield triple(node, TYPE, f"<{SH}ValidationResult>")
    yield triple(node, f"<{SH}focusNode>", iri(result.focus))
    yield triple(node, f"<{SH}sourceShape>", f"<{SHAPE}{result.shape}>")
    yield triple(node, f"<{SH}sourceConstraintComponent>", f"<{SH}{result.component}>")
    yield triple(node, f"<{SH}resultSeverity>", f"<{SH}{result.severity.value.capitalize()}>")
    for language, message in sorted(result.messages.items()):
        yield triple(node, f"<{SH}resultMessage>", literal(message, language))
    if result.value is not None:
        yield triple(node, f"<{SH}value>", literal(result.value))
    for predicate, name in (
        (f"<{SH}resultPath>", result.path),
        (fp("rule"), concept("rule", result.rule) if result.rule else None),
        (fp("about"), result.about),
        (DERIVED, result.source),
    ):
        if name:
            yield triple(node, predicate, iri(name))


def report_head(conforms: bool, base: str) -> list[str]:
    """Return the lines of the report itself."""
    report = iri(graph_iri(base, "report"))
    return [
        triple(report, TYPE, f"<{SH}ValidationReport>"),
        triple(report, f"<{SH}conforms>", typed("true" if conforms else "false", BOOLEAN)),
    ]

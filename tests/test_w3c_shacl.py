"""The W3C SHACL test suite under the pySHACL that we use, from the files in pySHACL's own source package.

The repository holds no copy: the package is fetched by pip into build/, by the hash in requirements.lock. What
pySHACL does not pass is named in EXCEPTIONS with the reason; nothing else may fail, and nothing named may pass.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pyshacl
import pytest
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, SH

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "shacl-suite"
SUITE = "test/resources/sht_tests/"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
ALWAYS = (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.sourceShape, SH.value)
WHERE_EXPECTED = (SH.resultMessage, SH.sourceConstraint)
TESTS = 121
EXCEPTIONS = {
    "core/property/uniqueLang-002": 'takes sh:uniqueLang "1"^^xsd:boolean for true; the suite wants the literal true',
    "sparql/pre-binding/shapesGraph-001": "does not bind $shapesGraph, which SHACL leaves to the engine",
}


@dataclass(frozen=True)
class Case:
    """One test: its name is the path of its file in the suite; ``report`` is a node of ``graph``, or a failure."""

    name: str
    data: str
    shapes: str
    graph: Graph
    report: BNode | URIRef

    @property
    def must_fail(self) -> bool:
        return self.report == SHT.Failure


@cache
def suite() -> Path:
    """The folder of the suite, fetched once a version of pySHACL; skips by name where there is no index."""
    name = f"pyshacl-{version('pyshacl')}"
    folder = BUILD / name / SUITE
    if not folder.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        pinned = re.search(r"^pyshacl==(?:.*\\\n)*.*", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
        assert pinned, "requirements.lock does not pin pyshacl"
        wanted = BUILD / "requirements.txt"
        wanted.write_text(pinned[0] + "\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "pyshacl"]
        command += ["--require-hashes", "--requirement", wanted, "--dest", BUILD]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=100)
        archive = BUILD / f"{name}.tar.gz"
        if done.returncode or not archive.exists():
            pytest.skip(f"the source package of {name} cannot be fetched: {done.stderr.strip()[-200:]}")
        with tarfile.open(archive) as packed:
            members = [member for member in packed if member.name.startswith(f"{name}/{SUITE}")]
            packed.extractall(BUILD, members, filter="data")
    return folder


def cases(manifest: Path) -> Iterator[Case]:
    graph = Graph().parse(manifest)
    for included in sorted(graph.objects(None, MF.include)):
        yield from cases(Path(str(included).removeprefix("file://")))
    for entries in graph.objects(None, MF.entries):
        for entry in Collection(graph, entries):
            action = graph.value(entry, MF.action)
            yield Case(
                manifest.relative_to(suite()).with_suffix("").as_posix(),
                str(graph.value(action, SHT.dataGraph)),
                str(graph.value(action, SHT.shapesGraph)),
                graph,
                graph.value(entry, MF.result),
            )


def bare(graph: Graph, report: BNode | URIRef, expected: Graph) -> Graph:
    """What the suite compares of a report: whether it conforms, and what the expected results state."""
    compared = [*ALWAYS, *(wanted for wanted in WHERE_EXPECTED if (None, wanted, None) in expected)]
    kept = Graph()
    kept.add((report, SH.conforms, graph.value(report, SH.conforms)))
    for result in graph.objects(report, SH.result):
        kept.add((report, SH.result, result))
        for wanted in compared:
            for value in graph.objects(result, wanted):
                kept.add((result, wanted, value))
        for path in graph.objects(result, SH.resultPath):
            kept.add((result, SH.resultPath, Literal(spelled(graph, path))))
    return kept


def spelled(graph: Graph, path: object) -> str:
    """A path as text, so that two results may share the blank nodes of one path or have their own."""
    if not isinstance(path, BNode):
        return str(path)
    parts = sorted((predicate, spelled(graph, value)) for predicate, value in graph.predicate_objects(path))
    return "(" + " ".join(f"{predicate} {value}" for predicate, value in parts) + ")"


def passes(case: Case) -> bool:
    """Whether pySHACL gives the report that the suite expects, or the failure."""
    data, shapes = Graph().parse(case.data), Graph().parse(case.shapes)
    try:
        _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=False, inference="none")
    except (NotImplementedError, pyshacl.errors.ReportableRuntimeError):
        return case.must_fail
    if case.must_fail or not isinstance(report, Graph):
        return case.must_fail and isinstance(report, pyshacl.errors.ValidationFailure)
    head = report.value(None, RDF.type, SH.ValidationReport)
    return isomorphic(bare(report, head, case.graph), bare(case.graph, case.report, case.graph))


@cache
def outcomes() -> dict[str, bool]:
    return {case.name: passes(case) for case in cases(suite() / "manifest.ttl")}


def test_the_suite_is_whole() -> None:
    """All 121 tests of core and SPARQL are there, each with a name of its own."""
    assert len(outcomes()) == TESTS == len(list(cases(suite() / "manifest.ttl")))


def test_pyshacl_passes_the_suite_but_for_the_named_exceptions() -> None:
    """What fails is what EXCEPTIONS names: a new failure and a mended one both show."""
    assert {name for name, passed in outcomes().items() if not passed} == set(EXCEPTIONS)


def test_a_wrong_report_is_told_from_the_right_one() -> None:
    """A report with one value changed does not count as the expected one: the comparison can fail."""
    case = next(
        one for one in cases(suite() / "manifest.ttl") if not one.must_fail and (None, SH.value, None) in one.graph
    )
    right = bare(case.graph, case.report, case.graph)
    wrong = Graph()
    for subject, predicate, value in right:
        wrong.add((subject, predicate, Literal("another") if predicate == SH.value else value))
    assert isomorphic(right, bare(case.graph, case.report, case.graph))
    assert not isomorphic(wrong, right)

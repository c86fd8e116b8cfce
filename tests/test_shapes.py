"""Shapes: whole in both languages, legal for SHACL, with examples, and the same under pySHACL as under our runner."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF, RDFS, SH

from faults import FAULTS, example
from fiscalkg.loader.batches import Bounds, run_all
from fiscalkg.loader.check import batch_store, check
from fiscalkg.loader.graph import document_graph, graph_of
from fiscalkg.loader.iris import BASE, ONTOLOGY, SCHEME
from fiscalkg.loader.layouts import parse
from fiscalkg.loader.model import Document, Severity
from fiscalkg.loader.readers import read
from fiscalkg.loader.reference import Batch, complaints
from fiscalkg.loader.rules import SHAPES, rules

ROOT = Path(__file__).parent
EXAMPLES = {path.name[:3]: path for path in (ROOT.parent / "examples").glob("*.txt")}
CASES = sorted((ROOT / "shapes").glob("C*/*.ttl"))
CODES = sorted({rule.code for rule in rules()})
NAMED = {f"C{number:02}" for number in range(1, 25)}  # the rules of the regulations
FP = Namespace(ONTOLOGY)
Complaint = tuple[str, str, str | None]  # shape, statement, value


@cache
def shapes(code: str = "*") -> Graph:
    graph = Graph().parse(SHAPES / "prefixes.ttl")
    for path in sorted((SHAPES / "rules").glob(f"{code}.ttl")):
        graph.parse(path)
    return graph


def reference(data: Graph, code: str = "*") -> set[Complaint]:
    """What pySHACL says, of the rules (or the one rule) that the statement's own taxonomy selects."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes(code), advanced=False, inference="none")
    known = {rule.shape: rule for rule in rules()}
    found: set[Complaint] = set()
    for result in report.subjects(RDF.type, SH.ValidationResult):
        rule = known[str(report.value(result, SH.sourceShape)).rpartition("#")[2]]
        focus = report.value(result, SH.focusNode)
        value = report.value(result, SH.value)
        taxonomy = str(data.value(focus, FP.taxonomy)).rpartition("/")[2]
        if taxonomy in rule.profiles:
            # without ?value SHACL takes the focus node itself for the value
            found.add((rule.shape, str(focus), None if value == focus or value is None else str(value)))
    return found


def ours(lines: list[str]) -> set[Complaint]:
    report = Graph().parse(data="".join(check(batch_store(lines), BASE).report), format="nt")
    return {
        (
            str(report.value(result, SH.sourceShape)).rpartition("#")[2],
            str(report.value(result, SH.focusNode)),
            None if (value := report.value(result, SH.value)) is None else str(value),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }


@cache
def statements_of(number: str) -> tuple[tuple[str, ...], ...]:
    """The lines of each statement of an example, with its document's."""
    source = read(EXAMPLES[number])
    place = "440300" if number == "003" else "120000"
    document = Document(source.name, source.sha256, source.media_type, place=place)
    about = tuple(document_graph(document, BASE))
    return tuple((*about, *graph_of(one, document, BASE)) for one in parse(source, document).statements)


def as_graph(lines: list[str]) -> Graph:
    return Graph().parse(data="".join(lines), format="nt")


def most_complained_of(number: str, most: int) -> list[str]:
    """The statements of an example that fail the most rules: where the two runners could differ most."""
    ranked = sorted(statements_of(number), key=lambda lines: -len({shape for shape, _, _ in ours(list(lines))}))
    return [line for lines in ranked[:most] for line in lines]


@pytest.mark.parametrize("number", sorted(EXAMPLES))
def test_both_runners_find_the_same_in_the_examples(number: str) -> None:
    """pySHACL and our runner name the same rules, statements and values where most rules fail."""
    lines = most_complained_of(number, 3)
    found = ours(lines)
    assert found
    assert found == reference(as_graph(lines))


@pytest.mark.parametrize("shape", sorted(FAULTS))
def test_both_runners_find_the_same_in_a_seeded_fault(shape: str) -> None:
    """pySHACL and our runner name the same rules, statements and values, and among them the fault that was seeded."""
    number, sequence, change = FAULTS[shape]
    document, statements = example(number)
    broken = change(statements[sequence - 1])
    lines = [*document_graph(document, BASE), *graph_of(broken, document, BASE)]
    found = ours(lines)
    assert shape in {one for one, _, _ in found}
    assert found == reference(as_graph(lines))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("number", sorted(EXAMPLES))
def test_both_runners_find_the_same_in_all_of_the_examples(number: str, tmp_path: Path) -> None:
    """The same of every statement, ours in one batch and pySHACL's one by one in parallel: a second for each."""
    held = (SHAPES / "prefixes.ttl", *sorted((SHAPES / "rules").glob("*.ttl")))
    batches, profiles = [], {}
    for at, lines in enumerate(statements_of(number)):
        batches.append(Batch(tmp_path / f"{at}.nt", held))
        batches[-1].path.write_text("".join(lines), encoding="utf-8")
        taxonomies = as_graph(list(lines)).subject_objects(FP.taxonomy)
        profiles.update({str(one): str(taxonomy).rpartition("/")[2] for one, taxonomy in taxonomies})
    known = {rule.shape: rule.profiles for rule in rules()}
    found: set[Complaint] = set()
    for batch, results in run_all(complaints, batches, Bounds()):
        assert isinstance(results, list), f"{batch.path.name}: {results}"
        told = [one for one in results if profiles[one.focus] in known[one.shape]]
        found |= {(one.shape, one.focus, None if one.value == one.focus else one.value) for one in told}
    assert ours([line for lines in statements_of(number) for line in lines]) == found


def triples(path: Path) -> list[str]:
    return Graph().parse(path).serialize(format="nt").splitlines(keepends=True)


@cache
def judged() -> tuple[set[Complaint], list[list[str]]]:
    """All made examples in one batch of ours: complaints and marks."""
    lines = [line for path in CASES for line in triples(path)]
    return ours(lines), [line.split() for line in check(batch_store(lines), BASE).marks]


@cache
def judged_by_pyshacl(code: str) -> set[Complaint]:
    """The examples of one rule by that rule alone: pySHACL reads each query anew for each statement."""
    paths = [path for path in CASES if path.parent.name == code]
    return reference(as_graph([line for path in paths for line in triples(path)]), code)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_of_a_rule_is_judged_as_its_name_says(path: Path) -> None:
    """Every good example passes its rule and every bad one fails it, among all others and under both runners."""
    code, name = path.parent.name, f"{path.parent.name}-{path.stem}".lower()
    found, marks = judged()
    own = {one for one in found if one[0].startswith(code) and one[1].endswith(f"/{name}")}
    assert own == {one for one in judged_by_pyshacl(code) if one[1].endswith(f"/{name}")}
    assert bool(own) == path.stem.startswith("bad")
    word = {"good": "passed", "bad": "failed"}[path.stem.split("-")[0]]
    about = [mark for mark in marks if mark[0].endswith(f"/{name}>") and mark[2].endswith(f"/rule/{code}>")]
    assert [mark[1] for mark in about] == [f"<{ONTOLOGY}{word}>"]


@pytest.mark.parametrize("code", CODES)
def test_a_rule_has_examples(code: str) -> None:
    """Each rule has at least one good and one bad example."""
    names = {path.stem.split("-")[0] for path in CASES if path.parent.name == code}
    assert names == {"good", "bad"}


@pytest.mark.timeout(300)
def test_a_rule_is_one_file_and_its_two_examples(tmp_path: Path) -> None:
    """A rule made from another as CONTRIBUTING.md says passes every test of rules, and nothing else is touched."""
    package, tests = tmp_path / "package" / "fiscalkg", tmp_path / "tests"
    shutil.copytree(SHAPES, package / "shapes")
    shutil.copytree(ROOT, tests, ignore=shutil.ignore_patterns("cases", "renderers", "__pycache__", "fuzz"))
    for name in ("loader", "ontology"):
        (package / name).symlink_to(SHAPES.parent / name)
    (tmp_path / "examples").symlink_to(ROOT.parent / "examples")
    before = {path for path in tmp_path.rglob("*.ttl") if path.is_file()}
    old = package / "shapes" / "rules" / "C11.ttl"
    new = old.read_text(encoding="utf-8").replace("C11", "C99").replace("fp:order 11", "fp:order 99")
    old.with_name("C99.ttl").write_text(new, encoding="utf-8")
    (tests / "shapes" / "C99").mkdir()
    for name in ("good-1.ttl", "bad-1.ttl"):
        example = (tests / "shapes" / "C11" / name).read_text(encoding="utf-8")
        (tests / "shapes" / "C99" / name).write_text(example.replace("c11", "c99"), encoding="utf-8")
    assert len({path for path in tmp_path.rglob("*.ttl") if path.is_file()} - before) == 3
    command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider"]
    command += ["-c", "/dev/null", "--rootdir", tmp_path, tests / "test_shapes.py", "-k", "C99 or regulations"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path / 'package'}{os.pathsep}{tests}"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"\b7 passed", done.stdout), done.stdout[-500:]


def test_all_rules_of_the_regulations_are_there() -> None:
    """C01 to C24 are there, and a file speaks of no rule but its own."""
    assert set(CODES) >= NAMED
    assert {path.stem for path in (SHAPES / "rules").glob("*.ttl")} == set(CODES)
    for code in CODES:
        text = (SHAPES / "rules" / f"{code}.ttl").read_text(encoding="utf-8")
        assert set(re.findall(r"\bC\d\d\b", re.sub("#.*", "", text))) == {code}


@pytest.mark.parametrize("code", CODES)
def test_a_rule_is_a_code_with_the_gravest_of_its_severities(code: str) -> None:
    """The concept of a rule has a label that begins with its code, its number as order, and its gravest severity."""
    graph = Graph().parse(SHAPES / "rules" / f"{code}.ttl")
    concept = URIRef(f"{SCHEME}rule/{code}")
    own = [rule.severity for rule in rules() if rule.code == code]
    assert len(set(own)) == len(own), "findings of one rule are told apart by their severity"
    assert str(graph.value(concept, FP.severity)).rpartition("#")[2].lower() == min(own, key=list(Severity).index)
    assert all(str(label).startswith(f"{code} ") for label in graph.objects(concept, RDFS.label))
    assert int(graph.value(concept, FP.order)) == int(code[1:])


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.shape)
def test_a_rule_speaks_both_languages(rule: object) -> None:
    """Message, clause and hint stand in Chinese and English, with the same slots; no clause is cited as a duty."""
    assert rule in rules()
    one = next(other for other in rules() if other == rule)
    for texts in (one.label, one.message, one.clause, one.hint):
        assert set(texts) == {"zh", "en"}
        assert all(text.strip() for text in texts.values())
    assert "要求" not in one.clause["zh"]
    if "〔" in one.clause["zh"]:
        assert one.clause["zh"].startswith("参见")
        assert one.clause["en"].startswith("cf. ")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.shape)
def test_a_query_is_legal_under_pre_binding(rule: object) -> None:
    """No MINUS, VALUES or SERVICE; a subquery projects $this; every slot of the message is projected."""
    one = next(other for other in rules() if other == rule)
    text = re.sub(r"#[^>\n]*$", "", one.select, flags=re.MULTILINE)
    assert not re.search(r"\b(MINUS|VALUES|SERVICE)\b", text)
    heads = re.findall(r"SELECT\s+(.*?)\s+WHERE", text, re.DOTALL)
    assert heads
    assert all(re.search(r"[$?]this\b", head) for head in heads)
    slots = {slot for message in one.message.values() for slot in re.findall(r"\{\?(\w+)\}", message)}
    assert all(re.search(rf"\?{slot}\b", heads[0]) for slot in slots)

"""Dumps: every slice and the whole in every format say the same, none is too large, what did not change is linked."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from conftest import fiscalkg
from rdflib import Graph
from rdflib.compare import isomorphic
from servers import Server, ask

from fiscalkg.loader import slices
from fiscalkg.loader.release import open_release

EXAMPLES = Path(__file__).parent.parent / "examples"
STAYS, CHANGES = "000_a0eefc0601dc6091.txt", "001_6faa1905088193ec.txt"
FORMATS = {
    ".nt.gz": ox.RdfFormat.N_TRIPLES,
    ".ttl.gz": ox.RdfFormat.TURTLE,
    ".jsonld.gz": ox.RdfFormat.JSON_LD,
    ".rdf.gz": ox.RdfFormat.RDF_XML,
}


def text(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def triples(path: Path) -> set[ox.Triple]:
    ending = "." + ".".join(path.name.split(".")[-2:])
    return {quad.triple for quad in ox.parse(text(path), FORMATS[ending])}


def index(dumps: Path) -> list[dict[str, Any]]:
    content = json.loads((dumps / "slices" / "slices.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = content["slices"]
    return found


def all_formats_agree(dumps: Path, entry: dict[str, Any]) -> set[ox.Triple]:
    """The triples of a slice, after all its formats have given the same; without blank nodes equal is isomorphic."""
    sides = [triples(dumps / "slices" / f"{entry['name']}{ending}") for ending in entry["formats"]]
    assert all(side == sides[0] for side in sides), entry["name"]
    assert len(sides[0]) == entry["triples"]
    assert not any(isinstance(term, ox.BlankNode) for one in sides[0] for term in (one.subject, one.object))
    return sides[0]


@pytest.fixture(scope="module")
def dumps(published: Path) -> Path:
    return open_release(published).path / "dumps"


def test_every_slice_says_the_same_in_every_format(dumps: Path) -> None:
    """N-Triples, Turtle, JSON-LD and RDF/XML of each slice are one graph, none above the limit."""
    entries = index(dumps)
    assert len([entry for entry in entries if len(entry["formats"]) == 4]) > 30
    for entry in entries:
        all_formats_agree(dumps, entry)
        assert entry["triples"] <= 300_000


def test_slices_by_unit_are_the_whole_laid_end_to_end(dumps: Path) -> None:
    """The members of the N-Triples dump are the slices of units/ and rest/, byte for byte; by place is every table."""
    entries = index(dumps)
    own = [entry for entry in entries if not entry["name"].startswith("places/")]
    members = b"".join((dumps / "slices" / f"{entry['name']}.nt.gz").read_bytes() for entry in own)
    assert members == (dumps / "fiscalkg.nt.gz").read_bytes()
    tables = [line for line in text(dumps / "fiscalkg.nt.gz").splitlines() if b"/id/statement/" in line.split()[0]]
    by_place = [entry for entry in entries if entry["name"].startswith("places/")]
    assert {entry["name"] for entry in by_place} >= {"places/120000/2025", "places/440300/2019"}
    laid = [line for entry in by_place for line in text(dumps / "slices" / f"{entry['name']}.nt.gz").splitlines()]
    assert laid == tables


def test_the_hash_is_that_of_rdfc_1_0(published: Path, dumps: Path) -> None:
    """release.json states the SHA-256 that another implementation of RDFC-1.0 finds for the Turtle dump."""
    dataset = ox.Dataset(ox.parse(text(dumps / "fiscalkg.ttl.gz"), ox.RdfFormat.TURTLE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad.triple} .\n" for quad in dataset)
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == open_release(published).info["rdfc_1_0"]


def test_sha256sum_verifies_a_release(published: Path) -> None:
    """sha256sum -c finds every file as it was written, and notices one that was touched."""
    release = open_release(published).path
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    done = subprocess.run(command, cwd=release, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.needs("rapper", "nodejs/n3")
def test_other_parsers_count_the_same_triples(published: Path, dumps: Path, tmp_path: Path) -> None:
    """rapper, oxigraph, rdflib and N3.js each read the Turtle dump and count what release.json counts."""
    expected = open_release(published).info["counts"]["triples"]
    plain = tmp_path / "all.ttl"
    plain.write_bytes(text(dumps / "fiscalkg.ttl.gz"))
    rapper = subprocess.run(
        ["rapper", "-q", "-i", "turtle", "-o", "ntriples", plain], capture_output=True, encoding="utf-8", check=True
    )
    assert len(set(rapper.stdout.splitlines())) == expected
    oxigraph = Path(sys.executable).parent / "oxigraph"
    converted = tmp_path / "all.nt"
    subprocess.run([oxigraph, "convert", "--from-file", plain, "--to-file", converted], check=True)
    assert len(set(converted.read_text(encoding="utf-8").splitlines())) == expected
    script = (
        "const {Parser} = require('n3'); const seen = new Set();"
        "for (const q of new Parser().parse(require('fs').readFileSync(process.argv[1], 'utf8')))"
        " seen.add(q.subject.id + ' ' + q.predicate.id + ' ' + q.object.id); console.log(seen.size)"
    )
    environment = {"NODE_PATH": "/usr/share/nodejs", "PATH": "/usr/bin:/bin"}
    node = subprocess.run(
        ["node", "-e", script, plain], capture_output=True, encoding="utf-8", check=True, env=environment
    )
    assert int(node.stdout) == expected
    assert len(Graph().parse(plain, format="turtle")) == expected


def test_rdflib_reads_a_slice_the_same_in_every_format(dumps: Path) -> None:
    """What our engine reads back is what another one reads: a unit's slice is isomorphic in all four formats."""
    entry = min(index(dumps), key=lambda entry: (not entry["name"].startswith("units/"), entry["triples"]))
    names = {".nt.gz": "nt", ".ttl.gz": "turtle", ".jsonld.gz": "json-ld", ".rdf.gz": "xml"}
    graphs = [
        Graph().parse(data=text(dumps / "slices" / f"{entry['name']}{ending}"), format=name)
        for ending, name in names.items()
    ]
    assert len(graphs[0]) == entry["triples"]
    assert all(isomorphic(graphs[0], graph) for graph in graphs[1:])


def test_what_did_not_change_is_linked(tmp_path: Path) -> None:
    """Of two documents one changes: the other's slices are the same files on disk, the rest is new and true."""
    (tmp_path / "in").mkdir()
    for name in (STAYS, CHANGES):
        shutil.copy(EXAMPLES / name, tmp_path / "in")
    assert fiscalkg("publish", tmp_path / "in", "--out", tmp_path / "out").returncode == 0
    old = open_release(tmp_path / "out").path / "dumps"
    changed = tmp_path / "in" / CHANGES
    changed.write_text(changed.read_text(encoding="utf-8").replace("≥1000人", "≥1200人"), encoding="utf-8")
    assert fiscalkg("publish", tmp_path / "in", "--out", tmp_path / "out").returncode == 0
    new = open_release(tmp_path / "out").path / "dumps"
    before = {entry["name"]: entry for entry in index(old)}
    linked = fresh = 0
    for entry in index(new):
        for ending in entry["formats"]:
            own = new / "slices" / f"{entry['name']}{ending}"
            same = own.samefile(old / "slices" / f"{entry['name']}{ending}")
            assert same == (before.get(entry["name"]) == entry)
            linked, fresh = linked + same, fresh + (not same)
        all_formats_agree(new, entry)
    assert linked > 4 < fresh


def test_slices_are_cut_where_they_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit a slice breaks between subjects, within one only where it is larger itself; nothing is lost."""
    monkeypatch.setattr(slices, "LARGEST", 5)
    base = "http://x/id/"
    facts = [
        f'<{base}statement/1/2025/2/a/indicator/{n:02}> <http://x/p> "{m}" .\n' for n in range(6) for m in range(2)
    ]
    facts += [f'<{base}statement/1/2025/2/b> <http://x/p> "{n:02}" .\n' for n in range(12)]
    (tmp_path / "facts.nt").write_text("".join(facts), encoding="utf-8")
    slices.write_slices(tmp_path / "facts.nt", tmp_path / "dumps", base)
    units = [entry for entry in index(tmp_path / "dumps") if entry["name"].startswith("units/1/2025/2")]
    assert [entry["triples"] for entry in units] == [4, 4, 4, 5, 5, 2]
    assert text(tmp_path / "dumps" / "fiscalkg.nt.gz").decode() == "".join(facts)
    for entry in index(tmp_path / "dumps"):
        all_formats_agree(tmp_path / "dumps", entry)


@pytest.mark.parametrize(
    "strange", ["\\r", "\\f", "\\b", "\\u0001", "\\u007F", "\ufffe", '\\" \\\\ & < ]]>', " a ", "\\\\r"]
)
def test_strange_text_is_the_same_in_every_format_there_is(strange: str, tmp_path: Path) -> None:
    """Characters that XML cannot hold leave RDF/XML out and nothing else; quotes and blanks come back as they were."""
    base = "http://x/id/"
    (tmp_path / "facts.nt").write_text(f'<{base}statement/1/2025/2/a> <http://x/p> "{strange}" .\n', encoding="utf-8")
    slices.write_slices(tmp_path / "facts.nt", tmp_path / "dumps", base)
    (entry, _) = index(tmp_path / "dumps")
    all_formats_agree(tmp_path / "dumps", entry)
    plain = strange in {'\\" \\\\ & < ]]>', " a ", "\\\\r"}
    assert (".rdf.gz" in entry["formats"]) is plain


@pytest.mark.parametrize(
    "form", [ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD]
)
def test_the_endpoint_serves_what_is_dumped(published: Path, server: Server, form: ox.RdfFormat) -> None:
    """All that the endpoint gives, in each format, is the set of triples of the N-Triples dump; no blank node in it."""
    dumped = triples(open_release(published).path / "dumps" / "fiscalkg.nt.gz")
    answer = ask(server.address, "CONSTRUCT WHERE { ?s ?p ?o }", form.media_type)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, form.media_type)
    served = {quad.triple for quad in ox.parse(answer.content, form)}
    assert served == dumped
    assert not any(isinstance(term, ox.BlankNode) for fact in dumped for term in (fact.subject, fact.object))

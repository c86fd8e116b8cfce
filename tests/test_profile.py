"""The OWL API finds ontology, alignments and code lists within OWL 2 DL."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest

from fiscalkg.loader.iris import ONTOLOGY
from vocabulary import OWL, RDFS, ROOT, code_triples, ontology

pytestmark = pytest.mark.needs("javac", "owlapi-distribution.jar")


def violations(more: str, folder: Path) -> list[str]:
    """What the OWL API has against the ontology with some lines of Turtle added to it."""
    added = [q.triple for q in ox.parse(more.encode(), format=ox.RdfFormat.TURTLE)]
    path = folder / "all.nt"
    ox.serialize([*ontology(), *code_triples(), *added], str(path), format=ox.RdfFormat.N_TRIPLES)
    command = ["java", "-cp", "/usr/share/java/*", str(ROOT / "tests/java/Profile.java"), str(path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    first, *rest = done.stdout.splitlines()
    assert int(first.removeprefix("axioms ")) > 1000
    return rest


def test_the_ontology_is_owl_2_dl(tmp_path: Path) -> None:
    """Core, axioms, defined classes, alignments and code lists together violate nothing of OWL 2 DL."""
    assert violations("", tmp_path) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "fp:fiscalYear rdfs:range <http://www.w3.org/2001/XMLSchema#gYear> .",
        "fp:Statement rdfs:subClassOf fp:NeverDeclared .",
        "fp:target a owl:DatatypeProperty .",
    ],
)
def test_what_is_no_owl_2_dl_is_found(wrong: str, tmp_path: Path) -> None:
    """A datatype outside the OWL 2 map, an undeclared class, a property of two kinds: the check can fail."""
    assert violations(f"@prefix fp: <{ONTOLOGY}> . @prefix rdfs: <{RDFS}> . @prefix owl: <{OWL}> . {wrong}", tmp_path)

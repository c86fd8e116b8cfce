"""The derived cube keeps the integrity constraints of the RDF Data Cube vocabulary, and each check can fail."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyoxigraph as ox
import pytest

PREFIXES = """PREFIX fp: <https://w3id.org/fiscalkg/ontology#> PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX cube: <https://w3id.org/fiscalkg/ontology/cube/> """
# What no cube may hold, by the number of the constraint in the recommendation; 13 speaks of attributes that may not be
# left out, 15 to 18, 20 and 21 of measure types, slices and hierarchies, of which this cube has none.
BROKEN = {
    "IC-1: an observation of no data set, or of two": """?o a qb:Observation
        OPTIONAL { ?o qb:dataSet ?a }
        OPTIONAL { ?o qb:dataSet ?b FILTER(?a != ?b) } FILTER(!BOUND(?a) || BOUND(?b))""",
    "IC-2: a data set of no structure, or of two": """?d a qb:DataSet
        OPTIONAL { ?d qb:structure ?a }
        OPTIONAL { ?d qb:structure ?b FILTER(?a != ?b) } FILTER(!BOUND(?a) || BOUND(?b))""",
    "IC-3: a structure without a measure": """?s a qb:DataStructureDefinition
        OPTIONAL { ?s qb:component/qb:measure ?m } FILTER(!BOUND(?m))""",
    "IC-4: a dimension without a range": """?p a qb:DimensionProperty
        OPTIONAL { ?p rdfs:range ?r } FILTER(!BOUND(?r))""",
    "IC-5: a dimension of concepts without a code list": """?p a qb:DimensionProperty ; rdfs:range skos:Concept
        OPTIONAL { ?p qb:codeList ?l } FILTER(!BOUND(?l))""",
    "IC-6: a component that may be left out, and is no attribute": """?s qb:component ?c .
        ?c qb:componentRequired false FILTER NOT EXISTS { ?c qb:attribute ?p }""",
    "IC-11: an observation that lacks a dimension": """?o qb:dataSet/qb:structure/qb:component/qb:dimension ?p
        OPTIONAL { ?o ?p ?v } FILTER(!BOUND(?v))""",
    "IC-12: two observations with the same dimensions": """
        ?a qb:dataSet ?d ; fp:observedUnit|fp:observedDocument|fp:observedName ?u .
        ?b qb:dataSet ?d ; fp:observedUnit|fp:observedDocument|fp:observedName ?u . FILTER(STR(?a) < STR(?b))
        FILTER NOT EXISTS {
          ?d qb:structure/qb:component/qb:dimension ?p . ?a ?p ?v . ?b ?p ?w . FILTER(?v != ?w) }""",
    "IC-14: an observation that lacks a measure": """?o qb:dataSet/qb:structure/qb:component/qb:measure ?p
        OPTIONAL { ?o ?p ?v } FILTER(!BOUND(?v))""",
    "IC-19: a code that its list does not hold": """?p a qb:DimensionProperty ; qb:codeList ?l .
        ?o qb:dataSet ?d ; ?p ?v
        OPTIONAL { ?v skos:inScheme ?i FILTER(?i = ?l) } FILTER(!BOUND(?i))""",
}
# one change to a cube for each constraint that it breaks
FAULTS = {
    "IC-1": "INSERT { ?o qb:dataSet cube:other } WHERE { SELECT ?o { ?o a qb:Observation } LIMIT 1 }",
    "IC-2": "DELETE { ?d qb:structure ?s } WHERE { ?d qb:structure ?s }",
    "IC-3": "DELETE { ?c qb:measure ?m } WHERE { ?c qb:measure ?m }",
    "IC-4": "DELETE { fp:observedYear rdfs:range ?r } WHERE { fp:observedYear rdfs:range ?r }",
    "IC-5": "DELETE { ?p qb:codeList ?l } WHERE { ?p qb:codeList ?l }",
    "IC-6": "INSERT DATA { cube:unit qb:componentRequired false }",
    "IC-11": "DELETE { ?o fp:observedYear ?y } WHERE { SELECT ?o ?y { ?o fp:observedYear ?y } LIMIT 1 }",
    "IC-12": "INSERT { cube:o ?p ?v } WHERE { { SELECT ?o { ?o fp:observedUnit ?u } LIMIT 1 } ?o ?p ?v }",
    "IC-14": "DELETE { ?o fp:statementCount ?n } WHERE { SELECT ?o ?n { ?o fp:statementCount ?n } LIMIT 1 }",
    "IC-19": "INSERT { ?o fp:observedClass cube:x } WHERE { SELECT ?o { ?o fp:observedClass ?c } LIMIT 1 }",
}


@pytest.fixture(scope="module")
def facts(published: Path) -> bytes:
    return gzip.decompress((published / "current/dumps/fiscalkg.nt.gz").read_bytes())


@pytest.fixture
def store(facts: bytes) -> ox.Store:
    made = ox.Store()
    made.bulk_load(facts, format=ox.RdfFormat.N_TRIPLES)
    return made


def breaks(store: ox.Store, pattern: str) -> bool:
    return bool(store.query(f"{PREFIXES} ASK {{ {pattern} }}"))


def test_the_cube_is_well_formed(store: ox.Store) -> None:
    """The cube of the examples, twelve data sets of more than 1,540 observations, breaks no constraint."""
    counted = store.query(
        f"{PREFIXES} SELECT ?d (COUNT(?o) AS ?n) {{ ?d a qb:DataSet . ?o qb:dataSet ?d }} GROUP BY ?d"
    )
    assert isinstance(counted, ox.QuerySolutions)
    counts = [int(row["n"].value) for row in counted]
    assert len(counts) == 12
    assert sum(counts) > 1540
    assert [name for name, pattern in BROKEN.items() if breaks(store, pattern)] == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_constraint_sees_its_fault(store: ox.Store, name: str) -> None:
    """A cube with one fault breaks the constraint that forbids it."""
    (pattern,) = (text for title, text in BROKEN.items() if title.startswith(f"{name}:"))
    assert not breaks(store, pattern)
    store.update(PREFIXES + FAULTS[name])
    assert breaks(store, pattern)

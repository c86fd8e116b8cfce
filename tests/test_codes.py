"""The code lists are whole: order, definitions, matches, clauses, units that convert, every code that is raised."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal

import pyoxigraph as ox
import pytest

from fiscalkg.loader.iris import ONTOLOGY, SCHEME
from fiscalkg.loader.model import Severity
from fiscalkg.loader.rules import PROFILES, rules
from vocabulary import DCTERMS, RDF, ROOT, SKOS, code_triples, languages

FP = ONTOLOGY
BLANK = re.compile(r"\s+")
# ISO 3166-2:CN, the 34 divisions of province level, by their GB/T 2260 code: written down here a second time on purpose
PROVINCES = """110000 BJ 120000 TJ 130000 HE 140000 SX 150000 NM 210000 LN 220000 JL 230000 HL 310000 SH 320000 JS
330000 ZJ 340000 AH 350000 FJ 360000 JX 370000 SD 410000 HA 420000 HB 430000 HN 440000 GD 450000 GX 460000 HI
500000 CQ 510000 SC 520000 GZ 530000 YN 540000 XZ 610000 SN 620000 GS 630000 QH 640000 NX 650000 XJ 710000 TW
810000 HK 820000 MO"""


def values(predicate: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for t in code_triples():
        if t.predicate.value == predicate and isinstance(t.subject, ox.NamedNode):
            found[t.subject.value.removeprefix(SCHEME)].append(t.object.value)  # type: ignore[union-attr]  # no blank nodes
    return found


def schemes() -> dict[str, list[str]]:
    """The codes of each scheme, in their order."""
    order = {name: int(number) for name, (number,) in values(f"{FP}order").items()}
    found: dict[str, list[str]] = defaultdict(list)
    for name, (scheme,) in values(f"{SKOS}inScheme").items():
        found[scheme.removeprefix(SCHEME)].append(name)
    return {scheme: sorted(names, key=order.__getitem__) for scheme, names in found.items()}


def test_every_list_is_ordered_and_defined() -> None:
    """Each list has labels, a definition, a source and a licence; its codes count 1, 2, 3 … and are all defined."""
    kinds = values(f"{RDF}type")
    lists = {name for name, types in kinds.items() if f"{SKOS}ConceptScheme" in types}
    assert lists == set(schemes()) and len(lists) == 18
    for predicate in (f"{DCTERMS}source", f"{DCTERMS}license"):
        assert lists <= values(predicate).keys()
    order = values(f"{FP}order")
    for names in schemes().values():
        assert [order[name] for name in names] == [[str(place)] for place in range(1, len(names) + 1)]
    for predicate in (f"{SKOS}prefLabel", f"{SKOS}definition"):
        said = {name.removeprefix(SCHEME): tags for name, tags in languages(code_triples(), predicate).items()}
        assert said == {key: {"zh", "en"} for key in kinds}


def test_a_code_is_at_the_top_or_below_another() -> None:
    """Each code is a top concept of its scheme or has one broader code of the same scheme, never both."""
    top, broader = values(f"{SKOS}topConceptOf"), values(f"{SKOS}broader")
    for scheme, names in schemes().items():
        for name in names:
            assert (name in top) != (name in broader), name
            assert all(other.removeprefix(SCHEME).startswith(f"{scheme}/") for other in broader.get(name, ()))


@pytest.mark.parametrize("scheme", ["central101", "shenzhen2019"])
def test_taxonomies_meet_base88(scheme: str) -> None:
    """Each class matches a class of base88; one of level 2 matches one whose parent is the match of its own parent."""
    match = {
        name: {
            other.removeprefix(SCHEME) for kind in ("exact", "close", "broad") for other in found[kind].get(name, ())
        }
        for found in [{kind: values(f"{SKOS}{kind}Match") for kind in ("exact", "close", "broad")}]
        for name in schemes()[scheme]
    }
    in_base = {name: {other for other in others if other.startswith("base88/")} for name, others in match.items()}
    assert all(in_base.values())
    broader = values(f"{SKOS}broader")
    for name, (parent,) in ((name, broader[name]) for name in in_base if name in broader):
        above = {broader[other][0].removeprefix(SCHEME) for other in in_base[name] if other in broader}
        own = in_base[parent.removeprefix(SCHEME)]
        # 成本 stands under 产出 in one scheme and beside it in the other, 满意度 under 效果 in the third
        assert above & own or name.endswith("cost") or name == "shenzhen2019/satisfaction"


def test_each_class_says_its_clause() -> None:
    """Each class of the three taxonomies and each rule cites its clause in both languages, one that is cf. in both."""
    said = {name.removeprefix(SCHEME): tags for name, tags in languages(code_triples(), f"{FP}clause").items()}
    clauses = values(f"{FP}clause")
    for scheme in (*PROFILES, "rule"):
        for name in schemes()[scheme]:
            assert said[name] == {"zh", "en"}
            assert ("参见" in "".join(clauses[name])) == ("cf." in "".join(clauses[name])), name


def test_the_rules_are_the_shapes() -> None:
    """The list of rules is C01 to C24 and on, each with the gravest severity of its shapes."""
    listed = [name.removeprefix("rule/") for name in schemes()["rule"]]
    assert listed[:24] == [f"C{n:02}" for n in range(1, 25)]
    assert listed == sorted({rule.code for rule in rules()})
    grave = [Severity.VIOLATION, Severity.WARNING, Severity.INFO]
    for name, (severity,) in ((name, values(f"{FP}severity")[name]) for name in schemes()["rule"]):
        own = {rule.severity for rule in rules() if name == f"rule/{rule.code}"}
        assert severity.rpartition("#")[2].lower() == min(own, key=grave.index), name


def test_every_code_a_program_raises_is_listed() -> None:
    """The codes beginning with R- in the list are those written in the program, with the severity written beside."""
    raised: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "loader").rglob("*.py")):
        text = BLANK.sub(" ", path.read_text(encoding="utf-8"))
        for code in re.findall(r'"(R-[A-Z-]+)"', text):
            raised.setdefault(code, set())
        for code, severity in re.findall(r'"(R-[A-Z-]+)", Severity\.(\w+)', text):
            raised[code].add(severity.capitalize())
    listed = {name.removeprefix("finding/"): name for name in schemes()["finding"]}
    assert raised.keys() == listed.keys()
    severities = values(f"{FP}severity")
    stated = {code: {severities[name][0].rpartition("#")[2]} for code, name in listed.items()}
    assert sum(map(bool, raised.values())) > 25
    assert {code: found for code, found in raised.items() if found and found != stated[code]} == {}


def test_units_convert() -> None:
    """Each unit has a notation and says what it measures and how many base units it is, or says why it does not."""
    factor, base, kind = (values(f"{FP}{name}") for name in ("factor", "baseUnit", "quantityKind"))
    notes = values(f"{SKOS}scopeNote")
    for name in schemes()["unit"]:
        assert values(f"{SKOS}notation")[name]
        assert name in kind or name in notes
        assert (name in factor) == (name in base)
        if name not in factor:
            assert name in notes
            continue
        (other,) = (iri.removeprefix(SCHEME) for iri in base[name])
        assert Decimal(factor[name][0]) > 0
        assert factor[other] == ["1"] and base[other] == base[name]
        assert kind[other] == kind[name]


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("万人", "10000"), ("小时", "3600"), ("周", "604800"), ("年", "12"), ("吨", "1000"), ("平方公里", "1000000")],
)
def test_factors_are_right(unit: str, factor: str) -> None:
    """万人 is 10,000 people, a week 604,800 seconds, a year twelve months."""
    (name,) = (name for name, found in values(f"{SKOS}notation").items() if unit in found)
    assert values(f"{FP}factor")[name] == [factor]


def test_units_meet_qudt() -> None:
    """Units of area, length, mass and time match QUDT's own; classifiers say that they count."""
    exact, close, broad = (values(f"{SKOS}{name}Match") for name in ("exact", "close", "broad"))
    kinds = {name: found[0].rpartition("/")[2] for name, found in values(f"{FP}quantityKind").items()}
    for name, kind in kinds.items():
        if kind == "Count":
            assert broad[name] == ["http://qudt.org/vocab/unit/NUM"]
        elif "工作日" not in "".join(values(f"{SKOS}notation")[name]) and "亩" not in values(f"{SKOS}notation")[name]:
            assert name in exact or name in close, name


def test_every_province_is_there() -> None:
    """All 34 divisions of province level are listed by GB/T 2260 code and matched to ISO 3166-2."""
    words = PROVINCES.split()
    expected = {f"place/{code}": [f"CN-{iso}"] for code, iso in zip(words[::2], words[1::2], strict=True)}
    assert len(expected) == 34
    assert values(f"{FP}isoCode") == expected
    assert all(values(f"{SKOS}notation")[name] == [name.removeprefix("place/")] for name in expected)


def test_lists_keep_the_rules_of_skos() -> None:
    """One preferred label a language, no other label that equals it, no exact match that is a broad match too."""
    preferred = [(t.subject, t.object) for t in code_triples() if t.predicate.value == f"{SKOS}prefLabel"]
    assert len({(subject, label.language) for subject, label in preferred}) == len(preferred)  # type: ignore[union-attr]  # labels are literals
    others = {(t.subject, t.object) for t in code_triples() if t.predicate.value == f"{SKOS}altLabel"}
    assert others
    assert not others & set(preferred)
    matches = {
        kind: {(t.subject, t.object) for t in code_triples() if t.predicate.value == f"{SKOS}{kind}Match"}
        for kind in ("exact", "broad", "close")
    }
    assert not matches["exact"] & (matches["broad"] | matches["close"])

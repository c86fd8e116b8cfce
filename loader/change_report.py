"""Changes between two releases into a report for people: counts, each table with what changed in it, answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from fiscalkg.loader.answers import Answers
from fiscalkg.loader.changes import KINDS, STATES, Change, Field, Kind, State, counts

__all__ = ["change_report", "titles_of_terms"]

Language = Literal["zh", "en"]
Texts = Mapping[str, Mapping[str, str]]
MOST_ROWS = 5  # of an answer, told; the rest is counted, and stands in --format json
LONGEST = 120
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
ONTOLOGY = Path(__file__).parent.parent / "ontology" / "core.ttl"
TOLD: tuple[Kind, ...] = ("document", "unit", "project")
KIND_WORDS: Mapping[Kind, Mapping[str, str]] = {
    "document": {"zh": "文件", "en": "documents"},
    "unit": {"zh": "单位", "en": "units"},
    "project": {"zh": "项目", "en": "projects"},
    "statement": {"zh": "目标表", "en": "tables"},
    "indicator": {"zh": "指标", "en": "indicators"},
    "value": {"zh": "指标值和金额", "en": "target values and amounts"},
    "other": {"zh": "其他（目标、汇总、代码）", "en": "others (goals, sums, codes)"},
}
STATE_WORDS: Mapping[State, Mapping[str, str]] = {
    "added": {"zh": "新增", "en": "added"},
    "removed": {"zh": "删除", "en": "removed"},
    "changed": {"zh": "改变", "en": "changed"},
    "moved": {"zh": "仅位置不同", "en": "only moved"},
}
SIGNS: Mapping[State, str] = {"added": "+", "removed": "-", "changed": "~", "moved": "="}
WORDS = {
    "none": {"zh": "没有差别", "en": "nothing differs"},
    "blank": {"zh": "（无）", "en": "(none)"},
    "uncompared": {"zh": "没有比较（{}）", "en": "not compared ({})"},
    "answers": {"zh": "结果有变化的查询", "en": "queries whose answers changed"},
    "rows": {
        "zh": "{} 行变为 {} 行，其中 {} 行相同",
        "en": "{} rows became {}, {} of them alike",
    },
    "more": {"zh": "另有 {} 行", "en": "and {} more"},
}


@cache
def titles_of_terms() -> Texts:
    """Return the labels of the ontology's terms, by IRI and language."""
    labels: dict[str, dict[str, str]] = {}
    for quad in ox.parse(path=str(ONTOLOGY), format=ox.RdfFormat.TURTLE):
        if quad.predicate.value == LABEL and isinstance(quad.object, ox.Literal) and quad.object.language:
            labels.setdefault(str(quad.subject)[1:-1], {})[quad.object.language] = quad.object.value
    return labels


def change_report(
    names: tuple[str, str], found: Sequence[Change], answers: Sequence[Answers], titles: Texts, language: Language
) -> Iterator[str]:
    """Yield the lines of the report; ``titles`` names properties by IRI and queries by name."""
    yield f"{names[0]} → {names[1]}\n"
    counted = counts(found)
    if not any(counted[kind][state] for kind in KINDS for state in STATES) and not answers:
        yield WORDS["none"][language] + "\n"
        return
    yield from _totals(counted, language)
    for kind in TOLD:
        yield from _listed(kind, [change for change in found if change.kind == kind], titles, language)
    yield from _tables(found, titles, language)
    yield from _answers(answers, titles, language)


def _totals(counted: Mapping[Kind, Mapping[State, int]], language: Language) -> Iterator[str]:
    colon = "：" if language == "zh" else ": "
    for kind in KINDS:
        told = [f"{STATE_WORDS[state][language]} {count}" for state, count in counted[kind].items() if count]
        if told:
            yield KIND_WORDS[kind][language] + colon + ("，" if language == "zh" else ", ").join(told) + "\n"


def _listed(kind: Kind, found: Sequence[Change], titles: Texts, language: Language) -> Iterator[str]:
    told = [change for change in found if change.state != "moved"]
    if told:
        yield f"\n{KIND_WORDS[kind][language]}\n"
    for change in told:
        yield f"{SIGNS[change.state]} {_short(change.label)}\n"
        yield from _fields(change.fields, titles, language, "    ")


def _tables(found: Iterable[Change], titles: Texts, language: Language) -> Iterator[str]:
    """Yield each table that changed with what changed in it; of one that came or went only its name."""
    told = [change for change in found if change.kind == "statement" or change.of]
    if any(change.state != "moved" for change in told):
        yield f"\n{KIND_WORDS['statement'][language]}\n"
    for _, of_one in groupby(told, key=lambda change: change.of or change.iri):
        whole, *parts = of_one
        if whole.state == "moved":
            continue
        yield f"{SIGNS[whole.state]} {_short(whole.label)} <{whole.iri}>\n"
        if whole.state == "changed":
            yield from _fields(whole.fields, titles, language, "    ")
            for part in parts:
                yield f"  {SIGNS[part.state]} {_named(part, language)}\n"
                yield from _fields(part.fields, titles, language, "      ")


def _named(part: Change, language: Language) -> str:
    word = KIND_WORDS[part.kind][language] if part.kind in {"indicator", "value"} else ""
    return f"{word} {_short(part.label)}".strip()


def _fields(fields: Iterable[Field], titles: Texts, language: Language, margin: str) -> Iterator[str]:
    for each in fields:
        name = titles.get(each.name, {}).get(language) or each.name.rpartition("#")[2].rpartition("/")[2]
        old, new = (_value(values, language) for values in (each.old, each.new))
        yield f"{margin}{name}: {old} → {new}\n"


def _value(values: Sequence[str], language: Language) -> str:
    told = "; ".join(_short(value) for value in values)
    return told if told.strip() else WORDS["blank"][language]


def _answers(answers: Sequence[Answers], titles: Texts, language: Language) -> Iterator[str]:
    if answers:
        yield f"\n{WORDS['answers'][language]}\n"
    for answer in answers:
        if answer.fault:
            title = titles.get(answer.name, {}).get(language, "")
            yield f"? {answer.name} {title}: {WORDS['uncompared'][language].format(answer.fault)}\n"
            continue
        sizes = len(answer.old) + answer.alike, len(answer.new) + answer.alike
        title = titles.get(answer.name, {}).get(language, "")
        yield f"~ {answer.name} {title}: {WORDS['rows'][language].format(*sizes, answer.alike)}\n"
        yield f"      {' | '.join(answer.columns)}\n"
        for sign, own in (("-", answer.old), ("+", answer.new)):
            yield from (f"    {sign} {' | '.join(map(_short, row))}\n" for row in own[:MOST_ROWS])
            if len(own) > MOST_ROWS:
                yield f"    {sign} {WORDS['more'][language].format(len(own) - MOST_ROWS)}\n"


def _short(text: str) -> str:
    """Return a text on one line, its middle left out where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} … {line[-LONGEST // 3 :]}"

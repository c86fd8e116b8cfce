"""The files of ``canned/`` into queries with titles, questions and typed parameters.

A parameter is declared in the head as ``# parameter: <variable> <type> <zh> | <en>`` and bound as an RDF term;
left unbound, the query answers for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode

from fiscalkg.loader.errors import QueryError
from fiscalkg.loader.stores import Term
from fiscalkg.loader.values import canonical
from fiscalkg.loader.void import Example

__all__ = ["CannedQuery", "Parameter", "bindings", "canned_queries", "canned_query", "examples", "term_of"]

ParameterType = Literal["iri", "string", "decimal", "year"]

_FOLDER = Path(__file__).parent / "canned"
_FIELD = re.compile(r"^# (title|question)-(zh|en): (.+)$\n?", re.MULTILINE)
_PARAMETER = re.compile(r"^# parameter: (\w+) (\w+) (.+?) \| (.+)$", re.MULTILINE)
_SELECTED = re.compile(r"^SELECT\s+(?:DISTINCT\s+)?(.*?)\s*(?:WHERE\b|\{)", re.MULTILINE | re.DOTALL)
_VARIABLE = re.compile(r"\(.*?\bAS\s+\?(\w+)\s*\)|\?(\w+)", re.DOTALL)
_FIRST_UNIT = re.compile(r"ORDER BY \?(?:key|unit) LIMIT 1 \}")
_FIRST_NAMES = re.compile(r"ORDER BY DESC\(\?units\) \?name LIMIT (\d+) \}")
_XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of the query that may be bound; the labels say what goes in."""

    name: str
    type: ParameterType
    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class CannedQuery:
    """A ready query: ``text`` is the whole file and runs as it is; texts for people in zh and en."""

    name: str
    title_zh: str
    title_en: str
    question_zh: str
    question_en: str
    parameters: tuple[Parameter, ...]
    text: str

    @property
    def body(self) -> str:
        """The text without its titles and questions, for pages that tell them: runs as it stands too."""
        return _FIELD.sub("", self.text).lstrip("\n")

    def question(self, language: Literal["zh", "en"]) -> str:
        """Return the question it answers, in a language."""
        return self.question_zh if language == "zh" else self.question_en

    @property
    def first_unit(self) -> bool:
        """Whether it answers, while no unit is given, for the first unit only: all rows are as many as indicators."""
        return bool(_FIRST_UNIT.search(self.text))

    @property
    def example_without(self) -> str:
        """The parameter without which the rows are an example, of one unit or name; empty where they are all."""
        names = _FIRST_NAMES.search(self.text)
        return "unit" if self.first_unit else "name" if names and names[1] == "1" else ""

    def told(self, language: Literal["zh", "en"]) -> str:
        """Return the question, and what rows are an example of, in a language."""
        question = self.question(language)
        if not (name := self.example_without):
            return question
        zh = f"不给 {name} 时，只答其中一个，作为例子，不是全部。"
        en = f"Without {name} the rows are an example, of one {name} only, not all there are."
        return f"{question}{zh}" if language == "zh" else f"{question} {en}"

    @property
    def first_names(self) -> bool:
        """Whether it answers, while no name is given, for the names only that most units use."""
        return bool(_FIRST_NAMES.search(self.text))

    @property
    def columns(self) -> tuple[str, ...]:
        """The selected variables, in order."""
        selected = _SELECTED.search(self.text)
        found = _VARIABLE.findall(selected[1]) if selected else []
        return tuple(named or plain for named, plain in found)


@cache
def canned_queries() -> tuple[CannedQuery, ...]:
    """Return all canned queries by name; raises ``QueryError`` for a file whose head lacks what it must say."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.rq")))


def examples() -> tuple[Example, ...]:
    """Return all canned queries as a release's catalogue shows them."""
    return tuple(Example(each.name, each.question_zh, each.question_en, each.text) for each in canned_queries())


def canned_query(name: str) -> CannedQuery:
    """Return a canned query by its name; raises ``QueryError`` that lists the names for an unknown one."""
    known = {query.name: query for query in canned_queries()}
    if name not in known:
        raise QueryError(f"there is no canned query {name}; there are {', '.join(known)}")
    return known[name]


def _read(path: Path) -> CannedQuery:
    text = path.read_text(encoding="utf-8")
    fields = {f"{kind}_{language}": value.strip() for kind, language, value in _FIELD.findall(text)}
    missing = {"title_zh", "title_en", "question_zh", "question_en"} - fields.keys()
    if missing:
        raise QueryError(f"{path.name}: its head lacks {', '.join(sorted(missing))}; add the comment lines")
    if text.count("# parameter:") != len(_PARAMETER.findall(text)):
        raise QueryError(f"{path.name}: a parameter is declared as '# parameter: variable type zh | en'")
    parameters = tuple(_parameter(path, *declared) for declared in _PARAMETER.findall(text))
    return CannedQuery(path.stem, **fields, parameters=parameters, text=text)


def _parameter(path: Path, name: str, kind: str, label_zh: str, label_en: str) -> Parameter:
    known = next((each for each in get_args(ParameterType) if each == kind), None)
    if known is None:
        raise QueryError(f"{path.name}: parameter {name} has type {kind}; use iri, string, decimal or year")
    return Parameter(name, known, label_zh, label_en)


def bindings(query: CannedQuery, values: Mapping[str, str]) -> dict[str, Term]:
    """Return the terms that values of the query's parameters stand for; blank values stay unbound.

    Raises ``QueryError`` naming the parameter that does not exist or whose value is not of its type.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    unknown = sorted(values.keys() - known.keys())
    if unknown:
        raise QueryError(f"{query.name} has no parameter {unknown[0]}; it has {', '.join(known) or 'none'}")
    return {name: term_of(known[name], value.strip()) for name, value in values.items() if value.strip()}


def term_of(parameter: Parameter, value: str) -> Term:
    """Return the term that a parameter's value stands for; raises ``QueryError`` for a value not of its type."""
    try:
        match parameter.type:
            case "iri":
                return NamedNode(value)
            case "string":
                return RdfLiteral(value)
            case "decimal":
                return RdfLiteral(_decimal(value), datatype=NamedNode(f"{_XSD}decimal"))
            case "year":
                return RdfLiteral(_year(value), datatype=NamedNode(f"{_XSD}gYear"))
    except ValueError as error:
        raise QueryError(f"{parameter.name}: {value!r} is not of type {parameter.type}") from error


def _decimal(value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError(value)
    return canonical(number)


def _year(value: str) -> str:
    if not re.fullmatch(r"[12]\d{3}", value, re.ASCII):
        raise ValueError(value)
    return value

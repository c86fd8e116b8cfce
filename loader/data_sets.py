"""What the derived cube is made of: its data sets, their dimensions and measures, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

from fiscalkg.loader.iris import SCHEME
from fiscalkg.loader.terms import YEAR, iri, literal, typed

__all__ = [
    "CLASS_NAMES", "CLASS_TOTALS", "DATA_SETS", "DECIMALS", "DIMENSIONS", "FIRST", "HIGHEST", "KNOWN",
    "OTHER_SHARED_NAMES", "SHARED_NAMES", "SHARED_TEXTS", "SHARED_TOTAL", "SHARED_VALUES", "TEXTS",
    "UNCLASSIFIED_NAMES", "UNCLASSIFIED_TOTAL", "DataSet", "Dimension",
]  # fmt: skip


@dataclass(frozen=True)
class DataSet:
    """A data set of the cube: its structure in ``ontology/cube.ttl``, its dimensions, its measures, what it is called.

    ``derived/cube-<query>.rq`` selects what a batch adds to it, one variable for each dimension and measure; several
    data sets may read the rows of one query. Every observation has all dimensions, so tables without a fiscal year are
    counted in a data set of their own, of the structure that ``undated_structure`` names.
    """

    name: str
    structure: str
    query: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    zh: str
    en: str
    undated_structure: str = ""
    without_year: bool = False

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The variables of its query that it reads, in the order of its rows."""
        return (*self.dimensions, *self.measures)

    @cached_property
    def undated(self) -> DataSet | None:
        """The data set of the tables without a fiscal year; ``None`` where it has no year."""
        if not self.undated_structure:
            return None
        return replace(
            self, name=f"{self.name}-without-year", structure=self.undated_structure, undated_structure="",
            dimensions=tuple(name for name in self.dimensions if name != "year"), without_year=True,
            zh=f"{self.zh}（未写年度的表）", en=f"{self.en}, of tables without a year",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension: its property, how a value is written, and how it stands in the IRI of an observation."""

    property: str
    write: Callable[[str], str]
    end: Callable[[str, str], str]


def _below(value: str, base: str) -> str:
    return value.removeprefix(base)


def _code(value: str, _: str) -> str:
    return value.removeprefix(SCHEME).replace("/", "-")


def _digest(value: str, _: str) -> str:
    """Return what stands for a name, which may be a sentence."""
    return sha256(value.encode("utf-8", "replace")).hexdigest()[:16]


DIMENSIONS: Mapping[str, Dimension] = {
    "unit": Dimension("observedUnit", iri, _below),
    "year": Dimension("observedYear", lambda value: typed(value, YEAR), _below),
    "class": Dimension("observedClass", iri, _code),
    "printedClass": Dimension("observedPrintedClass", iri, lambda value, base: f"printed-{_code(value, base)}"),
    "document": Dimension("observedDocument", iri, _below),
    "matchedClass": Dimension("observedMatchedClass", iri, _code),
    "place": Dimension("observedPlace", iri, _code),
    "name": Dimension("observedName", literal, _digest),
    "text": Dimension("observedText", literal, _digest),
    "reading": Dimension("observedReading", literal, lambda value, _: value),
    "value": Dimension("observedValue", literal, lambda value, _: value or "none"),
}
DECIMALS = frozenset({"budget", "highestRatio"})  # measures; the others are counts
HIGHEST = frozenset({"highestRatio"})  # measures that are no sum, but the highest of all
# What comes first by its place in the source, of all that an observation counts: no measure but an attribute. A row
# holds its place and, after a blank, its IRI.
FIRST = frozenset({"firstAmount", "firstTarget"})
TEXTS = frozenset({"leastPrintedText", "greatestPrintedText"})  # attributes too
COUNTS = ("statementCount", "indicatorCount", "quantifiedCount")
OF_READING = ("unit", "year", "reading", "value")
DATA_SETS = (
    DataSet(
        "budgets", "by-year", "statements", ("unit", "year"),
        (
            *COUNTS, "describedCount", "repeatedDescriptionCount", "repeatedValueCount", "budgetedCount",
            "costAboveCount", "costEqualCount", "costBelowCount", "costRestatingCount", "unclassifiedCount",
            "unclassifiedQuantifiedCount", "budget", "highestRatio", "firstAmount",
        ),
        "各单位、年度的汇总", "sums by unit and year", "by-unit",
    ),
    DataSet(
        "documents", "by-document", "statements", ("document",),
        (
            *COUNTS, "unclassifiedCount", "guessedCount", "inferredYearCount", "inferredUnitCount",
            "inferredCurrencyUnitCount",
        ),
        "各文件的汇总", "counts by document",
    ),
    DataSet(
        "classes", "by-class", "classes", ("unit", "year", "class"), COUNTS,
        "各单位、年度、指标类的汇总", "counts by unit, year and class", "by-unit-and-class",
    ),
    DataSet(
        "printed-classes", "by-printed-class", "printed-classes", ("unit", "year", "printedClass"), COUNTS,
        "各单位、年度、原表指标类的汇总", "counts by unit, year and class as printed", "by-unit-and-printed-class",
    ),
    DataSet(
        "satisfaction", "by-reading", "satisfaction", OF_READING, ("indicatorCount",),
        "各单位、年度的满意度目标值", "satisfaction targets by unit and year", "by-unit-and-reading",
    ),
    DataSet(
        "deadlines", "by-reading", "deadlines", OF_READING, ("indicatorCount",),
        "各单位、年度的完成时限", "deadlines by unit and year", "by-unit-and-reading",
    ),
)  # fmt: skip
KNOWN: Mapping[str, DataSet] = {
    each.name: each for known in DATA_SETS for each in (known, known.undated) if each is not None
}
# Of names of indicators, in the whole release: see ``names``. An indicator may be of no class.
OF_NAME = ("unitCount", "indicatorCount", "quantifiedCount", "firstTarget")
TOTALS = ("nameCount", "indicatorCount", "quantifiedCount")
CLASS_NAMES = DataSet(
    "class-names", "by-matched-class-and-name", "", ("matchedClass", "name"), OF_NAME,
    "各类指标最常用的名称", "the most used names of indicators of each class",
)  # fmt: skip
UNCLASSIFIED_NAMES = DataSet(
    "unclassified-names", "by-name", "", ("name",), OF_NAME,
    "未归类指标最常用的名称", "the most used names of indicators of no class",
)  # fmt: skip
CLASS_TOTALS = DataSet(
    "class-totals", "by-matched-class", "", ("matchedClass",), TOTALS,
    "各类指标及其名称的数目", "counts of indicators and their names by class",
)  # fmt: skip
UNCLASSIFIED_TOTAL = DataSet(
    "unclassified-total", "of-all", "", (), TOTALS,
    "未归类指标及其名称的数目", "counts of indicators of no class and their names",
)  # fmt: skip
SHARED_NAMES = DataSet(
    "shared-names", "by-shared-name", "", ("name",), ("unitCount", "indicatorCount"),
    "单位用得最多的共用指标名称", "names of indicators that most units share",
)  # fmt: skip
OTHER_SHARED_NAMES = DataSet(
    "other-shared-names", "by-other-shared-name", "", ("name",), ("unitCount", "indicatorCount"),
    "其他由两个以上单位共用的指标名称", "other names of indicators that two units or more use",
)  # fmt: skip
SHARED_TOTAL = DataSet(
    "shared-total", "of-shared-names", "", (), ("nameCount", "indicatorCount"),
    "共用的指标名称及其指标的数目", "counts of shared names and their indicators",
)  # fmt: skip


def _by_place_and_year(
    name: str, kept: tuple[str, ...], measures: tuple[str, ...], zh: str, en: str
) -> Mapping[tuple[bool, bool], DataSet]:
    """Return four data sets, by whether a place and a year are stated: every observation has all dimensions."""
    sides = {
        (True, True): ("", "", ""),
        (True, False): ("-without-year", "（未写年度的表）", ", of tables without a year"),
        (False, True): ("-without-place", "（未写地区的表）", ", of tables without a place"),
        (False, False): ("-without-both", "（地区、年度均未写的表）", ", of tables without place and year"),
    }
    found = {}
    for (place, year), (end, told_zh, told_en) in sides.items():
        dimensions = ("place",) * place + ("year",) * year + kept
        by = "-".join(("place",) * place + ("year",) * year + ("and",) * (place or year) + ("name",))
        structure = f"{name.removeprefix('shared-')}-by-{by}"
        found[place, year] = DataSet(
            f"{name}{end}", structure, "", dimensions, measures, f"{zh}{told_zh}", f"{en}{told_en}"
        )
    return found


# What is printed for the names that most units share.
SHARED_VALUES = _by_place_and_year(
    "shared-values", ("name",), ("indicatorCount", "leastPrintedText", "greatestPrintedText"),
    "共用指标名称的指标值", "values of shared names",
)  # fmt: skip
SHARED_TEXTS = _by_place_and_year(
    "shared-texts", ("name", "text", "value"), ("indicatorCount", "firstTarget"),
    "共用指标名称各种写法的指标数", "indicators of shared names by what is printed",
)  # fmt: skip

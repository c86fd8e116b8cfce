"""The columns of the four tables people download: name, kind, meaning in zh and en, and the property each states.

Every form of a table (CSV, Parquet, SQLite, CSVW, data package) is made from these values, so they cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fiscalkg.loader.iris import ONTOLOGY

__all__ = ["TABLES", "Column", "ColumnKind", "Table"]

ColumnKind = Literal["iri", "text", "integer", "decimal", "year"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``property`` is the IRI of what it states, ``target`` the table its IRIs are the key of."""

    name: str
    kind: ColumnKind
    zh: str
    en: str
    property: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``key`` is the column that tells its rows apart, where there is one."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def _fp(name: str) -> str:
    return ONTOLOGY + name


LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SOURCE = Column("source", "iri", "原文位置", "place in the source", "http://www.w3.org/ns/prov#wasDerivedFrom")
UNIT = Column("unit", "iri", "单位", "budget unit")
UNIT_NAME = Column("unit_name", "text", "单位名称", "name of the unit")
PROJECT_NAME = Column("project_name", "text", "项目名称", "project name")
YEAR = Column("fiscal_year", "year", "年度", "fiscal year")
OWNER = Column("statement", "iri", "所属目标表", "table it stands in", target="statements")
PRINTED = Column("printed", "text", "原文", "as printed", _fp("printedText"))

STATEMENTS = Table(
    "statements",
    "项目绩效目标表，一行一张",
    "one performance target table of a project a row",
    (
        Column("statement", "iri", "目标表", "table"),
        Column("document", "text", "文件", "file name of the document"),
        Column("document_iri", "iri", "文件标识", "document", _fp("sourceDocument")),
        Column("sequence", "integer", "在文件中的顺序", "position in the document, from 1", _fp("sequence")),
        Column("kind", "text", "表的种类", "kind of table"),
        Column("place", "text", "行政区划代码（GB/T 2260）", "place, GB/T 2260"),
        Column("fiscal_year", "year", "年度", "fiscal year", _fp("fiscalYear")),
        Column("unit", "iri", "单位", "budget unit", _fp("unit")),
        Column("unit_code", "text", "单位编码", "unit's printed code"),
        UNIT_NAME,
        Column("supervising_unit", "text", "主管单位", "supervising unit"),
        Column("project", "iri", "项目", "project over the years", _fp("project")),
        Column("project_name", "text", "项目名称", "project name", _fp("projectName")),
        Column("heading", "text", "表题", "heading", _fp("heading")),
        Column("purpose", "text", "用途", "purpose", _fp("purpose")),
        Column("goals", "text", "绩效目标，一行一条", "goals, one a line"),
        Column("overall_goal", "text", "总体目标", "overall goal", _fp("overallGoal")),
        Column("overview", "text", "项目概况", "overview", _fp("overview")),
        Column("use", "text", "资金使用内容", "use of the money", _fp("use")),
        Column("project_type", "text", "项目类型", "project type", _fp("projectType")),
        Column("fund_use", "text", "资金用途", "fund use", _fp("fundUse")),
        Column("planned_start", "text", "计划开始（原文）", "planned start, as printed", _fp("plannedStartPrinted")),
        Column("planned_end", "text", "计划完成（原文）", "planned end, as printed", _fp("plannedEndPrinted")),
        Column("indicators", "integer", "指标条数", "number of indicators"),
        SOURCE,
    ),
    "statement",
)
AMOUNTS = Table(
    "amounts",
    "资金，一行一笔",
    "one amount of money a row",
    (
        Column("amount", "iri", "资金", "amount"),
        OWNER,
        UNIT,
        UNIT_NAME,
        PROJECT_NAME,
        YEAR,
        Column("scope", "text", "期间", "period: total, year or medium term"),
        Column("fund_source", "text", "资金来源", "source of the money"),
        PRINTED,
        Column("printed_unit", "text", "印出的单位", "unit as printed", _fp("printedUnit")),
        Column("cny", "decimal", "人民币元", "in CNY", _fp("cny")),
        SOURCE,
    ),
    "amount",
)
INDICATORS = Table(
    "indicators",
    "绩效指标及其指标值，一行一条",
    "one indicator with its target value a row",
    (
        Column("indicator", "iri", "指标", "indicator"),
        OWNER,
        UNIT,
        UNIT_NAME,
        PROJECT_NAME,
        YEAR,
        Column("ordinal", "integer", "序号", "ordinal in its table", _fp("ordinal")),
        Column("level1", "text", "一级指标", "level 1, as printed", _fp("level1")),
        Column("level2", "text", "二级指标", "level 2, as printed", _fp("level2")),
        Column("class", "iri", "指标分类", "class of the indicator", _fp("indicatorClass")),
        Column("name", "text", "指标名称", "name", _fp("name")),
        Column("description", "text", "指标说明", "description", _fp("description")),
        Column("value_basis", "text", "指标值设定依据", "basis of the value", _fp("valueBasis")),
        Column("weight", "text", "分值或权重", "weight, as printed", _fp("weight")),
        Column("scope", "text", "期间", "period"),
        PRINTED,
        Column("kind", "text", "指标值的种类", "kind of value"),
        Column("comparator", "text", "比较符", "comparator"),
        Column("number", "decimal", "数值", "number, in the printed unit", _fp("number")),
        Column("upper_number", "decimal", "上限", "upper number of a range", _fp("upperNumber")),
        Column("printed_unit", "text", "印出的单位", "unit as printed", _fp("printedUnit")),
        Column("normalized", "decimal", "归一数值", "normalised number", _fp("normalizedNumber")),
        Column("normalized_upper", "decimal", "归一上限", "normalised upper number", _fp("normalizedUpperNumber")),
        Column("normalized_unit", "text", "归一单位", "normalised unit; 1 for a share"),
        Column("date", "text", "日期", "date, ISO 8601", _fp("date")),
        Column("remark", "text", "数值之外的文字", "prose beside the number", _fp("remark")),
        Column("confidence", "text", "把握", "how sure the reading is"),
        SOURCE,
    ),
    "indicator",
)
FINDINGS = Table(
    "findings",
    "检查结果，一行一条",
    "one finding a row",
    (
        Column("code", "text", "规则", "rule or code"),
        Column("severity", "text", "严重程度", "severity: violation, warning or info"),
        Column("message_zh", "text", "说明（中文）", "message in Chinese"),
        Column("message_en", "text", "说明（英文）", "message in English"),
        Column("document", "text", "文件", "file name of the document"),
        Column("sequence", "integer", "在文件中的第几张表", "which table of the document"),
        Column("focus", "iri", "所指", "what it complains of"),
        Column("value", "text", "值", "the value complained of"),
        Column("place", "text", "位置", "place in the source"),
    ),
)
TABLES = (STATEMENTS, AMOUNTS, INDICATORS, FINDINGS)

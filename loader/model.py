"""The values every part of the loader speaks in: frozen, typed, free of RDF and of file formats.

Printed text is kept as printed in every value. Its state follows from the text alone: ``None`` the form
has no such field, ``""`` blank in the source, otherwise stated; stated but not understood is unreadable.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from fiscalkg.loader.places import Place

__all__ = [
    "Amount",
    "AmountSource",
    "Basis",
    "Comparator",
    "Confidence",
    "Correction",
    "Corrections",
    "Document",
    "Finding",
    "Goal",
    "Indicator",
    "Scope",
    "Severity",
    "Stated",
    "Statement",
    "StatementKind",
    "TargetKind",
    "TargetValue",
]  # fmt: skip


class StatementKind(StrEnum):
    """表的种类. Only ``target`` and ``application`` are targets of a project."""

    TARGET = "target"
    APPLICATION = "application"
    SELF_EVALUATION = "self-evaluation"
    DEPARTMENT = "department"
    TRANSFER = "transfer"
    EVALUATION = "evaluation"


class Scope(StrEnum):
    """Period an amount, goal or indicator speaks of: 项目总额 / 本年度 / 中期."""

    TOTAL = "total"
    YEAR = "year"
    MEDIUM_TERM = "medium-term"


class AmountSource(StrEnum):
    """资金来源."""

    ALL = "all"
    FISCAL = "fiscal"
    OTHER = "other"
    CARRY_OVER = "carry-over"
    UPPER_LEVEL = "upper-level"


class Basis(StrEnum):
    """Where a fact comes from that the form itself may not print."""

    PRINTED = "printed"
    COVER = "cover"
    MANIFEST = "manifest"
    NEIGHBOUR = "neighbour-table"
    VALUES = "values"


class TargetKind(StrEnum):
    """What a 指标值 is."""

    QUANTITY = "quantity"
    PERCENTAGE = "percentage"
    MONEY = "money"
    DATE = "date"
    DURATION = "duration"
    RATE = "rate"
    RANGE = "range"
    BOOLEAN = "boolean"
    NUMBER = "number"
    QUALITATIVE = "qualitative"
    MIXED = "mixed"
    BLANK = "blank"


class Comparator(StrEnum):
    """计算符号."""

    AT_LEAST = ">="
    MORE_THAN = ">"
    AT_MOST = "<="
    LESS_THAN = "<"
    EQUAL = "="
    ABOUT = "~"


class Confidence(StrEnum):
    """How sure a reading is; ``low`` is a guess and always comes with a finding."""

    HIGH = "high"
    LOW = "low"


class Severity(StrEnum):
    """SHACL's three."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Stated:
    """A text and where it comes from."""

    value: str
    basis: Basis
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """更正 of a reading: what a person reads instead, what the machine had read, who says so and why.

    Of a field, such as a name, ``superseded`` is the text that the machine had read.
    """

    read: str
    superseded: str
    by: str
    reason: str


Corrections = tuple[tuple[str, Correction], ...]  # by the field's name in the interchange form, sorted


@dataclass(frozen=True, slots=True)
class TargetValue:
    """指标值 understood. ``printed`` is never changed; what was not understood stays ``None``.

    ``number`` is in ``unit`` as printed; ``normalized`` in ``normalized_unit``: ``1`` for shares, ``CNY``,
    ``CNY/人/月`` and the like, otherwise the unit. ``date`` is an ISO 8601 date, month or year, ``a/b``, or
    ``--MM[-DD]`` where no year is printed. ``remark`` holds the prose of a mixed value.
    """

    printed: str
    kind: TargetKind
    comparator: Comparator | None = None
    number: Decimal | None = None
    number_max: Decimal | None = None
    unit: str | None = None
    normalized: Decimal | None = None
    normalized_max: Decimal | None = None
    normalized_unit: str | None = None
    date: str | None = None
    remark: str | None = None
    confidence: Confidence = Confidence.HIGH
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """资金: ``printed`` in ``printed_unit``, and in CNY when it could be read."""

    scope: Scope
    source: AmountSource
    printed: str
    printed_unit: str | None
    cny: Decimal | None
    place: Place
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """绩效目标, one numbered text with its printed number."""

    scope: Scope
    ordinal: int
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Indicator:
    """绩效指标: one row. ``level1`` is carried down over the rows it spans; ``corrections`` are of its names."""

    ordinal: int
    level1: str | None
    level2: str | None
    name: str | None
    description: str | None
    basis: str | None
    weight: str | None
    target: TargetValue
    place: Place
    scope: Scope = Scope.YEAR
    direction: str | None = None
    corrections: Corrections = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """项目支出绩效目标表: what one project promises for one fiscal year.

    ``unit_code``/``unit_name`` are the responsible unit where the form prints one unit with its code;
    ``implementing_unit``/``supervising_unit`` where it prints 实施单位 and 主管单位.
    """

    document: str
    sequence: int
    kind: StatementKind
    layout: str
    place: Place
    heading: str | None
    unit_code: Stated | None
    unit_name: Stated | None
    supervising_unit: Stated | None
    implementing_unit: Stated | None
    project_name: Stated | None
    fiscal_year: Stated | None
    currency_unit: Stated | None
    amounts: tuple[Amount, ...] = ()
    purpose: str | None = None
    goals: tuple[Goal, ...] = ()
    overall_goal: str | None = None
    overview: str | None = None
    use: str | None = None
    project_type: str | None = None
    fund_use: str | None = None
    planned_start: str | None = None
    planned_end: str | None = None
    asset_purchase_amount: str | None = None
    asset_items: str | None = None
    indicators: tuple[Indicator, ...] = ()
    supervising_unit_code: Stated | None = None
    places: tuple[tuple[str, Place], ...] = ()
    corrections: Corrections = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file as published, with what its manifest says of it. Dates are ISO 8601, ``place`` is GB/T 2260.

    ``sha256`` is of the file's bytes, ``text_sha256`` of the text read from it, with persons masked, in UTF-8.
    ``characters`` counts the text's non-blank characters, ``unread`` those that went into no field or label.
    """

    name: str
    sha256: str
    media_type: str
    title: str | None = None
    publisher: str | None = None
    place: str | None = None
    year: str | None = None
    date: str | None = None
    address: str | None = None
    licence: str | None = None
    text_sha256: str | None = None
    characters: int | None = None
    unread: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Wrong or doubtful data: published, counted, never raised.

    ``code`` is a rule (``C01``…``C24``) or a reading code (``R-…``); ``message`` is (zh, en); ``statement`` is
    the sequence of the statement it speaks of, ``None`` for the document as a whole; ``focus`` is the IRI
    of the node a shape complains about.
    """

    code: str
    severity: Severity
    message_zh: str
    message_en: str
    document: str
    statement: int | None = None
    place: Place | None = None
    focus: str | None = None
    value: str | None = None

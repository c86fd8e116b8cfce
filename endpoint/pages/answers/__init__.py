"""Rows of a canned query into an answer: pure functions, one a question."""

from __future__ import annotations

from fiscalkg.endpoint.pages.answers.answer import Answer, Line, Table
from fiscalkg.endpoint.pages.answers.forms import copy_paste, missing
from fiscalkg.endpoint.pages.answers.money import cost_budget, years
from fiscalkg.endpoint.pages.answers.targets import quantified, same_indicator, satisfaction
from fiscalkg.endpoint.pages.answers.time import deadlines

__all__ = [
    "Answer", "Line", "Table", "copy_paste", "cost_budget", "deadlines", "missing", "quantified", "same_indicator",
    "satisfaction", "years",
]  # fmt: skip

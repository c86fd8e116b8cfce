"""The competency questions answered in plain Python from the JSON Lines of ``extract``: no graph, no SPARQL."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from vocabulary import ROOT

__all__ = ["ANSWERS", "Rows", "Statements"]

Statements = list[dict[str, Any]]
Rows = list[tuple[object, ...]]
# what the printed level 2 is called in the words of base88, written down here a second time
CLASSES = {
    "数量": "数量指标", "质量": "质量指标", "时效": "时效指标",
    "成本": "成本指标", "总成本": "成本指标", "成本控制": "成本指标",
    "经济效益": "经济效益指标", "社会效益": "社会效益指标", "生态效益": "生态效益指标", "环境效益": "生态效益指标",
    "可持续影响": "可持续影响指标", "满意度": "服务对象满意度指标", "服务对象满意度": "服务对象满意度指标",
    "社会公众或服务对象满意度": "服务对象满意度指标",
}  # fmt: skip
WORDS_ONLY = {"qualitative", "blank"}
PEOPLE = {"人": 1, "名": 1, "人数": 1, "人员": 1, "万人": 10_000}


def unit(one: dict[str, Any]) -> str:
    return str(one["implementing_unit"] or one["unit_name"])


def year(one: dict[str, Any]) -> str:
    return str(one["fiscal_year"]["value"])


def money(one: dict[str, Any], scope: str = "year", source: str = "all") -> Decimal:
    return Decimal(next(a["cny"] for a in one["amounts"] if (a["scope"], a["source"]) == (scope, source)))


def class_of(row: dict[str, Any]) -> str | None:
    return CLASSES.get(re.sub("(指标|目标)$", "", row["level2"] or ""))


def indicators(statements: Statements) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    return ((one, row) for one in statements for row in one["indicators"])


def targets(statements: Statements) -> list[dict[str, Any]]:
    return [row["target"] for _, row in indicators(statements)]


def documents(statements: Statements) -> Rows:
    counted = Counter(one["document"] for one in statements)
    return [(n, hashlib.sha256((ROOT / "examples" / n).read_bytes()).hexdigest(), c) for n, c in counted.items()]


def budgets(statements: Statements) -> Rows:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in statements:
        sums[unit(one), year(one)] += money(one)
    return [(*key, total) for key, total in sums.items()]


def stated_sources(statements: Statements) -> Rows:
    named = {"fiscal": "fiscal money", "other": "other money", "carry-over": "carry-over"}
    found = [
        a for one in statements for a in one["amounts"] if a["scope"] == "year" and a["source"] != "all" and a["cny"]
    ]
    groups = {a["source"] for a in found}
    own = {name: [Decimal(a["cny"]) for a in found if a["source"] == name] for name in groups}
    return [(named[name], len(sums), sum(sums)) for name, sums in own.items()]


def blank_sources(statements: Statements) -> Rows:
    named = {"all": "all sources", "fiscal": "fiscal money", "other": "other money", "carry-over": "carry-over"}
    return [*Counter(named[a["source"]] for one in statements for a in one["amounts"] if not a["printed"]).items()]


def one_line(statements: Statements) -> Rows:
    return [
        (one["document"], *row["lines"], row["name"])
        for one, row in indicators(statements)
        if re.sub(r"\s", "", row["value"] or "") == "≤333.49万元"
    ]


def quantified(statements: Statements) -> Rows:
    rows = [(class_of(row), row["target"]["kind"] not in WORDS_ONLY) for _, row in indicators(statements)]
    return [(name, len(own := [yes for c, yes in rows if c == name]), sum(own)) for name in {c for c, _ in rows if c}]


def fully(statements: Statements) -> Rows:
    kinds = [{row["target"]["kind"] for row in one["indicators"]} for one in statements]
    return [(sum(not own & WORDS_ONLY for own in kinds), sum(bool(own & WORDS_ONLY) for own in kinds))]


def lacking_cost(statements: Statements) -> Rows:
    place = {"shenzhen": "深圳市", "tianjin": "天津市"}
    lacks = [
        (place[one["layout"]], all(class_of(row) != "成本指标" for row in one["indicators"])) for one in statements
    ]
    return [
        (name, sum(p == name for p, _ in lacks), sum(yes for p, yes in lacks if p == name)) for name in place.values()
    ]


def lacking_satisfaction(statements: Statements) -> Rows:
    none = (one for one in statements if all(class_of(row) != "服务对象满意度指标" for row in one["indicators"]))
    return [(one["project_name"],) for one in none]


def satisfaction(statements: Statements) -> Rows:
    shares = [
        Decimal(row["target"]["normalized"]["value"])
        for _, row in indicators(statements)
        if class_of(row) == "服务对象满意度指标" and row["target"]["kind"] == "percentage"
    ]
    return [*Counter(shares).items()]


def due(statements: Statements) -> Rows:
    return [
        (one["project_name"], row["name"], date)
        for one, row in indicators(statements)
        if (date := row["target"]["date"]) and "/" not in date and "2025-01" <= date <= "2025-06-30"
    ]


def yearless(statements: Statements) -> Rows:
    return [*Counter(t["date"] for t in targets(statements) if (t["date"] or "").startswith("--")).items()]


def rates(statements: Statements) -> Rows:
    return [
        (row["value"], Decimal(unit["value"]), unit["unit"])
        for _, row in indicators(statements)
        if row["target"]["kind"] == "rate" and (unit := row["target"]["normalized"])["unit"].startswith("CNY/")
    ]


def measures(statements: Statements) -> Rows:
    units = Counter(t["normalized"]["unit"] for t in targets(statements) if t["kind"] == "quantity")
    ranked = sorted(units.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(name, "Area" if name == "平方米" else "Count", count) for name, count in ranked][:10]


def persons(statements: Statements) -> Rows:
    pairs = [
        (t["normalized"]["unit"], Decimal(t["normalized"]["value"]))
        for t in targets(statements)
        if t["kind"] == "quantity"
    ]
    own = [number * PEOPLE[name] for name, number in pairs if name in PEOPLE]
    return [(len(own), sum(own))]


def supervisors(statements: Statements) -> Rows:
    pairs = [(one["supervising_unit"], unit(one)) for one in statements if one["supervising_unit"]]
    names = {name for name, _ in pairs}
    return [(n, len({u for m, u in pairs if m == n}), sum(m == n for m, _ in pairs)) for n in names]


def bases(statements: Statements) -> Rows:
    found = Counter((one["document"], year(one), one["fiscal_year"]["basis"]) for one in statements)
    return [(*key, count) for key, count in found.items()]


def early(statements: Statements) -> Rows:
    planned = [(one["project_name"], one["planned_start"], one["planned_end"]) for one in statements]
    return [row for row in planned if row[1] and row[2] and row[2] < row[1]]


def assets(statements: Statements) -> Rows:
    found = [(one["project_name"], one["asset_purchase_amount"]) for one in statements if one["asset_purchase_amount"]]
    return [(name, Decimal(text.replace(",", ""))) for name, text in found if Decimal(text.replace(",", ""))]


def places(statements: Statements) -> Rows:
    told = {"shenzhen": ("440300", "深圳市", "CN-GD"), "tianjin": ("120000", "天津市", "CN-TJ")}
    return [(*told[name], count) for name, count in Counter(one["layout"] for one in statements).items()]


def names(statements: Statements) -> Rows:
    used = Counter(name for one in statements for name in {row["name"] for row in one["indicators"] if row["name"]})
    return sorted(used.items(), key=lambda pair: (-pair[1], pair[0]))[:5]  # type: ignore[return-value]  # pairs are rows


ANSWERS: dict[str, Callable[[Statements], Rows]] = {
    "documents": documents,
    "projects-of-a-unit": lambda every: [(s["project_name"], money(s)) for s in every if s["unit_code"] == "302101"],
    "budgets-by-unit": budgets,
    "cube-budgets": budgets,
    "largest-budgets": lambda every: sorted(
        ((s["project_name"], money(s)) for s in every), key=lambda p: (-p[1], p[0])
    )[:5],
    "sources-of-money": stated_sources,
    "blank-amounts": blank_sources,
    "line-of-a-value": one_line,
    "kinds-of-value": lambda every: [*Counter(t["kind"] for t in targets(every)).items()],
    "quantified-by-class": quantified,
    "fully-quantified": fully,
    # by hand, from the notes on the regulations: 45 + 12.5 + 2.5 万元 of 57, and 739.78 of 240
    "overcommitted": lambda _: [
        ("早期归侨侨眷退休生活补贴资金", Decimal("1.0526")),
        ("中央文化产业发展专项资金（推动影视产业发展项目）-走过世纪-中央", Decimal("3.0824")),
    ],
    "without-cost": lacking_cost,
    "without-satisfaction": lacking_satisfaction,
    "satisfaction-levels": satisfaction,
    "due-by-june": due,
    "dates-without-year": yearless,
    "rates": rates,
    "units-of-measure": measures,
    "people-promised": persons,
    "taxonomies": lambda every: [
        *Counter("shenzhen2019" if s["layout"] == "shenzhen" else "base88" for s in every).items()
    ],
    "supervising-units": supervisors,
    "basis-of-the-year": bases,
    "plans-that-end-too-early": early,
    "asset-purchases": assets,
    "places": places,
    "guesses": lambda every: [*Counter(t["kind"] for t in targets(every) if t["confidence"] == "low").items()],
    "repeated-names": names,
    "parts-with-a-place": lambda every: [
        ("Amount", sum(len(s["amounts"]) for s in every)),
        ("Goal", sum(len(s["goals"]) for s in every)),
        ("Indicator", len(targets(every))),
        ("Statement", len(every)),
        ("TargetValue", len(targets(every))),
    ],
}

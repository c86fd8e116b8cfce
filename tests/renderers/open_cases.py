"""The cases that stand in tests/cases/forms: documents 1 and 2 of each variant."""

from __future__ import annotations

from random import Random
from typing import Any

from renderers.cases import Case
from renderers.content import Project, indicator, indicators, money, statement, weighted, year
from renderers.form import Statement, Style
from renderers.forms import central, flat, foreign, hunan, shaanxi, shanghai, wuhan
from renderers.projects import ARCHIVES, CLINICS, ELDERLY, EMPLOYMENT, LIBRARY, RIVERS, ROADS, SCHOOLS

BOTH, FIRST, REPEATED = Style(), Style(merge="first", unit="row"), Style(merge="repeated", title="row", unit="row")
ANY = Random(1)  # styles are given here, nothing is left to chance


def units(project: Project) -> list[str]:
    """Return the printed units of a project's measures."""
    return [item[5] if item[3] else "" for item in project.measures]


def bracketed(project: Project) -> list[dict[str, Any]]:
    """Return indicators as Shanghai prints them: sign, number with two decimals, unit in brackets."""
    made = []
    for item in project.measures:
        value = f"{item[3]}{float(item[4]):.2f}({item[5]})" if item[3] else item[4]
        made.append(indicator(*item[:3], value))
    return made


def apart(project: Project, direction: bool = False, **fields: str) -> list[dict[str, Any]]:
    """Return indicators of a form with sign, number and unit apart; what has no sign is 定性."""
    made = []
    for item in project.measures:
        value = "".join(item[3:6]) if item[3] else f"定性{item[4]}"
        way = ("反向指标" if item[3] == "≤" else "正向指标") if direction else None
        made.append(indicator(*item[:3], value, direction=way, **fields))
    return made


def named(project: Project, **fields: Any) -> dict[str, Any]:
    """Return the fields every form has."""
    return {"project_name": project.name, "goals": list(project.goals), **fields}


def with_units(project: Project, **fields: Any) -> dict[str, Any]:
    """Return the fields of a form with both units."""
    return named(project, supervising_unit=project.department, implementing_unit=project.unit, **fields)


def _shanghai() -> list[Case]:
    fields: dict[str, Any] = {"planned_start": "2023-01-01", "planned_end": "2023-12-31", "currency_unit": "元"}
    amounts = money(
        "元", ("total", "all", "3680000.00"), ("total", "fiscal", "3680000.00"), ("total", "other", "0.00"),
        ("year", "all", "1860000.00"), ("year", "fiscal", "1800000.00"), ("year", "carry-over", "60000.00"),
        ("year", "other", "0.00"),
    )  # fmt: skip
    first = statement(
        "shanghai", heading="财政项目支出绩效目标填报表", fiscal_year=year("2023"), amounts=amounts,
        overall_goal=ROADS.overall, indicators=bracketed(ROADS), **with_units(ROADS), **fields,
    )  # fmt: skip
    costs = [indicator("成本指标", "经济成本指标", "项目总成本", "≤1860000.00(元)"), *bracketed(CLINICS)]
    second = statement(
        "shanghai", "application", heading="财政项目支出绩效目标申报表", fiscal_year=year("2026"), amounts=amounts,
        overall_goal=CLINICS.overall, indicators=costs, **with_units(CLINICS),
        **{**fields, "planned_start": "2026-01-01", "planned_end": "2026-12-31"},
    )  # fmt: skip
    other = {"value": "年度(/项目)指标值", "nature": "经常性项目"}
    return [
        Case("shanghai", 1, "docx", shanghai.form(first, ANY, BOTH), [first]),
        Case("shanghai", 2, "html", shanghai.form(second, ANY, FIRST, other), [second]),
    ]


def _wuhan() -> list[Case]:
    made = []
    for project, code, span in ((RIVERS, "015001", "202001-202212"), (SCHOOLS, "021003", "202003-202212")):
        long = [{**item, "scope": "total"} for item in indicators(project)[:-2]]
        start, end = span.split("-")
        amounts = money(
            "万元", ("total", "all", "10000万元"), ("total", "fiscal", "10000万元"), ("total", "other", "0万元"),
            ("year", "all", "3200万元"), ("year", "fiscal", "3200万元"), ("year", "other", "0万元"),
        )  # fmt: skip
        made.append(
            statement(
                "wuhan", heading="项目支出绩效目标表", fiscal_year=year("2020"), amounts=amounts, currency_unit="万元",
                supervising_unit_code=code, planned_start=start, planned_end=end, overall_goal=project.overall,
                indicators=[*long, *indicators(project)], **with_units(project),
            )
        )  # fmt: skip
    return [
        Case("wuhan", 1, "docx", wuhan.form(made[0], ANY, BOTH), [made[0]]),
        Case("wuhan", 2, "xlsx", wuhan.form(made[1], ANY, REPEATED), [made[1]]),
    ]


def _hunan() -> list[Case]:
    made = []
    for project, upper in ((LIBRARY, True), (EMPLOYMENT, False)):
        items = [("year", "all", "186.50")] + [("year", "upper-level", "42.00")] * upper
        rows = [indicator(*item[:3], "".join(item[3:6]), basis=item[6]) for item in project.measures]
        made.append(
            statement(
                "hunan", "application", heading="项目支出绩效目标申报表", fiscal_year=year("2023"),
                amounts=money("万元", *items), currency_unit="万元", overall_goal=project.overall, indicators=rows,
                **with_units(project),
            )
        )  # fmt: skip
    return [
        Case("hunan", 1, "docx", hunan.form(made[0], ANY, BOTH), [made[0]]),
        Case("hunan", 2, "html", hunan.form(made[1], ANY, REPEATED), [made[1]]),
    ]


def _shaanxi() -> list[Case]:
    made = []
    for project, printed in ((CLINICS, "2016"), (ELDERLY, "2021")):
        long = [
            indicator(*item[:3], "".join(item[3:6]), scope="total", description="") for item in project.measures[:3]
        ]
        rows = [indicator(*item[:3], "".join(item[3:6]), description=item[6]) for item in project.measures]
        amounts = money(
            "万元", ("total", "all", "960.00"), ("total", "fiscal", "600.00"), ("total", "upper-level", "240.00"),
            ("total", "carry-over", "70.00"), ("total", "other", "50.00"),
        )  # fmt: skip
        made.append(
            statement(
                "shaanxi", "application", heading="财政支出项目绩效目标申报表", fiscal_year=year(printed),
                amounts=amounts, currency_unit="万元", planned_start=f"{printed}年1月", planned_end=f"{printed}年12月",
                overview=project.overview, overall_goal=project.overall, indicators=[*long, *rows],
                **with_units(project),
            )
        )  # fmt: skip
    return [
        Case("shaanxi", 1, "docx", shaanxi.form(made[0], ANY, BOTH), [made[0]]),
        Case("shaanxi", 2, "pdf", shaanxi.form(made[1], ANY, FIRST), [made[1]]),
    ]


def _central() -> list[Case]:
    made = []
    for project, code in ((ARCHIVES, "173"), (LIBRARY, "146")):
        scores = ["10"] * (len(project.measures) - 1) + ["20"]
        amounts = money(
            "万元", ("year", "all", "512.60"), ("year", "fiscal", "480.00"), ("year", "carry-over", "32.60"),
            ("year", "other", ""),
        )  # fmt: skip
        made.append(
            statement(
                "central", heading="项目支出绩效目标表", fiscal_year=year("2023"), amounts=amounts,
                currency_unit="万元", supervising_unit_code=code, indicators=weighted(indicators(project), scores),
                **with_units(project),
            )
        )  # fmt: skip
    return [
        Case("central", 1, "docx", central.form(made[0], ANY, BOTH), [made[0]]),
        Case("central", 2, "pipes", central.form(made[1], ANY, FIRST), [made[1]]),
    ]


def _list(layout: str, projects: tuple[Project, ...], heading: str, printed: str, **fields: Any) -> list[Statement]:
    made = []
    for number, project in enumerate(projects, 1):
        rows = apart(project, direction=layout == "sichuan")
        if layout == "sichuan":
            rows = weighted(rows, ["10"] * (len(rows) - 1) + ["20"])
            fields |= {"implementing_unit": project.unit, "currency_unit": "元"}
            fields["amounts"] = money("元", ("year", "all", f"{number * 450000}.00"))
        else:
            rows = [{**row, "description": item[6]} for row, item in zip(rows, project.measures, strict=True)]
        made.append(
            statement(
                layout, sequence=number, heading=heading, fiscal_year=year(printed), indicators=rows,
                **named(project), **fields,
            )
        )  # fmt: skip
    return made


def _flat() -> list[Case]:
    cases = []
    lists = (
        ("sichuan", 1, "xlsx", (ROADS, SCHOOLS), "部门预算项目绩效目标表", True),
        ("sichuan", 2, "html", (ARCHIVES, ELDERLY, RIVERS), "部门预算项目绩效目标表", False),
        ("yunnan", 1, "xlsx", (LIBRARY, CLINICS), "部门项目支出绩效目标表", False),
        ("yunnan", 2, "xls", (EMPLOYMENT, ARCHIVES), "部门项目支出绩效目标表", True),
    )
    for layout, number, shape, projects, heading, merged in lists:
        made = _list(layout, projects, heading, "2023")
        columns = flat.SICHUAN if layout == "sichuan" else flat.YUNNAN
        before = (heading, "（2023年度）　　　金额单位：元" if layout == "sichuan" else "2023年度")
        total = f"{sum(range(1, len(projects) + 1)) * 450000}.00" if layout == "sichuan" else None
        blocks = flat.flat(made, [units(project) for project in projects], columns, merged, before, total)
        cases.append(Case(layout, number, shape, blocks, made, "部门项目支出绩效目标"))
    return cases


def _chongqing() -> list[Case]:
    made = []
    for project in (EMPLOYMENT, RIVERS):
        rows = [{**item, "level2": None} for item in apart(project)]
        made.append(
            statement(
                "chongqing", heading="项目支出绩效目标表", fiscal_year=year("2021"), currency_unit="万元",
                amounts=money("万元", ("year", "all", "238.00")), overview=project.overview,
                indicators=weighted(rows, ["15"] * (len(rows) - 1) + ["25"]), **with_units(project),
            )
        )  # fmt: skip
    return [
        Case("chongqing", 1, "docx", flat.chongqing(made[0], units(EMPLOYMENT), ANY, BOTH), [made[0]]),
        Case("chongqing", 2, "tabs", flat.chongqing(made[1], units(RIVERS), ANY, BOTH), [made[1]]),
    ]


def _foreign() -> list[Case]:
    return [
        Case("self-evaluation", 1, "docx", foreign.self_evaluation(ROADS), []),
        Case("self-evaluation", 2, "html", foreign.self_evaluation(LIBRARY, "2022年度项目支出绩效自评表", "first"), []),
        Case("department", 1, "docx", foreign.department(CLINICS), []),
        Case("department", 2, "xlsx", foreign.department(SCHOOLS, "部门整体支出绩效目标表", "repeated"), []),
        Case("transfer", 1, "docx", foreign.transfer(RIVERS), []),
        Case("transfer", 2, "html", foreign.transfer(EMPLOYMENT, "省对市县转移支付绩效目标表", "first"), []),
        Case("evaluation", 1, "docx", foreign.evaluation(ELDERLY), []),
        Case("evaluation", 2, "pipes", foreign.evaluation(ARCHIVES, "项目绩效评价指标得分情况表"), []),
    ]


CASES = [
    *_shanghai(), *_wuhan(), *_hunan(), *_shaanxi(), *_central(), *_flat(), *_chongqing(), *_foreign(),
]  # fmt: skip

"""Tables that are no targets of a project: self-evaluation, a whole department, a transfer, an evaluation."""

from __future__ import annotations

from renderers.content import Project
from renderers.form import Block, Form, Paragraph, Row, levelled, row

LEVELS = ("一级指标", "二级指标", "三级指标")


def self_evaluation(project: Project, title: str = "项目支出绩效自评表", merge: str = "both") -> list[Block]:
    """Return the national form of 自评: money executed, values reached, scores."""
    head = ("年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")
    rows: list[Row] = [
        row(("项目名称", 2), (project.name, 7)),
        row(("主管部门", 2), (project.department, 3), ("实施单位", 2), (project.unit, 2)),
        row(("项目资金（万元）", 2, 3), ("", 1), *((text, 1) for text in head)),
        row(("年度资金总额", 1), ("120.00", 1), ("118.50", 1), ("117.92", 1), ("10", 1), ("99.51%", 1), ("9.95", 1)),
        row(("其中：财政拨款", 1), ("120.00", 1), ("118.50", 1), ("117.92", 1), ("—", 1), ("99.51%", 1), ("—", 1)),
        row(("年度总体目标", 1, 2), ("预期目标", 4), ("实际完成情况", 4)),
        row(("\n".join(project.goals), 4), ("年度目标全部完成。", 4)),
    ]
    names = (*LEVELS, "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
    widths = (1, 1, 2, 1, 1, 1, 1, 1)
    records = [(*item[:3], "".join(item[3:6]), "".join(item[4:6]), "15", "15", "") for item in project.measures]
    body = [row(*zip(names, widths, strict=True)), *levelled(records, widths, 2, merge)]
    return [
        Paragraph(title, True),
        Paragraph("（2022年度）", True),
        Form((*rows, *body, row(("总分", 7), ("100", 1), ("", 1)))),
    ]


def department(project: Project, title: str = "部门整体预算绩效目标表", merge: str = "both") -> list[Block]:
    """Return the 广东 form whose subject is a department with its tasks of the year."""
    widths = (1, 1, 2, 2)
    rows: list[Row] = [
        row(("部门名称", 1), (project.department, 5)),
        row(("部门预算资金（万元）", 1), ("3862.40", 2), ("其中：项目支出", 1), ("1240.00", 2)),
        row(("总体绩效目标", 1), (project.overall, 5)),
        row(("年度重点工作任务", 1, 3), ("名称", 1), ("主要实施内容", 2), ("期望达到的目标", 2)),
        row((project.name, 1), (project.overview, 2), (project.goals[0], 2)),
        row(("日常公用经费保障", 1), ("保障机关运转。", 2), ("各项工作正常开展。", 2)),
    ]
    records = [(*item[:3], "".join(item[3:6])) for item in project.measures]
    body = [row(*zip((*LEVELS, "年度指标值"), widths, strict=True)), *levelled(records, widths, 2, merge)]
    return [Paragraph(title, True), Paragraph("（2022年度）", True), Form((*rows, *body))]


def transfer(project: Project, title: str = "中央对地方转移支付区域绩效目标表", merge: str = "both") -> list[Block]:
    """Return the form of a transfer: a special fund, its central ministry and the region that spends it."""
    widths = (1, 1, 2, 2)
    rows: list[Row] = [
        row(("专项名称", 1), (f"{project.name}补助资金", 5)),
        row(("中央主管部门", 1), ("国家有关部门", 2), ("省级财政部门", 1), ("省财政厅", 2)),
        row(("省级主管部门", 1), (project.department, 5)),
        row(("资金情况（万元）", 1, 3), ("年度金额", 2), ("5620.00", 3)),
        row(("其中：中央补助", 2), ("4800.00", 3)),
        row(("地方资金", 2), ("820.00", 3)),
        row(("年度目标", 1), ("\n".join(project.goals), 5)),
    ]
    records = [(*item[:3], "".join(item[3:6])) for item in project.measures]
    body = [row(*zip((*LEVELS, "指标值"), widths, strict=True)), *levelled(records, widths, 2, merge)]
    return [Paragraph(title, True), Paragraph("（2022年度）", True), Form((*rows, *body))]


def evaluation(project: Project, title: str = "项目支出绩效评价指标体系评分表", merge: str = "both") -> list[Block]:
    """Return the scored framework of an evaluation: decision, process, output, effect."""
    widths = (1,) * 6
    records = [
        ("决策", "项目立项", "立项依据充分性", "立项符合法律法规和部门职责。", "5", "5"),
        ("决策", "绩效目标", "绩效目标合理性", "目标与工作内容相关。", "5", "4"),
        ("过程", "资金管理", "预算执行率", "实际支出与到位资金的比率。", "10", "9.6"),
        *(("产出", "产出数量", item[2], item[6] or "按资料核实。", "12", "11") for item in project.measures[:2]),
        ("效益", "项目效益", project.measures[-2][2], "实地走访核实。", "20", "18"),
    ]
    names = (*LEVELS, "指标解释", "分值", "评价得分")
    body = [row(*((text, 1) for text in names)), *levelled(records, widths, 2, merge)]
    rows = [row(("项目名称", 1), (project.name, 2), ("项目单位", 1), (project.unit, 2))]
    return [Paragraph(title, True), Form((*rows, *body, row(("合计", 4), ("100", 1), ("92.1", 1))))]

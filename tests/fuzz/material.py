"""What fuzzing is made of: labels, values and prose of forms, cut, repeated and put where nobody would print them."""

from __future__ import annotations

from hypothesis import strategies as st

from fiscalkg.loader.places import CellPlace
from fiscalkg.loader.readers.assemble import Box, Line, Part

LABELS = """
项目支出绩效目标表 项目名称 主管部门 实施单位 单位名称 项目资金 年度资金总额 其中：财政拨款 其他资金 资金总额
当年资金总额 总体目标 年度目标 中期目标 绩效目标 绩效指标 一级指标 二级指标 三级指标 四级指标 指标名称 指标值
指标性质 计量单位 指标方向性 权重 备注 产出指标 效益指标 成本指标 满意度指标 数量指标 质量指标 时效指标
社会效益指标 服务对象满意度指标 绩效指标描述 预算数 单位：万元 （2024年度） 填表人 联系电话 起止时间
项目绩效目标申报表 绩效自评表 年初预算数 执行率 得分 部门整体支出绩效目标表 目录 附件1
301101-天津市人民政府 序号 项目概况 指标内容 计算符号 长期 年度
"""
VALUES = """
≥95% =100 12月底前 ≤333.49万元 470.00 0.00 5个工作日内 显著提升 2024
1.完成培训。 2.印发资料10份。 ≥ 定性 优良中低差 是 - 10 人次 正向 202401-202412 张三
13800000000 1 二 （一） | + █
"""
PROSE = st.text(max_size=12) | st.lists(
    st.sampled_from([*"一年度。；、 \t\n\r\f\v\u2028\u3000\x00\x85\ufeff\u200b\ue000😀"]), max_size=6
).map("".join)
LABEL = st.sampled_from([*LABELS.split(), ""])
TEXTS = st.one_of(
    LABEL,
    LABEL,
    st.sampled_from([*VALUES.split(), "[bookmark: a]"]),
    PROSE,
    st.lists(st.sampled_from([*LABELS.split(), *VALUES.split(), "\n", " "]), max_size=5).map("".join),
)
HEAD = [
    *("一级指标", "二级指标", "三级指标", "指标值"),
    *("产出指标", "数量指标", "举办场次", "≥5场"),
    *("效益指标", "社会效益指标", "知晓率", "≥95%"),
]


@st.composite
def boxes(draw: st.DrawFn, table: int) -> list[Box]:
    """Return the boxes of one grid: any merges that do not overlap, often with the head of indicators inside."""
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 7))
    taken: set[tuple[int, int]] = set()
    made: list[Box] = []
    head = draw(st.integers(0, rows)) if columns >= 4 else rows
    for row in range(rows):
        for column in range(columns):
            if (row, column) in taken:
                continue
            in_head = column < 4 and 0 <= row - head < 3
            down = 1 if in_head else draw(st.sampled_from([1, 1, 1, 2, 3]))
            across = 1 if in_head else draw(st.sampled_from([1, 1, 1, 2, 4]))
            area = {(row + i, column + j) for i in range(down) for j in range(across)}
            if area & taken or row + down > rows or column + across > columns or (row < head < row + down):
                down = across = 1
                area = {(row, column)}
            taken |= area
            text = HEAD[4 * (row - head) + column] if in_head and draw(st.integers(0, 9)) else draw(TEXTS)
            made.append(Box(text, row, column, CellPlace(table, row + 1, column + 1), down, across))
    return draw(st.permutations(made)) if draw(st.booleans()) else made


@st.composite
def parts(draw: st.DrawFn) -> list[Part]:
    """Return paragraphs and grids in any order."""
    made: list[Part] = []
    for number in range(draw(st.integers(0, 4))):
        made.append(draw(boxes(number + 1)) if draw(st.booleans()) else Line(draw(TEXTS)))
    return made


@st.composite
def pages(draw: st.DrawFn) -> str:
    """Return a text of label lines: wrapped, led by tabs, or parted by tabs or pipes, or all of it."""
    lead = draw(st.sampled_from(["", "", "\t", " ", "| "]))
    between = draw(st.sampled_from(["\n", "\t", " | ", "\n\t", "  "]))
    end = draw(st.sampled_from(["\n", "\r\n", "\n\n", " |\n", "\n\n\n"]))
    lines = draw(st.lists(st.lists(TEXTS, max_size=6).map(between.join), max_size=14))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(lines)))
        lines[at:at] = [between.join(HEAD[start : start + 4]) for start in (0, 4, 8)]
    return "".join(lead + line + end for line in lines)

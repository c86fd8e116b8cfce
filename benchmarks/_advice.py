"""RESULTS.md into what is told of it: README and docs/scale, between ``<!-- measured -->`` and ``<!-- end -->``.

``make bench`` ends with it, so that no page tells figures of another day than the results.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from _growth import write_growth
from _marks import rows
from _results import RESULTS

__all__ = ["PAGES", "computed", "figures", "filled"]

ROOT = Path(__file__).parent.parent
SIZES = (10_000, 1_000_000, 100_000_000)
STATEMENTS_CHECKED = 10_000  # of the section Checking
RULE = "|---|---|---|---|---|---|---|---|\n"
PUBLISHED = re.compile(r"publish ([\d,]+): release on disk")
PART = re.compile(r"<!-- measured (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def figures(text: str) -> Mapping[str, float]:
    """Return the value of each figure of the results by its name."""
    return {row.name: row.value for row in rows(text)}


def computed(statements: int, found: Mapping[str, float]) -> dict[str, float]:
    """Return triples, GB of a release, and hours of one core to extract (text), map, check, write, for so many."""
    triples = statements * found["triples checked"] / STATEMENTS_CHECKED
    seconds = {
        "extract": statements / found["extract, text"],
        "map": triples / found["map, to N-Triples"],
        "check": statements / found["validate, all rules"],
        "write": triples / found["write, checksum included"],
    }
    disk = statements * found[f"publish {published(found)}: release on disk"] / int(published(found).replace(",", ""))
    return {"triples": triples, "disk": disk / 1000, **{name: took / 3600 for name, took in seconds.items()}}


def published(found: Mapping[str, float]) -> str:
    """Return the largest number of statements whose publishing was measured, as the results write it."""
    sizes = [match[1] for name in found if (match := PUBLISHED.fullmatch(name))]
    return max(sizes, key=lambda size: int(size.replace(",", "")))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def _sizes(found: Mapping[str, float]) -> str:
    lines = []
    for size in SIZES:
        one = computed(size, found)
        hours = [one[name] for name in ("extract", "map", "check", "write")]
        cells = [
            f"{size:,}",
            f"{one['triples'] / 1e6:,.0f}",
            _number(one["disk"]),
            *map(_number, hours),
            _number(sum(hours)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _sizes_zh(found: Mapping[str, float]) -> str:
    head = "| 目标表 | 百万三元组 | 磁盘（GB） | 读取（文本）| 建图 | 检查 | 写出 | 合计，一个核的小时数 |\n"
    return f"{head}{RULE}{_sizes(found)}"


def _sizes_en(found: Mapping[str, float]) -> str:
    head = (
        "| statements | million triples | disk (GB) | extract (text) | map | check | write | all, hours of one core |\n"
    )
    return f"{head}{RULE}{_sizes(found)}"


def _quoted(found: Mapping[str, float]) -> list[str]:
    names = ("extract, text", "extract, docx", "extract, html", "extract, xlsx", "extract, pdf")
    return [_shown(found[name]) for name in (*names, "map, to N-Triples", "validate, all rules")]


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _rates_zh(found: Mapping[str, float]) -> str:
    text, docx, html, xlsx, pdf, triples, checked = _quoted(found)
    return (
        f"一个核每秒读取文本 {text} 张表、docx {docx} 张、html {html} 张、xlsx {xlsx} 张、pdf {pdf} 张，\n"
        f"写出 {triples} 个三元组，按全部规则检查 {checked} 张\n"
        "（[benchmarks/RESULTS.md](benchmarks/RESULTS.md)，其中有日期、机器和未达到的指标）。"
    )


def _rates_en(found: Mapping[str, float]) -> str:
    text, docx, html, xlsx, pdf, triples, checked = _quoted(found)
    return (
        f"In a second one core reads {text} statements from text, {docx} from docx, {html} from html,\n"
        f"{xlsx} from xlsx or {pdf} from pdf, maps them to {triples} triples, and checks {checked} by all rules\n"
        "([benchmarks/RESULTS.md](benchmarks/RESULTS.md), with date, machine and the marks that are missed)."
    )


def _publishing(found: Mapping[str, float]) -> list[str]:
    size = published(found)
    parts = ("", ": release on disk", ": peak memory of all processes", ": first process", " again, 1 % changed")
    return [size, *(_shown(found[f"publish {size}{part}"] * (100 if "again" in part else 1)) for part in parts)]


def _publishing_zh(found: Mapping[str, float]) -> str:
    size, minutes, disk, peak, first, again = _publishing(found)
    return (
        f"实测：两个核发布 {size} 张目标表（文本，不含网页）用 {minutes} 分钟，成品 {disk} MB；\n"
        f"内存峰值合计 {peak} MB，其中主进程 {first} MB。改动百分之一的文件后再发布，处理器时间是第一次的 {again}%。"
    )


def _publishing_en(found: Mapping[str, float]) -> str:
    size, minutes, disk, peak, first, again = _publishing(found)
    return (
        f"Measured: two cores publish {size} statements (text, without pages) in {minutes} minutes\n"
        f"as a release of {disk} MB. All processes take {peak} MB of memory at the most, the first one {first} MB.\n"
        f"With one document in a hundred changed it takes {again} % of the first build's processor time."
    )


PARTS: Mapping[str, Callable[[Mapping[str, float]], str]] = {
    "sizes_zh": _sizes_zh,
    "sizes_en": _sizes_en,
    "publishing_zh": _publishing_zh,
    "publishing_en": _publishing_en,
    "rates_zh": _rates_zh,
    "rates_en": _rates_en,
}
PAGES = (ROOT / "README.md", ROOT / "docs" / "scale.zh.md", ROOT / "docs" / "scale.en.md")


def filled(page: str, results: str) -> str:
    """Return a page with its measured parts as the results are."""
    found = figures(results)
    return PART.sub(lambda part: f"<!-- measured {part[1]} -->\n{PARTS[part[1]](found)}\n<!-- end -->", page)


def main() -> None:
    """Write the measured parts of all pages anew, and the file behind the site's page on speed."""
    results = RESULTS.read_text(encoding="utf-8")
    write_growth(results)
    for path in PAGES:
        path.write_text(filled(path.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main()

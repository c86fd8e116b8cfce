"""Answers that leave the site: in a frame of another page, or as an archive; caveats go with them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html
from playwright.sync_api import Browser
from servers import Server
from test_browser import hosted

from fiscalkg.endpoint.pages.asked import QUESTIONS
from fiscalkg.loader.release import open_release

SATISFACTION = {"服务对象满意度指标", "满意度指标", "满意度"}


def opened(path: Path) -> Any:
    return html.document_fromstring(path.read_bytes())


def told(page: Any) -> list[str]:
    """What a page answers: its sentence and the caveats."""
    found = page.xpath("//p[@class='lead' or @class='caveat']")
    return [each.text_content() for each in found]


def test_each_archive_holds_what_stands_beside_its_page(site: Path) -> None:
    """CSV, JSON, query and pictures are those of the page; the README has answer, caveats, checksum and citation.

    Where a page draws what stands highest, its rows and their query are there too.
    """
    archives = sorted(site.glob("q/**/*.zip"))
    assert {path.relative_to(site / "q").parts[0].removesuffix(".zip") for path in archives} == set(QUESTIONS)
    dump = hashlib.sha256((site / "dumps" / "fiscalkg.nt.gz").read_bytes()).hexdigest()
    for path in archives:
        name = path.relative_to(site / "q").as_posix().removesuffix(".zip").replace("/", "-")
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            files = {each: archive.read(each) for each in archive.namelist()}
        for ending in ("csv", "json", "rq"):
            assert files.pop(f"{name}.{ending}") == path.with_suffix(f".{ending}").read_bytes()
        tops = QUESTIONS[path.relative_to(site / "q").parts[0].removesuffix(".zip")].tops
        for ending in ("csv", "json", "rq") if tops and f"{name}-{tops}.rq" in files else ():
            assert (b"ratio" if tops == "cost-ratios" else b"printed") in files.pop(f"{name}-{tops}.{ending}")
        for language in ("zh", "en"):
            own = site / ("en" if language == "en" else "") / path.relative_to(site)
            assert files.pop(f"{name}.{language}.svg") == own.with_suffix(".svg").read_bytes()
            readme = files["README.md"].decode()
            page = opened(own.with_suffix(".html"))
            for text in (*told(page), page.xpath("string(//code[@class='bibtex'])"), dump):
                assert text in readme, (path, text)
        assert list(files) == ["README.md"]


def test_a_frame_shows_the_tables_of_its_page(site: Path) -> None:
    """An embedded page has the sentence, caveats and tables of its question page, and leads to it outside the frame."""
    paths = sorted(site.glob("embed/q/**/*.html")) + sorted(site.glob("en/embed/q/**/*.html"))
    assert len(paths) > 40
    for path in paths:
        page = opened(path)
        home = (path.parent / page.xpath("string(//footer//a[1]/@href)")).resolve()
        whole = opened(home)
        assert told(page) == told(whole)[: len(told(page))]
        tables = page.xpath("//table")
        assert [each.text_content() for each in tables] == [
            each.text_content() for each in whole.xpath("//table[caption]")
        ]
        assert page.xpath("string(//base/@target)") == "_top"
        assert not page.xpath("//script | //form | //nav")


@pytest.mark.needs("chromium", "libatomic.so.1")
def test_only_what_is_made_for_it_stands_in_a_frame(server: Server, browser: Browser, tmp_path: Path) -> None:
    """A page of another origin shows the embedded answer, and no other page of the site."""
    frames = "".join(f'<iframe src="{server.address}/{path}q/years.html"></iframe>' for path in ("embed/", ""))
    (tmp_path / "index.html").write_text(f"<!doctype html><title>other</title>{frames}", encoding="utf-8")
    with hosted(tmp_path) as address:
        tab = browser.new_page()
        tab.goto(address, wait_until="load")
        shown = [frame.content() for frame in tab.frames[1:]]
        tab.close()
    assert "<table" in shown[0]
    assert "<table" not in shown[1]
    policy = httpx.get(f"{server.address}/q/years.html").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy


def test_the_caveats_of_satisfaction_are_what_plain_python_counts(site: Path, published: Path) -> None:
    """Left out, and said so: what runs the other way, has no unit, is no share; units with one target stand last."""
    with gzip.open(open_release(published).path / "tables" / "statements.jsonl.gz", "rt", encoding="utf-8") as file:
        statements = [json.loads(line) for line in file]
    left: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for statement in statements:
        for row in statement["indicators"]:
            target = row["target"]
            if row["level2"] not in SATISFACTION:
                continue
            if "投诉" in row["name"] or target["comparator"] in {"<=", "<"}:
                left["reversed"] += 1
            elif target["kind"] == "percentage":
                counted[statement["implementing_unit"] or statement["unit_name"]] += 1
            else:
                left["unitless" if target["kind"] == "number" else "other"] += 1
    alone = sum(count == 1 for count in counted.values())
    expected = [
        f"没有计入：以“投诉率”等反向表述的 {left['reversed']} 条、"
        f"没有写单位的 {left['unitless']} 条、没有写比例的 {left['other']} 条。",
        f"只有一条指标的 {alone} 个单位排在最后，不与其他单位比较高低。",
    ]
    page = opened(site / "q" / "satisfaction.html")
    assert min(left["reversed"], left["unitless"], alone) > 0
    assert told(page)[1:3] == expected
    counts = [
        int(cell.text_content()) for cell in page.xpath("(//table)[1]/tbody/tr[position() > 1]/td[@class='n'][1]")
    ]
    assert counts[-alone:] == [1] * alone
    assert 1 not in counts[:-alone]


def test_costs_per_head_are_said_not_to_be_added(site: Path) -> None:
    """The page on costs says so, and marks each such row behind it, none of which is in a sum."""
    assert "人均、单位成本" in "".join(told(opened(site / "q" / "cost-budget.html")))
    rows = [
        row.xpath("string(td[2])") + row.xpath("string(td[4])")
        for path in site.glob("q/cost-budget/unit-*.html")
        for row in opened(path).xpath("//h2[@id='evidence']/following-sibling::div[1]//tbody/tr")
    ]
    heads = [row for row in rows if "人均" in row]
    assert heads
    assert all(row.endswith("不能相加") for row in heads)

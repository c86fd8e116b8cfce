"""The label dictionary: each word means one thing, and a form's own file may add words but not change them."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from fiscalkg.loader.layouts.labels import Label, currency_in, head_of, is_title, label_of
from fiscalkg.loader.layouts.layout import layout_of, layouts
from fiscalkg.loader.text import fold

LAYOUTS = Path(__file__).parent.parent / "loader" / "layouts"
FILES = [LAYOUTS / "labels.toml", *sorted((LAYOUTS / "forms").glob("*.toml"))]


@pytest.mark.parametrize("section", ["fields", "columns", "unmodelled", "groups", "persons"])
def test_a_word_means_one_thing(section: str) -> None:
    """No word stands under two concepts of a section, in the dictionary or in a form's file."""
    concepts: dict[str, set[str]] = defaultdict(set)
    for path in FILES:
        for concept, words in tomllib.loads(path.read_text(encoding="utf-8")).get(section, {}).items():
            for word in words:
                concepts[fold(word)].add(concept)
    assert {word: found for word, found in concepts.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("项 目 名 称：", Label("fields", "project_name")),
        ("二、主管部门及代码", Label("fields", "supervising_unit")),
        ("其中：当年财政拨款（元）", Label("fields", "fiscal_year_amount")),
        ("绩\n效\n指\n标", Label("groups", "group")),
        ("立项依据", Label("unmodelled", "unmodelled")),
        ("填 表 人", Label("persons", "person")),
    ],
)
def test_a_label_is_known_however_it_is_set(printed: str, label: Label) -> None:
    """Blanks, colons, numbering, notes in brackets and wrapping do not count."""
    assert label_of(printed) == label


@pytest.mark.parametrize("printed", ["项目名称变更情况", "一级", "", "　", "绩效目标" * 20])
def test_what_only_contains_a_label_is_none(printed: str) -> None:
    """A label is the whole cell; text that begins with one is text."""
    assert label_of(printed) is None


def test_columns_currencies_and_titles_are_known() -> None:
    """The other words of a form: heads of columns, units in brackets, titles with a year."""
    assert (head_of("年度指标值（包含数字及文字描述）"), head_of("分 值")) == ("value", "weight")
    assert currency_in("项目资金（单位：万元）") == "万元"
    assert is_title("附件3 2024年某项目支出绩效目标申报表（2024年度）")


def test_each_form_is_known_by_its_own_marks() -> None:
    """The marks of a form lead to that form, in each spelling."""
    for layout in layouts():
        for spelling in range(max(len(mark) for mark in layout.marks)):
            words = [mark[min(spelling, len(mark) - 1)] for mark in layout.marks]
            assert len(layout_of(words).marks) >= len(layout.marks), (layout.name, words)

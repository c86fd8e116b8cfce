"""Persons: names and telephone numbers are masked before anything is read, and reach no file of a release."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscalkg.loader.persons import MASK, _is_person, _names_person, mask
from fiscalkg.loader.readers import read_bytes
from fiscalkg.loader.readers.assemble import Line
from fiscalkg.loader.reading import leftover
from fiscalkg.loader.tables import Grid
from grids import boxes, read_parts

NAMES = ("张三丰", "李小龙", "王小二", "欧阳明月")
NUMBERS = ("0755-12345678", "13812345678", "１３８００００１２３４", "11010519491231002X")


def fiscalkg(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "fiscalkg", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=100)


def masked(text: str) -> tuple[str, int]:
    source, count = mask(read_bytes(text.encode(), "表.txt"))
    assert len(source.text) == len(text)
    return source.text, count


@pytest.mark.parametrize(
    "text",
    [
        "填表人：张三丰    联系电话：0755-12345678",
        "填 表 人：张三丰",
        "单位负责人（签字）：王小二",
        "单位负责人（签章）:王小二  填表日期：2024年1月",
        "（联系人：李小龙，13812345678）",
        "项目负责人 欧阳明月 联系电话 0755-12345678",
        "财务负责人及联系电话：李小龙 0755-12345678",
        "手机１３８００００１２３４",
        "身份证号：11010519491231002X",
        "\t项目负责人\n\t王小二\n\n\t联系电话\n\t0755-12345678\n",
        "项目名称 | 绿化 | 项目负责人 | 王小二\n主管部门 | 局 | 联系电话 | 0755-12345678\n",
        "项目联系人\n王小二\n",
    ],
)
def test_what_stands_behind_a_persons_label_is_masked(text: str) -> None:
    """However the label is set, and wherever its value stands, the name is gone and the lines stay."""
    result, count = masked(text)
    assert count > 0
    assert MASK in result
    for secret in (*NAMES, *NUMBERS):
        assert secret not in result
    assert result.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "联系人数量：5人",
        "负责人到岗率：≥95%",
        "负责人培训 | 3次 | 联系人库更新及时率 | 100%",
        "资金总额13800000000元",
        "项目编码：310105194912310021",
        "咨询热线12345，投诉12315",
        "联系电话：\n产出指标 数量指标 电话回访 ≥5次",
    ],
)
def test_what_is_no_person_stays(text: str) -> None:
    """Indicators that speak of persons, money, codes and hotlines are facts of the table."""
    assert masked(text) == (text, 0)


def test_persons_of_grids_and_of_lines_beside_them_are_masked() -> None:
    """Right of the label, below it, inside a cell, and in a paragraph without a colon."""
    form = boxes(
        [
            ["项目名称", ("绿化", 1, 3)],
            ["项目负责人", "王小二", "联系电话", "0755-12345678"],
            ["一级指标", "二级指标", "三级指标", "指标值"],
            ["产出指标", "数量指标", "种树", "≥5棵"],
            [("填表人：张三丰", 1, 2), ("联系电话：13812345678", 1, 2)],
        ]
    )
    below = boxes([["填表人", "联系电话"], ["李小龙", "0755-12345678"]], 2)
    source, _ = read_parts([Line("项目绩效目标表"), form, Line("填表人 欧阳明月 联系电话 0755-12345678"), below])
    result, count = mask(source)
    assert count == 8
    texts = [area.cell.text for block in result.blocks if isinstance(block, Grid) for area in block.areas]
    for secret in (*NAMES, *NUMBERS):
        assert all(secret not in text for text in (result.text, *texts))
    assert [finding.code for finding in result.findings] == ["R-PERSONS-MASKED"]
    assert "8" in result.findings[0].message_zh


@given(
    st.lists(
        st.sampled_from([*NAMES, *NUMBERS, "填表人", "：", " ", "\n", "联系电话", "|", "绿化", "≥5棵", "\t"]),
        max_size=30,
    )
)
def test_masking_keeps_length_lines_and_places(parts: list[str]) -> None:
    """Whatever the text, masking changes characters only, in text and cells alike."""
    text = "".join(parts)
    source = read_bytes(text.encode(), "表.txt")
    result, _ = mask(source)
    changed = [(old, new) for old, new in zip(source.text, result.text, strict=True) if old != new]
    assert all(new == MASK and not old.isspace() for old, new in changed)


def write_form(folder: Path) -> Path:
    path = folder / "目标.txt"
    path.write_text(
        "\t项目名称\n\t绿化养护\n\n\t实施单位\n\t园林所\n\n\t项目负责人\n\t欧阳明月\n\n\t年度资金总额（万元）\n\t12.00\n\n"
        "\t年度目标\n\t1.养护绿地，联系人：李小龙。\n\n\t一级指标\n\t二级指标\n\t三级指标\n\t指标值\n\n"
        "\t产出指标\n\t数量指标\n\t种树\n\t≥5棵\n\n\n填表人：张三丰    联系电话：13812345678\n",
        encoding="utf-8",
    )
    return path


def contents(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def publish(tmp_path: Path, *options: str) -> Path:
    (tmp_path / "in").mkdir(exist_ok=True)
    write_form(tmp_path / "in")
    out = tmp_path / "out"
    done = fiscalkg("publish", tmp_path / "in", "--out", out, *options)
    assert done.returncode == 0, done.stderr
    return out


def test_no_file_of_a_release_holds_a_persons_name_or_number(tmp_path: Path) -> None:
    """Pages, dumps, tables, reports, sources, store and log: every byte is looked through."""
    out = publish(tmp_path)
    files = [path for path in out.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 50
    for path in files:
        data = contents(path)
        for secret in ("欧阳明月", "李小龙", "张三丰", "13812345678"):
            for encoding in ("utf-8", "utf-16-le", "gb18030"):
                assert secret.encode(encoding) not in data, path
            assert json.dumps(secret)[1:-1].encode() not in data, path
    assert MASK.encode() in b"".join(contents(path) for path in (out / "current" / "sources").glob("*.txt"))
    assert json.loads((out / "current" / "release.json").read_text(encoding="utf-8"))["persons"] == "masked"


def test_kept_persons_are_served_to_this_machine_only(tmp_path: Path) -> None:
    """A release made with --keep-persons says so, and serve refuses to open it to others."""
    out = publish(tmp_path, "--keep-persons")
    info = json.loads((out / "current" / "release.json").read_text(encoding="utf-8"))
    assert info["persons"] == "kept"
    assert any("张三丰".encode() in contents(path) for path in (out / "current" / "sources").glob("*.txt"))
    done = fiscalkg("serve", out, "--host", "0.0.0.0", "--port", "1")
    assert done.returncode == 2
    assert "--keep-persons" in done.stderr


def test_a_folder_holds_releases_of_one_kind(tmp_path: Path) -> None:
    """A release with persons never takes the place of one without: the old one may be open to the world."""
    out = publish(tmp_path)
    before = (out / "current").resolve()
    done = fiscalkg("publish", tmp_path / "in", "--out", out, "--keep-persons")
    assert done.returncode == 2
    assert "folder of its own" in done.stderr
    assert (out / "current").resolve() == before


def test_extract_masks_too(tmp_path: Path) -> None:
    """The table on standard output holds no name; with --keep-persons it does."""
    path = write_form(tmp_path)
    found = fiscalkg("extract", path).stdout
    assert json.loads(found)["project_name"] == "绿化养护"
    assert "李小龙" not in found
    assert "李小龙" in fiscalkg("extract", path, "--keep-persons").stdout


def test_masked_characters_are_accounted_for() -> None:
    """Coverage knows labels and values of persons: nothing is left over."""
    source, reading = read_parts(
        [
            Line("项目绩效目标表"),
            boxes([["项目名称", "绿化"], ["项目负责人", "王小二"]]),
            boxes([["一级指标", "三级指标", "指标值"], ["产出指标", "种树", "≥5棵"]], 2),
        ]
    )
    assert leftover(reading, source.text) == []


@given(st.text(st.sampled_from("填表人联系电话手机号码传真邮箱项目负责法定代金额（签字) :：⼈"), max_size=12))
def test_a_word_passed_over_by_its_last_character_is_no_label_of_a_person(word: str) -> None:
    """The look at the last character only spares the way round, and never says anything else."""
    assert _is_person(word) == _names_person(word)

"""A number of statements into documents as units publish them: the examples' distribution, other words and figures.

A document is one unit's, with as many forms as one of the examples has. A text that stands once or a few times among
the examples is made new each time it is drawn, so that no value, name or table repeats more often than it does there;
what is common there (≥95%, 服务对象满意度指标) stays as common.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from fiscalkg.loader.interchange import to_json
from fiscalkg.loader.manifest import Entry
from fiscalkg.loader.pipeline import extract

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from renderers import document  # noqa: E402  # they stand beside the tests that hold readers to them
from renderers.docx import write_docx  # noqa: E402  # as above
from renderers.form import Block, Statement  # noqa: E402  # as above
from renderers.forms import central, hunan, shaanxi, shanghai, wuhan  # noqa: E402  # as above
from renderers.html import write_html  # noqa: E402  # as above
from renderers.text import write_text  # noqa: E402  # as above
from renderers.xlsx import write_xlsx  # noqa: E402  # as above

__all__ = ["SHAPES", "SYLLABLES", "Made", "change", "documents", "write_documents"]

SYLLABLES = "安北昌川东方福高海河和华淮惠江金康林龙明南宁平浦青泉仁荣山石松泰天通望文西新兴秀阳永玉元云泽长珠庄"
COMMON = 3  # a text that stands so often in the examples is nobody's own
OTHER_FORMS = 0.25  # of the documents with real tables are in forms of other places
FORMS = {"central": central, "hunan": hunan, "shaanxi": shaanxi, "shanghai": shanghai, "wuhan": wuhan}
SOURCES = ("all", "fiscal", "upper-level", "carry-over", "other")
OWN_TEXTS = ("project_name", "overview", "use", "purpose", "overall_goal", "fund_use")
OWN_INDICATOR_TEXTS = ("name", "description", "basis", "value")
SHAPES: dict[str, Callable[[list[Block], Random], bytes]] = {
    "text": lambda blocks, _: write_text(blocks, "tabs"),
    "docx": write_docx,
    "html": write_html,
    "xlsx": write_xlsx,
}
EXTENSIONS = {"text": "txt"}


@dataclass(frozen=True)
class Made:
    """One document: its file name, its bytes, and how many statements it prints."""

    name: str
    content: bytes
    statements: int


def documents(statements: int, shape: str, seed: int = 1) -> Iterator[Made]:
    """Yield documents in one shape, a key of ``SHAPES``, that print so many statements; the same for the same seed."""
    number = 0
    while statements > 0:
        random = Random(f"{seed}/{number}")  # a document does not depend on those before it
        template = random.choice(_examples())
        chosen = [_varied(one, random) for one in template[:statements]]
        unit = f"{_word(random, 4)}{random.choice('市县区')}{chosen[0]['unit_name'] or chosen[0]['implementing_unit']}"
        _entitle(chosen, unit, str(random.randrange(100_000, 1_000_000)))
        blocks = _other_form(chosen, random) if shape != "text" and random.random() < OTHER_FORMS else None
        content = SHAPES[shape](blocks or document.compose(chosen, random), random)
        yield Made(f"{number:06}-{unit}.{EXTENSIONS.get(shape, shape)}", content, len(chosen))
        statements -= len(chosen)
        number += 1


def write_documents(folder: Path, statements: int, shape: str) -> list[Path]:
    """Write the documents of one shape into a folder, which is made where it is not there, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for made in documents(statements, shape):
        path = folder / made.name
        path.write_bytes(made.content)
        paths.append(path)
    return paths


@cache
def _examples() -> tuple[tuple[Statement, ...], ...]:
    paths = sorted((ROOT / "examples").glob("*.txt"))
    return tuple(tuple(to_json(one) for one in extract(Entry(path))[1].statements) for path in paths)


@cache
def _counts() -> Counter[str]:
    every = [one for example in _examples() for one in example]
    texts = [one[field] for one in every for field in OWN_TEXTS]
    texts += [goal for one in every for goal in one["goals"]]
    texts += [item[field] for one in every for item in one["indicators"] for field in OWN_INDICATOR_TEXTS]
    texts += [item["printed"] for one in every for item in one["amounts"]]
    return Counter(filter(None, texts))


def _word(random: Random, length: int) -> str:
    return "".join(random.choice(SYLLABLES) for _ in range(length))


def _varied(statement: Statement, random: Random) -> Statement:
    """Return a statement with other words in its own texts and other figures in its own values and amounts."""
    kept: dict[str, str] = {}  # what repeats inside a form, as a name that is its description too, goes on doing so

    def own(text: str | None) -> str | None:
        if not text or _counts()[text] >= COMMON:
            return text
        if text not in kept:
            kept[text] = _other_figures(text, random) if _is_value(text) else _other_words(text, random)
        return kept[text]

    indicators: list[dict[str, Any]] = [
        {**item, **{field: own(item[field]) for field in OWN_INDICATOR_TEXTS}} for item in statement["indicators"]
    ]
    return {
        **statement,
        **{field: own(statement[field]) for field in OWN_TEXTS},
        "goals": [own(goal) for goal in statement["goals"]],
        "amounts": [{**item, "printed": own(item["printed"]) or ""} for item in statement["amounts"]],
        "indicators": indicators,
    }


def _is_value(text: str) -> bool:
    return bool(re.match(r"\D{0,3}\d", text)) and len(text) <= 12


def _other_figures(text: str, random: Random) -> str:
    """Return a value with another digit for each digit but zero."""
    return re.sub("[1-9]", lambda _: random.choice("123456789"), text)


def _other_words(text: str, random: Random) -> str:
    """Return a text with a word put in: behind a quarter of it, where no number is cut."""
    places = [at for at in range(1, len(text)) if text[at - 1 : at + 1].isalpha()] or [len(text)]
    at = places[len(places) // 4]
    return text[:at] + _word(random, 2) + text[at:]


def _entitle(statements: list[Statement], unit: str, code: str) -> None:
    """Give all statements of a document its unit; the name of a form's own title is the project's."""
    for number, statement in enumerate(statements, 1):
        for field in ("unit_name", "implementing_unit"):
            if statement[field]:
                statement[field] = unit
        if statement["unit_code"]:
            statement["unit_code"] = code
        if statement["heading"] and statement["layout"] == "tianjin":
            statement["heading"] = f"{number}.{statement['project_name']}绩效目标表"


def _other_form(statements: list[Statement], random: Random) -> list[Block]:
    """Return the statements in the form of another place, one after another."""
    form = FORMS[random.choice(sorted(FORMS))]
    blocks: list[Block] = []
    for statement in statements:
        unit = statement["unit_name"] or statement["implementing_unit"]
        printed = {item["source"]: item["printed"] for item in statement["amounts"]}
        amounts = [
            {"scope": scope, "source": source, "printed": printed.get(source, "")}
            for scope in ("total", "medium-term", "year")
            for source in SOURCES
        ]
        texts = {key: value or "" for key, value in statement.items() if value is None or isinstance(value, str)}
        rows = [{key: value or "" for key, value in item.items()} for item in statement["indicators"]]
        full = {
            **statement,
            **texts,
            "indicators": rows,
            "heading": "项目支出绩效目标表",
            "supervising_unit": unit,
            "implementing_unit": unit,
            "fiscal_year": {"value": "2025", "basis": "printed"},
            "planned_start": "2025-01",
            "planned_end": "2025-12",
            "overall_goal": statement["overall_goal"] or "\n".join(statement["goals"]),
            "amounts": amounts,
        }
        blocks += form.form(full, random)
    return blocks


def change(folder: Path, share: float) -> int:
    """Change a share of the documents, at least one: their first form loses its last indicator's last character."""
    paths = sorted(folder.iterdir())
    chosen = paths[:: max(int(1 / share), 1)][: max(round(len(paths) * share), 1)]
    for path in chosen:
        path.write_text(path.read_text(encoding="utf-8").rstrip()[:-1] + "\n", encoding="utf-8")
    return len(chosen)

"""A question's files into one archive: data, query, pictures, and a README with how to cite them.

The bytes are the same each time: entries carry the first day that the format knows.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from fiscalkg.endpoint.canned_queries import CannedQuery
from fiscalkg.endpoint.pages.answers import Answer
from fiscalkg.endpoint.pages.citing import Citation, cite
from fiscalkg.endpoint.pages.page import Edition, Language

__all__ = ["citation_of", "packed", "readme"]

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
README = """# {zh}

{en}

{sentence_zh}

{caveats_zh}

{sentence_en}

{caveats_en}

## 文件 Files

{files}

CSV 和 JSON 是查询（.rq）在版本 {release} 上的结果，不加一字；SVG 是页面上的图。
CSV and JSON are the answer to the query (.rq) on release {release}, unchanged; the SVG is the picture of the page.

N-Triples SHA-256: {dump}

## 许可 Licence

{licence} <{licence_address}>

## 引用 Cite

{gbt7714}

```bibtex
{bibtex}
```
"""


def citation_of(edition: Edition, query: CannedQuery, stem: str) -> Citation:
    """Return the references of a question page; ``stem`` is its path below ``q/`` without its ending."""
    return cite(edition, f"{edition.base}q/{stem}", "", query.question_zh, None)


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files, by their names, as one archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in sorted(files.items()):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, body)
    return made.getvalue()


def readme(
    edition: Edition, citation: Citation, texts: Mapping[Language, tuple[str, Answer]], dump: str, names: Sequence[str]
) -> bytes:
    """Return what the files are, in both languages: question, answer with caveats, licence, references.

    ``texts`` holds the question and its answer by language.
    """
    (zh, answer_zh), (en, answer_en) = texts["zh"], texts["en"]
    licence = edition.portal.licence
    text = README.format(
        zh=zh, en=en, sentence_zh=answer_zh.sentence, caveats_zh="\n".join(answer_zh.caveats),
        sentence_en=answer_en.sentence, caveats_en="\n".join(answer_en.caveats), release=edition.identifier,
        files="\n".join(f"- {name}" for name in names), dump=dump or "-", licence=licence.name,
        licence_address=licence.address, gbt7714=citation.gbt7714, bibtex=citation.bibtex,
    )  # fmt: skip
    return text.encode()

"""What is wrong with the pages of a PDF into findings: pages unread or read by guess, letters that say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from fiscalkg.loader.model import Finding, Severity
from fiscalkg.loader.places import PagePlace
from fiscalkg.loader.readers.pdf_pages import MOST_GLYPHS, Page
from fiscalkg.loader.readers.scan import HOW_TO_INSTALL, Doubt

__all__ = ["findings_of"]

LEAST_UNMAPPED = 20  # characters of a document
UNMAPPED_SHARE = 0.5  # of a page's characters: fewer are ticks and signs of a symbol font
MOST_DOUBTS = 200  # of a document
LONGEST_VALUE = 200  # characters of a text that a finding repeats


def findings_of(
    name: str,
    pages: Sequence[Page],
    unread: Sequence[int],
    scanned: Mapping[int, Sequence[Doubt]],
    is_whole: bool,
) -> list[Finding]:
    """Return the findings of a document.

    ``unread`` are pages that are pictures, ``scanned`` those that were read from a picture, with what is doubtful;
    ``is_whole`` says that the file ends as a PDF ends.
    """
    found = [_of_scan(name, page, scanned[page.number]) for page in pages if page.number in scanned]
    found += [_of_doubt(name, doubt) for doubt in islice(chain.from_iterable(scanned.values()), MOST_DOUBTS)]
    found += [_of_picture(name, page) for page in pages if page.number in unread]
    for page in pages:
        found += _of_page(name, page)
    return found if is_whole else [*found, _of_end(name, pages[-1])]


def _whole(page: Page) -> PagePlace:
    return page.place(0, 0, page.width, page.height)


def _of_scan(name: str, page: Page, doubts: Sequence[Doubt]) -> Finding:
    return Finding(
        "R-OCR",
        Severity.WARNING,
        f"第 {page.number} 页是扫描图像，文字由光学识别得出，其中 {len(doubts)} 处把握不大，请与原件核对",
        f"page {page.number} is a picture; its text was recognised, {len(doubts)} pieces are doubtful: compare them",
        name,
        place=_whole(page),
    )


def _of_doubt(name: str, doubt: Doubt) -> Finding:
    return Finding(
        "R-OCR",
        Severity.WARNING,
        f"识别出的文字把握不大（{doubt.confidence:.2f}），请与原件核对",
        f"recognised with little confidence ({doubt.confidence:.2f}); compare it with the original",
        name,
        place=doubt.place,
        value=doubt.text[:LONGEST_VALUE],
    )


def _of_picture(name: str, page: Page) -> Finding:
    return Finding(
        "R-PDF-SCAN",
        Severity.VIOLATION,
        f"第 {page.number} 页是扫描图像，没有文字层，未读；安装识别组件后可读：{HOW_TO_INSTALL}",
        f"page {page.number} is a scan without text and was not read; to read it: {HOW_TO_INSTALL}",
        name,
        place=_whole(page),
    )


def _of_page(name: str, page: Page) -> Iterator[Finding]:
    if page.too_many:
        yield Finding(
            "R-PDF-PAGE-UNREAD",
            Severity.VIOLATION,
            f"第 {page.number} 页的字符或线条过多（上限 {MOST_GLYPHS} 字符），其表格未读",
            f"page {page.number} holds over {MOST_GLYPHS} characters or too many lines; its tables were not read",
            name,
            place=_whole(page),
        )
    if page.unmapped >= LEAST_UNMAPPED and page.unmapped >= UNMAPPED_SHARE * page.printed:
        yield Finding(
            "R-PDF-NO-UNICODE",
            Severity.VIOLATION,
            f"第 {page.number} 页的字体没有字符对照表，{page.unmapped} 个字符无法读出；请取得原始文件",
            f"the fonts of page {page.number} do not say which characters they print: {page.unmapped} are unread; "
            "ask for the original file",
            name,
            place=_whole(page),
        )
    if page.slanted.strip():
        yield Finding(
            "R-PDF-SLANTED",
            Severity.INFO,
            f"第 {page.number} 页有斜排文字（如水印），未读入",
            f"slanted text on page {page.number}, as of a watermark, was left out",
            name,
            place=_whole(page),
            value=page.slanted.strip()[:LONGEST_VALUE],
        )


def _of_end(name: str, last: Page) -> Finding:
    return Finding(
        "R-PDF-TRUNCATED",
        Severity.WARNING,
        "文件没有 PDF 的结束标记，可能不完整，缺页或缺字；请重新下载",
        "the file does not end as a PDF ends; pages or text may be missing: fetch it again",
        name,
        place=_whole(last),
    )

"""The history of a folder of releases into a page and an Atom feed, and into the reason why something is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from fiscalkg.loader.change_report import KIND_WORDS, STATE_WORDS, Language
from fiscalkg.loader.history import Entry, Reason, entries
from fiscalkg.loader.release import Release

__all__ = ["PAGES", "changelog", "why_gone"]

PAGES = {"changes/": "text/html", "changes/index.html": "text/html", "changes/feed.atom": "application/atom+xml"}
MOST = 200  # releases told, newest first
WORDS: Mapping[str, Mapping[Language, str]] = {
    "title": {"zh": "各版本的变化", "en": "What changed from release to release"},
    "first": {"zh": "第一个版本", "en": "the first release"},
    "none": {"zh": "数据没有变化", "en": "no data changed"},
    "gone": {"zh": "不再保留", "en": "no longer kept"},
    "feed": {"zh": "订阅", "en": "feed"},
}
REASONS: Mapping[Reason, Mapping[str, str]] = {
    "document": {"zh": "来源文件已不在发布之列", "en": "its source document is no longer among those published"},
    "table": {
        "zh": "来源文件中已没有这张表，或名称、单位、年度已改",
        "en": "its source document has it no longer, or under another name, unit or year",
    },
}


def changelog(directory: Path, release: Release, path: str) -> bytes:
    """Return the page or the feed at one of ``PAGES``."""
    known = entries(directory)[:MOST]
    kept = {entry.release for entry in known if (directory / "releases" / entry.release).is_dir()}
    text = _feed(known, release) if path.endswith(".atom") else _page(known, kept, release)
    return text.encode()


def _summary(entry: Entry, language: Language) -> str:
    if entry.before is None:
        return WORDS["first"][language]
    colon, comma = ("：", "，") if language == "zh" else (": ", ", ")
    told = []
    for kind, words in KIND_WORDS.items():
        states = {state: entry.counts.get(kind, {}).get(state, 0) for state in STATE_WORDS}
        own = [f"{STATE_WORDS[state][language]} {count}" for state, count in states.items() if count]
        told += [words[language] + colon + comma.join(own)] if own else []
    return ("；" if language == "zh" else "; ").join(told) or WORDS["none"][language]


def _page(known: Sequence[Entry], kept: set[str], release: Release) -> str:
    title = f"{WORDS['title']['zh']} {WORDS['title']['en']}"
    return (
        f'<!doctype html>\n<html lang="zh-Hans"><head><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="stylesheet" href="../assets/site.css"><link rel="icon" href="data:,">\n'
        f'<link rel="alternate" type="application/atom+xml" href="feed.atom" title="{title}"></head><body>\n'
        f'<header><a class="home" href="../">{escape(release.info["portal"]["name"]["zh"])}</a></header>\n'
        f'<main id="content"><h1>{WORDS["title"]["zh"]} <small lang="en">{WORDS["title"]["en"]}</small></h1>\n'
        f'<p><a href="feed.atom">{WORDS["feed"]["zh"]} <span lang="en">{WORDS["feed"]["en"]}</span></a></p>\n'
        f"{''.join(_section(entry, entry.release in kept) for entry in known)}</main></body></html>\n"
    )


def _section(entry: Entry, kept: bool) -> str:
    name = escape(entry.release)
    head = f'<a href="../v/{name}/">{name}</a>' if kept else f"{name} ({WORDS['gone']['zh']} {WORDS['gone']['en']})"
    told = "".join(f'<p>{escape(zh)} <span lang="en">{escape(en)}</span></p>' for zh, en in _withdrawn(entry))
    return (
        f'<section id="{name}"><h2>{head}</h2><p><time datetime="{entry.published}">{entry.published[:10]}</time></p>\n'
        f'<p>{escape(_summary(entry, "zh"))}</p><p lang="en">{escape(_summary(entry, "en"))}</p>'
        f"{told}</section>\n"
    )


def _why(entry: Entry, path: str) -> tuple[str, str]:
    """Return why a table was withdrawn, in Chinese and in English: as stated, else by what became of its document."""
    told = entry.reasons.get(path) or REASONS[entry.withdrawn[path]]
    return told["zh"], told["en"]


def _withdrawn(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the reasons of withdrawn tables, in Chinese and in English, each with how many tables it is of."""
    for (zh, en), count in Counter(_why(entry, path) for path in entry.withdrawn).most_common():
        yield f"撤下 {count} 张目标表：{zh}", f"{count} tables withdrawn: {en}"


def _feed(known: Sequence[Entry], release: Release) -> str:
    updated = known[0].published if known else "1970-01-01T00:00:00Z"
    own = f"{release.base}release/"
    author = release.info["portal"].get("publisher") or release.info["portal"]["name"]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-Hans">\n'
        f"<id>{escape(own)}</id><title>{escape(release.info['portal']['name']['zh'])}</title>\n"
        f"<updated>{updated}</updated><author><name>{escape(author['zh'])}</name></author>\n"
        f'<link rel="self" type="application/atom+xml" href="feed.atom"/>\n{"".join(_items(known, own))}</feed>\n'
    )


def _items(known: Sequence[Entry], own: str) -> Iterator[str]:
    for entry in known:
        told = list(_withdrawn(entry))
        texts = ["；".join([_summary(entry, "zh"), *(zh for zh, _ in told)])]
        texts += ["; ".join([_summary(entry, "en"), *(en for _, en in told)])]
        text = " / ".join(texts)
        yield (
            f"<entry><id>{escape(own + entry.release)}</id><title>{escape(entry.release)}</title>"
            f'<updated>{entry.published}</updated><link href="../v/{escape(entry.release)}/"/>'
            f"<summary>{escape(text)}</summary></entry>\n"
        )


def why_gone(directory: Path, path: str) -> str | None:
    """Return why a table, or a part of one, is no longer in the data, and since when; ``None`` where it never was.

    ``path`` is below the base, without an ending.
    """
    whole = "/".join(path.split("/")[:5])
    for entry in entries(directory):
        if whole in entry.withdrawn:
            had = f"; release {entry.before} had it" if entry.before else ""
            zh, en = _why(entry, whole)
            return f"withdrawn with release {entry.release}: {en} ({zh}){had}"
    return None

"""Two releases or dumps into what changed between them: for people in zh or en, as JSON, or as an RDF patch."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import click

from fiscalkg.endpoint.canned_queries import canned_queries
from fiscalkg.endpoint.commands.bounds import bounded
from fiscalkg.loader.answers import Answers, compare_answers
from fiscalkg.loader.batches import Bounds
from fiscalkg.loader.change_report import change_report, titles_of_terms
from fiscalkg.loader.changes import Change, changes, counts
from fiscalkg.loader.differences import compare, patch
from fiscalkg.loader.iris import BASE
from fiscalkg.loader.lines import Facts, open_facts

__all__ = ["diff"]

OTHER_GRAPHS = re.compile(r"\bGRAPH\b")
FORMS = ("text", "json", "patch")


@click.command()
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path, exists=True))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path, exists=True))
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), default="en", help="Language of the report.")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", help="patch: an RDF patch.")
@click.option("--no-queries", is_flag=True, help="Do not ask the ready-made queries of both sides.")
@bounded
def diff(old: Path, new: Path, language: Literal["zh", "en"], form: str, no_queries: bool, bounds: Bounds) -> int:
    """Print what changed from one release to another: documents, units, tables, indicators, values, answers.

    OLD and NEW are each a folder that publish wrote (its current release), a release's own folder (DIR/releases/…),
    or a dump (nt, ttl, rdf, jsonld, with or without .gz). Tables are known by their IRI, indicators by class and name;
    a table that only stands elsewhere in its document is counted, not listed. Ready-made queries are asked of both
    sides, and those whose answers differ are listed with both answers; of dumps only those that need no report. The
    limits are those of one query on one side; a query that needs more is named as not compared.

    Exit code 0: compared, whether or not anything changed. 2: could not be compared.
    """
    with tempfile.TemporaryDirectory(prefix="fiscalkg-") as name:
        sides = open_facts(old, Path(name) / "old"), open_facts(new, Path(name) / "new")
        if form == "patch":
            sys.stdout.writelines(patch(sides[0].lines(), sides[1].lines(), _header(*sides)))
            return 0
        base = next((side.release.base for side in reversed(sides) if side.release), BASE)
        found = list(changes(compare(sides[0].lines(), sides[1].lines()), base))
        answers = [] if no_queries else _answers(sides, Path(name), bounds)
    if form == "json":
        print(_json(sides, found, answers))
    else:
        titles = {query.name: {"zh": query.title_zh, "en": query.title_en} for query in canned_queries()}
        names = (sides[0].name, sides[1].name)
        sys.stdout.writelines(change_report(names, found, answers, {**titles_of_terms(), **titles}, language))
    return 0


def _answers(sides: tuple[Facts, Facts], scratch: Path, bounds: Bounds) -> list[Answers]:
    is_whole = all(side.release for side in sides)  # a dump has no other graphs, such as the report
    texts = {query.name: query.text for query in canned_queries() if is_whole or not OTHER_GRAPHS.search(query.text)}
    return list(compare_answers(sides[0].store(), sides[1].store(), texts, scratch, bounds))


def _header(old: Facts, new: Facts) -> list[str]:
    """Return the head of a patch: the IRIs of the releases it leads to and from."""
    named = (("id", new.release), ("prev", old.release))
    return [f"H {word} <{release.base}release/{release.id}> .\n" for word, release in named if release]


def _json(sides: tuple[Facts, Facts], found: list[Change], answers: list[Answers]) -> str:
    content = {
        "old": sides[0].name,
        "new": sides[1].name,
        "counts": counts(found),
        "changes": [asdict(change) for change in found if change.state != "moved"],
        "queries": [asdict(answer) for answer in answers],
    }
    return json.dumps(content, ensure_ascii=False, indent=1)

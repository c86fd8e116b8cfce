"""The statements of one source document into the forms of an original, with its cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from renderers import shenzhen, tianjin
from renderers.form import Form

FORMS = {"tianjin": tianjin.form, "shenzhen": shenzhen.form}


@dataclass(frozen=True)
class Original:
    """What stands on the cover, and the forms."""

    cover: tuple[str, ...]
    forms: tuple[Form, ...]


def original(statements: Sequence[dict], seed: int) -> Original:
    """Return the original that these statements were read from, as far as the JSON says; a seed varies its look."""
    random = Random(seed)
    years = {one["fiscal_year"]["value"] for one in statements if one["fiscal_year"]["basis"] == "cover"}
    cover = [f"（{year} 年）" for year in sorted(years)]
    return Original(tuple(cover), tuple(FORMS[one["layout"]](one, random) for one in statements))

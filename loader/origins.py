"""Shards of a release into what each statement and document was made from: of the same origin come the same facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fiscalkg.loader.collisions import Renames, rename
from fiscalkg.loader.iris import document_iri
from fiscalkg.loader.shards import Shard

__all__ = ["Origins", "origins_of"]


@dataclass(frozen=True, slots=True)
class Origins:
    """By the IRI of a statement or document a digest of what it was made from; ``before`` is the release before."""

    digests: Mapping[str, str] = field(default_factory=dict)
    before: Path | None = None


def origins_of(
    shards: Sequence[Shard], renames: Mapping[int, Renames], base: str, before: Path | None = None
) -> Origins:
    """Return the origins of a release's statements and documents; ``renames`` are by the position of a shard.

    The name of a shard is a digest of all that can change what it holds: document, manifest, settings and code.
    """
    digests: dict[str, str] = {}
    for position, shard in enumerate(shards):
        names = renames.get(position, {})
        known = f"{shard.path.stem} {json.dumps(dict(names), sort_keys=True)}" if names else shard.path.stem
        digest = hashlib.sha256(known.encode()).hexdigest()[:32]
        digests[document_iri(base, shard.document)] = digest
        digests.update((rename(iri, names), digest) for iri in shard.statements)
    return Origins(digests, before)

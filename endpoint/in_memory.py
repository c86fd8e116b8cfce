"""A release that is small enough into a store in memory: it answers four to six times as fast as the one on disk."""

from __future__ import annotations

from fiscalkg.loader.iris import graph_iri
from fiscalkg.loader.release import Release
from fiscalkg.loader.stores.embedded import EmbeddedStore, load_store

__all__ = ["in_memory"]

MOST = 5_000_000  # triples, at some 430 bytes each


def in_memory(release: Release) -> EmbeddedStore | None:
    """Return the quads of a release's store, read from its files; ``None`` where they would need too much.

    Raises ``StoreError`` where a file is damaged.
    """
    if release.info["counts"]["triples"] > MOST:
        return None
    dumps = release.path / "dumps"
    files = [(name, path) for name in ("ontology", "shapes") for path in sorted((dumps / name).rglob("*.ttl"))]
    files += [("report", release.path / "reports" / "report.ttl.gz")]
    files += [("catalogue", release.path / "catalogue" / "catalogue.nt")]
    return load_store(dumps / "fiscalkg.nt.gz", [(graph_iri(release.base, name), path) for name, path in files])

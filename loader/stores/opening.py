"""A release and ``[store]`` of portal.toml into the store that answers for it."""

from __future__ import annotations

from pathlib import Path

from fiscalkg.loader.iris import GRAPHS, graph_iri
from fiscalkg.loader.portal import StoreSettings
from fiscalkg.loader.stores import Dataset, Store
from fiscalkg.loader.stores.embedded import open_store

__all__ = ["open_store_of"]


def open_store_of(settings: StoreSettings, folder: Path, identifier: str, base: str) -> Store:
    """Return the store of a release: ``folder`` is its store on disk, ``base`` the base IRI of its data.

    A remote store is not asked anything yet. Raises ``StoreError`` when there is none.
    """
    # What a store of one kind needs is imported where it is opened: each query worker pays for its imports.
    match settings.kind:
        case "embedded":
            return open_store(folder)
        case "rdflib":
            from fiscalkg.loader.stores.rdflib import open_rdflib_store

            return open_rdflib_store(folder)
        case "remote":
            from fiscalkg.loader.stores.remote import RemoteStore

            return RemoteStore(_filled(settings.address, identifier), _dataset(settings, identifier, base))


def _filled(text: str, identifier: str) -> str:
    return text.replace("{release}", identifier)


def _dataset(settings: StoreSettings, identifier: str, base: str) -> Dataset | None:
    if not settings.graph:
        return None
    return Dataset((_filled(settings.graph, identifier),), tuple(graph_iri(base, name) for name in GRAPHS))

"""What the server may be told, with its defaults: the README's table of limits is compared with these."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fiscalkg.loader.portal import StoreSettings
from fiscalkg.loader.workers import cores

__all__ = ["MIB", "SETTINGS", "Limits", "Settings"]

MIB = 1024 * 1024
SETTINGS = "FISCALKG_SETTINGS"  # in the environment of server processes
FEWEST = 4  # workers, so that long queries of one client leave room for its short ones and for others


def _workers() -> int:
    """Return more workers than processors, so that one long query does not hold up the short ones."""
    return max(FEWEST, 2 * cores())


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query, one client and one connection may use.

    ``seconds`` a query, ``quick`` seconds after which it counts as long, ``memory`` MiB above what the program and
    the store's files take, ``result`` MiB of an answer, ``rows`` of a SELECT (0: no limit), ``body`` bytes of a
    request, ``head`` bytes of its address and headers, ``slots`` requests of one client under way or waiting,
    ``queue`` requests of all clients waiting, ``patience`` seconds a request waits for its turn, ``receive`` seconds a
    client may take to send a request, ``stall`` seconds it may leave an answer unread, ``connections`` open at a
    time, ``retry`` seconds after which a refused client may come again.
    """

    seconds: float = 30.0
    quick: float = 0.5
    memory: int = 1024
    result: int = 256
    rows: int = 0
    body: int = MIB
    head: int = 128 * 1024
    slots: int = 32
    queue: int = 128
    patience: float = 10.0
    receive: float = 20.0
    stall: float = 10.0
    connections: int = 1000
    retry: int = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """``directory`` is the folder that publish wrote, ``workers`` how many processes answer queries.

    ``max_age`` in seconds is how long an answer may be kept; ``proxies`` are the addresses whose X-Forwarded-For is
    believed; ``kept`` is how many releases besides the current one have workers at a time; ``cache`` MiB hold small
    answers; ``log`` says whether each request is logged, ``log_clients`` whether with its address;
    ``store`` is what answers queries, by ``[store]`` of portal.toml.
    """

    directory: Path
    workers: int = field(default_factory=_workers)
    limits: Limits = field(default_factory=Limits)
    max_age: int = 300
    proxies: tuple[str, ...] = ()
    kept: int = 1
    cache: int = 32
    log: bool = True
    log_clients: bool = False
    store: StoreSettings = field(default_factory=StoreSettings)

    def to_json(self) -> str:
        """Return all settings as text, for a process that is about to start."""
        return json.dumps({**asdict(self), "directory": str(self.directory)})

    @staticmethod
    def from_environment() -> Settings:
        """Return the settings that whoever started this process left in the environment."""
        return Settings.from_json(os.environ[SETTINGS])

    @staticmethod
    def from_json(text: str) -> Settings:
        """Return the settings that ``to_json`` wrote."""
        values = json.loads(text)
        values |= {"directory": Path(values["directory"]), "limits": Limits(**values["limits"])}
        values |= {"store": StoreSettings(**values["store"])}
        return Settings(**{**values, "proxies": tuple(values["proxies"])})

"""A folder of releases into the engines that answer from them: the current one, and older ones that are still kept."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections import OrderedDict
from pathlib import Path

from fiscalkg.endpoint.engine import Engine
from fiscalkg.endpoint.gate import Gate
from fiscalkg.endpoint.refusals import ProtocolError
from fiscalkg.endpoint.settings import Settings
from fiscalkg.loader.errors import FiscalkgError, ReleaseError
from fiscalkg.loader.release import open_release

__all__ = ["Releases"]

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
LOG = logging.getLogger("fiscalkg.releases")


class Releases:
    """Looks at each request which release is current, and opens it before it lets go of the one before."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is opened yet."""
        self.gate = Gate(settings.workers, settings.limits)
        self._settings = settings
        self._lock = asyncio.Lock()
        self._engine: Engine | None = None
        self._refused: Path | None = None
        self._pinned: OrderedDict[Path, Engine] = OrderedDict()
        self._link = str(settings.directory / "current")
        self._resolved: tuple[str | None, Path] = (None, settings.directory)
        self._closing: set[asyncio.Task[None]] = set()

    async def current(self) -> Engine:
        """Return the engine of the release that ``current`` leads to.

        A release that cannot be opened is refused, and the one before goes on; raises ``ReleaseError`` when there
        is none before. Requests under way end on the release they began with.
        """
        path = self._path()
        if self._engine and path in {self._engine.release.path, self._refused}:
            return self._engine
        async with self._lock:
            if self._engine and path in {self._engine.release.path, self._refused}:
                return self._engine
            try:
                opened = await self._open(path)
            except FiscalkgError as error:
                if self._engine is None:
                    raise
                LOG.error("%s is refused, %s goes on: %s", path.name, self._engine.release.id, error)
                self._refused = path
                return self._engine
            old, self._engine, self._refused = self._engine, opened, None
            self._let_go(old)
            return opened

    def opened(self, link: str) -> Engine | None:
        """Return the engine of the release that ``link`` was just found to name, ``None`` where it is to be opened."""
        engine, path = self._engine, self._path(link)
        return engine if engine and (path == engine.release.path or path == self._refused) else None

    async def pinned(self, name: str) -> Engine:
        """Return the engine of a kept release; raises ``ProtocolError`` 410 for one that is kept no more."""
        engine = await self.current()
        if name in {engine.release.id, engine.release.path.name}:
            return engine
        if not NAME.fullmatch(name):
            raise ProtocolError(400, "release names a release, such as 0.1.0-5a504c58")
        path = (self._settings.directory / "releases" / name).resolve()
        if not path.is_dir():
            raise ProtocolError(410, f"release {name} is not kept here; without release= the newest one answers")
        async with self._lock:
            if path not in self._pinned:
                self._pinned[path] = await self._open(path)
            self._pinned.move_to_end(path)
            while len(self._pinned) > self._settings.kept:
                self._let_go(self._pinned.popitem(last=False)[1])
            return self._pinned[path]

    async def close(self) -> None:
        """End all workers, after the questions under way."""
        engines = [*self._pinned.values(), *([self._engine] if self._engine else [])]
        await asyncio.gather(*(engine.close(0) for engine in engines), *self._closing)

    async def _open(self, path: Path) -> Engine:
        engine = Engine(open_release(path), self._settings, self.gate)
        try:
            await engine.start()
        except FiscalkgError as error:
            await engine.close(0)
            raise ReleaseError(f"{path.name}: its store does not answer ({error}); publish again") from error
        return engine

    def link(self) -> str:
        """Return where ``current`` leads, as the link says it: another text is another release."""
        try:
            return os.readlink(self._link)  # noqa: PTH115  # at each request, and a Path costs five times as much
        except OSError:  # the folder is a release itself
            return ""

    def _path(self, link: str | None = None) -> Path:
        text = self.link() if link is None else link
        if text != self._resolved[0]:
            current = self._settings.directory / "current"
            self._resolved = text, (current if current.exists() else self._settings.directory).resolve()
        return self._resolved[1]

    def _let_go(self, engine: Engine | None) -> None:
        if engine:
            task = asyncio.create_task(engine.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

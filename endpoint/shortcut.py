"""A query in the head of a GET request into its answer, past the web framework, whose ways cost more than most queries.

Only what is usual in every way comes here: one query, headers that are known, an answer that is small. All else goes
on to the framework, an answer that turns out large or fails with it as far as it has come. Nobody can tell the two
ways apart, which a test holds.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import NamedTuple, Protocol

from fiscalkg.endpoint.caching import Kept, coding_of, headers_of, tag_of
from fiscalkg.endpoint.clients import client_at
from fiscalkg.endpoint.delivery import packed
from fiscalkg.endpoint.engine import Answer, Begun, Engine, has_ended
from fiscalkg.endpoint.gate import BusyError, Turn
from fiscalkg.endpoint.limits import inspect
from fiscalkg.endpoint.negotiate import accepts_html
from fiscalkg.endpoint.operations import Observed, Told
from fiscalkg.endpoint.protocol import pairs
from fiscalkg.endpoint.releases import Releases
from fiscalkg.endpoint.repeats import Repeated, Repeats, status_line
from fiscalkg.endpoint.security import headers_for
from fiscalkg.endpoint.settings import Settings
from fiscalkg.endpoint.sparql import content_type, format_of, known_of
from fiscalkg.endpoint.work import Asked, in_pieces
from fiscalkg.loader.errors import FiscalkgError
from fiscalkg.loader.formats import GRAPHS, RESULTS, Format
from fiscalkg.loader.release import Release

__all__ = ["Connection", "Head", "Passage", "Shortcut", "head_of"]

LOG = logging.getLogger("fiscalkg.shortcut")
PATH = "/sparql"
LONGEST = 8192  # bytes of a head
USUAL = re.compile(rb"GET (/(?:sparql\?|queries/)[!-~]*) HTTP/1\.1")
LINES = re.compile(rb"((?:[A-Za-z0-9-]{1,40}:[ -~]*\r\n)*)\r\n")
# Headers on which no answer to a query depends, or which are read here; with any other the framework answers.
KNOWN = re.compile(
    r"host|user-agent|accept|accept-encoding|accept-language|connection|if-none-match|referer|origin|cookie|dnt|pragma"
    r"|cache-control|x-forwarded-(?:for|proto|host|port)|x-real-ip|sec-[a-z-]+|priority|upgrade-insecure-requests"
)
SEVERAL = frozenset({"x-forwarded-for"})  # others may come once


@dataclass(frozen=True, slots=True)
class Wishes:
    """What headers ask for."""

    accept: str | None
    coded: str
    forwarded: tuple[str, ...]
    tags: str | None
    html: bool


class Head(NamedTuple):
    """A usual request that came in one piece: its bytes, its address before and after ``?``, what its headers ask."""

    raw: bytes
    path: str
    parameters: str
    wishes: Wishes

    def query(self) -> tuple[str, str | None] | None:
        """Return the query and the format it names, ``None`` where anything else is asked."""
        if self.path != PATH or self.wishes.html or self.wishes.tags is not None:
            return None
        try:
            given = pairs(self.parameters)
        except FiscalkgError:
            return None
        match given:
            case [("query", text)]:
                return text, None
            case [("query", text), ("format", name)] | [("format", name), ("query", text)]:
                return text, name
        return None


def head_of(data: bytes) -> Head | None:
    """Return the head that some bytes are, ``None`` where they are more, less or in any way unusual."""
    line, _, lines = data.partition(b"\r\n")
    if len(data) > LONGEST or not (found := USUAL.fullmatch(line)) or not (wishes := _wishes(lines)):
        return None
    path, _, parameters = found[1].decode("ascii").partition("?")
    return None if _may_be_pinned(parameters) else Head(data, path, parameters, wishes)


def _may_be_pinned(parameters: str) -> bool:
    """Return whether a release may be named, which may be removed at any time: a name with an escape may be so too."""
    names = [field.partition("=")[0] for field in parameters.split("&")]
    return "release" in names or any("%" in name for name in names)


@lru_cache(maxsize=256)  # a client sends the same headers each time
def _wishes(lines: bytes) -> Wishes | None:
    """Return what all behind the first line of a head asks for, ``None`` where it is not usual headers."""
    if not (found := LINES.fullmatch(lines)):
        return None
    values: dict[str, list[str]] = {}
    for line in found[1].decode("ascii").splitlines():
        name, _, value = line.partition(":")
        values.setdefault(name.lower(), []).append(value.strip(" "))
    usual = all(KNOWN.fullmatch(name) and (len(given) == 1 or name in SEVERAL) for name, given in values.items())
    first = {name: given[0] for name, given in values.items()}
    tags = first.get("if-none-match")
    if not usual or "host" not in first or first.get("connection", "keep-alive").lower() != "keep-alive" or tags == "*":
        return None
    accept = first.get("accept")
    coded = coding_of(first.get("accept-encoding", ""))
    return Wishes(accept, coded, tuple(values.get("x-forwarded-for", ())), tags, accepts_html(accept))


class Connection(Protocol):
    """What the shortcut needs of a connection."""

    address: str

    def reply(self, answer: Repeated) -> None:
        """Send an answer; the connection is then ready for the next request."""

    def abort(self) -> None:
        """Cut the connection."""

    def go_on(self, head: bytes, begun: Begun | None = None) -> None:
        """Give a request to the web framework, and what there is of its answer."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What all connections of a server share."""

    releases: Releases
    settings: Settings
    kept: Kept
    repeats: Repeats
    observed: Observed
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    heads: dict[tuple[Path, str, Format], bytes] = field(default_factory=dict)  # as many as formats and releases

    def repeat(self, connection: Connection, head: Head) -> bool:
        """Reply with what was answered before, if it is kept; whether it was."""
        answer = self.repeats.get(head.raw)
        if answer is None:
            return False
        started = time.monotonic()
        connection.reply(answer)
        self.note(connection, head, answer, started)
        return True

    def passage(self, connection: Connection, head: Head) -> Passage | None:
        """Return the way to the answer of a query that ``repeat`` did not know, to be begun.

        ``None`` where the framework is to answer.
        """
        engine = self.releases.opened(self.repeats.current)  # as ``repeat`` has just found it
        query = head.query() if engine and not self.settings.limits.rows else None
        if not engine or not query:
            return None
        try:
            form = inspect(query[0])
            chosen = format_of(head.wishes.accept, query[1], RESULTS if form in {"SELECT", "ASK"} else GRAPHS)
        except FiscalkgError:
            return None
        return Passage(self, connection, head, engine, Asked(query[0], chosen))

    def fixed(self, release: Release, coded: str, chosen: Format) -> bytes:
        """Return the headers that the answers of a release in a format share, and the end of the head."""
        key = release.path, coded, chosen
        if key not in self.heads:
            self.heads[key] = _fixed(release, coded, self.settings.max_age, chosen)
        return self.heads[key]

    def drop(self, begun: Begun) -> None:
        """End an answer that nobody went on with, and now cannot."""
        begun.taken = True
        if isinstance(begun.answer, Answer):
            self.finish(begun.engine, begun.answer)

    def finish(self, engine: Engine, answer: Answer[bytes]) -> None:
        """Free the worker of an answer, soon."""
        task = asyncio.get_running_loop().create_task(engine.finish(answer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def note(self, connection: Connection, head: Head, answer: Repeated | None, started: float) -> None:
        """Tell those who watch the server of a request that is over, without an answer where its client has left."""
        log = self.settings.log_clients
        client = client_at(connection.address, head.wishes.forwarded, self.settings.proxies) if log else ""
        told = answer or NOTHING
        self.observed.note(
            Told("GET", head.path, told.status, told.size, answer is not None, told.release, told.type, client),
            time.monotonic() - started,
        )


def _cut_at_a_fault(step: Callable[..., None]) -> Callable[..., None]:
    """End the connection where a step meets a fault of the program: the event loop would only report it."""

    @wraps(step)
    def careful(passage: Passage, *arguments: object) -> None:
        try:
            step(passage, *arguments)
        except Exception:
            LOG.exception("a fault of the program: the connection is cut; please report it")
            passage.connection.abort()

    return careful


class Passage:
    """One query on its way: it waits for its turn, is put to a worker, and comes back as a reply."""

    _turn: Turn | None = None
    _answer: Answer[bytes] | None = None
    _number: int | None = None  # in the lane
    _descriptor = -1
    _left = False

    def __init__(self, shortcut: Shortcut, connection: Connection, head: Head, engine: Engine, asked: Asked) -> None:
        """Take what is asked by whom of which release; nothing happens yet."""
        self._shortcut, self.connection, self._head = shortcut, connection, head
        self._engine, self._asked = engine, asked
        self._tag = tag_of(engine.release, head.wishes.coded, *known_of(asked))
        self._loop = asyncio.get_running_loop()
        self._started = time.monotonic()
        self._release = shortcut.repeats.current

    def begin(self) -> None:
        """Reply from what is kept, or wait for a turn."""
        if (body := self._shortcut.kept.get(self._tag)) is not None:
            self._reply(body)
            return
        lane = self._engine.lane
        self._number = lane.put(self._client(), self._asked, self._answered) if lane else None
        if self._number is None:
            self._wait()

    @_cut_at_a_fault
    def _answered(self, body: bytes | None) -> None:
        """Take what the lane made of the query."""
        self._number = None
        if body is None:
            self._wait()
        else:
            self._reply(packed(body) if self._head.wishes.coded == "gzip" else body)

    def _client(self) -> str:
        return client_at(self.connection.address, self._head.wishes.forwarded, self._shortcut.settings.proxies)

    def _wait(self) -> None:
        try:
            self._turn = turn = self._engine.enter(self._client())
        except BusyError as error:
            self._go_on(error)
            return
        if turn.given is None:
            self._ask(turn)
        else:
            turn.given.add_done_callback(partial(self._turned, turn))

    def leave(self) -> None:
        """Stop, since the client has left: its turn and its worker are free at once."""
        self._left = True
        if self._number is not None and self._engine.lane:
            self._engine.lane.leave(self._number)
        elif self._answer is not None:
            self._stop_listening()
            self._shortcut.finish(self._engine, self._answer)
        elif self._turn is not None:
            self._engine.leave(self._turn)
        self._shortcut.note(self.connection, self._head, None, self._started)

    @_cut_at_a_fault
    def _turned(self, turn: Turn, given: asyncio.Future[None]) -> None:
        if self._left:
            return
        if error := given.exception():
            self._engine.leave(turn)
            self._go_on(error)
        else:
            self._ask(turn)

    def _ask(self, turn: Turn) -> None:
        try:
            self._answer = self._engine.begin(turn, in_pieces, self._asked)
        except FiscalkgError as error:
            self._engine.leave(turn)
            self._go_on(error)
            return
        self._answer.on_stop = self._come
        self._descriptor = self._answer.fileno()
        self._loop.add_reader(self._descriptor, self._come)

    @_cut_at_a_fault
    def _come(self) -> None:
        """Take what has come: the whole answer, its first piece, or why there is none."""
        answer = self._answer
        assert answer is not None  # noqa: S101  # it is what has come
        self._stop_listening()
        if answer.is_stopped() or has_ended(self._descriptor):
            self._go_on(answer)
            return
        try:
            piece = answer.take()
        except FiscalkgError as error:
            self._shortcut.finish(self._engine, answer)
            self._go_on(error)
            return
        if not answer.is_over():
            if piece is not None:
                answer.unread(piece)
            self._go_on(answer)
            return
        self._engine.end(answer)  # before the connection takes the next request
        body = piece or b""
        self._reply(packed(body) if self._head.wishes.coded == "gzip" else body)

    def _stop_listening(self) -> None:
        if self._answer is not None:
            self._answer.on_stop = None
        self._loop.remove_reader(self._descriptor)
        os.set_blocking(self._descriptor, True)  # uvloop makes it non-blocking, and a large piece comes in parts

    def _reply(self, body: bytes) -> None:
        release, wishes, chosen = self._engine.release, self._head.wishes, self._asked.format
        fixed = self._shortcut.fixed(release, wishes.coded, chosen)
        rest = b"etag: %s\r\ncontent-length: %d\r\n%s%s" % (self._tag.encode(), len(body), fixed, body)
        answer = Repeated(200, OK, rest, len(body), release.id, content_type(chosen))
        self._shortcut.kept.put(self._tag, body)
        self._shortcut.repeats.put(self._head.raw, answer, self._release)
        self.connection.reply(answer)
        self._shortcut.note(self.connection, self._head, answer, self._started)

    def _go_on(self, begun: Answer[bytes] | BaseException) -> None:
        self.connection.go_on(self._head.raw, Begun(self._engine, begun))


OK = status_line(200)
NOTHING = Repeated(0, b"", b"", 0)  # what a client that has left was sent


def _fixed(release: Release, coded: str, max_age: int, chosen: Format) -> bytes:
    headers = {**headers_of(release, coded, max_age), "Content-Type": content_type(chosen)}
    del headers["ETag"]
    lines = [b"%s: %s\r\n" % (name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return b"".join([*lines, *(b"%s: %s\r\n" % pair for pair in headers_for(PATH)), b"\r\n"])

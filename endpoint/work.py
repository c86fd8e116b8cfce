"""What a query worker does: opens its release's store once, then turns questions into pieces of answers or pages."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyoxigraph

from fiscalkg.endpoint.pages import Edition, Page, Parameters, edition_of, render
from fiscalkg.endpoint.rows import first_rows
from fiscalkg.endpoint.sandbox import forbid_sockets
from fiscalkg.loader.formats import Format
from fiscalkg.loader.portal import StoreSettings
from fiscalkg.loader.processes import Limits
from fiscalkg.loader.release import Release
from fiscalkg.loader.stores import Dataset, Sink, Store, answer_of
from fiscalkg.loader.stores.embedded import EmbeddedStore
from fiscalkg.loader.stores.opening import open_store_of
from fiscalkg.loader.workers import Sending

__all__ = [
    "PIECE",
    "READ",
    "REPLY",
    "TASK",
    "Asked",
    "Wanted",
    "answer_in_turn",
    "check",
    "edition",
    "frames",
    "in_pieces",
    "limits_of",
    "open_in_worker",
    "page",
    "probe",
    "task_of",
]

PIECE = 64 * 1024
TASK = struct.Struct("!IBI")  # of a query in the lane: its number, its format, its bytes
# Its number, whether it is answered, in how many microseconds of processor, bytes of the answer.
REPLY = struct.Struct("!I?II")
FORMATS = list(Format)
PLACES = {chosen: place for place, chosen in enumerate(FORMATS)}
TOGETHER = 4  # answers in the lane that are written at once: their reader wakes once, and works while others are made
READ = 64 * 1024  # bytes of a pipe at a time: for more the system maps memory anew at each read
MIB = 1024 * 1024
STACK = 256 * MIB  # for the engine's parser and planner: structure up to ``limits`` fits in it
# Address space of the program, its threads' arenas and an empty store: 513 MiB measured, and at times more than 640.
PROGRAM = 1024 * MIB
OPENED: dict[str, tuple[Store, Release]] = {}  # of this worker: set by ``open_in_worker``, used by every task


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it travels to a worker; ``rows`` is the most rows of its answer, 0 for any number."""

    text: str
    format: Format
    dataset: Dataset | None = None
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page as it travels to a worker: its path below the site's root, and what the visitor asks of it."""

    path: str
    parameters: Parameters


def limits_of(store: Path, memory: int) -> Limits:
    """Return a worker's stack, and its address space: ``memory`` MiB above the program and the store's mapped files."""
    files = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    return Limits(address=PROGRAM + STACK + files + memory * MIB, stack=STACK)


def open_in_worker(release: Release, settings: StoreSettings) -> None:
    """Open a release's store for every later task of this worker.

    From then on the worker reaches no other process, besides a remote store's server.
    """
    if settings.kind != "remote":
        forbid_sockets()
    OPENED["release"] = open_store_of(settings, release.store, release.id, release.base), release


def probe(_: None) -> list[bytes]:
    """Answer the smallest question, so that whoever waits knows that the store opens and answers."""
    return [answer_of(OPENED["release"][0], "ASK { ?s ?p ?o }", Format.csv)]


def in_pieces(asked: Asked) -> Sending[bytes]:
    """Return what answers a question in pieces of 64 KiB: a first piece that is smaller is the whole answer."""
    return partial(_send_answer, asked)


def _send_answer(asked: Asked, send: Callable[[bytes], None]) -> bytes:
    def query(sink: Sink) -> None:
        OPENED["release"][0].query(asked.text, asked.format, sink, dataset=asked.dataset)

    pieces = _Pieces(send)
    if asked.rows:
        first_rows(query, pieces, asked.format, asked.rows)
    else:
        query(pieces)
    return pieces.rest()


def task_of(number: int, asked: Asked) -> bytes:
    """Return a query as it travels to ``answer_in_turn``: without bindings, graphs and limit of rows."""
    text = asked.text.encode("utf-8", "surrogatepass")
    return TASK.pack(number, PLACES[asked.format], len(text)) + text


def frames(head: struct.Struct, data: bytes) -> tuple[list[tuple[Any, ...]], bytes]:
    """Return the whole messages that data begins with, fields of the head and then the bytes, and what is left.

    >>> frames(TASK, TASK.pack(7, 1, 2) + b"ab" + b"rest")
    ([(7, 1, b'ab')], b'rest')
    """
    found, at = [], 0
    while at + head.size <= len(data):
        *fields, size = head.unpack_from(data, at)
        end = at + head.size + size
        if end > len(data):
            break
        found.append((*fields, data[end - size : end]))
        at = end
    return found, data[at:]


def answer_in_turn(connection: Connection) -> None:
    """Answer small queries one after another, until the pipe is closed; what fails or is large is left unanswered."""
    pipe, rest = connection.fileno(), b""
    store, _ = OPENED["release"]
    with suppress(BrokenPipeError, ConnectionResetError):
        _write(pipe, REPLY.pack(0, True, 0, 0))
        while came := os.read(pipe, READ):
            tasks, rest = frames(TASK, rest + came)
            for start in range(0, len(tasks), TOGETHER):
                _write(pipe, b"".join(_replies(store, tasks[start : start + TOGETHER])))


def _replies(store: Store, tasks: list[tuple[Any, ...]]) -> Iterator[bytes]:
    started = time.thread_time()
    for number, place, text in tasks:
        body = _small_answer(store, text, FORMATS[place])
        ended = time.thread_time()
        micros = min(int((ended - started) * 1e6), 0xFFFFFFFF)
        yield REPLY.pack(number, body is not None, micros, len(body or b"")) + (body or b"")
        started = ended


def _small_answer(store: Store, text: bytes, chosen: Format) -> bytes | None:
    pieces = _Pieces(_refuse)
    try:
        store.query(text.decode("utf-8", "surrogatepass"), chosen, pieces)
    except Exception:  # whatever it is, it is told where the query is asked again
        return None
    return pieces.rest()


def _refuse(_: bytes) -> None:
    raise _LargeError


class _LargeError(Exception):
    """An answer is larger than one piece."""


def _write(pipe: int, data: bytes) -> None:
    while data:
        data = data[os.write(pipe, data) :]


class _Pieces:
    """A sink that sends what it is given in pieces of at least ``PIECE`` bytes."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._held: list[bytes] = []
        self._size = 0

    def write(self, piece: bytes) -> None:
        self._held.append(piece)
        self._size += len(piece)
        if self._size >= PIECE:
            self._send(self.rest())

    def rest(self) -> bytes:
        """Return what was not sent."""
        rest, self._held, self._size = b"".join(self._held), [], 0
        return rest


def check(asked: Asked) -> list[bytes]:
    """Return nothing, after the question has been found answerable: it is put to an empty store."""
    answer_of(EmbeddedStore(pyoxigraph.Store()), asked.text, asked.format, dataset=asked.dataset)
    return []


@cache
def edition() -> Edition:
    """Return the edition that pages are made from."""
    return edition_of(*OPENED["release"])


def page(wanted: Wanted) -> Iterator[Page]:
    """Yield the page at a path, or nothing where there is none."""
    if made := render(edition(), wanted.path, wanted.parameters):
        yield made

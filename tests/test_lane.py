"""The lane of small queries: its own answers, and nothing lost when one of them is slow, large, wrong or ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from test_workers import wait_for_end

from fiscalkg.endpoint.lane import DEPTH, LONGEST, SHARE, Lane
from fiscalkg.endpoint.work import TASK, TOGETHER, Asked, answer_in_turn, frames, limits_of, open_in_worker, task_of
from fiscalkg.loader.formats import RESULTS, Format
from fiscalkg.loader.portal import StoreSettings
from fiscalkg.loader.processes import Worker, start_worker
from fiscalkg.loader.release import open_release
from fiscalkg.loader.stores import answer_of
from fiscalkg.loader.stores.embedded import open_store

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
BUSY = "SELECT (SUM(STRLEN(STR(?o))) AS ?n) { { SELECT ?o { ?s ?p ?o } LIMIT 30000 } }"  # tens of milliseconds
WRONG = {"large": "SELECT * { ?s ?p ?o } LIMIT 3000", "syntax": "SELECT * WHERE { ?s ?p }", "update": "CLEAR ALL"}


@asynccontextmanager
async def opened(published: Path) -> AsyncIterator[Lane]:
    """A lane to the release of the examples, once it takes queries."""
    release = open_release(published)
    limits = limits_of(release.store, 1024)
    lane = Lane(partial(start_worker, limits, open_in_worker, (release, StoreSettings()), answer_in_turn))
    lane.begin()
    try:
        await until_open(lane)
        yield lane
    finally:
        await lane.close()


async def until_open(lane: Lane) -> None:
    async with asyncio.timeout(20):
        while await asked(lane, "probe", "ASK {}") is None:
            await asyncio.sleep(0.05)


async def asked(lane: Lane, client: str, text: str, chosen: Format = Format.csv) -> bytes | None:
    """Return what the lane gives for a query, ``None`` where it is to be asked elsewhere."""
    given = asyncio.get_running_loop().create_future()
    if lane.put(client, Asked(text, chosen), given.set_result) is None:
        return None
    found: bytes | None = await given
    return found


def process_of(lane: Lane) -> int:
    assert lane._worker
    process = lane._worker.process.pid
    assert process
    return process


def run(published: Path, *steps: object) -> None:
    """Run coroutine functions of a lane one after another."""

    async def all_of_them() -> None:
        async with opened(published) as lane:
            for step in steps:
                await step(lane)  # type: ignore[operator]  # a coroutine function

    asyncio.run(all_of_them())


@pytest.mark.parametrize("chosen", Format)
def test_each_query_gets_its_own_answer(published: Path, chosen: Format) -> None:
    """Of queries put at once each gets what the engine alone answers, in every format of rows and graphs."""
    store = open_store(open_release(published).store)
    head = "SELECT ({} AS ?预算) ?s" if chosen in RESULTS else "CONSTRUCT {{ ?s a {} }}"
    texts = [f"{head.format(number)} {{ ?s a ?c }} LIMIT {number}" for number in range(SHARE)]

    async def step(lane: Lane) -> None:
        found = await asyncio.gather(*(asked(lane, "one", text, chosen) for text in texts))
        assert found == [answer_of(store, text, chosen) for text in texts]

    run(published, step)


def test_there_is_room_for_so_many(published: Path) -> None:
    """A client has its share and no more, all clients have the depth; afterwards there is room again."""

    async def step(lane: Lane) -> None:
        found: list[bytes | None] = []
        for client, most in (("one", SHARE), ("two", DEPTH - SHARE), ("three", 0)):
            numbers = [lane.put(client, Asked("ASK {}", Format.csv), found.append) for _ in range(SHARE + 1)]
            assert [number is not None for number in numbers] == [place < most for place in range(SHARE + 1)]
        async with asyncio.timeout(10):
            while len(found) < DEPTH:
                await asyncio.sleep(0.01)
        assert set(found) == {b"true"}
        assert await asked(lane, "three", "ASK {}") == b"true"

    run(published, step)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_large_or_wrong_is_given_back(published: Path, name: str) -> None:
    """It is to be asked elsewhere; the same worker goes on with the next query."""

    async def step(lane: Lane) -> None:
        process = process_of(lane)
        assert await asyncio.gather(asked(lane, "one", WRONG[name]), asked(lane, "one", "ASK {}")) == [None, b"true"]
        assert process_of(lane) == process

    run(published, step)


@pytest.mark.parametrize("before", range(TOGETHER))
def test_a_slow_query_ends_its_worker_and_nothing_else(published: Path, before: int) -> None:
    """All that waits is given back in time, the worker is gone; its client asks elsewhere, others soon here again.

    So it does wherever it stood among those that are answered at once; others are who stood behind these.
    """
    first = [*(("near", "ASK {}") for _ in range(before)), ("bad", SLOW)]
    behind = [("near", "ASK {}")] * (TOGETHER - len(first)) + [("good", "ASK {}")]

    async def step(lane: Lane) -> None:
        process, started = process_of(lane), time.monotonic()
        given = asyncio.gather(*(asked(lane, client, text) for client, text in first + behind))
        assert await given == [None] * (TOGETHER + 1)
        assert LONGEST <= time.monotonic() - started < 1
        assert await asyncio.to_thread(wait_for_end, process)
        await until_open(lane)
        assert process_of(lane) != process
        assert await asked(lane, "bad", "ASK {}") is None
        assert await asked(lane, "good", "ASK {}") == b"true"

    run(published, step)


def test_a_busy_query_is_answered_and_its_client_asks_elsewhere(published: Path) -> None:
    """One that takes the processor for more than a small query keeps its answer, and the lane for others."""

    async def step(lane: Lane) -> None:
        assert (await asked(lane, "busy", BUSY) or b"").startswith(b"n\r\n")
        assert await asked(lane, "busy", "ASK {}") is None
        assert await asked(lane, "good", "ASK {}") == b"true"

    run(published, step)


def test_a_worker_that_ends_gives_all_back(published: Path) -> None:
    """Killed from outside in the midst of a query, it is replaced, and nobody waits for it."""

    async def step(lane: Lane) -> None:
        process = process_of(lane)
        waiting = asyncio.gather(*(asked(lane, "one", text) for text in (SLOW, "ASK {}")))
        await asyncio.sleep(0.02)
        os.kill(process, signal.SIGKILL)
        assert await waiting == [None, None]
        await until_open(lane)
        assert process_of(lane) != process

    run(published, step)


def test_who_has_left_is_not_called(published: Path) -> None:
    """A number that was left gets no answer; closing the lane gives back what waits and ends the worker."""
    found: list[bytes | None] = []

    async def step(lane: Lane) -> None:
        process = process_of(lane)
        number = lane.put("one", Asked("ASK {}", Format.csv), found.append)
        assert number is not None
        lane.leave(number)
        assert await asked(lane, "one", "ASK {}") == b"true"
        assert found == []
        lane.put("one", Asked(SLOW, Format.csv), found.append)
        await asyncio.sleep(0.02)
        await lane.close()
        assert found == [None]
        assert await asyncio.to_thread(wait_for_end, process)
        assert await asked(lane, "two", "ASK {}") is None

    run(published, step)


def test_closing_leaves_no_worker_behind(published: Path) -> None:
    """A lane that is closed while its worker starts ends it as soon as it has started."""
    started: list[int] = []
    release = open_release(published)

    def start() -> Worker:
        limits = limits_of(release.store, 1024)
        worker = start_worker(limits, open_in_worker, (release, StoreSettings()), answer_in_turn)
        started.append(worker.process.pid or 0)
        return worker

    async def begin_and_close() -> None:
        lane = Lane(start)
        lane.begin()
        await asyncio.sleep(0)
        await lane.close()

    asyncio.run(begin_and_close())
    assert len(started) == 1
    assert wait_for_end(started[0])


def test_messages_are_cut_wherever_they_break() -> None:
    """However the bytes of several messages arrive, the same messages come out, and nothing is left."""
    whole = b"".join(task_of(number, Asked(f"ASK {{ # 绩效 {'x' * number}\n}}", Format.tsv)) for number in range(1, 9))
    expected, rest = frames(TASK, whole)
    assert rest == b""
    assert [number for number, *_ in expected] == list(range(1, 9))
    for step in (1, 2, 9, 10, 50):
        found, rest = [], b""
        for place in range(0, len(whole), step):
            more, rest = frames(TASK, rest + whole[place : place + step])
            found += more
        assert (found, rest) == (expected, b"")

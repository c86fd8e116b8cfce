"""What docs/scale tells works: its figures are those of the results; replicas lose no request when one is killed."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from servers import COUNT, free_port
from test_run_it import block, blocks

from sparql_servers import running

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import _advice  # noqa: E402  # benchmarks are scripts beside each other, not a package

CLIENTS, REQUESTS = 4, 60  # of each client; a bounded load


def test_both_languages_hold_the_same_blocks_and_figures() -> None:
    """The Chinese and the English page show one set of commands, one nginx file and one table of figures."""
    assert blocks("zh", "scale") == blocks("en", "scale")
    assert [kind for kind, _ in blocks("en", "scale")] == ["sh", "nginx"]
    zh, en = ((ROOT / f"docs/scale.{language}.md").read_text(encoding="utf-8") for language in ("zh", "en"))
    tables = [re.findall(r"^\| [\d,]+ \|.*$", page, re.MULTILINE) for page in (zh, en)]
    assert tables[0] == tables[1]
    assert len(tables[0]) == len(_advice.SIZES)
    assert [len(re.findall("^## ", page, re.MULTILINE)) for page in (zh, en)] == [4, 4]


def test_pages_tell_the_figures_of_the_results() -> None:
    """What README and docs/scale quote is computed from RESULTS.md as it stands; another figure there changes it."""
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    rate = re.search(r"\| extract, text \| ([\d,]+)", results)
    assert rate is not None
    faster = results.replace(f"| extract, text | {rate[1]} ", "| extract, text | 9,876 ")
    for path in _advice.PAGES:
        page = path.read_text(encoding="utf-8")
        assert "<!-- measured " in page
        assert _advice.filled(page, results) == page, f"{path.name}: run python benchmarks/_advice.py"
        assert _advice.filled(page, faster) != page


def test_advice_is_the_work_divided_by_the_rate() -> None:
    """Ten statements a second make a million take 100,000 seconds; triples and bytes are measures too."""
    found = {"triples checked": 3e6, "extract, text": 10, "map, to N-Triples": 3e5, "validate, all rules": 100,
             "write, checksum included": 3e6, "publish 1,000: release on disk": 130,
             "publish 500: release on disk": 1}  # fmt: skip
    one = _advice.computed(1_000_000, found)
    assert one["triples"] == 3e8
    assert one["disk"] == 130  # GB, by the largest release that was measured
    seconds = [round(one[name] * 3600) for name in ("extract", "map", "check", "write")]
    assert seconds == [100_000, 1000, 10_000, 100]


@contextlib.contextmanager
def replicas(published: Path, home: Path) -> Iterator[tuple[str, list[int], list[int]]]:
    """The page's two processes behind its nginx: where nginx answers, the ids of the processes, and their ports."""
    ports = [free_port(), free_port()]
    commands = block("--port 8001", "scale").splitlines()
    assert len(commands) == 2
    with contextlib.ExitStack() as stack:
        ids = []
        for number, (command, port) in enumerate(zip(commands, ports, strict=True), 1):
            words = command.replace("/srv/fiscalkg/portal", str(published)).replace(f"800{number}", str(port)).split()
            (own := home / str(number)).mkdir()
            program: list[str | Path] = [BIN / words[0], *words[1:], "--no-log"]
            ids.append(stack.enter_context(running(program, f"http://127.0.0.1:{port}/health", own)))
        listen = free_port()
        site = block("# /etc/nginx/", "scale").replace("listen 80", f"listen 127.0.0.1:{listen}")
        for number, port in enumerate(ports, 1):
            assert f"127.0.0.1:800{number}" in site
            site = site.replace(f"127.0.0.1:800{number}", f"127.0.0.1:{port}")
        user = "user root;" if os.geteuid() == 0 else ""
        paths = " ".join(
            f"{kind}_temp_path {home}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        log = f"log_format told '$upstream_addr'; access_log {home}/access.log told;"
        head = f"{user} daemon off; pid {home}/pid; error_log stderr; events {{}}"
        (home / "nginx.conf").write_text(f"{head} http {{ {log} {paths} {site} }}")
        nginx: list[str | Path] = ["nginx", "-p", home, "-c", home / "nginx.conf"]
        subprocess.run([*nginx, "-t"], check=True, capture_output=True)
        stack.enter_context(running(nginx, f"http://127.0.0.1:{listen}/health", home))
        yield f"http://127.0.0.1:{listen}", ids, ports


@pytest.mark.needs("nginx")
def test_no_request_is_lost_when_a_replica_is_killed(published: Path, tmp_path: Path) -> None:
    """Under clients that ask by GET and POST one process is killed: each request has its right answer, none failed."""
    answers: list[str] = []
    asked = threading.Semaphore(0)

    def client(address: str) -> None:
        with httpx.Client(timeout=60) as session:
            for number in range(REQUESTS):
                query = f"{COUNT} # {number}"
                try:
                    if number % 2:
                        answer = session.post(f"{address}/sparql", data={"query": query, "format": "csv"})
                    else:
                        answer = session.get(f"{address}/sparql", params={"query": query, "format": "csv"})
                    told = f"{answer.status_code} {' '.join(answer.text.split())}"
                except httpx.TransportError as error:
                    told = repr(error)
                answers.append(told)
                asked.release()
                time.sleep(0.02)

    with replicas(published, tmp_path) as (address, ids, ports):
        clients = [threading.Thread(target=client, args=(address,)) for _ in range(CLIENTS)]
        for one in clients:
            one.start()
        for _ in range(CLIENTS * REQUESTS // 3):
            assert asked.acquire(timeout=60)
        os.kill(ids[0], 9)
        for one in clients:
            one.join(120)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{ports[0]}/health")
    assert Counter(answers) == {"200 n 134": CLIENTS * REQUESTS}
    told = (tmp_path / "access.log").read_text().splitlines()
    first, second = (f"127.0.0.1:{port}" for port in ports)
    assert {first, second} <= set(told)  # both answered, so the load was shared
    assert any(line.startswith(f"{first}, {second}") for line in told)  # some were passed on to the one that lived

"""What docs/run-it and docs/stores tell a data officer works: files, services, backup, rollback, other stores.

Left out is what changes the machine or needs another: users, systemctl, certificates, upgrades, old releases removed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import lxml.html
import pytest

from fiscalkg.loader.release import open_release
from sparql_servers import free_port, running

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
SMALL, OTHER = "000_a0eefc0601dc6091.txt", "003_1c3d2c2c6bd79ef7.txt"
COUNT = "SELECT (COUNT(?s) AS ?n) WHERE { ?s a <https://w3id.org/fiscalkg/ontology#Statement> }"


def blocks(language: str, name: str = "run-it") -> list[tuple[str, str]]:
    """The code blocks of a page in order: what they are written in, and their text."""
    page = (ROOT / f"docs/{name}.{language}.md").read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def block(words: str, name: str = "run-it") -> str:
    """The one block that holds some words."""
    (found,) = (text for _, text in blocks("en", name) if words in text)
    return found


def run(script: str, home: Path, **names: str) -> None:
    """Run a block as it stands, with its paths and <names> put in and systemd left out."""
    for name, value in names.items():
        script = script.replace(f"<{name}>", value)
    lines = [line for line in script.replace("/srv/fiscalkg", str(home)).splitlines() if "systemctl" not in line]
    subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(lines)], cwd=home, check=True, capture_output=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stands below /srv/fiscalkg after the page's commands: documents, and a portal with two releases."""
    home = tmp_path_factory.mktemp("srv")
    (home / "documents").mkdir()
    (home / "program").mkdir()
    (home / "program" / ".venv").symlink_to(BIN.parent)
    steps = [line for line in block("adduser").splitlines() if ".venv/bin/fiscalkg" in line]
    assert len(steps) == 2
    for document in (SMALL, OTHER):
        shutil.copy(ROOT / "examples" / document, home / "documents")
        init, publish = steps
        run(publish if (home / "portal").exists() else f"{init}\n{publish}", home)
    assert len(list((home / "portal" / "releases").glob("0*"))) == 2
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """The service, by the command of its unit."""
    (command,) = re.findall(r"^ExecStart=(.+ serve .+)$", block("system/fiscalkg.service"), re.MULTILINE)
    port = str(free_port())
    words = command.replace("/srv/fiscalkg", str(home)).replace("8000", port).split()
    with running([*words, "--no-log"], f"http://127.0.0.1:{port}/health", home):
        yield f"http://127.0.0.1:{port}"


def ask(client: httpx.Client, address: str, **parameters: str) -> int:
    answer = client.get(f"{address}/sparql", params={"query": COUNT, "format": "csv", **parameters}, timeout=30)
    assert answer.status_code == 200, answer.text
    return int(answer.text.split()[1])


@pytest.mark.parametrize(("name", "count"), [("run-it", 13), ("stores", 5)])
def test_both_languages_tell_the_same(name: str, count: int) -> None:
    """The Chinese and the English page hold the same blocks in the same order, under as many headings."""
    zh, en = blocks("zh", name), blocks("en", name)
    assert zh == en
    assert len(zh) == count
    pages = [(ROOT / f"docs/{name}.{language}.md").read_text(encoding="utf-8") for language in ("zh", "en")]
    heads, rows = ([len(re.findall(what, page, re.MULTILINE)) for page in pages] for what in ("^##+ ", r"^\|"))
    assert heads[0] == heads[1] > 2
    assert rows[0] == rows[1]


@pytest.mark.needs("systemd-analyze")
def test_systemd_takes_the_units(home: Path, tmp_path: Path) -> None:
    """Each unit stands in a file of the name its first line gives, and systemd finds nothing wrong in them."""
    for kind, text in blocks("en"):
        if kind == "ini":
            name = text.splitlines()[0].rpartition("/")[2]
            (tmp_path / name).write_text(text.replace("/srv/fiscalkg", str(home)))
    units = sorted(tmp_path.iterdir())
    assert [unit.suffix for unit in units] == [".service", ".timer", ".service"]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, encoding="utf-8")
    told = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "fiscalkg" in line]
    assert (done.returncode, told) == (0, [])
    (tmp_path / "fiscalkg.service").write_text("[Service]\nExecStart=/nowhere\n")
    assert subprocess.run(["systemd-analyze", "verify", units[-1]], capture_output=True).returncode != 0


def nginx(site: str, home: Path) -> list[str | Path]:
    """Return the command that runs nginx with a site's file, in which nginx finds nothing wrong."""
    user = "user root;" if os.geteuid() == 0 else ""
    paths = " ".join(
        f"{kind}_temp_path {home}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    head = f"{user} daemon off; pid {home}/pid; error_log stderr; events {{}}"
    types = "types { text/html html; text/css css; }"
    (home / "nginx.conf").write_text(f"{head} http {{ access_log off; {types} {paths} {site} }}")
    command: list[str | Path] = ["nginx", "-p", home, "-c", home / "nginx.conf"]
    checked = subprocess.run([*command, "-t"], capture_output=True, encoding="utf-8")
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    return command


@pytest.mark.needs("nginx")
def test_a_static_host_shows_ways_on_at_any_address(home: Path, tmp_path: Path) -> None:
    """nginx takes the page's file and shows the site; an address in any folder without a page is 404 with links."""
    port = free_port()
    site = block("fiscalkg-site.conf").replace("/srv/fiscalkg", str(home)).replace("listen 80", f"listen {port}")
    address = f"http://127.0.0.1:{port}"
    with running(nginx(site, tmp_path), f"{address}/", tmp_path):
        assert httpx.get(f"{address}/q/years.html").status_code == 200
        for path in ("none", "statement/120000/2025/none.html", "v/0.0.0-00000000/"):
            found = httpx.get(f"{address}/{path}")
            assert found.status_code == 404, path
            assert found.headers["content-type"] == "text/html; charset=utf-8"
            tree = lxml.html.fromstring(found.content)
            links = [*tree.xpath("//main//a/@href"), *tree.xpath("//link[@rel='stylesheet']/@href")]
            assert len(links) == 5
            assert {httpx.get(address + link).status_code for link in links} == {200}


@pytest.mark.needs("nginx", "openssl")
def test_nginx_passes_queries_on_by_tls(address: str, tmp_path: Path) -> None:
    """nginx takes the page's file, and through it a query, a large answer and the redirect to TLS work."""
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    subject = ["-subj", "/CN=data.example.org", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    plain, tls = free_port(), free_port()
    site = block("# /etc/nginx/sites-enabled/fiscalkg.conf")
    for old, new in {
        "server 127.0.0.1:8000": f"server {address.removeprefix('http://')}",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "listen 443": f"listen 127.0.0.1:{tls}",
        "/etc/ssl/fiscalkg": str(tmp_path),
    }.items():
        assert old in site
        site = site.replace(old, new)
    with running(nginx(site, tmp_path), f"http://127.0.0.1:{plain}/", tmp_path):
        there = f"https://127.0.0.1:{tls}"
        moved = httpx.get(f"http://127.0.0.1:{plain}/unit/x?a=%E4%B8%AD", headers={"Host": "data.example.org"})
        assert (moved.status_code, moved.headers["location"]) == (301, "https://data.example.org/unit/x?a=%E4%B8%AD")
        with httpx.Client(verify=ssl.create_default_context(cafile=str(certificate))) as client:
            assert ask(client, there) > 4
            everything = {"query": "SELECT * { ?s ?p ?o }", "format": "tsv"}
            answer = client.get(f"{there}/sparql", params=everything, timeout=60)
            direct = httpx.get(f"{address}/sparql", params=everything, timeout=60)
            assert answer.content == direct.content
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_rollback_serves_the_kept_release_without_a_lost_request(home: Path, address: str) -> None:
    """The page's commands switch to the older release under a client that asks all the time, and back again."""
    portal = home / "portal"
    new = open_release(portal).id
    (old,) = {path.name for path in (portal / "releases").glob("0*")} - {new}
    tables = {name: open_release(portal / "releases" / name).info["counts"]["statements"] for name in (old, new)}
    seen: list[int] = []
    done = threading.Event()

    def keep_asking() -> None:
        with httpx.Client() as client:
            while not done.wait(0.02):
                seen.append(ask(client, address))

    with httpx.Client() as client:
        assert ask(client, address) == tables[new]
        asking = threading.Thread(target=keep_asking)
        asking.start()
        for name in (old, new, old):
            run(block("current.new"), home, id=name)
            assert ask(client, address) == tables[name]
            answered = len(seen)
            while len(seen) < answered + 2 and asking.is_alive():  # the client was answered by this release too
                time.sleep(0.01)
        done.set()
        asking.join()
        assert ask(client, address, release=new) == tables[new]
        assert set(seen) <= set(tables.values())
        assert len(seen) > 5
        run(block("current.new"), home, id=new)
        assert ask(client, address) == tables[new]


def test_a_backup_is_restored_whole(home: Path, tmp_path: Path) -> None:
    """Unpacked elsewhere, every file has its checksum, the release opens, and its documents give the same again."""
    pack, unpack = (text for _, text in blocks("en") if "backup.tar.gz" in text)
    run(pack, home)
    (home / "backup.tar.gz").rename(tmp_path / "backup.tar.gz")
    run(unpack, tmp_path)
    assert not (tmp_path / "portal" / "cache").exists()
    assert open_release(tmp_path / "portal").id == open_release(home / "portal").id
    publish = [BIN / "fiscalkg", "publish", tmp_path / "documents", "--out", tmp_path / "again"]
    assert subprocess.run(publish, capture_output=True).returncode == 0
    assert open_release(tmp_path / "again").id == open_release(home / "portal").id
    with (tmp_path / "portal/current/dumps/fiscalkg.nt.gz").open("ab") as damaged:
        damaged.write(b"x")
    with pytest.raises(subprocess.CalledProcessError):
        run(unpack.splitlines()[-1], tmp_path)


def test_registered_addresses_lead_to_what_they_name(home: Path, address: str) -> None:
    """The rules to register send IRIs of the data, of terms and of codes to pages of this server."""
    rules = re.findall(r"^RewriteRule (\S+) (\S+) \[R=303,", block("RewriteEngine"), re.MULTILINE)
    assert len(rules) == 3
    unit = next((home / "portal/current/site/unit").rglob("*.html")).relative_to(home / "portal/current/site")
    for path in (f"id/{unit.with_suffix('')}", "ontology", "scheme/place/120000"):
        (target,) = (re.sub(rule, to.replace("$1", r"\1"), path) for rule, to in rules if re.match(rule, path))
        there = target.replace("https://data.example.org", address)
        page = httpx.get(there, headers={"Accept": "text/html"}, follow_redirects=True, timeout=30)
        assert page.status_code == 200, target
        assert page.headers["content-type"].startswith("text/html")
        data = httpx.get(there, headers={"Accept": "text/turtle"}, follow_redirects=True, timeout=30)
        assert data.headers["content-type"].startswith("text/turtle")


@pytest.mark.needs("curl")
def test_releases_are_loaded_into_a_server_and_switched(home: Path, tmp_path: Path) -> None:
    """By the commands of docs/stores each release has its graph: the newest answers, an older one when pinned."""
    for name in ("build", "portal", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "build" / "releases").symlink_to(home / "portal" / "releases")
    ids = [path.name for path in sorted((home / "portal/releases").glob("0*"), key=lambda path: path.stat().st_mtime)]
    bind, port = f"127.0.0.1:{free_port()}", free_port()
    (tmp_path / "portal" / "portal.toml").write_text(block("[store]", "stores").replace("127.0.0.1:7878", bind))
    command: list[str | Path] = [BIN / "oxigraph", "serve", "--location", tmp_path / "data", "--bind", bind]
    load, switch = block("put()", "stores").replace("127.0.0.1:7878", bind), block("cp --archive", "stores")
    tables = [open_release(home / "portal/releases" / name).info["counts"]["statements"] for name in ids]
    there = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        stack.enter_context(running(command, f"http://{bind}/", tmp_path))
        for number, name in enumerate(ids):
            (tmp_path / "build" / "current").unlink(missing_ok=True)
            (tmp_path / "build" / "current").symlink_to(f"releases/{name}")
            run(load, tmp_path)
            run(switch, tmp_path)
            if number == 0:
                serve: list[str | Path] = [BIN / "fiscalkg", "serve", tmp_path / "portal", "--port", str(port)]
                stack.enter_context(running([*serve, "--no-log"], f"{there}/health", tmp_path))
            with httpx.Client() as client:
                assert ask(client, there) == tables[number]
                assert ask(client, there, release=ids[0]) == tables[0]

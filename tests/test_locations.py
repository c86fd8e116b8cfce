"""Documents by address: what a path gives comes from S3, the web and memory too, bounded, and told where it fails."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import fsspec
import hostile
import pytest
from conftest import fiscalkg
from s3 import Bucket, bucket_of

from fiscalkg.loader.errors import DocumentError, ManifestError
from fiscalkg.loader.locations import Address, files_below, location_of, read_location
from fiscalkg.loader.manifest import Entry, find_documents
from fiscalkg.loader.pipeline import extract

EXAMPLES = Path(__file__).parent.parent / "examples"
SMALL, OTHER = "000_a0eefc0601dc6091.txt", "003_1c3d2c2c6bd79ef7.txt"


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    """A server that speaks S3, with the examples and their manifest in it, known to fsspec by the environment."""
    with bucket_of(EXAMPLES) as bucket:
        yield bucket


class Answers(http.server.BaseHTTPRequestHandler):
    """A server of the web that is not to be trusted: it redirects for ever, sends without end, answers with 500."""

    protocol_version = "HTTP/1.0"

    def do_HEAD(self) -> None:
        self.send_response(405)
        self.end_headers()

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/round":
                self.send_response(302)
                self.send_header("Location", f"/round?{len(self.path)}")
                self.end_headers()
            case "/endless.txt":
                self.send_response(200)
                self.end_headers()
                try:
                    while True:
                        self.wfile.write(b"x" * 65536)
                except OSError:
                    return
            case "/%E8%A1%A8.txt" | "/download":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(hostile.GOOD)
            case _:
                self.send_error(500)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_bucket_gives_what_the_folder_gives(bucket: Bucket) -> None:
    """The same documents with the same names, origin and statements; one by one, in a folder, and in an archive."""
    near, far = find_documents([EXAMPLES]), find_documents([location_of(f"s3://{bucket.name}")])
    assert len(near) == 5
    assert [(one.name, one.title, one.place, one.address, one.described) for one in far] == [
        (one.name, one.title, one.place, one.address, one.described) for one in near
    ]
    (alone,) = find_documents([location_of(f"s3://{bucket.name}/{SMALL}")])
    assert alone == far[0]
    assert extract(alone)[1] == extract(near[0])[1]
    bucket.put("2025/all.zip", hostile.archive({"夹/a.txt": hostile.GOOD}))
    bucket.put("2025/.hidden/b.txt", b"b")
    bucket.put("2025/corrections.toml", CORRECTION.encode())
    (packed,) = find_documents([location_of(f"s3://{bucket.name}/2025/")])
    assert (packed.name, packed.read_bytes()) == ("all.zip/夹/a.txt", hostile.GOOD)
    assert [one.by for one in packed.corrections] == ["处"]


CORRECTION = """[[correction]]
file = "all.zip/夹/a.txt"
lines = [1, 1]
printed = "1"
read = "2"
by = "处"
reason = "印错"
"""


def test_the_command_takes_addresses(bucket: Bucket, tmp_path: Path) -> None:
    """extract prints of an address what it prints of the path; one that is missing is named, the others are done."""
    far = [f"s3://{bucket.name}/{SMALL}", f"s3://{bucket.name}/gone.txt", f"file://{EXAMPLES / OTHER}"]
    done = fiscalkg("extract", *far, "--jobs", "1")
    near = [one for name in (SMALL, OTHER) for one in extract(Entry(EXAMPLES / name))[1].statements]
    assert [json.loads(line)["project_name"] for line in done.stdout.splitlines()] == [
        one.project_name and one.project_name.value for one in near
    ]
    assert done.returncode == 1
    assert f"s3://{bucket.name}/gone.txt: does not exist" in done.stderr


def test_a_document_of_the_web_keeps_its_address(web: str) -> None:
    """Where no manifest says another, readers are led to where it was fetched; its name is decoded."""
    chinese, asked = find_documents([location_of(f"{web}/%E8%A1%A8.txt"), location_of(f"{web}/download?id=5")])[::-1]
    assert (chinese.name, chinese.address) == ("表.txt", f"{web}/%E8%A1%A8.txt")
    assert (asked.name, asked.address) == ("download", f"{web}/download?id=5")
    assert extract(chinese)[1].document.address == chinese.address
    assert files_below(Address(web)) is None


@pytest.mark.parametrize(
    ("path", "told"), [("/round", "TooManyRedirects"), ("/endless.txt", "larger than 1 MiB"), ("/x", "500")]
)
def test_a_server_that_does_as_it_likes_is_bounded(web: str, path: str, told: str) -> None:
    """Redirects and bytes have an end, and a refusal is told: one line with the address, and no exception besides."""
    with pytest.raises(DocumentError, match=told) as caught:
        read_location(Address(web + path), 1 << 20)
    assert str(caught.value).startswith(web + path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("zip://a.txt::https://h/b.zip", "::"),
        ("https://user:secret@h/a.txt", "in the environment"),
        ("https://h/a.txt?X-Amz-Signature=secret", "in the environment"),
        ("nosuch://h/a", "no address"),
        ("https://h/" + "a" * 3000, "no address"),
        ("s3://b/a b", "without blanks"),
    ],
)
def test_an_address_that_cannot_be_taken_is_refused_at_once(text: str, told: str) -> None:
    """Before anything is fetched, and without telling the secret."""
    with pytest.raises(ManifestError, match=told) as caught:
        location_of(text)
    assert "secret" not in str(caught.value)


def test_what_is_no_address_is_a_path() -> None:
    """A colon or a lost slash makes no address, and file:// names a path."""
    for text in ("s3:/a", "a:b", "夹/表.txt", "s3:///a"):
        assert location_of(text) == Path(text)
    assert location_of("file:///srv/a.txt") == Path("/srv/a.txt")


def test_a_folder_in_memory_is_read_with_its_manifest() -> None:
    """Any file system of fsspec will do; a manifest of another kind than TOML stops the run by name."""
    system = fsspec.filesystem("memory")
    system.pipe("/box/a.txt", hostile.GOOD)
    system.pipe("/box/manifest.toml", b'[[document]]\nfile = "a.txt"\nplace = 430000\n')
    (entry,) = find_documents([location_of("memory://box")])
    assert (entry.place, entry.read_bytes(), entry.address) == ("430000", hostile.GOOD, None)
    system.pipe("/box/manifest.toml", b"\xff[")
    with pytest.raises(ManifestError, match="cannot be read as TOML"):
        find_documents([location_of("memory://box")])


def test_an_archive_elsewhere_is_fetched_once() -> None:
    """Its members are read from what was fetched for the first; what is only named so is read as what it is."""
    system = fsspec.filesystem("memory")
    members = {f"{number}.txt": str(number).encode() for number in range(20)}
    system.pipe("/packed/all.zip", hostile.archive(members))
    system.pipe("/packed/no.zip", b"x")
    *inside, other = find_documents([location_of("memory://packed")])
    first = inside[0].read_bytes()
    system.rm("/packed/all.zip")
    assert {first, *(entry.read_bytes() for entry in inside[1:])} == set(members.values())
    assert (other.name, other.inside, other.read_bytes()) == ("no.zip", (), b"x")

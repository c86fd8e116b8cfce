"""fiscalkg init and portal.toml: what the data officer writes is read, shown, and refused with a way out when wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from fiscalkg.loader.errors import PortalError
from fiscalkg.loader.manifest import Entry
from fiscalkg.loader.portal import (
    DEFAULT,
    Licence,
    Portal,
    StoreSettings,
    Texts,
    place_documents,
    portal_from_json,
    portal_to_json,
    read_portal,
)
from fiscalkg.loader.release import open_release
from fiscalkg.loader.stores import rows
from fiscalkg.loader.stores.embedded import open_store

SMALL = Path(__file__).parent.parent / "examples" / "003_1c3d2c2c6bd79ef7.txt"
COMMAND = Path(sys.executable).parent / "fiscalkg"
FILLED = """name = { zh = "甲 <市> 绩效", en = "Targets & more" }
publisher = { zh = "甲市财政局", en = "Finance Bureau of A" }
contact = "mailto:open-data@example.org"
base_iri = "https://data.example.org/id/"
licence = { name = "CC0 1.0", address = "https://creativecommons.org/publicdomain/zero/1.0/" }
place = "120000"
most_files = 15000
site_path = "/targets/"
[places]
"深圳" = 440300
[store]
kind = "remote"
address = "http://127.0.0.1:3030/{release}/query"
"""


def fiscalkg(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, encoding="utf-8", check=False)


def written(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "portal.toml").write_text(text, encoding="utf-8")
    return folder


def test_init_writes_the_defaults_explained_in_both_languages(tmp_path: Path) -> None:
    """What init writes means what an absent file means, also with every line out of its comment; never overwritten."""
    out = tmp_path / "new" / "folder"
    done = fiscalkg("init", out)
    assert (done.returncode, done.stderr) == (0, "")
    text = (out / "portal.toml").read_text(encoding="utf-8")
    assert read_portal(out) == read_portal(tmp_path) == DEFAULT
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    assert sum(bool(re.search("[一-鿿]", line)) for line in comments) > 8 < len(comments) / 2
    everything = re.sub(r'^# (?=(?:\w+|"\S+") = |\[)', "", text, flags=re.MULTILINE)
    assert len(tomllib.loads(everything)) == 10  # every key there is
    assert read_portal(written(out, everything)).places == {"天津": "120000", "深圳": "440300"}
    again = fiscalkg("init", out)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert (out / "portal.toml").read_text(encoding="utf-8") == everything


def test_every_key_is_read(tmp_path: Path) -> None:
    """A filled file gives every value, and a release's JSON gives the same portal besides its store."""
    portal = read_portal(written(tmp_path, FILLED))
    assert portal == Portal(
        Texts("甲 <市> 绩效", "Targets & more"),
        Texts("甲市财政局", "Finance Bureau of A"),
        "mailto:open-data@example.org",
        "https://data.example.org/id/",
        Licence("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        "120000",
        {"深圳": "440300"},
        15_000,
        StoreSettings("remote", "http://127.0.0.1:3030/{release}/query"),
        "/targets/",
    )
    kept = json.loads(json.dumps(portal_to_json(portal)))
    assert portal_from_json(kept) == replace(portal, store=DEFAULT.store)
    assert portal_from_json(None) == DEFAULT


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "cannot be read as TOML"),
        ('nmae = "x"', "unknown key 'nmae'; known are name, publisher"),
        ('name = "只有一种"', "name: is no table"),
        ('name = { zh = "只有一种" }', 'name: lacks en; write { zh = "…", en = "…" }'),
        ('name = { zh = "一\\n二", en = "x" }', "name.zh: is longer than 200 characters or holds a control"),
        ('contact = "data@example.org"', "write mailto:name@example.org or https://…"),
        ('contact = "javascript:alert(1)"', "is no address"),
        ('base_iri = "https://example.org/id"', "ends in / or #"),
        ('base_iri = "https://example.org/<id>/"', "no IRI may hold"),
        ('licence = { name = "MIT" }', "licence: lacks address"),
        ('licence = { name = "x", address = "javascript:1" }', "licence.address = 'javascript:1' is no web address"),
        ('most_files = "viele"', "most_files = 'viele' is no number of files; write one such as 20000"),
        ("most_files = 0", "is no number of files"),
        ('site_path = "targets"', "site_path = 'targets' is no path of a folder; write \"/\" or one such as"),
        ('site_path = "//elsewhere.example/"', "is no path of a folder"),
        ("place = 12", "six digits of GB/T 2260, such as 120000"),
        ('[places]\n"天津" = "北京"', "places.天津 = '北京' is no place"),
        ('[store]\nkind = "mysql"', "store.kind = 'mysql' is none of embedded, rdflib, remote"),
        ('[store]\nkind = "remote"', "a remote store needs address"),
        ('[store]\naddress = "http://127.0.0.1/"', 'store.address: belongs to kind = "remote"'),
        ("x = " + "[" * 5000, "cannot be read as TOML"),
        ("#" * 70_000, "larger than 64 KiB"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_write(tmp_path: Path, text: str, says: str) -> None:
    """One line that names the file, the key, and the way out."""
    with pytest.raises(PortalError) as caught:
        read_portal(written(tmp_path, text))
    assert says in str(caught.value)
    assert str(tmp_path / "portal.toml") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_place_comes_from_manifest_then_folder_then_default() -> None:
    """The nearest folder's place wins over a farther one's, and a manifest over both; in an archive too."""
    portal = Portal(place="100000", places={"天津": "120000", "深圳": "440300"})
    entries = [
        Entry(Path("/in/天津/a.docx")),
        Entry(Path("/in/天津/深圳/b.docx")),
        Entry(Path("/in/天津/c.docx"), place="310000"),
        Entry(Path("/in/d.docx")),
        Entry(Path("/in/天津/e.zip"), inside=("深圳/f.docx",)),
        Entry(Path("/in/天津.docx")),
    ]
    placed = [entry.place for entry in place_documents(entries, portal)]
    assert placed == ["120000", "440300", "310000", "100000", "440300", "100000"]
    assert [entry.place for entry in place_documents(entries, DEFAULT)] == [None, None, "310000", None, None, None]


def test_a_portal_stands_in_pages_catalogue_and_iris(tmp_path: Path) -> None:
    """Publish with a portal.toml: its base, place, names, publisher, contact and licence are in the release."""
    home = tmp_path / "in"
    home.mkdir()
    with zipfile.ZipFile(home / "all.zip", "w") as archive:
        archive.write(SMALL, "深圳/one.txt")
    out = written(tmp_path / "out", FILLED.partition("[store]")[0])
    done = fiscalkg("publish", home, "--out", out)
    assert done.returncode == 0, done.stderr
    release = open_release(out)
    base = "https://data.example.org/id/"
    assert release.base == base
    store = open_store(release.store)
    statements = rows(store, "SELECT ?s { ?s a <https://w3id.org/fiscalkg/ontology#Statement> }")
    assert all(row["s"].value.startswith(f"{base}statement/440300/") for row in statements)
    assert len(statements) == release.info["counts"]["statements"] > 0
    graph = NamedNode(f"{base}graph/catalogue")
    about = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dcterms: <http://purl.org/dc/terms/>
      SELECT ?graph ?title ?name ?mail ?licence { GRAPH ?graph { ?graph dcterms:title ?title ; dcterms:license ?licence
        ; dcterms:publisher/<http://xmlns.com/foaf/0.1/name> ?name ;
        dcat:contactPoint/<http://www.w3.org/2006/vcard/ns#hasEmail> ?mail
        FILTER(LANG(?title) = "zh" && LANG(?name) = "zh") } }"""
    (found,) = rows(store, about, {"graph": graph})
    assert {name: term.value for name, term in found.items()} == {
        "graph": graph.value,
        "title": "甲 <市> 绩效",
        "name": "甲市财政局",
        "mail": "mailto:open-data@example.org",
        "licence": "https://creativecommons.org/publicdomain/zero/1.0/",
    }
    page = (release.site / "index.html").read_text(encoding="utf-8")
    english = (release.site / "en" / "index.html").read_text(encoding="utf-8")
    assert "甲 &lt;市&gt; 绩效</title>" in page
    assert "甲市财政局" in page
    assert "Targets &amp; more</title>" in english
    assert '<a rel="license" href="https://creativecommons.org/publicdomain/zero/1.0/">CC0 1.0</a>' in english
    written(out, "place = 1")
    for command in (("publish", home, "--out", out), ("serve", out)):
        refused = fiscalkg(*command)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "portal.toml: place = '1' is no place" in refused.stderr

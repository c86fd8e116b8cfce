"""The parts of an Office package (docx, xlsx) as bytes and as XML, within bounds that no honest file reaches."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from lxml import etree

from fiscalkg.loader.errors import DocumentError

__all__ = ["Package", "opened", "parse_xml"]

MOST_MEMBERS = 10_000
LARGEST_MEMBER = 256 * 1024 * 1024
LARGEST_PACKAGE = 512 * 1024 * 1024
# XML of many like rows packs a hundredfold; a bomb packs more than a thousandfold.
HIGHEST_RATIO = 1_000
RATIO_FROM = 4 * 1024 * 1024
DEEPEST = 256  # elements inside elements; lxml itself refuses more than this without ``huge_tree``


class Package:
    """The members of an open package; each is read whole, and counted against the bounds."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        """Take an open archive and the file's name, for messages."""
        self.archive = archive
        self.name = name
        self.names = frozenset(archive.namelist())

    def read(self, member: str) -> bytes | None:
        """Return the bytes of a member, ``None`` where there is none; raises ``DocumentError`` when it is damaged."""
        if member not in self.names:
            return None
        try:
            with self.archive.open(member) as file:
                data = file.read(LARGEST_MEMBER + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise DocumentError(f"{self.name}: {member} inside it is damaged ({error}); get the file again") from error
        if len(data) > LARGEST_MEMBER:
            raise DocumentError(f"{self.name}: {member} inside it is larger than {LARGEST_MEMBER >> 20} MiB")
        return data

    def xml(self, member: str) -> etree._Element | None:
        """Return a member as XML, ``None`` where there is none; raises ``DocumentError`` when it is not."""
        data = self.read(member)
        return None if data is None else parse_xml(data, f"{self.name}: {member} inside it")


@contextmanager
def opened(data: bytes, name: str) -> Iterator[Package]:
    """Open the bytes of a package; raises ``DocumentError`` when it is none, cut off, locked or a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _bound(archive, name)
            yield Package(archive, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, NotImplementedError) as error:
        raise DocumentError(f"{name}: cut off or damaged ({error}); get the file again") from error


def _bound(archive: zipfile.ZipFile, name: str) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise DocumentError(f"{name}: holds more than {MOST_MEMBERS} parts, no Office file does")
    if sum(member.file_size for member in members) > LARGEST_PACKAGE:
        raise DocumentError(f"{name}: would unpack to more than {LARGEST_PACKAGE >> 20} MiB; split it")
    for member in members:
        if member.flag_bits & 1:
            raise DocumentError(f"{name}: is locked with a password; save it without one")
        if member.file_size > RATIO_FROM and member.file_size > HIGHEST_RATIO * max(member.compress_size, 1):
            raise DocumentError(f"{name}: {member.filename} packs more than {HIGHEST_RATIO}-fold, as a zip bomb does")


def parse_xml(data: bytes, what: str) -> etree._Element:
    """Return bytes as XML; no entity is expanded, no DTD read, nothing fetched. Raises ``DocumentError``."""
    # lxml rather than defusedxml: these options refuse what that refuses, and it parses ten times as fast.
    # A comment within a text would cut it in two.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        told = str(error).partition("\n")[0]
        raise DocumentError(f"{what} is no well-formed XML ({told}); open and save the file again") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentError(f"{what} declares a document type, which Office files never do; open and save it again")
    return root

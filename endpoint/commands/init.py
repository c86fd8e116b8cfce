"""A folder into one with a ``portal.toml``: every key a portal may set, with its default, explained in zh and en."""

from __future__ import annotations

from pathlib import Path

import click

from fiscalkg.loader.errors import PortalError
from fiscalkg.loader.portal import FILE

__all__ = ["init"]

TEMPLATE = Path(__file__).parent.parent / "portal.toml"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> int:
    """Write DIR/portal.toml, in which a portal says what it is: names, publisher, contact, base IRI, licence, places.

    DIR is the folder that publish will write releases to (--out); it is made where it does not exist. Every key is
    explained in Chinese and English and stands at its default.

    Exit code 2: DIR holds a portal.toml already, which is never overwritten, or cannot be written.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise PortalError(f"{path}: stands already and is not overwritten; edit it, or move it away") from error
    except OSError as error:
        raise PortalError(f"{path}: cannot be written ({error.strerror or error}); check the folder") from error
    click.echo(f"wrote {path}: fill it in, then run: fiscalkg publish PATH… --out {folder}")
    return 0

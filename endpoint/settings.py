"""What the server may be told, with its defaults: the README's table of limits is compared with these."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["SECURITY_HEADERS", "Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """``directory`` is the folder that publish wrote; ``body`` in bytes."""

    directory: Path
    body: int = 1024 * 1024
    max_age: int = 300


SECURITY_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag"),
)

"""A request into who sent it, so that shares can be fair: an address, behind trusted proxies the one they name."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable

from fastapi import Request

__all__ = ["client_at", "client_of"]

NETWORK = 64  # bits of an IPv6 address that one customer is given


def client_of(request: Request, proxies: Collection[str]) -> str:
    """Return the client's address; of IPv6 the network, since one machine has a whole one."""
    address = request.client.host if request.client else ""
    return client_at(address, request.headers.getlist("x-forwarded-for"), proxies)


def client_at(address: str, headers: Iterable[str], proxies: Collection[str]) -> str:
    """Return the client behind the address of a connection.

    ``X-Forwarded-For`` counts only as far as trusted proxies wrote it: read from its end, up to the first address
    that is none of theirs.
    """
    return _network(_named(address, headers, proxies) if address in proxies else address)


def _named(proxy: str, headers: Iterable[str], proxies: Collection[str]) -> str:
    address = proxy
    forwarded = [part.strip() for part in ",".join(headers).split(",")]
    while address in proxies and forwarded:
        given = forwarded.pop()
        if not _is_address(given):
            break
        address = given
    return address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _network(address: str) -> str:
    if ":" not in address or not _is_address(address):
        return address
    parsed = ipaddress.IPv6Address(address)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, NETWORK), strict=False))

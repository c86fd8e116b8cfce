"""A path of the site into what a browser may do with what stands there."""

from __future__ import annotations

__all__ = ["FRAMES", "policy"]

FRAMES = "; frame-ancestors 'none'"


def policy(path: str) -> str:
    """Return the Content-Security-Policy of a path, without what it says of frames: a meta element may not.

    Only the query page may run WebAssembly.
    """
    own = path.lstrip("/").removeprefix("en/")
    script = "'self' 'wasm-unsafe-eval'; worker-src 'self'" if own.startswith("sparql/") else "'self'"
    return (
        f"default-src 'none'; style-src 'self'; script-src {script}; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'"
    )

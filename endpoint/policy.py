"""A path of the site into what a browser may do with what stands there."""

from __future__ import annotations

__all__ = ["FRAMES", "policy"]

FRAMES = "; frame-ancestors 'none'"
WORKER = "assets/editor/worker.js"


def policy(path: str) -> str:
    """Return the Content-Security-Policy of a path, without what it says of frames: a meta element may not.

    Only the query page may run WebAssembly, and its worker, which browsers hold to the policy of its own file.
    """
    own = path.lstrip("/").removeprefix("en/")
    asks = own == "sparql" or own.startswith("sparql/")
    script = "'self' 'wasm-unsafe-eval'" if asks or own == WORKER else "'self'"
    script += "; worker-src 'self'" if asks else ""
    return (
        f"default-src 'none'; style-src 'self'; script-src {script}; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'"
    )

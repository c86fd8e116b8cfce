"""Documents in, a checked graph and a release out. Knows nothing of HTTP."""

"""One form a module: what its cells say and span, from the interchange JSON of one statement."""

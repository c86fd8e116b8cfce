"""The graph to people and machines: SPARQL endpoint, pages, command line. Imports loader, never the reverse."""

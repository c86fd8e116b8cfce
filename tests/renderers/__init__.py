"""Statements back into originals: docx, html, xlsx and text as units publish them, written from the JSON alone."""

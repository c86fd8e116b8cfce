"""The commands of ``fiscalkg``, one module each: arguments into calls, results into text for people."""

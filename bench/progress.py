"""What a benchmark is doing, on standard error; the report has standard output to itself."""

import sys


def say(what: str) -> None:
    """Write a line."""
    sys.stderr.write(f"bench: {what}\n")
    sys.stderr.flush()

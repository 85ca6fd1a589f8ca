"""Says what was seen."""

import sys


def tell(line: str) -> None:
    """Say what was seen."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

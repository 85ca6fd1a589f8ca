"""One of several programs that enrol voices of the same names at the same time.

    python -m tests.store.rival FOLDER DISPLAY_NAME

Begins with the first line of standard input; prints the names it got.
"""

import sys
from pathlib import Path

from tests.store.newcomers import add
from wyoming_indextts.errors import BadRequestError

NAMES = tuple(f"voice-{number}" for number in range(20))

if __name__ == "__main__":
    print("ready", flush=True)  # noqa: T201 - to the test
    sys.stdin.readline()
    for name in NAMES:
        try:
            add(Path(sys.argv[1]), name, sys.argv[2])
        except BadRequestError:
            continue
        print(name)  # noqa: T201 - likewise

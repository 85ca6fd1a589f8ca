"""Kills itself (SIGKILL) before one step of the system after another of a change to the voices.

    python -m tests.store.crashing add|remove FOLDER

Leaves FOLDER/0, FOLDER/1, ...: each a folder of voices as the crash before that step left it. The
last one is of a change that came to its end. Steps are what Python itself reports to its auditors.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from tests.store.newcomers import add, derive
from wyoming_indextts.store.voices import remove_voice

STEPS = ("open", "os.", "shutil.", "tempfile.", "fcntl.")
"""How the names of events begin that tell of the disk."""


def killed_before(step: int) -> Callable[[str, object], None]:
    """Return an auditor that lets `step` steps pass."""
    left = count(step, -1)

    def audit(event: str, _: object) -> None:
        if event.startswith(STEPS) and not next(left):
            os.kill(os.getpid(), signal.SIGKILL)

    return audit


def crash(change: str, folder: Path) -> None:
    """Crash in a child at every step there is."""
    for step in count():
        voices = folder / str(step)
        derive(add(voices, "dad"))
        if change == "remove":
            derive(add(voices, "mum"))
        if not (child := os.fork()):
            sys.addaudithook(killed_before(step))
            add(voices, "mum") if change == "add" else remove_voice(voices, "mum")
            os._exit(0)
        if os.waitpid(child, 0)[1] != signal.SIGKILL:
            return


if __name__ == "__main__":
    crash(sys.argv[1], Path(sys.argv[2]))

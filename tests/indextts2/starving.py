"""A process that has no memory left for one sentence, and has for the next: prints what it heard.

Run as `python -m tests.indextts2.starving MODEL VOICES`.
"""

import re
import resource
import sys
from pathlib import Path
from typing import Final

from tests.indextts2.test_engine import job, speak, started

SPARE: Final = 2**22
"""Bytes that may still be taken: too little for a long text."""


def main() -> None:
    """Speak a sentence without memory, then with."""
    engine = started(Path(sys.argv[1]), Path(sys.argv[2]))
    speak(engine, job(1))
    status = Path("/proc/self/status").read_text("ascii")
    size = int(re.findall(r"VmSize:\s+(\d+) kB", status)[0]) * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size + SPARE, resource.RLIM_INFINITY))
    heard = speak(engine, job(2, "The washing machine is done, the door is open. " * 40))[2]
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    sys.stdout.write(f"{heard.error.code if heard.error else 'spoken'}\n")
    heard = speak(engine, job(3))[3]
    sys.stdout.write(f"{heard.error.code if heard.error else 'spoken'}\n")


if __name__ == "__main__":
    main()

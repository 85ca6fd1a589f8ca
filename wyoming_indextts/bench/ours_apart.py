"""Our contestant as users run it: the engine in a process of its own, voices that may come.

    python -m wyoming_indextts.bench.ours_apart CONTEST

An engine that was idle for `Contest.idle` seconds gives its memory back.
"""

import asyncio
import sys
import time
from dataclasses import replace

from wyoming_indextts import __version__
from wyoming_indextts.bench.contest import Contest
from wyoming_indextts.bench.serving import offering_of, options_of, serve
from wyoming_indextts.process.supervisor import ProcessRunner
from wyoming_indextts.runners import INDEXTTS2, lead_limits
from wyoming_indextts.settings import Settings
from wyoming_indextts.store.watch import watched


def main() -> None:
    """Serve until standard input ends."""
    asyncio.run(_serve(Contest.from_json(sys.argv[1])))


async def _serve(contest: Contest) -> None:
    offering = offering_of(contest)
    options = replace(options_of(contest), since=time.time())
    limits = replace(lead_limits(Settings()), idle_unload=contest.idle)
    async with (
        ProcessRunner(INDEXTTS2, options, limits) as runner,
        watched(options.voices, offering.enrol),
    ):
        await serve(runner, offering, f"wyoming-indextts {__version__}", {})


if __name__ == "__main__":
    main()

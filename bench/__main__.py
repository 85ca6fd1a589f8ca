"""What `script/bench` runs: voice, server or protocol, or all of them one after the other."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable
from functools import partial
from typing import Final, Protocol

from bench import comparison, embedded_voice
from bench.protocol import measurement


class Benchmark(Protocol):
    """Measures, quickly or thoroughly."""

    def __call__(self, *, quick: bool) -> Awaitable[str]:
        """Return the report in Markdown."""
        ...


NAMES: Final = ("voice", "server", "protocol")
"""The benchmarks, in the order in which they are run."""


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="script/bench", description="Measure this program on this machine."
    )
    parser.add_argument(
        "benchmark",
        nargs="?",
        choices=NAMES,
        help="voice: the embedded voice's work, first sound and memory; server: ours beside "
        "wyoming-piper; protocol: everything but the engine. All of them if none is named",
    )
    parser.add_argument(
        "--quick", action="store_true", help="a smoke run; its numbers mean nothing"
    )
    parser.add_argument(
        "--speech",
        type=float,
        metavar="SECONDS",
        help="voice: of speech, after which memory is looked at (600)",
    )
    arguments = parser.parse_args()
    benchmarks: dict[str, Benchmark] = {
        "voice": partial(embedded_voice.report, speech=arguments.speech),
        "server": comparison.report,
        "protocol": measurement.report,
    }
    chosen = [arguments.benchmark] if arguments.benchmark else NAMES
    try:
        asyncio.run(_run([benchmarks[name] for name in chosen], quick=arguments.quick))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("script/bench: stopped; the servers are ended")


async def _run(benchmarks: list[Benchmark], *, quick: bool) -> None:
    task = asyncio.current_task()
    if task is not None:  # the servers are ended, however this is
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    for benchmark in benchmarks:
        sys.stdout.write(f"{await benchmark(quick=quick)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""What `script/bench` runs: voice, server, protocol, gateway, or one after the other; or seams."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from bench import comparison, embedded_voice, gateway
from bench.protocol import measurement


class Benchmark(Protocol):
    """Measures, quickly or thoroughly."""

    def __call__(self, *, quick: bool) -> Awaitable[str]:
        """Return the report in Markdown."""
        ...


NAMES: Final = ("voice", "server", "protocol", "gateway")
"""The benchmarks that need nothing more, in the order in which they are run."""

SEAMS: Final = "seams"
"""One that needs the extra `indextts2` and weights."""


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="script/bench", description="Measure this program on this machine."
    )
    parser.add_argument(
        "benchmark",
        nargs="?",
        choices=(*NAMES, SEAMS),
        help="voice: the embedded voice's work, first sound and memory; server: ours beside "
        "wyoming-piper; protocol: everything but the engine; gateway: what it adds, and how soon "
        "the embedded voice speaks without the far side. All of them if none is named. "
        "seams: what streaming costs IndexTTS2, with the weights of --weights",
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
    parser.add_argument(
        "--weights",
        type=Path,
        default=Path("cache_hub"),
        metavar="DIR",
        help="seams: the folder of IndexTTS2's official files (cache_hub)",
    )
    arguments = parser.parse_args()
    benchmarks: dict[str, Benchmark] = {
        "voice": partial(embedded_voice.report, speech=arguments.speech),
        "server": comparison.report,
        "protocol": measurement.report,
        "gateway": gateway.report,
    }
    if arguments.benchmark == SEAMS:
        from bench import seams  # noqa: PLC0415 - the others run where there is no torch

        benchmarks[SEAMS] = partial(seams.report, weights=arguments.weights)
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

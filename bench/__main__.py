"""What `script/bench` runs: one benchmark, or the usual ones one after the other."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol


class Benchmark(Protocol):
    """Measures, quickly or thoroughly."""

    def __call__(self, *, quick: bool) -> Awaitable[str]:
        """Return the report in Markdown."""
        ...


USUAL: Final = ("voice", "server", "protocol", "gateway")
"""The benchmarks that are run one after the other if none is named."""

REPORTS: Final = {
    "voice": ("bench.embedded_voice", "the embedded voice's work, first sound and memory"),
    "server": ("bench.comparison", "ours beside wyoming-piper"),
    "protocol": ("bench.protocol.measurement", "everything but the engine"),
    "gateway": (
        "bench.gateway",
        "what it adds, and how soon the embedded voice speaks without the far side",
    ),
    "web": ("bench.web", "HTTP, WebSockets and WebRTC without a browser"),
    "page": ("bench.page.report", "from a click to sound and to silence in Chromium"),
    "mqtt": ("bench.mqtt.measurement", "from command to state and sound, with mosquitto"),
    "seams": ("bench.seams", "what streaming costs IndexTTS2, with the weights of --weights"),
}
"""Where each is, and what it measures; each is imported only to be run, for what it needs."""


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="script/bench", description="Measure this program on this machine."
    )
    parser.add_argument(
        "benchmark",
        nargs="?",
        choices=REPORTS,
        help="; ".join(f"{name}: {about}" for name, (_, about) in REPORTS.items())
        + f". If none is named: {', '.join(USUAL)}",
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
    more = {"voice": {"speech": arguments.speech}, "seams": {"weights": arguments.weights}}
    chosen = [arguments.benchmark] if arguments.benchmark else USUAL
    benchmarks = [_benchmark(name, more.get(name, {})) for name in chosen]
    try:
        asyncio.run(_run(benchmarks, quick=arguments.quick))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("script/bench: stopped; the servers are ended")


def _benchmark(name: str, more: Mapping[str, object]) -> Benchmark:
    module, _ = REPORTS[name]
    measure: Benchmark = partial(import_module(module).report, **more)
    return measure


async def _run(benchmarks: list[Benchmark], *, quick: bool) -> None:
    task = asyncio.current_task()
    if task is not None:  # the servers are ended, however this is
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    for benchmark in benchmarks:
        sys.stdout.write(f"{await benchmark(quick=quick)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

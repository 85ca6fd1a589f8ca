"""The page in numbers: from a click to sound and to silence, in a real browser, over each way.

The engine answers at once and costs nothing, so that what is measured is everything but it. Times
are to the audio graph, where an AudioWorklet listens (its clock ticks in milliseconds); what
the browser's output adds, about 30 ms, comes on top.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page

from bench.machine import heading
from bench.percentiles import median, percentile
from bench.processes import HOST
from bench.progress import say
from bench.protocol.tone import CHARACTER
from bench.table import table
from tests.edges.own_network import own_network
from tests.page.browser import chromium

FILES: Final = Path(__file__).parent

LONG: Final = "a" * round(30 / CHARACTER)
"""Half a minute."""

WAYS: Final = {"webrtc": ("WebRTC", 75), "websocket": ("WebSocket", 25), "http": ("fetch", 35)}
"""What each is called, and the median that is the goal of its first sample (ms)."""

SILENT_IN_PAGE, SILENT_ON_WIRE = 20, 100
"""Goals of a stop: the most milliseconds."""

CROWDS: Final = ((8, False), (20, True))
"""How many listen at once, and whether to one."""


PATIENCE: Final = 240.0
"""Seconds that one measurement may take."""


class Program:
    """The server's process, asked about itself."""

    def __init__(self, into: asyncio.StreamWriter, out: asyncio.StreamReader) -> None:
        self._into = into
        self._out = out

    async def line(self) -> Any:  # noqa: ANN401 - JSON
        """Return what it prints next."""
        return json.loads(await self._out.readline())

    async def look(self) -> Mapping[str, Any]:
        """Return how late its loop was since the last look, and its CPU seconds so far."""
        self._into.write(b"\n")
        found: Mapping[str, Any] = await self.line()
        return found


async def report(*, quick: bool) -> str:
    """Return the report in Markdown."""
    times = 3 if quick else 25
    seconds = 2 if quick else 15
    with own_network():
        async with _server() as (program, url), chromium() as browser:
            loads = [os.getloadavg()[0]]
            title = heading("The page in a browser", (f"Chromium {browser.version}",))
            speed = [await _speed(browser, program, url, way, times) for way in WAYS]
            speed.append(await _wire(browser, program, url, times))
            crowds = [
                await _crowd(browser, program, url, count, seconds, together=together)
                for count, together in CROWDS
            ]
            loads.append(os.getloadavg()[0])
    load = f"Load average {loads[0]:.1f} before, {loads[1]:.1f} after.\n"
    first = table(
        ("ms", "first sample, median", "p90", "goal", "silence, median", "most", "goal",
         "loop late, median", "p90", "most"), speed,
    )  # fmt: skip
    many = table(
        ("listeners", "made up, mean %", "most %", "goal", "packets of those sent, %",
         "loop late, median ms", "p90", "most", "CPU of the server, %", "of an idle peer, %"),
        crowds,
    )  # fmt: skip
    return f"{title}\n{load}\n{first}\n\n{many}\n"


@asynccontextmanager
async def _server() -> AsyncGenerator[tuple[Program, str], None]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.page.server"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the server has no pipes")
    program = Program(process.stdin, process.stdout)
    try:
        yield program, f"http://{HOST}:{await program.line()}/"
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def _page(browser: Browser, url: str, way: str) -> AsyncGenerator[Page, None]:
    """Open the page with what measures in it."""
    async with await browser.new_context(bypass_csp=True) as context:  # for the tap
        page = await context.new_page()
        tap = (FILES / "tap.js").read_text("utf-8")
        await page.add_init_script(f"window.benchTap = {json.dumps(tap)}")
        await page.add_init_script(f"localStorage.setItem('wyoming-indextts.transport', '{way}')")
        await page.add_init_script(path=FILES / "measure.js")
        await page.goto(url)
        await page.wait_for_selector("html[data-ready]")
        await page.fill("#text", LONG)
        await page.click("#stop")  # somebody has touched it: it may sound
        yield page


async def _speed(
    browser: Browser, program: Program, url: str, way: str, times: int
) -> Sequence[str | float]:
    name, goal = WAYS[way]
    say(f"page: {name}")
    async with _page(browser, url, way) as page:
        await program.look()
        async with asyncio.timeout(PATIENCE):
            found = await page.evaluate("(times) => bench.clicks(times)", times)
        late = (await program.look())["late"]
        shown = await page.inner_text("#badge")
    if not shown.startswith({"fetch": "HTTP"}.get(name, name)):
        raise RuntimeError(f"{name} was wanted, and it was {shown}")
    began, ended = found["began"], found["ended"]
    return (
        name, median(began), percentile(began, 90), f"{goal}", median(ended), max(ended),
        f"{SILENT_IN_PAGE}", *late,
    )  # fmt: skip


async def _wire(browser: Browser, program: Program, url: str, times: int) -> Sequence[str | float]:
    say("page: on the wire")
    async with _page(browser, url, "http") as page:
        await program.look()
        async with asyncio.timeout(PATIENCE):
            ended = await page.evaluate("([n, text]) => bench.wire(n, text)", [times, LONG])
        late = (await program.look())["late"]
    return (
        "WebRTC on the wire, page not muted", "", "", "", median(ended), max(ended),
        f"{SILENT_ON_WIRE}", *late,
    )  # fmt: skip


async def _crowd(
    browser: Browser, program: Program, url: str, count: int, seconds: int, *, together: bool
) -> Sequence[str | float]:
    say(f"page: {count} listeners")
    async with _page(browser, url, "http") as page:
        await program.look()
        before = (await program.look())["cpu"]
        script = "([count, text, seconds, one]) => bench.crowd(count, text, seconds, one)"
        async with asyncio.timeout(PATIENCE):
            found = await page.evaluate(script, [count, LONG, seconds, together])
        told = await program.look()
        used = (told["cpu"] - before) / (seconds + 1)
        await page.evaluate("bench.leave()")  # what is spoken ends, the peers come anew and idle
        idle = await _idle(page, program, count)
    concealed = [100 * one["concealed"] for one in found]
    packets = min(one["packets"] for one in found) / (50 * seconds)
    what = f"{count} of one speech" if together else f"{count}, each of its own speech"
    return (
        what, sum(concealed) / len(concealed), max(concealed), "1", 100 * packets,
        *told["late"], 100 * used, idle,
    )  # fmt: skip


async def _idle(page: Page, program: Program, count: int) -> float:
    """Return the percentage of a core that a peer costs to whom nobody speaks."""
    await asyncio.sleep(1)
    alone = await _used(program)
    await page.evaluate("(count) => bench.crowd(count, 'a', 1, false)", min(count, 20))
    await asyncio.sleep(1)
    held = await _used(program)
    await page.evaluate("bench.leave()")
    return max(0.0, 100 * (held - alone) / count)


async def _used(program: Program, seconds: float = 4.0) -> float:
    before = (await program.look())["cpu"]
    await asyncio.sleep(seconds)
    return float((await program.look())["cpu"] - before) / seconds

"""WebRTC in the page over lines that lose much, and visits that come and go."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.edges.http_house import House, serving
from tests.page.browser import PATIENCE, visiting
from tests.page.proxied import below
from tests.page.relay import bad_line
from tests.page.voiced import VoicedEngine
from tests.tone import CHARACTER
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.edges.http.quality import Quality

pytestmark = pytest.mark.asyncio(loop_scope="package")

SPEECH: Final = "a" * round(8 / CHARACTER) + "."
"""Eight seconds."""

COMINGS: Final = """
async (count) => {
  const { WebRtcTransport } = await import("./page/webrtc.js");
  for (let i = 0; i < count; i += 1) {
    const transport = new WebRtcTransport(() => {});
    await transport.open();
    transport.close();
  }
}
"""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of eight seconds of speech in the browser."""

    lost: int
    """Packets."""
    mended: int
    """Of those."""
    made_up: float
    """Seconds that the browser made up."""


@dataclass(frozen=True, slots=True)
class Vanished:
    """A house whose visitor is heard of no more since `at`."""

    house: House
    at: float


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def vanished(browser: Browser) -> AsyncGenerator[Vanished, None]:
    """Let a page vanish in mid-speech; what becomes of it is looked at by the last test here."""
    async with AsyncExitStack() as up:
        house = await up.enter_async_context(serving())
        line = await up.enter_async_context(bad_line())
        url = await up.enter_async_context(below("/far", house.url, mend=line.mend))
        gone = ("ERR_INTERNET_DISCONNECTED", "WebSocket connection")
        visiting_it = visiting(browser, url, transport="webrtc", expected=gone)
        visit = await up.enter_async_context(visiting_it)
        await visit.speak(SPEECH * 10)
        await visit.sounding()
        await visit.page.context.set_offline(True)
        line.dead = True
        yield Vanished(house, time.monotonic())


@pytest.mark.usefixtures("vanished")
async def test_what_is_lost_is_mended_by_the_packet_after_it(browser: Browser) -> None:
    """Of 5 % of the packets, with and without in-band correction; the same ones are lost."""
    mended, unmended = await asyncio.gather(
        _over_a_bad_line(browser, Quality(32_000, 10)),
        _over_a_bad_line(browser, Quality(32_000, 0)),
    )
    print(f"with correction {mended}, without {unmended}")  # noqa: T201
    assert mended.mended > 0.5 * mended.lost
    assert unmended.mended == 0
    assert mended.made_up < unmended.made_up


async def _over_a_bad_line(browser: Browser, quality: Quality) -> Received:
    options = HttpOptions(qualities=(quality,))
    async with (
        serving(VoicedEngine(), options) as house,
        bad_line() as line,
        below("/bad", house.url, mend=line.mend) as url,
        visiting(browser, url, transport="webrtc") as visit,
    ):
        line.lose(0.05, seed=1)
        await visit.speak(SPEECH)
        await visit.state("finished")
        found = await visit.inbound()
        assert line.lost > 10
        mended = found["fecPacketsReceived"] - found["fecPacketsDiscarded"]
        made_up = found["concealedSamples"] - found["silentConcealedSamples"]
        return Received(line.lost, int(mended), made_up / 48_000)


@pytest.mark.usefixtures("vanished")
async def test_who_comes_and_goes_leaves_nothing(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        await visit.page.evaluate(f"({COMINGS})(3)")
        await house.emptied_sessions()
        before = _held()
        await visit.page.evaluate(f"({COMINGS})(60)")
        await house.emptied_sessions()
        await _settled(before)


@pytest.mark.usefixtures("vanished")
async def test_a_page_that_is_loaded_again_leaves_nothing(browser: Browser) -> None:
    async with serving() as house:
        async with visiting(
            browser,
            house.url,
            transport="webrtc",
            expected=("404",),  # an icon, of no page
        ) as visit:
            for _ in range(5):
                await visit.page.reload()
                await visit.page.wait_for_selector("html[data-ready]")
                await visit.badge("WebRTC")
                async with asyncio.timeout(PATIENCE / 1000):
                    while house.server.sessions != 1:
                        await asyncio.sleep(0.01)
            await visit.page.goto(f"{house.url}/healthz")
            assert not any("/whep/" in address for address in visit.asked)  # nobody said goodbye
            await house.emptied_sessions()


async def test_a_page_that_vanishes_is_given_up(vanished: Vanished) -> None:
    """Browsers report every few seconds on what they receive."""
    async with asyncio.timeout(vanished.at + 35 - time.monotonic()):
        while vanished.house.server.sessions:
            await asyncio.sleep(0.1)
    await vanished.house.silent()


async def test_who_helps_through_the_network_is_the_servers_choice(browser: Browser) -> None:
    header = (
        '<stun:stun.example.org>; rel="ice-server", <turn:turn.example.org?transport=udp>;'
        ' rel="ice-server"; username="me"; credential="a \\"b\\" c"; credential-type="password"'
    )
    script = "(text) => import('./page/webrtc.js').then((m) => m.iceServers(text))"
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        assert await visit.page.evaluate(script, "") == []
        assert await visit.page.evaluate(script, header) == [
            {"urls": "stun:stun.example.org"},
            {
                "urls": "turn:turn.example.org?transport=udp",
                "username": "me",
                "credential": 'a "b" c',
            },
        ]


def _held() -> tuple[int, int]:
    """Return how many files and tasks this process has."""
    return len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())


async def _settled(before: tuple[int, int]) -> None:
    """Wait until no more is held than before."""
    async with asyncio.timeout(30):
        while any(now > then for now, then in zip(_held(), before, strict=True)):
            await asyncio.sleep(0.1)

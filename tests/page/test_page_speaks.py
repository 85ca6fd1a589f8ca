"""The page speaks: measured in the browser, at the loudspeaker's end of the audio graph."""

import numpy as np
import pytest
from playwright.async_api import Browser

from tests.edges.http_house import serving
from tests.page.browser import visiting
from tests.tone import ToneEngine

pytestmark = pytest.mark.asyncio(loop_scope="package")

WAYS = ["websocket", "http"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_text_is_heard(browser: Browser, way: str) -> None:
    async with serving() as house, visiting(browser, house.url, transport=way) as visit:
        await visit.speak("A sentence that is long enough to be heard.")
        await visit.sounding()
        await visit.state("finished")
        badge = await visit.page.inner_text("#badge")
        assert {"websocket": "WebSocket", "http": "HTTP"}[way] in badge
        assert "first sound after" in badge


@pytest.mark.parametrize("way", WAYS)
async def test_pieces_join_without_a_seam(browser: Browser, way: str) -> None:
    """A tone goes on as it began: each sample follows from the two before it."""
    async with serving() as house, visiting(browser, house.url, transport=way) as visit:
        await visit.speak("a" * 60 + ".")
        await visit.sounding()
        await visit.page.wait_for_timeout(700)
        await visit.page.keyboard.press("Shift")
        heard = await visit.heard()
    tone = heard.samples[-heard.rate // 2 :]
    assert np.abs(tone).max() > 0.2
    follows = 2 * np.cos(2 * np.pi * 440 / heard.rate) * tone[1:-1] - tone[:-2]
    assert np.abs(tone[2:] - follows).max() < 0.002


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("by", ["click", "Escape"])
async def test_stop_is_silence(browser: Browser, way: str, by: str) -> None:
    engine = ToneEngine()
    async with serving(engine) as house, visiting(browser, house.url, transport=way) as visit:
        await visit.speak("b" * 200 + ".")
        await visit.sounding()
        if by == "click":
            await visit.page.click("#stop")
        else:
            await visit.page.keyboard.press("Escape")
        await visit.state("stopped")
        await visit.silent()
        heard = await visit.heard()
        print(way, by, heard.last_sound - heard.asked)
        assert heard.last_sound - heard.asked < 0.1
        await house.silent()

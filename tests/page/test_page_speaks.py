"""The page speaks: measured in the browser, at the loudspeaker's end of the audio graph."""

import asyncio

import numpy as np
import pytest
from playwright.async_api import Browser

from tests.edges.http_house import serving
from tests.page.browser import PATIENCE, Visit, visiting
from tests.page.proxied import below
from tests.page.relay import bad_line
from tests.page.voiced import HIGH, LOW, VoicedEngine, pitch_of
from tests.tone import ToneEngine
from wyoming_indextts.speech.emotion import emotion
from wyoming_indextts.speech.speaker import SpeakerOptions

pytestmark = pytest.mark.asyncio(loop_scope="package")

WAYS = ["webrtc", "websocket", "http"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_text_is_heard(browser: Browser, way: str) -> None:
    async with serving() as house, visiting(browser, house.url, transport=way) as visit:
        await visit.speak("A sentence that is long enough to be heard.")
        await visit.sounding()
        await visit.state("finished")
        badge = await visit.page.inner_text("#badge")
        assert {"webrtc": "WebRTC", "websocket": "WebSocket", "http": "HTTP"}[way] in badge
        assert "first sound after" in badge


@pytest.mark.parametrize("way", ["websocket", "http"])
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
        assert heard.last_sound - heard.asked < 0.02
        await house.silent()


async def test_a_new_text_goes_instead_of_the_one_that_is_spoken(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url) as visit:
        await visit.speak("c" * 400 + ".")
        await visit.sounding()
        await visit.speak("Short.")
        await visit.state("finished")
        said = await visit.page.locator("#history .said").all_inner_texts()
        assert said == ["Short.", "c" * 400 + "."]


async def test_an_emotion_changed_in_mid_text_is_heard_from_the_next_sentence(
    browser: Browser,
) -> None:
    engine = ToneEngine()  # however fast it is
    async with serving(engine) as house, visiting(browser, house.url) as visit:
        await visit.speak("This is one of very many sentences. " * 40)
        await visit.sounding()
        await visit.page.get_by_role("radio", name="happy").check()
        happy = emotion((1, 0, 0, 0, 0, 0, 0, 0)).weights
        async with asyncio.timeout(PATIENCE / 1000):
            while engine.jobs[-1].style.emotion.weights != happy:
                await asyncio.sleep(0.05)
        assert engine.jobs[0].style.emotion.weights != happy
        assert "many sentences" in await visit.page.inner_text("#sentence")


@pytest.mark.parametrize("way", ["webrtc", "websocket"])
async def test_a_changed_emotion_is_heard_in_the_voice(browser: Browser, way: str) -> None:
    engine = VoicedEngine()
    async with serving(engine) as house, visiting(browser, house.url, transport=way) as visit:
        await visit.speak("Many sentences are so short. " * 40)
        await visit.sounding()
        await _voiced(visit, LOW)
        await visit.page.get_by_role("radio", name="happy").check()
        await _voiced(visit, HIGH)
        assert len(await visit.page.locator("#history li").all()) == 0  # it is one utterance


async def _voiced(visit: Visit, pitch: float) -> None:
    """Wait until what is heard has that F0."""
    found = 0.0
    async with asyncio.timeout(PATIENCE / 1000):
        while abs(found - pitch) > 5:
            await asyncio.sleep(0.1)  # looking costs the page's own time
            heard = await visit.now()
            found = pitch_of(heard.samples[-heard.rate // 4 :], heard.rate)


@pytest.mark.parametrize("way", WAYS)
async def test_the_meter_and_the_wave_show_what_is_heard(browser: Browser, way: str) -> None:
    drawn = "document.getElementById('wave').toDataURL()"
    async with serving() as house, visiting(browser, house.url, transport=way) as visit:
        await visit.speak("g" * 200 + ".")
        await visit.sounding()
        await visit.until("document.getElementById('level').value > 30")
        loud = await visit.value(drawn)
        await visit.page.click("#stop")
        await visit.silent()
        await visit.until("document.getElementById('level').value === 0")
        assert await visit.value(drawn) != loud


async def test_whoever_waits_is_told_and_gets_his_turn(browser: Browser) -> None:
    limits = SpeakerOptions(speaking=1, waiting=4)
    engine = ToneEngine(pace=0.02)
    async with (
        serving(engine, limits=limits) as house,
        visiting(browser, house.url) as visit,
        house.client.get("/stream", params={"text": "Somebody else speaks. " * 200}) as other,
    ):
        await other.content.readany()
        await visit.speak("My turn.")
        await visit.state("queued")
        assert "Waiting" in await visit.page.inner_text("#status")
        other.close()
        await visit.state("finished")


async def test_where_no_udp_goes_through_it_speaks_over_a_websocket(browser: Browser) -> None:
    async with serving() as house, bad_line() as line:
        line.dead = True
        async with (
            below("/bridge", house.url, mend=line.mend) as url,
            visiting(browser, url) as visit,
        ):
            assert await visit.page.inner_text("#badge") == "WebSocket"
            await visit.speak("The second way.")
            await visit.state("finished")
            assert "WebSocket" in await visit.page.inner_text("#badge")


async def test_where_no_socket_goes_through_it_speaks_over_http(browser: Browser) -> None:
    async with serving() as house, bad_line() as line:
        line.dead = True
        async with (
            below("/plain", house.url, sockets=False, mend=line.mend) as url,
            visiting(browser, url, expected=("WebSocket connection",)) as visit,
        ):
            assert await visit.page.inner_text("#badge") == "HTTP"
            await visit.speak("The last way.")
            await visit.state("finished")
            assert "HTTP" in await visit.page.inner_text("#badge")


async def test_a_line_that_dies_is_left_for_another(browser: Browser) -> None:
    """What was asked for just then is spoken all the same."""
    async with (
        serving() as house,
        bad_line() as line,
        below("/walk", house.url, mend=line.mend) as url,
        visiting(browser, url) as visit,
    ):
        await visit.badge("WebRTC")
        line.dead = True
        await visit.speak("Out of the house.")
        await visit.state("finished")
        assert "WebRTC" not in await visit.page.inner_text("#badge")


async def test_a_server_that_was_restarted_is_found_again(browser: Browser) -> None:
    lost = ("WebSocket connection", "Failed to load resource", "ERR_")
    async with serving() as house, visiting(browser, house.url, expected=lost) as visit:
        await visit.speak("Before.")
        await visit.state("finished")
        await house.down()
        async with serving(port=house.port) as again:
            async with asyncio.timeout(PATIENCE / 1000):
                while not again.server.sessions:
                    await asyncio.sleep(0.05)
            await visit.speak("After.")
            await visit.state("finished")
            assert again.engine.said == "After."


async def test_a_server_that_goes_down_in_mid_text_is_told(browser: Browser) -> None:
    lost = ("WebSocket connection", "ERR_CONNECTION")
    engine = ToneEngine(pace=0.02)
    async with serving(engine) as house, visiting(browser, house.url, expected=lost) as visit:
        await visit.speak("d" * 400 + ".")
        await visit.sounding()
        await house.down()
        await visit.state("failed")
        await visit.silent()
        await visit.speak("Once more.")
        await visit.state("failed")
        assert "cannot be reached" in await visit.page.inner_text("#status")

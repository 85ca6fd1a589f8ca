"""What one does on the page reaches the server, and what was heard can be had again."""

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.async_api import Browser

from tests.edges.http_house import ON_A_SLOW_MACHINE, SLOW, House, decoded, serving
from tests.edges.proxy_house import certificate
from tests.page.browser import PATIENCE, Visit, visiting
from tests.page.proxied import below
from tests.tone import CHARACTER, ToneEngine
from wyoming_indextts.speech.emotion import emotion

pytestmark = pytest.mark.asyncio(loop_scope="package")

TEXT = "It's \"5 o'clock\" & 100% done: 你好 $HOME `x` 1+1."


async def test_voice_preset_speed_and_volume_are_asked_for(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        await visit.page.select_option("#voice", "bob")
        await visit.page.get_by_role("radio", name="happy").check()
        await visit.page.fill("#speed", "1.5")
        await visit.page.fill("#volume", "0.5")
        await visit.page.fill("#intensity", "0.5")
        await visit.speak("Hello.")
        await visit.state("finished")
        style = house.engine.jobs[-1].style
        assert style.voice == "bob"
        assert style.speed == 1.5
        weights = emotion((1, 0, 0, 0, 0, 0, 0, 0), intensity=0.5).weights
        assert style.emotion.weights == pytest.approx(weights)
        assert "happy" in await visit.page.inner_text("#history")


async def test_a_preset_sets_the_sliders_and_the_sum_tells_its_limit(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        page = visit.page
        await page.get_by_role("radio", name="excited").check()
        assert await page.input_value("#happy") == "0.7"
        await page.fill("#calm", "1")
        assert await page.get_by_role("radio", name="My own mix").is_checked()
        assert "over 0.8" in await page.inner_text("#sum")
        await visit.speak("Hello.")
        await visit.state("finished")
        weights = emotion((0.7, 0, 0, 0, 0, 0, 0.4, 1)).weights
        assert house.engine.jobs[-1].style.emotion.weights == pytest.approx(weights)
        await page.fill("#calm", "0")
        await page.fill("#happy", "0.1")
        assert "of at most 0.8" in await page.inner_text("#sum")


async def test_the_preview_speaks_in_the_voice_and_is_no_history(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        await visit.page.select_option("#voice", "bob")
        await visit.page.click("#preview")
        await visit.state("finished")
        assert house.engine.jobs[-1].style.voice == "bob"
        assert await visit.page.locator("#history li").count() == 0


async def test_the_page_shows_what_is_on_the_stage(browser: Browser) -> None:
    async with serving() as house:
        stage = {"voice": "bob", "emotion": "sad", "speed": 1.25}
        async with house.client.put("/stage", json=stage) as answer:
            assert answer.status == 200
        async with visiting(browser, house.url, transport="http") as visit:
            assert await visit.page.input_value("#voice") == "bob"
            assert await visit.page.input_value("#speed") == "1.25"
            assert await visit.page.get_by_role("radio", name="sad").is_checked()


@pytest.mark.parametrize("way", ["webrtc", "http"])
async def test_what_was_heard_is_replayed_without_asking_again(browser: Browser, way: str) -> None:
    async with serving() as house, visiting(browser, house.url, transport=way) as visit:
        await visit.speak("Once is not enough.")
        await visit.state("finished")
        await visit.silent()
        spoken = len(house.engine.jobs)
        await visit.page.click("#history .replay")
        await visit.sounding()
        await visit.silent()
        assert len(house.engine.jobs) == spoken
        await visit.page.fill("#text", "")
        await visit.page.click("#history .reuse")
        assert await visit.page.input_value("#text") == "Once is not enough."


async def test_a_download_is_a_wav_file_that_says_it_is_synthetic(
    browser: Browser, tmp_path: Path
) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        await visit.speak("A file.")
        await visit.state("finished")
        async with visit.page.expect_download() as coming:
            await visit.page.click("#history .download")
        await (await coming.value).save_as(tmp_path / "speech.wav")
        samples, rate, tags = decoded((tmp_path / "speech.wav").read_bytes())
        plain = await house.sound("GET", "/stream", params={"text": "A file."})
        assert rate == house.engine.rate
        assert np.array_equal(np.round(samples * 32768), np.frombuffer(plain, "<i2"))
        assert "Synthetic speech" in tags["comment"]


async def test_a_live_stream_is_kept_as_it_was_heard(browser: Browser, tmp_path: Path) -> None:
    async with serving() as house, visiting(browser, house.url, transport="webrtc") as visit:
        await visit.speak("What is kept of a stream.")
        await visit.state("finished")
        async with visit.page.expect_download() as coming:
            await visit.page.click("#history .download")
        await (await coming.value).save_as(tmp_path / "speech.wav")
    samples, rate, tags = decoded((tmp_path / "speech.wav").read_bytes())
    seconds = CHARACTER * len("What is kept of a stream.")
    assert len(samples) / rate == pytest.approx(seconds, abs=0.3)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * rate / len(samples) == pytest.approx(440, abs=2)
    assert "Synthetic speech" in tags["comment"]


async def test_a_text_too_long_for_an_address_is_spoken_too(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        await visit.speak("Eight words are in this long one, friend. " * 60)
        await visit.sounding()
        async with asyncio.timeout(PATIENCE / 1000):
            while house.engine.said.count("friend") < 60:
                await asyncio.sleep(0.05)


async def test_what_cannot_be_spoken_is_told_and_the_next_is_spoken(browser: Browser) -> None:
    async with (
        serving(ToneEngine(fails_on="bad")) as house,
        visiting(browser, house.url, transport="http", expected=("500",)) as visit,
    ):
        await visit.speak("A bad text.")
        await visit.state("failed")
        assert "cannot be spoken" in await visit.page.inner_text("#status")
        await visit.speak("A good text.")
        await visit.state("finished")


async def test_a_server_that_has_gone_is_told(browser: Browser) -> None:
    async with serving() as house:
        gone = ("ERR_CONNECTION_REFUSED",)
        async with visiting(browser, house.url, transport="http", expected=gone) as visit:
            await house.down()
            await visit.speak("Is anybody there?")
            await visit.state("failed")
            assert "cannot be reached" in await visit.page.inner_text("#status")


@pytest.mark.parametrize("way", ["webrtc", "websocket"])
async def test_it_works_below_a_path(browser: Browser, way: str) -> None:
    async with (
        serving() as house,
        below("/api/hassio_ingress/x1Y2", house.url) as url,
        visiting(browser, url, transport=way) as visit,
    ):
        await visit.speak("Behind a proxy.")
        await visit.sounding()
        badge = await visit.page.inner_text("#badge")
        assert badge.startswith({"webrtc": "WebRTC", "websocket": "WebSocket"}[way])
        assert await visit.page.locator("#voice option").count() == 3
        assert all("/api/hassio_ingress/x1Y2/" in address for address in visit.asked)


@pytest.mark.parametrize("way", ["webrtc", "websocket", "http"])
async def test_it_speaks_where_the_origin_is_not_secure(
    browser: Browser, address: str, way: str
) -> None:
    """Plain http at this machine's own address: browsers leave out AudioWorklet and more."""
    async with serving(host=address) as house, visiting(browser, house.url, transport=way) as visit:
        assert address in house.url
        secure = "isSecureContext || 'audioWorklet' in new AudioContext()"
        assert await visit.value(secure) is False
        await visit.speak("Hello.")
        await visit.sounding()
        await visit.state("finished")
        await visit.page.select_option("#way", "python")
        await visit.page.click("#copy")
        assert await visit.page.inner_text("#status") == "Copied."


async def test_it_speaks_over_https_and_asks_for_nothing_without(
    browser: Browser, tmp_path: Path
) -> None:
    pem = certificate(tmp_path)
    async with (
        serving(certificate=pem) as house,
        visiting(browser, house.url, ignore_https_errors=True) as visit,
    ):
        assert await visit.value("isSecureContext && location.protocol") == "https:"
        for way, name in (("webrtc", "WebRTC"), ("websocket", "WebSocket"), ("http", "HTTP")):
            await visit.page.select_option("#transport", way)
            await visit.speak(f"Over {way}.")
            await visit.sounding()
            await visit.state("finished")
            await visit.badge(name)
        assert {urlsplit(address).scheme for address in visit.asked} == {"https", "wss"}


@pytest.mark.parametrize("way", ["curl", "python", "openai"])
async def test_the_calls_that_are_shown_work(browser: Browser, way: str, tmp_path: Path) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        code = await _shown(house, visit, way)
        run = ("bash", "-c") if way == "curl" else (sys.executable, "-c")
        process = await asyncio.create_subprocess_exec(*run, code, cwd=tmp_path)
        async with asyncio.timeout(PATIENCE / 1000):
            assert await process.wait() == 0
        samples, _, _ = decoded((tmp_path / "speech.wav").read_bytes())
        assert np.abs(samples).max() > 0.2
        job = house.engine.jobs[-1]
        assert job.style.voice == "bob"
        assert job.style.speed == 1.5
        assert job.style.emotion.weights == emotion((1, 0, 0, 0, 0, 0, 0, 0)).weights
        assert "o'clock" in house.engine.said
        assert "你好" in house.engine.said


async def test_what_the_machine_cannot_do_is_said_in_the_page_s_language(browser: Browser) -> None:
    async with (
        serving(dials=ON_A_SLOW_MACHINE) as house,
        visiting(browser, house.url, transport="http") as visit,
    ):
        assert await visit.page.inner_text("#lack") == SLOW.en
        await visit.page.select_option("#language", "zh")
        await visit.page.get_by_text(SLOW.zh).wait_for()
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        assert await visit.page.is_hidden("#lack")


async def test_the_message_that_is_shown_is_the_one_that_is_sent(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url) as visit:
        await _shown(house, visit, "curl")
        message = await visit.kept_call()
        async with house.client.ws_connect("/ws") as socket:
            await socket.send_json(message)
            async with asyncio.timeout(PATIENCE / 1000):
                while (told := await socket.receive()).data.__class__ is not bytes:
                    assert '"error"' not in str(told.data)
        assert house.engine.jobs[-1].style.voice == "bob"


async def _shown(_: House, visit: Visit, way: str) -> str:
    await visit.page.fill("#text", TEXT)
    await visit.page.select_option("#voice", "bob")
    await visit.page.get_by_role("radio", name="happy").check()
    await visit.page.fill("#speed", "1.5")
    await visit.page.select_option("#way", way)
    return await visit.page.inner_text("#call")

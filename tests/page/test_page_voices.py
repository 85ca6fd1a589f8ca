"""Voices in the page: heard, added with consent from a file or the microphone, and deleted."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route

from tests.edges.http_house import House, serving
from tests.page.browser import Visit, spoken_by_a_person, visiting
from wyoming_indextts.edges.http.options import HttpOptions

pytestmark = pytest.mark.asyncio(loop_scope="package")


@asynccontextmanager
async def at_the_form(
    browser: Browser, folder: Path, *, language: str = "en-GB", host: str = "127.0.0.1"
) -> AsyncGenerator[tuple[House, Visit], None]:
    """Open the page and its form for new voices."""
    async with serving(enrolled=folder / "voices", host=host) as house:
        refused = ("status of 4",)
        async with visiting(
            browser, house.url, transport="websocket", language=language, expected=refused
        ) as visit:
            await visit.page.click("#enrolling summary")
            yield house, visit


async def filled(visit: Visit, name: str = "Mum") -> None:
    await visit.page.fill("#display_name", name)
    await visit.page.fill("#consent_by", "Anna")
    await visit.page.check("#consent")


async def said(visit: Visit, id_: str, words: str) -> None:
    """Wait until that is said there."""
    shown = f"document.getElementById('{id_}').textContent.includes({words!r})"
    await visit.until(shown)


async def late(route: Route) -> None:
    await asyncio.sleep(0.3)
    await route.continue_()


async def test_a_voice_is_added_heard_and_deleted(browser: Browser, tmp_path: Path) -> None:
    recording = tmp_path / "mum.wav"
    recording.write_bytes(spoken_by_a_person(4.0))
    async with at_the_form(browser, tmp_path) as (house, visit):
        page = visit.page
        await page.route("**/voices", late)  # what is said is true already, however late the list
        await page.set_input_files("#recording", recording)
        await said(visit, "recorded", "4.0 s")
        await filled(visit)
        await page.click("#add")
        await said(visit, "enrolled", "Mum was added")
        mum = page.locator("#voices [data-voice=mum]")
        assert "agreed by Anna" in await mum.inner_text()
        assert await page.input_value("#voice") == "mum"
        async with house.client.get("/voices") as answer:
            (told,) = [voice for voice in await answer.json() if voice["name"] == "mum"]
        words = await page.inner_text("#enrol .tick span")
        assert told["consent"]["statement"] == words  # what was read is what is on record
        await page.get_by_role("button", name="Preview: mum").click()
        await visit.sounding()
        await visit.state("finished")
        assert house.engine.jobs[-1].style.voice == "mum"
        await page.get_by_role("button", name="Delete: mum").click()
        await page.click("#keep")
        assert await mum.count() == 1
        await page.get_by_role("button", name="Delete: mum").click()
        await page.click("#remove")
        await said(visit, "voices-said", "mum was deleted")
        assert await mum.count() == 0
        assert await page.input_value("#voice") == ""
        assert await page.locator("#voice option").count() == 3


async def test_a_voice_is_recorded_in_the_page(browser: Browser, tmp_path: Path) -> None:
    async with at_the_form(browser, tmp_path, language="zh-CN") as (_, visit):
        page = visit.page
        await page.click("#record")
        level = "document.getElementById('loudness').value > 0.05"
        await visit.until(level)
        await said(visit, "recorded", "4.")  # seconds of the microphone, not of the clock
        await page.click("#record")
        await page.click("#hear")
        await visit.sounding()
        await filled(visit, "妈妈")
        await page.click("#add")
        await said(visit, "enrolled", "已添加 妈妈")
        assert await page.get_by_role("button", name="删除: voice-1").count() == 1


async def test_what_will_not_do_is_said_before_it_is_sent(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "short.wav").write_bytes(spoken_by_a_person(1.0))
    (tmp_path / "long.wav").write_bytes(spoken_by_a_person(31.0))
    (tmp_path / "large.wav").write_bytes(bytes(11 * 2**20))
    (tmp_path / "good.wav").write_bytes(spoken_by_a_person(4.0))
    async with at_the_form(browser, tmp_path) as (_, visit):
        page = visit.page
        await filled(visit)
        await page.click("#add")
        await said(visit, "recorded", "no recording yet")
        for name, words in (("short", "too short"), ("long", "too long"), ("large", "too large")):
            await page.set_input_files("#recording", tmp_path / f"{name}.wav")
            await said(visit, "recorded", words)
            await page.click("#add")
        await page.set_input_files("#recording", tmp_path / "good.wav")
        await page.uncheck("#consent")
        await page.click("#add")
        assert await visit.value("document.querySelector('#enrol').checkValidity()") is False
        assert not any(kind == "POST" and "/voices" in url for kind, url in visit.sent)


async def test_what_the_server_refuses_is_said(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"This is no recording, and no browser knows what it is.")
    async with at_the_form(browser, tmp_path) as (_, visit):
        await visit.page.set_input_files("#recording", tmp_path / "no.wav")
        await filled(visit)
        await visit.page.click("#add")
        await said(visit, "enrolled", "The voice was not added")
        assert "(bad-request)" in await visit.page.inner_text("#enrolled")


async def test_where_no_microphone_is_to_be_had_a_file_is(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    async with at_the_form(browser, tmp_path, host=address) as (_, visit):
        assert not await visit.page.is_visible("#record")
        assert "https" in await visit.page.inner_text("#no-record")
        assert await visit.page.is_visible("#recording")


async def test_only_who_may_adds_and_deletes(browser: Browser, tmp_path: Path) -> None:
    options = HttpOptions(tokens={"hears-only": {"speak"}})
    async with serving(options=options, enrolled=tmp_path) as house:
        async with await browser.new_context() as context:
            page = await context.new_page()
            await page.goto(house.url)
            await page.get_by_label("Token").fill("hears-only")
            await page.get_by_role("button").click()
            await page.wait_for_selector("html[data-ready]")
            assert await page.locator("#voices li").count() == 2
            assert not await page.is_visible("#enrolling")

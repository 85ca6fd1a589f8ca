"""The pages in docs/examples play speech, from another site that the server knows."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web
from playwright.async_api import Browser

from tests.edges.http_house import House, serving
from tests.page.browser import TAP, Visit
from wyoming_indextts.edges.http.options import HttpOptions
from wyoming_indextts.speech.emotion import emotion

pytestmark = pytest.mark.asyncio(loop_scope="package")

FOLDER: Final = Path(__file__).parents[2] / "docs" / "examples"

LINES: Final = 20
"""A page is short: it shows how little it takes."""


@asynccontextmanager
async def shown(browser: Browser, name: str) -> AsyncGenerator[tuple[House, Visit], None]:
    """Open a page of another site and click its button."""
    app = web.Application()
    app.router.add_static("/", FOLDER)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with serving(options=HttpOptions(origins=(site,))) as house:
            async with await browser.new_context() as context:
                await context.add_init_script(TAP)
                visit = Visit(await context.new_page())
                visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
                await visit.page.goto(f"{site}/{name}?server={house.url}")
                await visit.page.get_by_role("button", name="Speak").click()
                yield house, visit
                assert not visit.complaints
    finally:
        await runner.cleanup()


async def test_a_page_plays_a_stream_by_fetch(browser: Browser) -> None:
    async with shown(browser, "stream.html") as (house, visit):
        await visit.sounding()
        await visit.silent()
        assert (
            house.engine.jobs[-1].style.emotion.weights == emotion((1, 0, 0, 0, 0, 0, 0, 0)).weights
        )


async def test_a_page_plays_webrtc_in_an_audio_element(browser: Browser) -> None:
    async with shown(browser, "webrtc.html") as (_, visit):
        await visit.until("tap.inbound().then((found) => found.audioLevel > 0.1)")
        await visit.until("document.querySelector('audio').currentTime > 0.5")
        await visit.until("tap.inbound().then((found) => found.audioLevel < 0.01)")


async def test_the_pages_are_short() -> None:
    for page in FOLDER.glob("*.html"):
        text = page.read_text("utf-8")
        script = text[text.index("<script>") + 9 : text.index("</script>")]
        assert script.count("\n") <= LINES, page.name

"""Where a token is asked for, the page asks once."""

import pytest
from playwright.async_api import Browser

from tests.edges.http_house import serving
from tests.page.browser import PATIENCE
from wyoming_indextts.edges.http.options import HttpOptions

pytestmark = pytest.mark.asyncio(loop_scope="package")

ALL = "a-token-for-all-of-it"


async def test_the_page_is_there_after_the_login(browser: Browser) -> None:
    guarded = HttpOptions(tokens={ALL: {"speak", "control", "voices"}})
    async with serving(options=guarded) as house, await browser.new_context() as context:
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        await page.goto(house.url)
        assert page.url.endswith("/login")
        await page.get_by_label("Token").fill("wrong")
        await page.get_by_role("button").click()
        await page.get_by_text("that is not the token").wait_for()
        await page.get_by_label("Token").fill(ALL)
        await page.get_by_role("button").click()
        await page.wait_for_selector("html[data-ready]")
        for way in ("webrtc", "websocket", "http"):  # the cookie goes with either
            await page.select_option("#transport", way)
            await page.fill("#text", f"Over {way}.")
            await page.click("#speak")
            await page.wait_for_selector("#status[data-state=finished]")
            assert f"Over {way}." in house.engine.said

"""The page of `openapi.json`, in a browser."""

import pytest
from playwright.async_api import Browser

from tests.edges.http_contract import DOCUMENT
from tests.edges.http_house import serving
from tests.page.browser import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_every_operation_is_shown_with_what_it_takes_and_answers(browser: Browser) -> None:
    async with serving() as house, await browser.new_context() as context:
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        complaints: list[str] = []
        page.on("console", lambda line: complaints.append(f"{line.type}: {line.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{house.url}/docs")
        await page.wait_for_selector("#tag-page details")
        shown = await page.eval_on_selector_all("details", "all => all.map(one => one.id)")
        paths = DOCUMENT["paths"].values()
        every = [told["operationId"] for item in paths for told in item.values()]
        assert sorted(shown) == sorted(every)
        await page.click("#enrolVoice summary")
        told = await page.inner_text("#enrolVoice")
        for part in ("POST", "/voices", "consent_by", "at most 80 characters", "413", "stand_in"):
            assert part in told
        assert "additionalProperties" not in told and "$ref" not in told
        await page.set_viewport_size({"width": 360, "height": 700})
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(wide) <= 0
        assert complaints == []

"""The page looks as it should: both languages and themes, wide and narrow, by keyboard alone."""

from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser

from tests.edges.http_house import serving
from tests.page.browser import visiting
from wyoming_indextts.speech.emotion import AXES, BIAS, CAP

pytestmark = pytest.mark.asyncio(loop_scope="package")

LOOKS: Final = (Path(__file__).parent / "looks.js").read_text("utf-8")

WIDTHS: Final = (1280, 800, 390, 320)


async def test_everything_fits_and_can_be_read(browser: Browser, tmp_path: Path) -> None:
    async with (
        serving(enrolled=tmp_path) as house,
        visiting(browser, house.url, transport="http") as visit,
    ):
        await visit.page.click("#enrolling summary")
        await visit.speak(
            "She said: 你好, and a_word_that_is_longer_than_any_screen_is_wide_" + "x" * 80
        )
        await visit.state("finished")
        await visit.page.fill("#happy", "1")
        wrong = {}
        for language in ("en", "zh"):
            await visit.page.select_option("#language", language)
            await visit.page.wait_for_selector(f"html[lang^={language}]")
            for theme in ("light", "dark"):
                await visit.page.select_option("#theme", theme)
                await visit.page.evaluate("document.getAnimations().forEach((a) => a.finish())")
                for width in WIDTHS:
                    await visit.page.set_viewport_size({"width": width, "height": 800})
                    if found := await visit.value(LOOKS):
                        wrong[language, theme, width] = found
        assert not wrong


async def test_the_looks_are_really_looked_at(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        grey = "document.getElementById('status').style.color = 'rgb(170, 170, 170)'"
        await visit.page.evaluate(grey)
        await visit.page.evaluate("document.getElementById('axes').style.width = '3000px'")
        found = await visit.value(LOOKS)
        assert any(line.startswith("P#status: contrast") for line in found)
        assert any(line.startswith("the page is") for line in found)


async def test_the_theme_follows_the_system_unless_one_is_chosen(browser: Browser) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    async with (
        serving() as house,
        visiting(browser, house.url, transport="http", color_scheme="dark") as visit,
    ):
        dark = await visit.value(ground)
        await visit.page.select_option("#theme", "light")
        light = await visit.value(ground)
        assert dark != light
        await visit.page.reload()
        assert await visit.value(ground) == light


async def test_the_language_is_the_browsers_and_can_be_changed(browser: Browser) -> None:
    async with (
        serving() as house,
        visiting(browser, house.url, transport="http", language="zh-CN") as visit,
    ):
        page = visit.page
        assert await page.inner_text("#speak") == "朗读"
        assert await visit.value("document.documentElement.lang") == "zh-CN"
        assert await page.get_by_label("生气", exact=True).count() == 2  # a preset and a slider
        await page.select_option("#language", "en")
        await page.get_by_role("button", name="Speak", exact=True).wait_for()
        assert await page.get_by_role("slider", name="Angry").count() == 1
        assert await visit.value("document.documentElement.lang") == "en"
        await page.reload()
        assert await page.inner_text("#stop") == "Stop"


async def test_every_control_has_a_name_and_is_reached_by_tab(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        reached: list[str] = []
        for _ in range(40):
            await visit.page.keyboard.press("Tab")
            at = await visit.value(
                "[document.activeElement.id || document.activeElement.name ||"
                " document.activeElement.ariaLabel || document.activeElement.localName, "
                " document.activeElement.labels?.[0]?.textContent"
                " || document.activeElement.getAttribute('aria-labelledby')"
                " || document.activeElement.textContent,"
                " getComputedStyle(document.activeElement).outlineStyle]"
            )
            if at[0] in reached or at[0] == "body":
                break
            reached.append(at[0])
            assert at[1].strip(), f"{at[0]} has no name"
            assert at[2] != "none", f"{at[0]} does not show that it has the focus"
        lists = ["transport", "language", "theme"]
        first = [*lists, "text", "speak", "stop", "voice", "preview", "emotion", "intensity"]
        voices = [f"{what}: {who}" for who in ("alice", "bob") for what in ("Preview", "Use")]
        last = [*voices, "summary", "way", "copy", "call"]
        assert reached == [*first, *AXES, "speed", "volume", *last]


async def test_the_keyboard_alone_is_enough(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        keyboard = visit.page.keyboard
        while await visit.value("document.activeElement.id") != "text":
            await keyboard.press("Tab")
        await keyboard.type("A sentence that is spoken by the keyboard, and it is a long one" * 3)
        await keyboard.press("Control+Enter")
        await visit.sounding()
        await keyboard.press("Escape")
        await visit.state("stopped")
        await visit.silent()
        while await visit.value("document.activeElement.id") != "happy":
            await keyboard.press("Tab")
        for _ in range(3):
            await keyboard.press("ArrowRight")
        assert await visit.page.inner_text("#happy-value") == "0.15"
        await keyboard.press("Control+Enter")
        await visit.sounding()
        assert house.engine.jobs[-1].style.emotion.weights[0] == pytest.approx(0.15 * BIAS[0])


async def test_the_page_reckons_with_the_same_numbers_as_the_server(browser: Browser) -> None:
    async with serving() as house, visiting(browser, house.url, transport="http") as visit:
        known = await visit.value("import('./page/emotion.js').then((m) => ({...m}))")
    assert known["AXES"] == list(AXES)
    assert known["BIAS"] == list(BIAS)
    assert known["CAP"] == CAP

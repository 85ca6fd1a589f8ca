"""Takes the pictures of the page in docs/pictures: `python -m tests.page.pictures URL`.

`URL` is where a server runs, such as http://127.0.0.1:8080/.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from playwright.async_api import Browser

from tests.page.browser import chromium, visiting

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"

LINES: Final = {
    "en": "Good morning. [happy] The coffee is ready, and it is 21.5℃ outside!",
    "zh": "早上好。【高兴】咖啡煮好了，外面21.5℃！",
}

PICTURES: Final = (
    ("page-en-light", "en", "light", 1180),
    ("page-zh-dark", "zh", "dark", 1180),
    ("page-en-narrow", "en", "dark", 390),
)

HELD: Final = """
() => new Promise((done) => {
  const ask = requestAnimationFrame;
  const look = () => {
    if (document.getElementById("level").value < 40) return ask(look);
    window.requestAnimationFrame = () => 0;
    done();
  };
  look();
})
"""
"""Lets the page draw no more once something is loud: a picture takes longer than a word."""


async def take(browser: Browser, url: str, folder: Path, *, heard: float = 0.0) -> None:
    """Let the page speak, and write a picture of each look into `folder`.

    The utterance in the history was `heard` for so many seconds.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for name, language, theme, width in PICTURES:
        size = {"width": width, "height": 900}
        async with visiting(
            browser, url, language=language, color_scheme=theme, viewport=size
        ) as visit:
            await visit.page.get_by_role("radio").nth(-4).check()
            await visit.speak(LINES[language])
            await visit.sounding()
            await visit.page.wait_for_timeout(1000 * heard)
            await visit.page.click("#stop")
            await visit.speak(LINES[language])
            await visit.sounding()
            await visit.page.wait_for_timeout(700)
            await visit.page.evaluate(HELD)
            await visit.page.screenshot(path=folder / f"{name}.png", full_page=width < 500)
            await visit.page.click("#stop")


async def _main() -> None:
    async with chromium() as browser:
        await take(browser, sys.argv[1], FOLDER, heard=2.5)


if __name__ == "__main__":
    asyncio.run(_main())
